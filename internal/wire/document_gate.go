package wire

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// A DocumentGate is the gate for any OpenAPI document. What a request may do follows from the
// operations of the document, and from what the answers of this run have shown: which things are
// absent, and which the run has made. A thing is what the path names up to its last parameter.
type DocumentGate struct {
	contract *contract.Contract
	allowed  cases.Risk
	free     map[string][]string // ids of things that may be changed, by the form of their paths
	own      []Credential
	children map[string]*contract.Operation // operations for one of many, by the form of the path of them all

	mu       sync.Mutex
	absent   map[string]bool            // things that a read has shown not to exist
	present  map[string]bool            // things that a read has shown
	shown    map[string]bool            // texts of answers to reads, in lower case
	made     map[string]bool            // things that this run has made
	makers   map[string]string          // the creations of those that no read had shown to be absent, as requests
	doubted  map[string]bool            // things that two creations were answered with
	creators map[string]bool            // the paths of collections in which things are known to be made
	proved   map[string]bool            // things of which a read has shown what only their creation had
	numbers  map[string]string          // long numbers in texts, by what had them first: a request, or "" for an answer or the user
	given    map[string][]string        // ids that the user gives, by the form of their paths
	read     map[string]*contract.Value // what the last read of a path has shown, until something changes
	created  []creation                 // answers to creations, the newest last
}

// A Free names things that the user lets the run change.
type Free struct {
	Parameter string // of a path, or OPERATION.parameter
	Value     string
}

// NewDocumentGate returns a gate for the service that c describes, which lets no request pass with a
// higher risk than allowed. own are the credentials that requests may carry: those with others
// are taken for requests without.
func NewDocumentGate(c *contract.Contract, allowed cases.Risk, free []Free, own []Credential) *DocumentGate {
	g := &DocumentGate{
		contract: c, allowed: allowed, own: own, free: map[string][]string{}, children: map[string]*contract.Operation{},
		absent: map[string]bool{}, present: map[string]bool{}, shown: map[string]bool{}, made: map[string]bool{}, read: map[string]*contract.Value{},
		makers: map[string]string{}, doubted: map[string]bool{}, creators: map[string]bool{}, proved: map[string]bool{}, numbers: map[string]string{}, given: map[string][]string{},
	}
	for _, op := range c.Operations() {
		if collection, one := strings.CutSuffix(formUpTo(op, ""), "/{}"); one {
			g.children[collection] = op
		}
	}
	for _, f := range free {
		for _, form := range g.formsOf(f) {
			g.free[form] = append(g.free[form], f.Value)
		}
	}
	g.Keep(free)
	return g
}

// Admit implements Gate.
func (g *DocumentGate) Admit(r *cases.Template) (cases.Risk, error) {
	path, _, _ := strings.Cut(r.Path, "?") // a query may have credentials
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("not sent: %s %s: %s", r.Method, path, fmt.Sprintf(format, args...))
	}
	if why := leadsAway(r); why != "" {
		return cases.Destructive, refuse("%s", why)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	risk, astray := g.classify(r)
	switch {
	case risk > g.allowed:
		return risk, refuse("its risk is %s, and --risk is %s", risk, g.allowed)
	case astray != "":
		return risk, refuse("%s", astray)
	}
	return risk, nil
}

// elsewhere are headers that some servers and gateways read another host or path from.
var elsewhere = []string{
	"host", "forwarded", "x-forwarded-host", "x-forwarded-server", "x-forwarded-path", "x-forwarded-prefix", "x-forwarded-uri",
	"x-original-url", "x-original-uri", "x-original-host", "x-rewrite-url", "x-host",
}

// leadsAway says why a request could reach another server or path than it names; "" if it could not.
func leadsAway(r *cases.Template) string {
	if !strings.HasPrefix(r.Path, "/") || strings.HasPrefix(r.Path, "//") || strings.HasPrefix(r.Path, `/\`) {
		return "its path could be read as one of another host"
	}
	for _, h := range r.Headers {
		if slices.Contains(elsewhere, strings.ToLower(h.Name)) {
			return fmt.Sprintf("its header %s could lead it to another host or path", h.Name)
		}
	}
	return ""
}

// Observe implements Gate.
func (g *DocumentGate) Observe(r *cases.Template, x *exchange.Exchange) {
	if x.Failure != nil && x.Failure.Kind == exchange.NotSent {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	path, _, _ := strings.Cut(r.Path, "?")
	op := g.readOf(r.Method, path)
	if g.isPlainRead(op, r) {
		g.observeRead(op, r, path, x)
		return
	}
	clear(g.read)
	own := g.spend(r)
	t := g.thingOf(path)
	refused := x.Answer != nil && x.Answer.Status >= 400 && x.Answer.Status < 500
	if refused {
		g.refuse(r, x.Answer.Status)
		return
	}
	wasAbsent := g.isAbsent(t)
	g.dropAbsent(t)
	if op == nil || x.Answer == nil || x.Answer.Status > 299 {
		return
	}
	switch {
	case r.Method == http.MethodPut && t.whole && wasAbsent:
		g.made[t.path] = true // whatever is there now, this request has put there
	case r.Method == http.MethodPost && g.creates(op):
		g.noteCreation(t, r, own, x.Answer)
	}
}

// isPlainRead reports whether a request for an operation changes nothing.
func (g *DocumentGate) isPlainRead(op *contract.Operation, r *cases.Template) bool {
	if op == nil || len(overridesOf(r, op)) > 0 {
		return false
	}
	return op.Risk == cases.Inert.String() || op.Risk == "" && isRead(r.Method)
}

// observeRead notes what a read has shown. Only one that breaks no rule, and carries the credentials
// that it needs, shows that something is absent: others may be refused in the same words.
func (g *DocumentGate) observeRead(op *contract.Operation, r *cases.Template, path string, x *exchange.Exchange) {
	if x.Answer == nil {
		return
	}
	if x.Answer.Status < 300 {
		v, _ := x.Answer.JSON()
		left := mostRead
		g.show(v, &left)
		g.showItems(op, path, v)
	}
	t := g.thingOf(path)
	if !t.whole || r.Method != http.MethodGet {
		return
	}
	switch x.Answer.Status {
	case http.StatusOK:
		g.prove(t, x.Answer)
		g.present[t.path] = true
		delete(g.absent, t.path)
		if v, _ := x.Answer.JSON(); v != nil && x.Answer.Abridged == nil {
			g.read[r.Path] = v
		}
	case http.StatusNotFound, http.StatusGone:
		if breaks, bare := g.faults(op, r); !breaks && !bare {
			g.absent[t.path] = true
			delete(g.present, t.path)
		}
	}
}

// dropAbsent forgets that a thing is absent, with what belongs to it and what it belongs to.
func (g *DocumentGate) dropAbsent(t thing) {
	if t.path == "" {
		return
	}
	for path := range g.absent {
		if path == t.path || strings.HasPrefix(path, t.path+"/") || strings.HasPrefix(t.path, path+"/") {
			delete(g.absent, path)
		}
	}
}

// isAbsent reports whether a read has shown that there is no such thing. What has an id that any
// answer has shown is never taken to be absent: who looks for it by its own id alone would find it.
// When no more is kept of answers, nothing is.
func (g *DocumentGate) isAbsent(t thing) bool {
	return t.path != "" && g.absent[t.path] && !g.shown[strings.ToLower(t.id)] && len(g.shown) < mostShown
}

// mostShown is how many texts of answers are kept, and mostRead how many values of one are read.
const (
	mostShown   = 200_000
	mostRead    = 50_000
	longestText = 256
)

// show keeps the texts and numbers of an answer, each of which may be an id.
func (g *DocumentGate) show(v *contract.Value, left *int) {
	if *left--; *left < 0 || v == nil {
		return
	}
	if (v.Kind == contract.KindString || v.Kind == contract.KindNumber) && len(v.Text) <= longestText && len(g.shown) < mostShown {
		g.shown[strings.ToLower(v.Text)] = true
		for _, n := range numbersIn(v.Text) {
			if _, had := g.numbers[n]; !had {
				g.numbers[n] = ""
			}
		}
	}
	for _, item := range v.Items {
		g.show(item, left)
	}
	for _, m := range v.Members {
		g.show(m.Value, left)
	}
}
