package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/gesconform/gesconform/internal/result"
)

// The size of the plot of a family, in units of its SVG.
const (
	plotBins   = 48
	plotWidth  = 288
	plotHeight = 28
)

// latency has the durations of the exchanges, by family of cases. All plots have the same
// logarithmic axis.
type latency struct {
	Families []family
	Ticks    []tick
}

// A family is the cases whose ids have the same second part: body, path, …
type family struct {
	Name             string
	Count            int
	Median, P95, Max time.Duration
	Bars             []bar
	At               string // the position of the median on the axis
}

// A bar shows how many exchanges had a similar duration.
type bar struct{ X, Y, Width, Height string }

// A tick is a mark on the axis.
type tick struct {
	X, Label, Anchor string
}

func latencyOf(run *result.Run) latency {
	byFamily := map[string][]time.Duration{}
	families := subjectOf(run).families
	shortest, longest := time.Duration(math.MaxInt64), time.Duration(1)
	for i := range run.Cases {
		c := &run.Cases[i]
		for at := range c.Exchanges {
			if d := c.Exchanges[at].Duration; d > 0 { // 0 if it was not sent, or not read
				name := families(c)
				byFamily[name] = append(byFamily[name], d)
				shortest, longest = min(shortest, d), max(longest, d)
			}
		}
	}
	if len(byFamily) == 0 {
		return latency{}
	}
	// The ends of the axis are powers of ten.
	from := math.Floor(math.Log10(float64(shortest)))
	to := max(from+1, math.Ceil(math.Log10(float64(longest))))
	place := func(d time.Duration) float64 { return (math.Log10(float64(d)) - from) / (to - from) }
	l := latency{Ticks: ticksBetween(int(from), int(to))}
	for _, name := range slices.Sorted(maps.Keys(byFamily)) {
		all := byFamily[name]
		slices.Sort(all)
		median := result.Percentile(all, 50)
		l.Families = append(l.Families, family{
			Name: name, Count: len(all), Median: median, P95: result.Percentile(all, 95), Max: all[len(all)-1],
			Bars: barsOf(all, place), At: fmt.Sprintf("%.1f", place(median)*plotWidth),
		})
	}
	return l
}

func barsOf(all []time.Duration, place func(time.Duration) float64) []bar {
	var bins [plotBins]int
	for _, d := range all {
		bins[min(plotBins-1, int(place(d)*plotBins))]++
	}
	highest := slices.Max(bins[:])
	const width = float64(plotWidth) / plotBins
	var bars []bar
	for i, n := range bins {
		if n == 0 {
			continue
		}
		height := 3 + (plotHeight-3)*math.Sqrt(float64(n)/float64(highest)) // at least 3, so that a single exchange is visible
		bars = append(bars, bar{
			X: fmt.Sprintf("%.1f", float64(i)*width), Y: fmt.Sprintf("%.1f", plotHeight-height),
			Width: fmt.Sprintf("%.1f", width-1), Height: fmt.Sprintf("%.1f", height),
		})
	}
	return bars
}

// ticksBetween returns a tick for each power of ten, in nanoseconds.
func ticksBetween(from, to int) []tick {
	var ticks []tick
	for power := from; power <= to; power++ {
		anchor := "middle"
		switch power {
		case from:
			anchor = "start"
		case to:
			anchor = "end"
		}
		x := fmt.Sprintf("%.1f", float64(plotWidth)*float64(power-from)/float64(to-from))
		ticks = append(ticks, tick{x, plainDuration(time.Duration(math.Pow10(power))), anchor})
	}
	return ticks
}

// plainDuration returns a power of ten as text: 100 µs, 1 ms, 10 s.
func plainDuration(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d)
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}
