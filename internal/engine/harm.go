package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// A request that breaks a SHOULD or a MAY may be accepted. What it then does is judged by what
// happened: if whoever checks it reads it differently from whoever acts on it, the graph may be
// brought to an earlier version, which breaks the MUST that such a request be refused.

// A harm is what an acceptance has led to that a MUST forbids.
type harm struct {
	requirement, got string
	lawful           []string
	read             exchange.Exchange // which shows it
}

// harmOf returns what the acceptance of a request, after which reads have been sent, has done to
// the graph that had a version before, or nil. A read of an earlier version may be behind, so it
// is repeated for as long as the contract says.
func (e *Engine) harmOf(ctx context.Context, k *cases.Case, before string, reads []exchange.Exchange) *harm {
	condition := e.conditionOf(contract.NotLater)
	if condition == "" || len(reads) == 0 {
		return nil
	}
	deadline, pause := reads[0].Started.Add(e.within("version-shown")), time.Millisecond
	for last := reads[len(reads)-1]; ; last = e.readGraph(ctx, k.ID, &e.graph) {
		if !accepted(&last) || e.taken() || !wentBack(before, e.graph.version) {
			return nil
		}
		if !e.pause(ctx, &pause, &last, deadline, "graph %s: version %s", e.graph.name, e.graph.version) {
			return &harm{
				requirement: e.c.RequirementFor(e.upgrade(), condition).ID, read: last,
				got:    fmt.Sprintf("the request was accepted, and the graph has gone from version %s to %s", before, e.graph.version),
				lawful: []string{"a refusal", "a version later than " + before},
			}
		}
	}
}

// wentBack reports whether a graph's version is earlier than the one before, or none at all.
func wentBack(before, version string) bool {
	if _, err := contract.ParseVersion(version); err != nil {
		return version != before
	}
	return contract.Later(before, version)
}

// addHarm adds to a result what its acceptance, which is the last exchange, has led to.
func (e *Engine) addHarm(r *judge.Result, h *harm) {
	if h == nil {
		return
	}
	f := e.judge.Finding(h.requirement, judge.Deviates, h.got, h.lawful)
	f.Exchange = len(r.Exchanges) - 1
	r.Exchanges = append(r.Exchanges, h.read)
	r.Conclude(f)
}
