package report

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/gesconform/gesconform/internal/printable"
)

// How often a terminal's line is drawn: not more often than the first, and at
// least as often as the second, for ages and rates change by themselves.
const (
	drawPause = 100 * time.Millisecond
	drawEvery = time.Second
)

// How often a line is written elsewhere. The pause comes before the first line,
// too, so that a short run writes none, and keeps fast changes from flooding a
// log; in a long wait, nothing but the age changes.
const (
	plainPause     = 10 * time.Second
	plainEvery     = 30 * time.Second
	plainInAWait   = time.Minute
	plainFractions = 4 // a line for each quarter of the cases
)

// longestWait bounds what a target may have us say, in characters.
const longestWait = 200

// defaultWidth is that of a terminal which does not tell its own.
const defaultWidth = 80

// A Progress tells how far a run is while it goes on. A terminal's last line is
// kept up to date; anything else, such as the log of a CI job, gets whole lines,
// and not many. It uses no colours. Its methods may be called from several
// goroutines.
type Progress struct {
	w     io.Writer
	draws bool // the line can be drawn again
	now   func() time.Time
	width func() int // of the terminal, in columns

	mu       sync.Mutex
	state    progressState
	last     time.Time // of the last drawing or line
	said     said
	drawn    bool
	stopTick func() // nil where the line is not drawn again by itself
}

// said is what the last line told.
type said struct {
	done    int
	waiting string
}

// NewProgress returns a progress that writes to w. terminal says whether that is
// one; with TERM=dumb it still cannot erase a line. now is time.Now, or a test's
// clock.
func NewProgress(w io.Writer, terminal bool, now func() time.Time) *Progress {
	start := now()
	return &Progress{
		w: w, draws: terminal && os.Getenv("TERM") != "dumb", now: now, width: func() int { return widthOf(w) },
		last: start, state: progressState{meter: meter{from: start}},
	}
}

// widthOf asks a terminal, each time anew: its window may have been resized.
func widthOf(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return defaultWidth
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

// Update shows how many of the cases are done, and what is being waited for, as
// `job 1: running`, or "". That the writer cannot be written to is passed over.
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

// tick draws the line again and again until it is told to stop.
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
	if p.drawn { // no Clear has come before the tick got the lock
		p.draw(p.now())
	}
}

// draw puts the new line over the old one and erases the rest of that, which
// flickers less than the other way round. The last column stays free: some
// terminals wrap as soon as it is taken.
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

// A progressState is what a line tells.
type progressState struct {
	done, total int
	waiting     string    // what for, and in which state it is: `job 1: running`
	since       time.Time // when that was seen first
	meter       meter
}

func (s *progressState) update(now time.Time, done, total int, waiting string) {
	if waiting == "" && s.waiting != "" {
		s.meter = meter{from: now} // a rate of before the wait, or of its reads, says nothing of what is to come
	}
	if waiting != s.waiting {
		s.waiting, s.since = waiting, now
	}
	s.meter.count(now).cases += done - s.done
	s.done, s.total = done, total
}

// line is the state in so many columns; 0 is no limit. Where they do not suffice,
// the rate goes first, then what is waited for is shortened: its state and age
// are what a reader looks for.
func (s *progressState) line(now time.Time, width int) string {
	count, rate := fmt.Sprintf("%d/%d cases", s.done, s.total), s.meter.rate(now)
	what, state := s.wait(now)
	outlook := s.meter.left(now, s.total-s.done)
	if what != "" { // how long that takes nobody knows
		outlook = "waiting for " + what + state
	}
	for _, line := range []string{joined(count, rate, outlook), joined(count, outlook)} {
		if width == 0 || columns(line) <= width {
			return line
		}
	}
	what = cutColumns(what, width-columns(count+", "+state))
	return cutColumns(joined(count, what+state), width)
}

// wait is what is being waited for, and its state with the age of that; both are
// "" where nothing is.
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

// joined joins the parts that are not empty.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}

// columns is how many columns of a terminal a text takes, or a few more: what is
// beyond the alphabets of Europe and the Near East may be wide.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	const firstWide = 0x1100 // Hangul Jamo; no wide character comes before
	if r >= firstWide {
		return 2
	}
	return 1
}

// cutColumns shortens a text to so many columns.
func cutColumns(s string, width int) string {
	const more = "..." // whatever the locale
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
