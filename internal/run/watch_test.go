package run

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/report"
)

func TestWatcherKnowsWhenAWaitIsOver(t *testing.T) {
	t.Parallel()
	read, again := exchange.Exchange{Attempt: 1}, exchange.Exchange{Attempt: 2}
	var out bytes.Buffer
	now := time.Unix(0, 0)
	w := &watcher{total: 8, progress: report.NewProgress(&out, false, func() time.Time {
		now = now.Add(time.Hour) // so that each event has a line
		return now
	})}
	hooks := w.hooks()
	came := func(x exchange.Exchange) {
		if err := hooks.Exchange(x); err != nil {
			t.Error(err)
		}
	}
	for i, step := range []struct {
		event func()
		want  string
	}{
		{func() { hooks.Result(nil) }, "1/8 cases"},
		{func() { came(read) }, "1/8 cases"},
		{func() { hooks.Waiting("job 1: pending") }, "waiting for job 1: pending"},
		{func() { came(read) }, "waiting for job 1: pending for "},
		{func() { hooks.Waiting("job 1: running") }, "waiting for job 1: running"},
		{func() { came(read) }, "waiting for job 1: running for "},
		{func() { came(again) }, "waiting for job 1: running for "}, // a repeated request
		{func() { hooks.Waiting("job 1: running") }, "waiting for job 1: running for "},
		{func() { came(read) }, "waiting for job 1: running for "}, // the job may have ended, but Waiting was not called
		{func() { came(read) }, "1/8 cases"},                       // another request
		{func() { hooks.Waiting("graph g: status 201") }, "waiting for graph g: status 201"},
		{func() { hooks.Result(nil) }, "2/8 cases"},
	} {
		out.Reset()
		step.event()
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, step.want) || !strings.Contains(step.want, "waiting") && strings.Contains(last, "waiting") {
			t.Errorf("event %d: expected %q, got %q", i, step.want, last)
		}
	}
}

// A fullDisk fails every write after the first line.
type fullDisk struct{ lines int }

func (d *fullDisk) Write(line []byte) (int, error) {
	if d.lines++; d.lines > 1 {
		return 0, errors.New("disk full")
	}
	return len(line), nil
}

func TestWatcherKeepsTheFirstFailureOfTheLog(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{}
	w := &watcher{total: 8, progress: report.NewProgress(&bytes.Buffer{}, false, time.Now), log: evidence.NewExchangeLog(disk)}
	for i := range 3 {
		if err := w.hooks().Exchange(exchange.Exchange{Sequence: i, Case: "a"}); (err != nil) != (i > 0) {
			t.Errorf("exchange %d: expected a failure from the second one on, got %v", i, err)
		}
	}
	w.close()
	if w.failed == nil || w.failed.Error() != "log exchange 1 of case a: disk full" || disk.lines != 2 {
		t.Errorf("expected the failure of exchange 1 after two lines, got %v after %d", w.failed, disk.lines)
	}
}

func TestWatcherLeavesNoLineBehind(t *testing.T) {
	t.Setenv("TERM", "xterm")
	var out bytes.Buffer
	w := &watcher{total: 8, progress: report.NewProgress(&out, true, time.Now)}
	w.hooks().Result(nil)
	w.close()
	if got, want := out.String(), "\r1/8 cases\x1b[K\r\x1b[K"; got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
}
