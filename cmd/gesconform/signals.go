package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interrupted returns a context that ends with the first signal that asks the process to end. A
// second SIGINT or SIGTERM ends the process at once. A second SIGHUP does not: a terminal that is
// closed sends it twice, and the report of a run is to be whole. What the process was told to
// ignore, as by nohup, it ignores.
func interrupted(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	came := make(chan os.Signal, 1)
	signal.Notify(came, signals...)
	go func() {
		select {
		case <-came:
			cancel()
			signal.Reset(os.Interrupt, syscall.SIGTERM)
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(came)
		cancel()
	}
}
