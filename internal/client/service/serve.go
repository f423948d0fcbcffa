package service

import (
	"context"
	"net"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/serving"
)

// quiet is how long it takes, when each scenario has its verdict, until the service ends without being
// told to: whoever ran the last one can still ask for the results, and end it.
const quiet = 2 * time.Second

// Serve serves a session, with these options, on a listener, until somebody asks for its end or there is
// nothing left to ask for, and returns the report. announce is called with the URL. If ctx ends, the
// report has what was judged until then.
func Serve(ctx context.Context, listener net.Listener, o client.Options, fails func(judge.Result) bool, announce func(url string) error) (client.Report, error) {
	session, err := client.NewSession(ctx, o, quiet)
	if err != nil {
		return client.Report{}, err
	}
	defer session.End()
	service, err := New(session, fails)
	if err != nil {
		return client.Report{}, err
	}
	server := serving.New(listener, service)
	if err := announce(server.URL()); err != nil {
		return client.Report{}, err
	}
	serves, end := context.WithCancel(ctx)
	defer end()
	go func() {
		defer end()
		select {
		case <-session.Done():
		case <-service.Ended():
		case <-serves.Done():
		}
	}()
	if err := server.Serve(serves); err != nil {
		return client.Report{}, err
	}
	return session.End(), nil
}
