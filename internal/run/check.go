package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/session"
)

// Check writes to Out, as text or JSON, whether a run with the same options makes sense. It sends
// nothing but reads, and writes no files. The error is ctx's if it was interrupted, and otherwise
// says what will not work.
func Check(ctx context.Context, o Options, asJSON bool) error {
	found, err := check(ctx, o)
	if err != nil && found.Items == nil {
		return err
	}
	write := func() error { return writeCheck(o.Out, &found) }
	if asJSON {
		write = func() error { return writeJSON(o.Out, found) }
	}
	if failed := write(); failed != nil || err != nil {
		return errors.Join(err, failed)
	}
	return senseless(&found)
}

// senseless returns why a run makes no sense, or nil.
func senseless(found *session.Check) error {
	fails := found.Fails()
	if len(fails) == 0 {
		return nil
	}
	return fmt.Errorf("a run does not make sense: %s will not work", strings.Join(fails, ", "))
}

func check(ctx context.Context, o Options) (session.Check, error) {
	o.Config.ReadsOnly, o.Config.Output = true, ""
	s, err := session.New(o.Options, engine.Hooks{})
	if err != nil {
		return session.Check{}, err
	}
	defer s.Close()
	return s.Check(ctx)
}

func writeJSON(w io.Writer, found any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(found)
}

// writeCheck writes a line for each item and for each risk.
func writeCheck(w io.Writer, found *session.Check) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "check: %s, with reads only\n", found.Endpoint)
	wide := 0
	for _, i := range found.Items {
		wide = max(wide, len(i.Subject))
	}
	for _, i := range found.Items {
		fmt.Fprintf(&b, "%-*s  %-*s  %s%s\n", len(engine.WillNotWork), i.State, wide, i.Subject, printable.Line(i.Found), printable.Prefixed("; ", i.Advice))
	}
	if len(found.Risks) > 0 {
		fmt.Fprintf(&b, "what a run may decide at most, by --risk (here: %s):\n", found.Risk)
	}
	for i := range found.Risks {
		fmt.Fprintln(&b, "  "+exerciseLine(&found.Risks[i]))
	}
	if found.Sense {
		fmt.Fprintln(&b, "a run makes sense")
	}
	_, err := w.Write(b.Bytes())
	return err
}

// exerciseLine says what a run with a risk may decide.
func exerciseLine(e *session.Exercise) string {
	line := fmt.Sprintf("%-11s  %d of %d requirements, and %d in part; %d of %d cases; %d inert, %d guarded and %d destructive requests",
		e.Risk, e.Whole, e.Of, e.InPart, e.Cases, e.OfCases, e.Requests.Inert, e.Requests.Guarded, e.Requests.Destructive)
	if e.Risk == cases.Destructive {
		line += fmt.Sprintf("; %d %s of the %d that there is a use for, with %d later %s",
			e.Requests.Upgrades, printable.Plural(e.Requests.Upgrades, "upgrade", "upgrades"), e.Upgrades, e.Versions, printable.Plural(e.Versions, "version", "versions"))
	}
	return line
}
