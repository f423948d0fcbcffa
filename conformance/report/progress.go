package report

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progressInterval is the least time between two drawings.
const progressInterval = 100 * time.Millisecond

// progressWidth keeps the line from wrapping, after which it could not be
// erased.
const progressWidth = 79

// A Progress keeps one line of a terminal up to date. Its methods may be called
// from several goroutines.
type Progress struct {
	mu       sync.Mutex
	w        io.Writer
	terminal bool
	now      func() time.Time
	last     time.Time
	drawn    bool
}

// NewProgress returns a progress that writes to w, and only if that is a
// terminal. now is time.Now, or a test's clock.
func NewProgress(w io.Writer, terminal bool, now func() time.Time) *Progress {
	return &Progress{w: w, terminal: terminal, now: now}
}

// Update shows how many of the cases are done, and what is being waited for.
// It draws not more often than every 100 milliseconds. That the terminal cannot
// be written to is passed over.
func (p *Progress) Update(done, total int, waiting string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if !p.terminal || p.drawn && now.Sub(p.last) < progressInterval {
		return
	}
	line := fmt.Sprintf("%d/%d", done, total)
	if waiting != "" {
		line += "  " + oneLine(waiting)
	}
	_, _ = io.WriteString(p.w, "\r\x1b[K"+cut(line, progressWidth, "..."))
	p.last, p.drawn = now, true
}

// Clear erases the line, so that something else can be written. The next Update
// draws it again.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
