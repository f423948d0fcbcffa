package report

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gesconform/gesconform/internal/printable"
)

// How often the line on a terminal is drawn.
const (
	drawPause = 100 * time.Millisecond // at most this often
	drawEvery = time.Second            // at least this often, because the age and the rate change with time
)

// How often a line is written if the output is not a terminal.
const (
	plainPause     = 10 * time.Second // at most this often, also before the first line: a short run writes none
	plainEvery     = 30 * time.Second // at least this often,
	plainInAWait   = time.Minute      // or this often while waiting, when only the age changes
	plainFractions = 4                // and when another quarter of the cases is decided
)

// longestWait is the maximum length, in characters, of what is being waited for: it contains
// text from the target.
const longestWait = 200

// defaultWidth is the width of a terminal if it is unknown.
const defaultWidth = 80

// A Progress shows the progress of a run. On a terminal, it updates one line; elsewhere, such
// as in the log of a CI job, it writes a line now and then. It uses no colours. Its methods
// may be called by several goroutines.
type Progress struct {
	w     io.Writer
	draws bool // the line can be drawn again
	now   func() time.Time
	width func() int // of the terminal, in columns

	mu       sync.Mutex
	state    progressState
	last     time.Time // when a line was last drawn or written
	said     said
	drawn    bool
	stopTick func() // stops redrawing the line every second; nil if that is not done
}

// said is what the last line said.
type said struct {
	done    int
	waiting string
}

// NewProgress returns a Progress that writes to w. terminal is whether w is a terminal; if
// TERM is dumb, it is treated like any other writer, since it cannot erase a line. now
// returns the time.
func NewProgress(w io.Writer, terminal bool, now func() time.Time) *Progress {
	start := now()
	return &Progress{
		w: w, draws: terminal && os.Getenv("TERM") != "dumb", now: now, width: func() int { return widthOf(w) },
		last: start, state: progressState{meter: meter{from: start}},
	}
}

// widthOf returns the width of a terminal. It is not cached, since a window can be resized.
func widthOf(w io.Writer) int {
	if f, ok := w.(interface{ Fd() uintptr }); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return defaultWidth
}

// Of sets what Update counts: "scenarios" and not cases, if a client is judged.
func (p *Progress) Of(noun string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.of = noun
}

// Exchange counts an exchange that has ended.
func (p *Progress) Exchange() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.state.meter.count(now).exchanges++
	if !p.draws {
		p.say(now)
	}
}

// Update shows how many cases are decided, and what the run is waiting for, such as
// "job 1: running", or "". Errors of the writer are ignored.
func (p *Progress) Update(done, total int, waiting string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.state.update(now, done, total, cut(printable.Line(waiting), longestWait, "..."))
	if !p.draws {
		p.say(now)
		return
	}
	if !p.drawn || now.Sub(p.last) >= drawPause {
		p.draw(now)
	}
	if p.stopTick == nil {
		p.stopTick = p.tick()
	}
}

// Clear erases the line, so that something else can be written. The next Update
// draws it again.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopTick != nil {
		p.stopTick()
		p.stopTick = nil
	}
	if p.drawn {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.drawn = false
	}
}

// tick draws the line every second until stop is called.
func (p *Progress) tick() (stop func()) {
	ticker := time.NewTicker(drawEvery)
	stopped := make(chan struct{})
	go func() {
		for {
			select {
			case <-stopped:
				return
			case <-ticker.C:
				p.redraw()
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(stopped)
	}
}

func (p *Progress) redraw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn { // Clear may have been called before this goroutine got the lock
		p.draw(p.now())
	}
}

// draw overwrites the line and then erases what remains of the old one, which flickers less
// than erasing first. It does not use the last column, because some terminals wrap there.
func (p *Progress) draw(now time.Time) {
	_, _ = io.WriteString(p.w, "\r"+p.state.line(now, max(1, p.width()-1))+"\x1b[K")
	p.last, p.drawn = now, true
}

// say writes a line if one is due.
func (p *Progress) say(now time.Time) {
	if p.isDue(now) {
		_, _ = io.WriteString(p.w, "gesconform: "+p.state.line(now, 0)+"\n")
		p.last, p.said = now, said{p.state.done, p.state.waiting}
	}
}

func (p *Progress) isDue(now time.Time) bool {
	s, quiet := &p.state, now.Sub(p.last)
	switch {
	case s.done >= s.total || quiet < plainPause: // not begun, about to end, or too soon
		return false
	case s.done*plainFractions/s.total > p.said.done*plainFractions/s.total:
		return true
	case s.waiting == "":
		return quiet >= plainEvery
	default:
		return s.waiting != p.said.waiting || quiet >= plainInAWait
	}
}

// A progressState is what a line shows.
type progressState struct {
	done, total int
	of          string    // what is counted; "" for cases
	waiting     string    // what the run is waiting for, and its state: "job 1: running"
	since       time.Time // when that was first seen
	meter       meter
}

func (s *progressState) update(now time.Time, done, total int, waiting string) {
	if waiting == "" && s.waiting != "" {
		s.meter = meter{from: now} // the rate before and during the wait says nothing about the rate after it
	}
	if waiting != s.waiting {
		s.waiting, s.since = waiting, now
	}
	s.meter.count(now).cases += done - s.done
	s.done, s.total = done, total
}

// line returns the state as a line of at most width columns; 0 is no limit. If it is too
// long, the rate is omitted; if it still is, the name of what the run is waiting for is
// shortened, since its state and age are more important.
func (s *progressState) line(now time.Time, width int) string {
	count, rate := fmt.Sprintf("%d/%d %s", s.done, s.total, cmp.Or(s.of, "cases")), s.meter.rate(now)
	what, state := s.wait(now)
	outlook := s.meter.left(now, s.total-s.done)
	if what != "" { // then nobody knows how much time is left
		outlook = "waiting for " + what + state
	}
	for _, line := range []string{joinedBy(", ", count, rate, outlook), joinedBy(", ", count, outlook)} {
		if width == 0 || columns(line) <= width {
			return line
		}
	}
	what = cutColumns(what, width-columns(count+", "+state))
	return cutColumns(joinedBy(", ", count, what+state), width)
}

// wait returns what the run is waiting for, and its state with the age of the state. Both
// are "" if it is not waiting.
func (s *progressState) wait(now time.Time) (what, state string) {
	what, state, stated := strings.Cut(s.waiting, ": ")
	if stated {
		state = ": " + state
	}
	if age := now.Sub(s.since); what != "" && age >= time.Second {
		state += " for " + age.Truncate(time.Second).String()
	}
	return what, state
}

// columns returns how many columns of a terminal a text occupies, or more than that: every
// character that could be wide counts as two.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	const firstWide = 0x1100 // Hangul Jamo, the first wide characters of Unicode
	if r >= firstWide {
		return 2
	}
	return 1
}

// cutColumns shortens a text to at most width columns.
func cutColumns(s string, width int) string {
	const more = "..." // ASCII, since the locale is unknown
	if columns(s) <= width {
		return s
	}
	left := width - len(more)
	for i, r := range s {
		if left -= columnsOf(r); left < 0 {
			return s[:i] + more[:max(0, min(width, len(more)))]
		}
	}
	return s
}
