package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
)

// An outlet is standard output or standard error, whose reader may have gone, as that of
// `gesconform run | head -1` has: the rest is then dropped, and the exit status is still that of
// the verdict.
type outlet struct{ file *os.File }

// outletOf returns the outlet of a file. The process no longer ends with SIGPIPE; what it starts
// does.
func outletOf(file *os.File) *outlet {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return &outlet{file}
}

// Write implements io.Writer.
func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.file.Write(p)
	if errors.Is(err, syscall.EPIPE) {
		return len(p), nil
	}
	return n, err
}

// Fd returns the descriptor, for what asks whether it is a terminal.
func (o *outlet) Fd() uintptr { return o.file.Fd() }
