package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/printable"
)

// What is read of a document that is served by a URL.
const (
	mostServed    = 64 << 20 // bytes
	timeForServed = 30 * time.Second
)

// documentFlags name the OpenAPI document.
type documentFlags struct{ spec, contract string }

func (d *documentFlags) flags(flags *pflag.FlagSet, use string) {
	flags.StringVar(&d.spec, "spec", "", "the OpenAPI document "+use+": a file, or a URL on a loopback address (default: the built-in one)")
	flags.StringVar(&d.contract, "contract", "", "another name of --spec")
}

// path returns the document's path or URL; "" for the built-in document. given has the flags that
// were not set by a variable.
func (d *documentFlags) path(given map[string]bool) (string, error) {
	switch {
	case d.spec != "" && d.contract != "" && d.spec != d.contract && given["spec"] == given["contract"]:
		return "", errors.New("spec: expected one document, got another one with --contract, which is another name of --spec")
	case given["contract"] && !given["spec"]:
		return d.contract, nil
	}
	return cmp.Or(d.spec, d.contract), nil
}

// loadContract loads a document from a file or a URL, or the built-in one.
func loadContract(ctx context.Context, path string) (*contract.Contract, error) {
	scheme, _, isURL := strings.Cut(path, "://")
	switch {
	case path == "":
		return contract.Default()
	case isURL && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")):
		data, err := readServed(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("spec: %w", err)
		}
		allowMemory(int64(len(data)))
		return contract.Parse(printable.URL(path), data)
	}
	if info, err := os.Stat(path); err == nil {
		allowMemory(info.Size())
	}
	return contract.Load(path)
}

// allowMemory lets this process take as much as a document of so many bytes needs, unless it may take more already
// or the environment says how much.
func allowMemory(document int64) {
	if limit := limits.MemoryFor(document); os.Getenv("GOMEMLIMIT") == "" && limit > debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(limit)
	}
}

// readServed reads a document from a URL on this machine. From elsewhere, whoever is in between could
// say what is right.
func readServed(ctx context.Context, address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("expected a file, or a URL on a loopback address, got %.200q", printable.Line(address))
	}
	if ip := net.ParseIP(u.Hostname()); !strings.EqualFold(u.Hostname(), "localhost") && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("expected a file, or a URL on a loopback address, got %s; download the document, look at it and name the file", printable.URL(address))
	}
	ctx, cancel := context.WithTimeout(ctx, timeForServed)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", printable.URL(address), err)
	}
	client := &http.Client{
		Transport:     &http.Transport{DialContext: dial}, // no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read the document: %w", err)
	}
	defer response.Body.Close() // it was only read
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("expected the document at %s, got %d %s", printable.URL(address), response.StatusCode, http.StatusText(response.StatusCode))
	}
	data, err := io.ReadAll(io.LimitReader(response.Body, mostServed+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", printable.URL(address), err)
	case len(data) > mostServed:
		return nil, fmt.Errorf("expected a document of at most %d MiB at %s, got more", mostServed>>20, printable.URL(address))
	}
	return data, nil
}
