package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
	"github.com/gesconform/gesconform/internal/wire"
)

// CleanOptions configure the deletion of what an earlier run by a document has made.
type CleanOptions struct {
	Contract *contract.Contract
	Config   config.Config // as from Config.ForDocument
	Given    *config.Given
	Folder   string    // the output folder of that run
	DryRun   bool      // say what would be deleted, and send nothing
	Out      io.Writer // receives a line for each thing
}

// Clean deletes what an earlier run has made and not deleted, the newest first, and notes that in its journal. The
// folder is not trusted: only what the document deletes, below the endpoint of that run, is sent for, and only if
// the options name the same endpoint. The error says how much is left.
func Clean(ctx context.Context, o CleanOptions) error {
	o.Config.Risk = cases.Destructive
	if err := o.Config.CompleteDocument(); err != nil {
		return err
	}
	journal, err := readMade(o.Folder)
	if err != nil {
		return err
	}
	left := journal.Left()
	if err := o.check(left); err != nil {
		return err
	}
	if len(left) == 0 {
		_, err := fmt.Fprintln(o.Out, "nothing is left: whatever the run has made is deleted")
		return err
	}
	if o.DryRun {
		return o.list(left)
	}
	file, err := continued(filepath.Join(o.Folder, result.MadeFile))
	if err != nil {
		return err
	}
	defer file.Close() // every line has been written already
	journal.Continue(file)
	return o.delete(ctx, journal, left)
}

// run returns the options of a run that may change nothing but some things.
func (o *CleanOptions) run(left []resources.Made) *DocumentOptions {
	d := &DocumentOptions{Contract: o.Contract, Config: o.Config, Given: o.Given}
	for _, m := range left {
		if op := o.Contract.Operation(m.Delete); op != nil && m.Doubt == "" {
			parameters := op.ParametersIn(contract.InPath)
			at := slices.IndexFunc(parameters, func(p *contract.Parameter) bool {
				return strings.LastIndex(op.Path, "{"+p.Name+"}") == strings.LastIndex(op.Path, "{")
			})
			if at >= 0 {
				d.cleaned = append(d.cleaned, wire.Free{Parameter: op.ID + "." + parameters[at].Name, Value: m.IDs[len(m.IDs)-1]})
			}
		}
	}
	return d
}

// check makes sure that the journal is of a run against the endpoint, by the document.
func (o *CleanOptions) check(left []resources.Made) error {
	head, err := evidence.ReadHead(o.Folder)
	switch {
	case err != nil:
		return fmt.Errorf("clean: %w", err)
	case head.Document == nil:
		return fmt.Errorf("clean: %s: expected a run by the document of --spec, got one by a contract that states its requirements, which leaves nothing to delete", printable.Line(o.Folder))
	case head.Target.Endpoint != o.Config.Endpoint:
		return fmt.Errorf("clean: expected the endpoint of the run, %s, got %s", printable.URL(head.Target.Endpoint), printable.URL(o.Config.Endpoint))
	}
	base := strings.TrimRight(o.Config.Endpoint, "/")
	for _, m := range left {
		by := o.Contract.Operation(m.By)
		switch {
		case m.URL != base+m.Path:
			return fmt.Errorf("clean: %s: expected only what is below %s, got %.200q", result.MadeFile, printable.URL(base), printable.Line(m.URL))
		case by == nil || by.Method != http.MethodPost && by.Method != http.MethodPut:
			return fmt.Errorf("clean: %s: expected an operation of the document that makes %s, got %.200q", result.MadeFile, printable.Line(m.Path), printable.Line(m.By))
		}
		if op := o.Contract.Operation(m.Delete); op != nil && (op.Method != http.MethodDelete || !m.Names(op)) {
			return fmt.Errorf("clean: %s: expected %s to be what %s of the document deletes, got another path", result.MadeFile, printable.Line(m.Path), printable.Line(m.Delete))
		}
	}
	return nil
}

// list says what would be deleted.
func (o *CleanOptions) list(left []resources.Made) error {
	var b strings.Builder
	options := o.run(left).options()
	for _, m := range left {
		if _, err := implied.Removal(options, m); err != nil {
			fmt.Fprintf(&b, "cannot be deleted: %s\n", printable.Line(err.Error()))
			continue
		}
		fmt.Fprintf(&b, "would delete %s, made %s by %s\n", printable.Line(m.Path), m.At.Format("2006-01-02 15:04:05Z"), printable.Line(m.By))
	}
	_, err := io.WriteString(o.Out, b.String())
	return err
}

// delete deletes what is left.
func (o *CleanOptions) delete(ctx context.Context, journal *resources.Journal, left []resources.Made) error {
	d := o.run(left)
	options := d.options()
	credentials := d.credentials(options)
	client := wire.New(&o.Config, wire.WithCredentials(credentials...), wire.WithGate(wire.NewDocumentGate(o.Contract, o.Config.Risk, d.free(), credentials)))
	defer client.Close()
	var remains []string
	for _, m := range left {
		if m.Delete == "" { // which the list of what is left says
			remains = append(remains, implied.LeftOver(options, m))
			continue
		}
		says, gone := remove(ctx, client, options, m)
		if _, err := fmt.Fprintln(o.Out, printable.Line(says)); err != nil {
			return err
		}
		if !gone {
			remains = append(remains, implied.LeftOver(options, m))
			continue
		}
		if err := journal.Delete(m.Path); err != nil {
			return err
		}
	}
	if len(remains) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(o.Out, "left over, to be deleted by hand:\n%s\n", strings.Join(remains, "\n"))
	n := len(remains)
	return errors.Join(err, ctx.Err(), fmt.Errorf("clean: %d of %d %s left", n, len(left), printable.Plural(len(left), "thing is", "things are")))
}

// remove deletes a thing, and says what came of it.
func remove(ctx context.Context, client implied.Sender, options implied.Options, m resources.Made) (says string, gone bool) {
	request, err := implied.Removal(options, m)
	if err != nil {
		return "not deleted: " + err.Error(), false
	}
	x := client.SendFresh(ctx, "clean "+m.Path, "delete", request)
	switch {
	case x.Failure != nil:
		return fmt.Sprintf("not deleted: %s: %s", m.Path, x.Failure.Message), false
	case implied.Removed(options.Contract.Operation(m.Delete), &x):
		return fmt.Sprintf("%s %s: %d", map[bool]string{true: "was gone", false: "deleted"}[isAbsent(&x)], m.Path, x.Status()), true
	}
	return fmt.Sprintf("not deleted: %s: the answer is %d %s", m.Path, x.Status(), http.StatusText(x.Status())), false
}

func isAbsent(x *exchange.Exchange) bool {
	return x.Status() == http.StatusNotFound || x.Status() == http.StatusGone
}

// longestJournal is how much is read of a journal, in bytes.
const longestJournal = 64 << 20

// readMade reads the journal of a run. One without made nothing.
func readMade(folder string) (*resources.Journal, error) {
	path := filepath.Join(folder, result.MadeFile)
	text, err := safefile.Read(path, longestJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return resources.NewJournal(nil), nil
	}
	if err != nil {
		return nil, fmt.Errorf("clean: %w", err)
	}
	journal, err := resources.ReadJournal(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("clean: %s: %w", printable.Line(path), err)
	}
	return journal, nil
}

// nothingLeft returns an error if the earlier run in a folder has left something that can be deleted: its journal
// would be lost.
func nothingLeft(folder string) error {
	if folder == "" {
		return nil
	}
	journal, err := readMade(folder)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(journal.Left(), func(m resources.Made) bool { return m.Delete == "" || m.Doubt != "" })
	if n := len(left); n > 0 {
		return fmt.Errorf("output: %s: the earlier run has left %d %s that `gesconform clean` deletes; do that, or set another --output", printable.Line(folder), n, printable.Plural(n, "thing", "things"))
	}
	return nil
}

// continued opens a journal to go on writing it. A last line that is not whole, as a killed run leaves one, is cut
// off.
func continued(path string) (*os.File, error) {
	text, err := safefile.Read(path, longestJournal)
	if err != nil {
		return nil, err
	}
	file, err := safefile.Append(path, 0o644)
	if err != nil {
		return nil, err
	}
	whole := bytes.LastIndexByte(text, '\n') + 1
	switch tail := text[whole:]; {
	case len(tail) == 0:
	case json.Valid(tail):
		_, err = file.WriteString("\n")
	default:
		err = file.Truncate(int64(whole))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("continue %s: %w", path, err), file.Close())
	}
	return file, nil
}
