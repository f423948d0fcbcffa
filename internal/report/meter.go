package report

import (
	"fmt"
	"time"
)

const (
	meterMemory   = 30              // seconds: the time left follows from the cases in them
	rateWindow    = 5               // seconds: the rate is that of the last ones
	rateMeans     = time.Second     // what it takes to say a rate,
	leftMeans     = 5 * time.Second // and a time left
	leftMeansDone = 10              // cases
)

// A meter counts what happened in each of the last seconds.
type meter struct {
	from    time.Time // since when it counts
	seconds [meterMemory]counted
}

// counted is what happened in the second that is number at since the beginning.
type counted struct {
	at               int
	exchanges, cases int
}

// count is where to count what happens now.
func (m *meter) count(now time.Time) *counted {
	at := m.second(now)
	c := &m.seconds[at%meterMemory]
	if c.at != at {
		*c = counted{at: at}
	}
	return c
}

func (m *meter) second(now time.Time) int { return max(0, int(now.Sub(m.from)/time.Second)) }

// over is what happened in the last seconds, the present one among them, and how
// long they have been.
func (m *meter) over(now time.Time, seconds int) (sum counted, took time.Duration) {
	first := max(0, m.second(now)-seconds+1)
	for _, c := range &m.seconds {
		if c.at >= first {
			sum.exchanges += c.exchanges
			sum.cases += c.cases
		}
	}
	return sum, now.Sub(m.from) - time.Duration(first)*time.Second
}

// rate is how many exchanges ended in a second, of late; "" where that says
// nothing yet.
func (m *meter) rate(now time.Time) string {
	sum, took := m.over(now, rateWindow)
	if took < rateMeans {
		return ""
	}
	perSecond := float64(sum.exchanges) / took.Seconds()
	if perSecond >= 10 {
		return fmt.Sprintf("%.0f requests/s", perSecond)
	}
	return fmt.Sprintf("%.1f requests/s", perSecond)
}

// left is how long the cases that are left take if they go on as of late. Nobody
// knows what is still to be waited for, so that it says on what it rests; "" is
// for want of enough to rest on.
func (m *meter) left(now time.Time, cases int) string {
	sum, took := m.over(now, meterMemory)
	if cases == 0 || took < leftMeans || sum.cases < leftMeansDone {
		return ""
	}
	left := took * time.Duration(cases) / time.Duration(sum.cases)
	step := 5 * time.Second
	switch {
	case left > 10*time.Minute:
		step = time.Minute
	case left > time.Minute:
		step = 10 * time.Second
	}
	return max(step, left.Round(step)).String() + " left at this rate"
}
