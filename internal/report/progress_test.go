package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A clock is set by the test.
type clock struct{ time time.Time }

func (c *clock) now() time.Time          { return c.time }
func (c *clock) advance(d time.Duration) { c.time = c.time.Add(d) }

// newClock returns a clock set to an arbitrary time.
func newClock() *clock { return &clock{time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)} }

// onTerminal returns a Progress for a terminal with this many columns.
func onTerminal(t *testing.T, w io.Writer, columns int, now func() time.Time) *Progress {
	t.Helper()
	t.Setenv("TERM", "xterm")
	p := NewProgress(w, true, now)
	p.width = func() int { return columns }
	t.Cleanup(p.Clear)
	return p
}

// drawings returns the lines that were drawn over each other; "" is an erased line.
func drawings(b *bytes.Buffer) []string {
	defer b.Reset()
	var all []string
	for _, drawing := range strings.Split(b.String(), "\r")[1:] {
		all = append(all, strings.TrimSuffix(drawing, "\x1b[K"))
	}
	return all
}

func TestProgressKeepsOneLineOfATerminal(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	p := onTerminal(t, &b, 80, c.now)
	p.Clear()
	p.Exchange() // before the plan is known; the line is first drawn by Update
	p.Update(1, 20, "job 1: pending")
	c.advance(99 * time.Millisecond)
	p.Update(2, 20, "")
	c.advance(time.Millisecond)
	p.Update(3, 20, "")
	p.Clear()
	p.Clear()
	p.Update(4, 20, "") // drawn at once, because the line was erased
	want := "\r1/20 cases, waiting for job 1: pending\x1b[K" + "\r3/20 cases\x1b[K" + "\r\x1b[K" + "\r4/20 cases\x1b[K"
	if got := b.String(); got != want {
		t.Errorf("expected %q\ngot      %q", want, got)
	}
}

func TestProgressDrawsEverySecondOnATerminal(t *testing.T) {
	t.Setenv("TERM", "xterm")
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := NewProgress(&b, true, time.Now)
		p.Update(120, 283, "job 1: running")
		time.Sleep(3*time.Second + 500*time.Millisecond)
		synctest.Wait()
		want := []string{
			"120/283 cases, waiting for job 1: running",
			"120/283 cases, 0.0 requests/s, waiting for job 1: running for 1s",
			"120/283 cases, 0.0 requests/s, waiting for job 1: running for 2s",
			"120/283 cases, 0.0 requests/s, waiting for job 1: running for 3s",
		}
		if got := drawings(&b); !slices.Equal(got, want) {
			t.Errorf("expected %q\ngot %q", want, got)
		}
		p.Clear()
		b.Reset()
		p.redraw() // as by a tick that waited for the lock while the line was erased
		time.Sleep(time.Hour)
		synctest.Wait()
		if b.Len() != 0 {
			t.Errorf("after Clear: expected no drawing, got %q", &b)
		}
		p.Update(121, 283, "")
		time.Sleep(time.Second)
		synctest.Wait()
		if got := drawings(&b); len(got) != 2 {
			t.Errorf("after another Update: expected two drawings, got %q", got)
		}
		p.Clear()
	})
}

func TestProgressSaysSinceWhenAStateHolds(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	p := onTerminal(t, &b, 200, c.now)
	for _, step := range []struct {
		after   time.Duration
		waiting string
		want    string
	}{
		{0, "job 1: pending", "waiting for job 1: pending"},
		{40 * time.Second, "job 1: pending", "waiting for job 1: pending for 40s"},
		{time.Second, "job 1: running", "waiting for job 1: running"},
		{3*time.Minute + 12*time.Second + 900*time.Millisecond, "job 1: running", "waiting for job 1: running for 3m12s"},
		{time.Hour, "graph ges_c5de: version 2.2.8, status 203", "waiting for graph ges_c5de: version 2.2.8, status 203"},
		{40 * time.Second, "graph ges_c5de: version 2.2.8, status 203", "waiting for graph ges_c5de: version 2.2.8, status 203 for 40s"},
		{time.Second, "the tide", "waiting for the tide"},
		{time.Second, "the tide", "waiting for the tide for 1s"},
	} {
		c.advance(step.after)
		p.Clear()
		b.Reset()
		p.Update(1, 20, step.waiting)
		if got := drawings(&b); len(got) != 1 || !strings.HasPrefix(got[0], "1/20 cases, ") || !strings.HasSuffix(got[0], ", "+step.want) {
			t.Errorf("%s after %s: expected %q, got %q", step.waiting, step.after, step.want, got)
		}
	}
}

func TestProgressFitsTheTerminal(t *testing.T) {
	const id = "d2e0133c-70f3-4dfa-844d-31df5af4b558"
	for _, tt := range []struct {
		columns int
		waiting string
		want    string
	}{
		{103, "job " + id + ": running", "120/283 cases, 0.0 requests/s, waiting for job " + id + ": running for 3m12s"},
		{102, "job " + id + ": running", "120/283 cases, waiting for job " + id + ": running for 3m12s"},
		{87, "job " + id + ": running", "120/283 cases, waiting for job " + id + ": running for 3m12s"},
		{86, "job " + id + ": running", "120/283 cases, job " + id + ": running for 3m12s"},
		{75, "job " + id + ": running", "120/283 cases, job " + id + ": running for 3m12s"},
		{74, "job " + id + ": running", "120/283 cases, job " + id[:32] + "...: running for 3m12s"},
		{60, "job " + id + ": running", "120/283 cases, job d2e0133c-70f3-4dfa...: running for 3m12s"},
		{20, "job " + id + ": running", "120/283 cases, :..."},
		{8, "job 1: running", "120/..."},
		{4, "job 1: running", "..."},
		{1, "job 1: running", "."},
		{45, "graph äöüäöüäöüäöüäöü: up", "120/283 cases, graph äöüäöü...: up for 3m12s"},
		{45, "graph 图图图图图图图图图图图: up", "120/283 cases, graph 图图图...: up for 3m12s"},
	} {
		var b bytes.Buffer
		c := newClock()
		p := onTerminal(t, &b, tt.columns, c.now)
		p.Update(120, 283, tt.waiting)
		c.advance(3*time.Minute + 12*time.Second)
		p.Clear()
		b.Reset()
		p.Update(120, 283, tt.waiting)
		got := drawings(&b)
		if len(got) != 1 || got[0] != tt.want {
			t.Errorf("%d columns, %s: expected %q, got %q", tt.columns, tt.waiting, tt.want, got)
		}
	}
}

func TestProgressShowsNoCommandsOfATarget(t *testing.T) {
	for _, terminal := range []bool{true, false} {
		var b bytes.Buffer
		c := newClock()
		p := onTerminal(t, &b, 500, c.now)
		p.draws = terminal
		c.advance(time.Minute)
		p.Update(1, 20, "job \x1b[2J\r\n::error::\u202e\u009b\xff"+strings.Repeat("x", 10_000))
		said := strings.NewReplacer("\x1b[K", "").Replace(b.String())
		said = strings.TrimSuffix(strings.TrimPrefix(said, "\r"), "\n")
		if want := `waiting for job \x1b[2J\x0d ::error::\u202e\u009b\xffxxx`; !strings.Contains(said, want) || strings.ContainsAny(said, "\x1b\r\n") || len(said) > 300 {
			t.Errorf("terminal %v: expected %q in a short line, got %q", terminal, want, said)
		}
	}
}

func TestProgressTellsRateAndTimeLeft(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	p := onTerminal(t, &b, 100, c.now)
	done := 0
	work := func(seconds, perSecond int) { // two exchanges per case
		for range seconds * perSecond {
			c.advance(time.Second / time.Duration(perSecond))
			done++
			p.Exchange()
			p.Exchange()
			p.Update(done, 283, "")
		}
	}
	expect := func(when, want string) {
		t.Helper()
		p.Clear()
		b.Reset()
		p.Update(done, 283, p.state.waiting)
		if got := drawings(&b); len(got) != 1 || got[0] != want {
			t.Errorf("%s: expected %q, got %q", when, want, got)
		}
	}
	expect("at the start", "0/283 cases")
	work(4, 2)
	expect("too early for a time left", "8/283 cases, 4.0 requests/s")
	work(6, 2)
	expect("at two cases a second", "20/283 cases, 4.5 requests/s, 2m10s left at this rate")
	work(10, 10)
	expect("of late faster", "120/283 cases, 20 requests/s, 25s left at this rate")
	c.advance(6 * time.Second)
	expect("nothing of late", "120/283 cases, 0.0 requests/s, 35s left at this rate")
	p.Update(done, 283, "job 1: running")
	expect("none in a wait", "120/283 cases, 0.0 requests/s, waiting for job 1: running")
	c.advance(30 * time.Minute)
	work(4, 5)
	expect("after a wait it has to mean something again", "140/283 cases, 10 requests/s")
	work(2, 5)
	expect("and does so soon", "150/283 cases, 10 requests/s, 25s left at this rate")
	p.width = func() int { return 40 }
	expect("no room for the rate", "150/283 cases, 25s left at this rate")
	p.width = func() int { return 30 }
	expect("no room for the time left", "150/283 cases")
	p.width = func() int { return 100 }
	work(26, 5)
	expect("soon over", "280/283 cases, 10 requests/s, 5s left at this rate")
	work(1, 3)
	expect("over", "283/283 cases, 9.6 requests/s")

	c.advance(time.Hour)
	p = onTerminal(t, &b, 100, c.now)
	p.Update(0, 283, "")
	done = 0
	c.advance(25 * time.Second)
	work(1, 10)
	expect("long", "10/283 cases, 5.0 requests/s, 12m0s left at this rate")
}

func TestProgressSurvivesAClockThatIsPutBack(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	p := onTerminal(t, &b, 100, c.now)
	c.advance(-61 * time.Second)
	p.Exchange()
	p.Update(1, 20, "")
	if got := drawings(&b); !slices.Equal(got, []string{"1/20 cases"}) {
		t.Errorf("expected a line without a rate, got %q", got)
	}
}

func TestProgressBeyondATerminal(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	p := NewProgress(&b, false, c.now)
	expect := func(when, want string) {
		t.Helper()
		if got := b.String(); got != want {
			t.Errorf("%s: expected %q, got %q", when, want, got)
		}
		b.Reset()
	}
	const pause = 10 * time.Second
	p.Exchange()
	c.advance(time.Minute)
	p.Exchange()
	expect("before the first case", "")

	p = NewProgress(&b, false, c.now)
	for done := range 283 {
		c.advance(pause / 284)
		p.Exchange()
		p.Update(done+1, 283, "")
	}
	c.advance(pause)
	p.Update(283, 283, "")
	p.Clear()
	expect("a run of less than ten seconds", "")

	p = NewProgress(&b, false, c.now)
	c.advance(pause)
	p.Update(1, 8, "")
	expect("little is done", "")
	p.Update(2, 8, "")
	expect("a quarter is done", "gesconform: 2/8 cases, 0.0 requests/s\n")
	p.Update(4, 8, "")
	expect("too soon", "")
	c.advance(pause)
	p.Exchange()
	expect("when the pause is over", "gesconform: 4/8 cases, 0.2 requests/s\n")
	c.advance(29 * time.Second)
	p.Update(5, 8, "")
	expect("within half a minute", "")
	c.advance(time.Second)
	p.Exchange()
	expect("half a minute", "gesconform: 5/8 cases, 0.2 requests/s\n")

	c.advance(pause)
	p.Update(5, 8, "job 1: pending")
	expect("a wait begins", "gesconform: 5/8 cases, 0.0 requests/s, waiting for job 1: pending\n")
	p.Update(5, 8, "job 1: running")
	expect("too soon", "")
	c.advance(pause)
	p.Update(5, 8, "job 1: running")
	expect("the state has changed", "gesconform: 5/8 cases, 0.0 requests/s, waiting for job 1: running for 10s\n")
	lines := 0
	for range 360 { // half an hour
		c.advance(5 * time.Second)
		p.Exchange()
		p.Update(5, 8, "job 1: running")
		lines += strings.Count(b.String(), "\n")
		if lines == 5 && b.Len() > 0 {
			expect("five minutes later", "gesconform: 5/8 cases, 0.2 requests/s, waiting for job 1: running for 5m10s\n")
		}
		b.Reset()
	}
	if lines != 30 {
		t.Errorf("expected a line a minute for half an hour, got %d", lines)
	}
}

func TestProgressOnADumbTerminal(t *testing.T) {
	var b bytes.Buffer
	c := newClock()
	t.Setenv("TERM", "dumb")
	p := NewProgress(&b, true, c.now)
	c.advance(time.Minute)
	p.Update(1, 4, "")
	p.Clear()
	if got, want := b.String(), "gesconform: 1/4 cases, 0.0 requests/s\n"; got != want {
		t.Errorf("expected %q, got %q", want, got)
	}
}

func TestProgressIsSafeForConcurrentUse(t *testing.T) {
	t.Setenv("TERM", "xterm")
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := NewProgress(&b, true, time.Now)
		for i := range 20 {
			go func() {
				for range 100 {
					time.Sleep(time.Duration(i) * 37 * time.Millisecond)
					p.Exchange()
					p.Update(i, 20, fmt.Sprintf("job %d: running", i))
					p.Clear()
				}
			}()
		}
		time.Sleep(time.Hour)
		p.Clear()
		if !strings.HasSuffix(b.String(), "\r\x1b[K") || strings.Count(b.String(), "\r\x1b[K") < 20 {
			t.Errorf("expected the line to be erased at the end, got %.200q", b.String())
		}
	})
}
