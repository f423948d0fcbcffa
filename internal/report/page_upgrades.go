package report

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/result"
)

// timelines are the ways of the accepted upgrades of a run, on one axis.
type timelines struct {
	Upgrades []*timeline
	More     int // upgrades that are not shown
	Ticks    []tick
}

// A timeline is the way of one upgrade.
type timeline struct {
	*result.Way
	Segments []segment
	Marks    []mark // at the steps
}

// A segment is the time between two steps in the plot.
type segment struct{ Kind, X, Width string }

// A mark is a step in the plot.
type mark struct {
	Kind result.StepKind
	X    string
}

// Sign returns what is written at the mark, or "" for a state that its segment shows.
func (m mark) Sign() string {
	return map[result.StepKind]string{
		result.StepSuccess: "✓", result.StepFailed: "✗", result.StepVersion: "◆", result.StepOtherVersion: "◇", result.StepUnknown: "?",
	}[m.Kind]
}

// Open reports whether the end of the upgrade's job was not seen.
func (l *timeline) Open() bool { return l.Job != "" && !l.Ended }

// Words says what the plot shows.
func (l *timeline) Words() string {
	words := []string{"accepted"}
	if l.Job == "" {
		words = append(words, "no job id")
	}
	for _, s := range l.Steps {
		words = append(words, s.State+" after "+took(s.At))
	}
	if l.Open() {
		words = append(words, "no end seen within "+took(l.Seen))
	}
	return strings.Join(words, ", ")
}

// The size of the plot of an upgrade, in units of its SVG; the marks at its ends need room.
const (
	wayWidth  = 480
	wayMargin = 8
)

// timelinesOf places the steps of all upgrades on one axis, from 0 to the longest way.
func timelinesOf(run *result.Run) timelines {
	t := timelines{More: run.Ways.More}
	longest := time.Duration(1)
	for _, w := range run.Ways.Upgrades {
		longest = max(longest, lastOf(w))
	}
	place := func(d time.Duration) float64 {
		return wayMargin + (wayWidth-2*wayMargin)*float64(d)/float64(longest)
	}
	for _, w := range run.Ways.Upgrades {
		l := &timeline{Way: w}
		t.Upgrades = append(t.Upgrades, l)
		kind, from := "accepted", time.Duration(0)
		stretch := func(until time.Duration) {
			if until > from {
				l.Segments = append(l.Segments, segment{kind, units(place(from)), units(place(until) - place(from))})
			}
		}
		for _, s := range l.Steps {
			l.Marks = append(l.Marks, mark{s.Kind, units(place(s.At))})
			stretch(s.At)
			kind, from = string(s.Kind), s.At
		}
		if l.Open() {
			stretch(l.Seen)
		}
	}
	for _, at := range roundTimes(longest) {
		t.Ticks = append(t.Ticks, tick{units(place(at)), seconds(at).short(), anchorOf(at)})
	}
	return t
}

// lastOf returns when a way has its end in the plot.
func lastOf(w *result.Way) time.Duration {
	if n := len(w.Steps); n > 0 && (w.Ended || w.Job == "") {
		return w.Steps[n-1].At
	}
	return w.Seen
}

func units(x float64) string { return fmt.Sprintf("%.1f", x) }

func anchorOf(at time.Duration) string {
	if at == 0 {
		return "start"
	}
	return "middle"
}

// short writes a number of seconds without superfluous digits.
func (s seconds) short() string { return fmt.Sprintf("%g s", time.Duration(s).Seconds()) }

// roundTimes returns 0 and round times up to the longest, at most six.
func roundTimes(longest time.Duration) []time.Duration {
	power := math.Pow10(int(math.Log10(max(1, float64(longest)))))
	step := power
	for _, part := range []float64{power / 2, power / 5, power / 10} {
		if part >= 1 && float64(longest) <= 5*part {
			step = part
		}
	}
	if float64(longest) > 5*step {
		step *= 2
	}
	var all []time.Duration
	for i := range 6 {
		if at := float64(i) * step; at <= float64(longest) {
			all = append(all, time.Duration(at))
		}
	}
	return all
}
