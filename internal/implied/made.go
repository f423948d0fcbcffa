package implied

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/resources"
)

// A thing is something that the run has made, or may have made.
type thing struct {
	resources.Made
	by *contract.Operation
}

// noteMade keeps what a request has made, so that it is deleted at the end. What it may have made, without the evidence
// for it, is only named at the end, and returned.
func (r *run) noteMade(op *contract.Operation, x *exchange.Exchange) (doubtful *thing) {
	if x.Answer == nil || op.Safe() {
		return nil
	}
	if m, ok := r.store.Made(op, &x.Request, x.Answer); ok {
		made := &thing{Made: m, by: op}
		if r.keep(made); made.Doubt != "" {
			doubtful = made
		}
	} else if op.Method == http.MethodPost && !strings.Contains(op.Path, "{") && !isHarmless(op) && succeeds(op, x) && r.index.creates(op) && !r.index.listed[formOf(op.Path)] {
		r.pathless[label(op)]++
	}
	r.store.Learn(op, &x.Request, x.Answer)
	return doubtful
}

// keep keeps a thing: among what the run has made if nobody doubts that, else among what it may have made.
func (r *run) keep(m *thing) {
	at := func(other *thing) bool { return other.Path == m.Path && !other.Deleted }
	m.With = r.takenFor(m)
	if r.o.Made != nil {
		if err := r.o.Made(m.Made); err != nil && m.Doubt == "" {
			m.Doubt = err.Error()
		}
	}
	r.doubtful = slices.DeleteFunc(r.doubtful, at)
	if m.Doubt == "" {
		r.made = append(r.made, m)
		r.name(m)
		return
	}
	r.made = slices.DeleteFunc(r.made, at)
	for name, all := range r.named {
		r.named[name] = slices.DeleteFunc(all, at)
	}
	r.doubtful = append(r.doubtful, m)
}

// takenFor returns the ids of the security schemes with which the run would delete a thing.
func (r *run) takenFor(m *thing) (schemes []string) {
	op := r.o.Contract.Operation(m.Delete)
	if op == nil {
		return nil
	}
	if order := r.order(op); len(order) > 0 && order[0] >= 0 {
		return schemesOf(op, order[0])
	}
	return nil
}

// prove reads what a creation may have made, or sends the creation once more, if the answer can show that the run has
// made it.
func (r *run) prove(ctx context.Context, caseID string, m *thing, t cases.Template) {
	certain := false
	if r.store.Provable(&m.Made) {
		x, op := r.look(ctx, &Case{ID: caseID}, aimProof, m.Path)
		certain = op != nil && outcomeOf(op, &x) == passed && r.store.Proves(&m.Made, x.Answer)
	}
	if !certain && r.store.Repeatable(&m.Made) {
		x := r.deliverOnce(ctx, caseID, aimProof, m.by, t, 1)
		certain = r.store.Repeated(&m.Made, m.by, &x.Request, x.Answer)
	}
	if certain {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.keep(m)
	}
}

// madeBy returns what an exchange has made, or nil.
func (r *run) madeBy(x *exchange.Exchange) *thing {
	for i := len(r.made) - 1; i >= 0; i-- {
		if m := r.made[i]; !m.Deleted && m.by.ID == x.Operation && names(x, m) {
			return m
		}
	}
	return nil
}

// withoutID says why there is nothing to look at after a creation.
func (r *run) withoutID(x *exchange.Exchange) string {
	for _, m := range r.doubtful {
		if m.by.ID == x.Operation && names(x, m) {
			return "it is not certain that the run has made what the answer to the creation names: " + m.Doubt
		}
	}
	return "the answer to the creation names no id"
}

// names reports whether an answer has the id of a thing.
func names(x *exchange.Exchange, m *thing) bool {
	return strings.Contains(string(x.Answer.Body)+" "+x.Answer.Header.Get("Location"), m.IDs[len(m.IDs)-1])
}

// mostDoubtful is how many things that the run may have made are named.
const mostDoubtful = 100

// leftOver lists what the run has made and could not delete, and what it may have made.
func (r *run) leftOver() (all []string) {
	for i := len(r.made) - 1; i >= 0; i-- {
		if m := r.made[i]; !m.Deleted && !r.goneWith(m) {
			m.With = r.takenFor(m)
			all = append(all, LeftOver(r.o, m.Made))
		}
	}
	n := 0
	for i := len(r.doubtful) - 1; i >= 0; i-- {
		m := r.doubtful[i]
		if r.goneWith(m) {
			continue
		}
		if n++; n <= mostDoubtful {
			m.With = r.takenFor(m)
			all = append(all, LeftOver(r.o, m.Made))
		}
	}
	if n > mostDoubtful {
		all = append(all, fmt.Sprintf("and %d more that the run may have made", n-mostDoubtful))
	}
	for _, op := range slices.Sorted(maps.Keys(r.pathless)) {
		all = append(all, fmt.Sprintf("what %s was answered with success for, %d times: no path of the document names it, so that it can be neither read nor deleted", op, r.pathless[op]))
	}
	return all
}
