package implied

import (
	"cmp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// Cases are sent in an order that has most of the document first, since --max-requests and --time may end a run anywhere.
// After what others rest on comes each clause of the document once, at its shallowest place: what is shallow before
// what is deep, and of that one case of each operation, then a second of each, and so on. What follows has a further value
// or a further place of each clause, then two.

// A turn is when a case is sent, among all of the document; the zero value is first of all.
type turn struct {
	round  int // 0 for what others rest on
	depth  int // of the place in a value
	inTurn int // which of the operation's own with the same round and depth it is
}

// sortCases sorts cases by their turns. making is that of the plain creations among each other.
func sortCases(all []*Case, making map[*Case]int) {
	for i, t := range turnsOf(all, making) {
		all[i].turn = t
	}
	slices.SortStableFunc(all, func(a, b *Case) int {
		return cmp.Or(a.turn.round-b.turn.round, a.turn.depth-b.turn.depth, a.turn.inTurn-b.turn.inTurn)
	})
}

// turnsOf returns the turn of each case.
func turnsOf(all []*Case, making map[*Case]int) []turn {
	turns := make([]turn, len(all))
	for i, k := range all {
		turns[i].depth = depthOf(k, making)
	}
	shallowFirst := make([]int, len(all))
	for i := range all {
		shallowFirst[i] = i
	}
	slices.SortStableFunc(shallowFirst, func(i, j int) int { return turns[i].depth - turns[j].depth })
	type place struct {
		clause  clauseTried
		op      *contract.Operation
		target  target
		of      string // the parameter or media type
		pointer string
	}
	type operationsOwn struct {
		op           *contract.Operation
		round, depth int
	}
	places := map[clauseTried]int{} // how many have been met
	nth := map[place]int{}          // which of them one is
	tried := map[place]int{}        // how many values
	own := map[operationsOwn]int{}  // how many cases
	for _, i := range shallowFirst {
		k, t := all[i], &turns[i]
		if isGround(k) {
			continue
		}
		p := place{triedBy(k), k.Operation, k.target, k.change.of(), k.change.pointer()}
		if nth[p] == 0 {
			places[p.clause]++
			nth[p] = places[p.clause]
		}
		tried[p]++
		t.round = nth[p] + tried[p] - 1
		o := operationsOwn{k.Operation, t.round, t.depth}
		own[o]++
		t.inTurn = own[o]
	}
	return turns
}

// isGround reports whether others rest on a case.
func isGround(k *Case) bool {
	return k.kind == plainKind || k.kind == unknownKind && k.target == whatIsAbsent
}

// depthOf returns how deep in a value the place of a case is; for a plain creation, how many others come before it.
func depthOf(k *Case, making map[*Case]int) int {
	if isGround(k) {
		return making[k]
	}
	return strings.Count(k.change.pointer(), "/")
}

// A clauseTried is a clause, and whether it is kept or broken where.
type clauseTried struct {
	clause string
	in     contract.In
	kept   bool
}

// triedBy returns the clause that a case is about. Credentials are those of an operation: each asks for them by itself.
func triedBy(k *Case) clauseTried {
	clause := k.Clause
	switch k.kind {
	case missingKind, madeUpKind:
		clause = k.Operation.Clause + " " + clause
	case proofKind: // which what is done to its credentials rests on
		clause = k.Operation.Clause + " " + clause + " " + k.change.special
	}
	return clauseTried{clause, k.change.in, k.kind == acceptedKind}
}
