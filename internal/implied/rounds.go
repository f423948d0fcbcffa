package implied

import (
	"context"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

const (
	// inOneGo is how many cases are sent before the answers are judged. With a limit that the run may reach it is a
	// tenth of the requests, so that some are left to confirm what the answers show, but no fewer than leastInOneGo.
	inOneGo      = 200
	leastInOneGo = 8
)

// mayReachItsLimits reports whether a run that sends some cases may end before it has sent them all. What confirms
// deviations comes on top of them.
func (o *Options) mayReachItsLimits(all []*Case) bool {
	return o.Time > 0 || o.MaxRequests > 0 && 2*len(all) > o.MaxRequests
}

// atOnce returns how many cases are sent before the answers are judged.
func (r *run) atOnce() int {
	if !r.limited || r.o.MaxRequests == 0 {
		return inOneGo
	}
	return min(max(r.o.MaxRequests/10, leastInOneGo), inOneGo)
}

// rounds sends the cases of a run, but for deletions. What may be read comes before what changes something; but a run that
// may reach its limits takes turns, so that the first of the changes go before the last of the reads.
func (r *run) rounds(ctx context.Context, all []*Case) {
	r.limited = r.o.mayReachItsLimits(all)
	isToBeMade := toBeMade(all)
	isPlainRead := func(k *Case) bool { return isRead(k) && k.kind == plainKind }
	waiting := r.reads(ctx, only(all, isPlainRead), isToBeMade)
	var postponed []*Case // they rest on what is waiting
	for round := range r.taken(only(all, func(k *Case) bool { return !isPlainRead(k) })) {
		waits := map[*contract.Operation]bool{}
		for _, k := range waiting {
			waits[k.Operation] = true
		}
		mustWait := func(k *Case) bool { return isRead(k) && waits[k.Operation] }
		postponed = append(postponed, only(round, mustWait)...)
		r.readAll(ctx, only(round, func(k *Case) bool { return isRead(k) && !mustWait(k) }))
		r.changes(ctx, only(round, func(k *Case) bool { return !isRead(k) }))
		if r.limited && len(waiting) > 0 {
			waiting = r.reads(ctx, waiting, isToBeMade)
		}
	}
	r.reads(ctx, waiting, toBeMade(nil))
	r.readAll(ctx, postponed)
}

// taken yields cases in the order in which they are sent: all at once, or so many that take turns.
func (r *run) taken(all []*Case) func(func([]*Case) bool) {
	if !r.limited {
		return slices.Values([][]*Case{all})
	}
	return func(yield func([]*Case) bool) {
		n := slices.IndexFunc(all, func(k *Case) bool { return !isGround(k) })
		if n < 0 {
			n = len(all)
		}
		if !yield(all[:n]) {
			return
		}
		for some := range slices.Chunk(all[n:], r.atOnce()) {
			if !yield(some) {
				return
			}
		}
	}
}

// readAll sends what rests on plain reads.
func (r *run) readAll(ctx context.Context, all []*Case) {
	r.variations(ctx, only(all, func(k *Case) bool { return k.kind == proofKind }))
	r.links(ctx, only(all, func(k *Case) bool { return k.kind == linkKind }))
	r.variations(ctx, only(all, func(k *Case) bool { return k.kind != proofKind && k.kind != linkKind }))
}

func isRead(k *Case) bool { return k.target == whatIsThere }

// only returns those of some cases that are wanted.
func only(all []*Case, wanted func(*Case) bool) []*Case {
	return slices.DeleteFunc(slices.Clone(all), func(k *Case) bool { return !wanted(k) })
}
