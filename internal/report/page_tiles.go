package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// Limits of the map of cases.
const (
	shownTiles = 5000
	shownTitle = 240 // characters
)

// A tileMap has a tile for each case, by operation and by part of the request: the second
// part of the ids of cases.
type tileMap struct {
	Operations []tileRows
	Verdicts   []countRow // how many cases have each verdict, the gravest first
	More       int        // cases that have no tile
}

// tileRows are the parts of an operation.
type tileRows struct {
	Operation string
	Parts     []*tileRow
}

// A tileRow has the cases about one part of an operation.
type tileRow struct {
	Part           string
	Cases, Decided int
	Tiles          []tile
}

// Share returns how much of a part was decided.
func (r *tileRow) Share() share { return share{N: r.Decided, Of: r.Cases} }

// A tile is a case.
type tile struct {
	Verdict judge.Verdict
	Title   string
	Href    string // of the case among those of its requirement; "" if the page has none
}

// tilesOf makes the map of the cases of a run. anchors has the ids that the page gives them.
func tilesOf(run *result.Run, anchors map[*result.Case]string) tileMap {
	type key struct{ operation, part string }
	rows, n := map[key]*tileRow{}, map[judge.Verdict]int{}
	families := subjectOf(run).families
	var m tileMap
	for i := range run.Cases {
		c := &run.Cases[i]
		n[c.Verdict]++
		k := key{classOf(run, c), families(c)}
		row := rows[k]
		if row == nil {
			row = &tileRow{Part: k.part}
			rows[k] = row
		}
		row.Cases++
		if c.Verdict.Exercised() {
			row.Decided++
		}
		if i >= shownTiles {
			m.More++
			continue
		}
		row.Tiles = append(row.Tiles, tile{c.Verdict, titleOf(c), anchors[c]})
	}
	keys := slices.SortedFunc(maps.Keys(rows), func(a, b key) int {
		return cmp.Or(strings.Compare(a.operation, b.operation), strings.Compare(a.part, b.part))
	})
	for _, k := range keys {
		if last := len(m.Operations) - 1; last < 0 || m.Operations[last].Operation != k.operation {
			m.Operations = append(m.Operations, tileRows{Operation: k.operation})
		}
		of := &m.Operations[len(m.Operations)-1]
		of.Parts = append(of.Parts, rows[k])
	}
	for _, v := range verdicts {
		if n[v] > 0 {
			m.Verdicts = append(m.Verdicts, countRow{Verdict: v, Counts: []int{n[v]}})
		}
	}
	return m
}

// signOf returns what is written on a tile: the mark of its verdict, which two share.
func signOf(v judge.Verdict) string {
	if v == judge.Masked {
		return "m"
	}
	return styles[v].mark
}

// titleOf returns what a tile says: the case, its verdict and why.
func titleOf(c *result.Case) string {
	title := c.Case + ": " + string(c.Verdict)
	if note := noteOf(c); note != "" && c.Verdict != judge.Conforms {
		title += ": " + note
	}
	return cut(title, shownTitle, "…")
}

// caseAnchor returns the id of a case in the page.
func caseAnchor(i int) string { return fmt.Sprintf("case-%d", i+1) }
