package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// What counts as made, resources says once more, with what it knows of the document and of the run's numbers. That is on
// purpose: this gate trusts nobody, and sees only bytes. Something is made if both say so.

// A creation is the answer to a request that may have made something.
type creation struct {
	below    string // the path of the collection, in one spelling
	location string
	status   int
	body     *contract.Value
	raw      string          // the body, if it is no JSON
	request  string          // to know it again
	sent     *contract.Value // the body of the request
	numbers  []string        // in the texts of the request, that nothing had before
	refused  bool            // whether the same request was refused once more
}

// mostCreations is how many answers to creations are kept.
const mostCreations = 256

// noteCreation keeps the answer to a creation, whose path names t or something below it. numbers are those that only the
// request has. What it names and what another request has made before, was perhaps there before either of them.
func (g *DocumentGate) noteCreation(t thing, r *cases.Template, numbers []string, a *contract.Answer) {
	path, _, _ := strings.Cut(r.Path, "?")
	segments := segmentsOf(path)
	if t.path != "" {
		segments = segments[len(segmentsOf(t.path)):]
	}
	c := creation{
		below: strings.TrimSuffix(t.path+"/"+strings.Join(segments, "/"), "/"), location: a.Header.Get("Location"),
		status: a.Status, request: sameRequest(r), sent: valueIn(r), numbers: numbers,
	}
	if c.body, _ = a.JSON(); c.body == nil {
		c.raw = string(a.Body)
	}
	for path, request := range g.makers {
		if made := g.thingOf(path); request != c.request && c.names(made) {
			delete(g.made, path)
			g.doubted[path] = true
		}
	}
	if hasNumber(c.body, c.raw, c.numbers) {
		g.creators[c.below] = true
	}
	g.created = append(g.created, c)
	g.created = g.created[max(len(g.created)-mostCreations, 0):]
}

// Made notes that this run has made the thing that an escaped path names, so that it may be
// changed. The error says why that is not so: no read may have shown it before, and the answer to a creation must have its
// id, and something to show that it was no other request which made it.
func (g *DocumentGate) Made(path string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.thingOf(path)
	refuse := func(why string) error { return fmt.Errorf("note that %s was made: %s", path, why) }
	absent := g.isAbsent(t)
	switch {
	case !t.whole:
		return refuse("it names nothing that the document has")
	case g.made[t.path]:
		return nil
	case g.present[t.path] && !g.proved[t.path]:
		return refuse("a read has shown it before")
	case g.doubted[t.path]:
		return refuse("two different creations were answered with the same id")
	case slices.Contains(g.given[t.form], t.id) && !absent:
		return refuse("the user has given it")
	}
	i := lastIndexFunc(g.created, func(c creation) bool { return c.shows(t) })
	if i < 0 {
		return refuse("no creation was answered with its id")
	}
	if why := g.created[i].doubt(); why != "" && !absent && !g.proved[t.path] && !g.repeated(i, t) {
		return refuse(why)
	}
	g.made[t.path] = true
	if !absent {
		g.makers[t.path] = g.created[i].request
	}
	delete(g.absent, t.path)
	return nil
}

// repeated reports whether the same request as the i-th creation, once more, has made another thing than t, or was refused,
// where things are known to be made. What is only made if it is not there yet would be named again.
func (g *DocumentGate) repeated(i int, t thing) bool {
	c := g.created[i]
	return g.creators[c.below] && (c.refused || slices.ContainsFunc(g.created, func(other creation) bool {
		return other.request == c.request && !other.shows(t)
	}))
}

// refuse notes that a request was refused, for what it says, that was accepted before.
func (g *DocumentGate) refuse(r *cases.Template, status int) {
	if status != http.StatusBadRequest && status != http.StatusConflict && status != http.StatusUnprocessableEntity {
		return
	}
	request := sameRequest(r)
	for i := range g.created {
		g.created[i].refused = g.created[i].refused || g.created[i].request == request
	}
}

func lastIndexFunc(all []creation, is func(creation) bool) int {
	for i := len(all) - 1; i >= 0; i-- {
		if is(all[i]) {
			return i
		}
	}
	return -1
}

// doubt says why the answer to a creation is not enough to show that it has made something; "" if it is.
func (c creation) doubt() string {
	if hasNumber(c.body, c.raw, c.numbers) {
		return ""
	}
	if name := c.overruled(); name != "" {
		return "the answer shows another " + name + " than the request has"
	}
	if c.status == http.StatusCreated || c.status == http.StatusAccepted && c.location != "" {
		return ""
	}
	return fmt.Sprintf("the answer is %d, and shows nothing that only this request has", c.status)
}

// overruled returns the name of a member in which the request has a number of its own, and the answer another text.
func (c creation) overruled() string {
	if c.sent == nil || c.body == nil {
		return ""
	}
	for _, m := range c.sent.Members {
		if m.Value.Kind != contract.KindString || !hasNumber(m.Value, "", c.numbers) {
			continue
		}
		for _, thing := range c.things() {
			if other := thing.Member(m.Name); other != nil && other.Kind == contract.KindString && lettersAndDigits(other.Text) != "" {
				return m.Name
			}
		}
	}
	return ""
}

// things returns what could be the thing in the answer: the body, and each object in it.
func (c creation) things() []*contract.Value {
	if c.body == nil {
		return nil
	}
	all := []*contract.Value{c.body}
	for _, m := range c.body.Members {
		if m.Value.Kind == contract.KindObject {
			all = append(all, m.Value)
		}
	}
	return all
}

// shows reports whether the answer to a creation names a thing: its Location leads there, or the thing
// is in the collection, and its id in the Location or the body. What the creation went to, it has not made.
func (c creation) shows(t thing) bool {
	if strings.HasPrefix(c.below+"/", t.path+"/") {
		return false
	}
	segments := c.leads()
	if strings.HasSuffix("/"+strings.Join(segments, "/"), t.path) {
		return true
	}
	own, inside := strings.CutPrefix(t.path, c.below+"/")
	return inside && !strings.Contains(own, "/") && (segments[len(segments)-1] == own || hasScalar(c.body, t.id, 3))
}

// names reports the same, if the id is one by the name of its member.
func (c creation) names(t thing) bool {
	names := namesOf(t)
	return c.shows(t) && (strings.HasSuffix("/"+strings.Join(c.leads(), "/"), t.path) || slices.ContainsFunc(c.things(), func(v *contract.Value) bool {
		return slices.ContainsFunc(v.Members, func(m contract.Member) bool {
			return slices.Contains(names, lettersAndDigits(m.Name)) && hasScalar(m.Value, t.id, 0)
		})
	}))
}

// leads returns the segments of the path in the Location, in one spelling.
func (c creation) leads() []string {
	location, _, _ := strings.Cut(c.location, "?")
	segments := segmentsOf(strings.TrimSuffix(location, "/"))
	for i, segment := range segments {
		segments[i] = url.PathEscape(unescaped(segment))
	}
	return segments
}

// hasScalar reports whether a text or number stands in a value, so many levels deep at most.
func hasScalar(v *contract.Value, text string, levels int) bool {
	if v == nil || levels < 0 {
		return false
	}
	if (v.Kind == contract.KindString || v.Kind == contract.KindNumber) && v.Text == text {
		return true
	}
	return slices.ContainsFunc(v.Members, func(m contract.Member) bool { return hasScalar(m.Value, text, levels-1) })
}

// prove notes that a read of a thing shows what only its creation had. What another read had shown before is not proved.
func (g *DocumentGate) prove(t thing, a *contract.Answer) {
	if g.present[t.path] {
		return
	}
	v, _ := a.JSON()
	for _, c := range g.created {
		if c.shows(t) && hasNumber(v, string(a.Body), c.numbers) {
			g.proved[t.path], g.creators[c.below] = true, true
		}
	}
}

// showItems notes the things that a read of a collection shows, in a list that stands in so many wrappers.
func (g *DocumentGate) showItems(op *contract.Operation, path string, v *contract.Value) {
	if v == nil || g.childForm(op) == nil {
		return
	}
	one := g.below(op, g.thingOf(path))
	names := namesOf(one)
	var look func(v *contract.Value, wrappers int)
	look = func(v *contract.Value, wrappers int) {
		for _, item := range v.Items {
			for _, m := range slices.Concat(item.Members, metadataOf(item)) {
				if (m.Value.Kind == contract.KindString || m.Value.Kind == contract.KindNumber) && slices.Contains(names, lettersAndDigits(m.Name)) && len(g.present) < mostShown {
					g.present[one.path+url.PathEscape(m.Value.Text)] = true
				}
			}
		}
		for _, m := range v.Members {
			if wrappers > 0 {
				look(m.Value, wrappers-1)
			}
		}
	}
	look(v, 2)
}

// metadataOf returns the members of what describes a thing, as Kubernetes has it.
func metadataOf(v *contract.Value) []contract.Member {
	for _, m := range v.Members {
		if name := lettersAndDigits(m.Name); name == "metadata" || name == "meta" {
			return m.Value.Members
		}
	}
	return nil
}

// Keep notes things that were there before the run, as the user has given them.
func (g *DocumentGate) Keep(given []Free) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range given {
		for _, form := range g.formsOf(f) {
			g.given[form] = append(g.given[form], f.Value)
		}
		for _, n := range numbersIn(f.Value) {
			g.numbers[n] = ""
		}
	}
}

// formsOf returns the forms of the paths to what the user gives.
func (g *DocumentGate) formsOf(f Free) (all []string) {
	for _, op := range g.contract.Operations() {
		for _, p := range op.ParametersIn(contract.InPath) {
			if f.Parameter == p.Name || f.Parameter == op.ID+"."+p.Name {
				all = append(all, formUpTo(op, p.Name))
			}
		}
	}
	return all
}
