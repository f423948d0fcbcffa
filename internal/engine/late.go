package engine

import (
	"strconv"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// A lock may end long before the job that it is for, or not long before: it is tried again and
// again while the first job is under way, and in the next one when that should be about to end.

// lateEachTime is up to how many reads of the first job a second upgrade is asked for after each.
const lateEachTime = 12

// laterBy is how much longer, after those, the job must have been under way each time.
const laterBy = 1.25

// nearEnd are the shares of a job that are near its end: of the time that the one before took, and
// in percent of the progress that a job shows.
var nearEnd = []float64{0.85, 0.9, 0.95, 0.98}

// A lateAsk tells after which reads of a job under way a second upgrade is asked for. It goes by
// the times of the exchanges, so that a replay asks for the same.
type lateAsk struct {
	accepted time.Time
	first    bool          // no second upgrade was asked for late before
	expected time.Duration // how long the job may take, from the one before; 0 if that is not known
	reads    int
	lasted   time.Duration // up to the last read
	asked    time.Duration // up to the last one after which it was due
	shown    int           // how many of nearEnd the progress has passed
	passed   int           // and how many of them the time
}

// asksLate returns when a second upgrade is asked for while the job of an accepted one is under way.
func (e *Engine) asksLate(accepted *exchange.Exchange, refuses bool) *lateAsk {
	l := &lateAsk{accepted: ended(accepted), first: refuses && !e.exercised("second-refused-late")}
	if len(e.upgrades.jobs) == 2 { // once is enough
		l.expected = e.upgrades.lasted
	}
	return l
}

// due reports whether a second upgrade is to be asked for after a read that shows the job under way.
func (l *lateAsk) due(read *exchange.Exchange) bool {
	l.reads++
	l.lasted = ended(read).Sub(l.accepted)
	if !l.first && l.expected == 0 {
		return false
	}
	progress, err := strconv.ParseFloat(ges.JobOf(read.JSON()).Progress, 64)
	near := err == nil && passes(&l.shown, progress/100) // both are counted
	if l.expected > 0 && passes(&l.passed, float64(l.lasted)/float64(l.expected)) {
		near = true
	}
	if l.first {
		doubled := l.reads > 1 && l.reads&(l.reads-1) == 0
		switch {
		case l.reads <= lateEachTime:
			near = near || doubled || l.reads > 4
		case float64(l.lasted) >= laterBy*float64(l.asked):
			near = true
		}
	}
	if near {
		l.asked = l.lasted
	}
	return near
}

// passes counts the shares that a job has passed, and reports whether it is one more.
func passes(count *int, share float64) (more bool) {
	for *count < len(nearEnd) && share >= nearEnd[*count] {
		*count, more = *count+1, true
	}
	return more
}
