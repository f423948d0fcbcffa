package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/fakedocument"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/serving"
)

// ofAnyFake are the flags of `gesconform fake` that are for any document; the others are for the fake of GES.
var ofAnyFake = []string{"addr", "seed", "spec", "contract", "tls-cert", "tls-key", "tls-self-signed", "quiet", "help"}

// serveDocument serves a document until ctx ends.
func (flags *fakeFlags) serveDocument(ctx context.Context, stdout io.Writer, set *pflag.FlagSet, path string) error {
	if path == "" {
		return nil // which is no document: the error says why
	}
	var misplaced []string
	set.Visit(func(f *pflag.Flag) {
		if !slices.Contains(ofAnyFake, f.Name) {
			misplaced = append(misplaced, "--"+f.Name)
		}
	})
	if len(misplaced) > 0 {
		return fmt.Errorf("%s: %s for the fake Graph Engine Service, which is served without --spec; beside it, set --addr, --seed, or a certificate",
			printable.AllOf(misplaced), printable.Plural(len(misplaced), "is", "are"))
	}
	c, err := loadContract(ctx, path)
	if err != nil {
		return err
	}
	if !c.Implied() {
		return errors.New("spec: expected a document that states no requirements of its own, got one that does; omit --spec to serve the built-in contract")
	}
	fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: flags.seed})
	if err != nil {
		return err
	}
	listener, setup, err := flags.tls.listen(ctx, flags.addr)
	if err != nil {
		return err
	}
	defer setup.remove()
	defer listener.Close() // already closed if it has served
	server := serving.New(listener, fake, setup.options...)
	if _, err := io.WriteString(stdout, announcement(server.URL(), c, fake, flags)); err != nil {
		return err
	}
	return server.Serve(ctx)
}

// announcement says where a document is served, what of it, and what to call it with. The first line is the address.
func announcement(url string, c *contract.Contract, fake *fakedocument.Server, flags *fakeFlags) string {
	var b strings.Builder
	n := len(c.Operations())
	fmt.Fprintf(&b, "%s\nserves: %d of %d %s of %s, seed %d\n", url, fake.Served(), n, printable.Plural(n, "operation", "operations"), printable.Line(c.Name()), flags.seed)
	for _, u := range fake.Unserved() {
		fmt.Fprintf(&b, "not served: %s: %s\n", printable.Line(u.Operation), printable.Line(u.Reason))
	}
	credentials := fake.Credentials()
	for _, scheme := range slices.Sorted(maps.Keys(credentials)) {
		fmt.Fprintf(&b, "takes: --credential %s\n", shellWord(scheme+"="+credentials[scheme]))
	}
	for _, f := range fake.Fixtures() {
		fmt.Fprintf(&b, "has: --fixture %s\n", shellWord(f.Name+"="+f.Value))
	}
	return b.String()
}

// shellWord returns a text as a word of a POSIX shell.
func shellWord(text string) string {
	text = printable.Line(text)
	if !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("=-_.:/@,", r))
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
