package report

import (
	"fmt"
	"time"
)

const (
	meterMemory   = 30              // seconds that are remembered, from which the time left is estimated
	rateWindow    = 5               // seconds from which the rate is computed
	rateMeans     = time.Second     // minimum time of counting before there is a rate
	leftMeans     = 5 * time.Second // minimum time of counting before there is an estimate
	leftMeansDone = 10              // minimum number of decided cases before there is an estimate
)

// A meter counts what happened in each of the last seconds.
type meter struct {
	from    time.Time // when it began to count
	seconds [meterMemory]counted
}

// counted is what ended in one second.
type counted struct {
	at               int // the number of the second, from 0
	exchanges, cases int
}

// count returns the counts of the current second, to be increased.
func (m *meter) count(now time.Time) *counted {
	at := m.second(now)
	c := &m.seconds[at%meterMemory]
	if c.at != at {
		*c = counted{at: at}
	}
	return c
}

func (m *meter) second(now time.Time) int { return max(0, int(now.Sub(m.from)/time.Second)) }

// over returns the sum of the last seconds, including the current one, and how long they
// have lasted.
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

// rate returns the recent number of exchanges per second as text, or "" if it is too early
// to tell.
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

// left returns an estimate of the time for the remaining cases, or "" if it is too early to
// tell. Nobody knows how long the run will have to wait for upgrades, so the text says that
// it assumes the current rate.
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
