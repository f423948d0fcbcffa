package report

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// A TargetsText writes the result of a run against many targets to a terminal: a line for
// each target when it ends, and a summary. Its methods may be called by several goroutines.
type TargetsText struct {
	mu      sync.Mutex
	w       io.Writer
	options TextOptions
	names   int // the length of the longest name
}

// NewTargetsText returns a TargetsText that writes to w. names has the names of all targets.
func NewTargetsText(w io.Writer, options TextOptions, names []string) *TargetsText {
	t := &TargetsText{w: w, options: options}
	for _, name := range names {
		t.names = max(t.names, len(name))
	}
	return t
}

// Target writes the line of a target: its name, its headline and where its
// reports are.
func (t *TargetsText) Target(target result.TargetSummary, folder string) error {
	return t.lines(func(b *textWriter) {
		where, room := "", 0
		if folder != "" {
			where = "  " + printable.Escape(folder)
		}
		if t.options.Width > 0 { // shorten the headline rather than let the line wrap
			room = max(20, t.options.Width-18-t.names-utf8.RuneCountInString(where))
		}
		b.line(b.mark(shownTarget(&target)), fmt.Sprintf("%-*s  ", t.names, printable.Line(target.Name)), cut(printable.Line(target.Headline), room, b.ellipsis()), where)
	})
}

// Total writes the headline, the number of targets with each verdict, and which targets
// break which requirements.
func (t *TargetsText) Total(targets *result.Targets) error {
	return t.lines(func(b *textWriter) {
		d := digestOfTargets(targets)
		if !b.Quiet {
			b.line()
		}
		b.headline(d.Shown, d.Headline)
		if !b.Quiet {
			b.targetCounts(d)
		}
		width := 0
		for _, row := range d.Broken {
			width = max(width, len(row.ID))
		}
		for _, row := range d.Broken {
			b.line("  ", b.mark(row.Verdict), fmt.Sprintf("%-6s  %-*s  ", row.Level, width, row.ID), printable.Line(namesInShort(row.Names)))
		}
		if b.Quiet {
			t.onlyUnjudged(b, targets)
		}
	})
}

// targetCounts writes how many targets have which verdict, and the title of what is broken.
func (t *textWriter) targetCounts(d *targetsDigest) {
	if len(d.Counts.Rows) > 0 {
		t.line()
	}
	for _, row := range d.Counts.Rows {
		t.line("  ", t.mark(row.Verdict), fmt.Sprintf("%5d %s", row.Counts[0], printable.Plural(row.Counts[0], "target", "targets")))
	}
	if len(d.Broken) > 0 {
		t.title("broken")
	}
}

// lines writes several lines with one call of Write, so that no other output comes between
// them.
func (t *TargetsText) lines(write func(*textWriter)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out bytes.Buffer
	b := &textWriter{Writer: bufio.NewWriter(&out), TextOptions: t.options}
	write(b)
	if err := b.Flush(); err != nil {
		return err
	}
	if _, err := t.w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// shownNames is the maximum number of targets that a line names.
const shownNames = 8

func namesInShort(names []string) string {
	short := firstOf(names, shownNames)
	return strings.Join(short.Shown, ", ") + andMore(short.More)
}
