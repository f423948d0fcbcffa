package cases

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
)

// Derive returns the cases of a contract, sorted by id. It is deterministic.
func Derive(c *contract.Contract) ([]*Case, error) {
	var all []*Case
	for _, op := range c.Operations() {
		d := newDeriver(c, op)
		for at, rows := range &mutations {
			for _, p := range d.parts(place(at)) {
				for i := range rows {
					if k := d.mutate(place(at), p, &rows[i]); k != nil {
						d.keep(k)
						d.broke = append(d.broke, mutated{place(at), p, &rows[i], k})
					}
				}
			}
		}
		d.acceptances()
		d.pairs()
		d.observations()
		if d.err != nil {
			return nil, fmt.Errorf("derive cases of %s: %w", op.ID, d.err)
		}
		all = append(all, d.cases...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	for i := 1; i < len(all); i++ {
		if all[i].ID == all[i-1].ID {
			return nil, fmt.Errorf("derive cases: two cases have the id %s", all[i].ID)
		}
	}
	return all, nil
}

// latest caches the cases of the last contract.
var latest struct {
	sync.Mutex
	c   *contract.Contract
	all []*Case
}

// Of returns the cases of a contract like Derive, and caches those of the last contract.
// They are shared and must not be changed.
func Of(c *contract.Contract) ([]*Case, error) {
	latest.Lock()
	defer latest.Unlock()
	if latest.c != c {
		all, err := Derive(c)
		if err != nil {
			return nil, err
		}
		latest.c, latest.all = c, all
	}
	return latest.all, nil
}

// A deriver derives the cases of one operation.
type deriver struct {
	c     *contract.Contract
	op    *contract.Operation
	base  Template // a valid request
	cases []*Case
	broke []mutated // what the cases of broken requests were derived from
	err   error

	target  *contract.Resource // what a request is aimed at; without a name if it is at nothing
	version string             // the body member that names the version

	samples map[string]string // placeholder values for judging a template: the document's examples
}

func newDeriver(c *contract.Contract, op *contract.Operation) *deriver {
	d := &deriver{c: c, op: op}
	d.target = cmp.Or(c.Target(op), &contract.Resource{})
	if in, part, ok := op.Place(contract.NotLater); ok && in == contract.InBody && d.target.Members.Version != "" {
		d.version = strings.TrimPrefix(part, "/")
	}
	d.samples = maps.Clone(sampleValues)
	for _, p := range op.Parameters {
		if p.In == contract.InPath && p.Example != nil {
			d.samples[d.placeholder(p)] = url.PathEscape(fmt.Sprint(p.Example))
		}
	}
	if op.Body != nil && d.version != "" {
		if s := op.Body.Schema().Property(d.version); s != nil && s.Example != nil {
			d.samples[VersionPlaceholder] = fmt.Sprint(s.Example)
		}
	}
	maps.Copy(d.samples, VersionValues(d.samples[VersionPlaceholder], d.samples[VersionPlaceholder]))
	d.base = d.baseRequest()
	return d
}

// baseRequest returns the plainest valid request.
func (d *deriver) baseRequest() Template {
	t := Template{Method: d.op.Method, Path: d.op.Path}
	for _, p := range d.op.Parameters {
		if p.In == contract.InPath {
			t.Path = strings.Replace(t.Path, "{"+p.Name+"}", d.placeholder(p), 1)
		}
		if p.In == contract.InHeader && p.Required {
			t = t.with(p.Name, headerValue(p))
		}
	}
	if len(d.op.Security) > 0 {
		t = t.with(d.op.Schemes()[0].Name, TokenPlaceholder)
	}
	if d.op.Body != nil {
		t = t.with("Content-Type", d.op.Body.MediaTypes()[0]).withBody(d.body().String())
	}
	return t
}

// placeholder returns the placeholder of a path parameter, by the relation that the contract
// has for it, or else the document's example.
func (d *deriver) placeholder(p *contract.Parameter) string {
	if in, part, ok := d.op.Place(contract.OtherProject); ok && in == contract.InPath && part == p.Name {
		return ProjectPlaceholder
	}
	switch {
	case p.Name == d.target.NamedBy:
		return GraphPlaceholder
	case slices.ContainsFunc(d.c.Resources(), func(r *contract.Resource) bool { return r.Of == d.target.Name && r.NamedBy == p.Name }):
		return JobPlaceholder
	}
	return url.PathEscape(fmt.Sprint(p.Example))
}

// named sets the id of a case.
func (d *deriver) named(k *Case, subject, name string) *Case {
	k.ID, k.Operation = d.op.ID+"/"+subject+"/"+name, d.op.ID
	k.Subject, _, _ = strings.Cut(subject, "/")
	return k
}

func (d *deriver) keep(k *Case) {
	labels := map[string]bool{k.Operation: true, k.Subject: true, string(k.Level): true, k.Requirement: true}
	for _, l := range []string{k.Condition, k.Accepts, k.Observes} {
		if l != "" {
			labels[l] = true
		}
	}
	if len(k.Aims) > 0 {
		labels[k.Aims[0].Risk.String()] = true
	}
	k.Labels = slices.Sorted(maps.Keys(labels))
	d.cases = append(d.cases, k)
}

// sampleValues are placeholder values for judging a template if the document has no
// examples.
var sampleValues = map[string]string{
	ProjectPlaceholder: "0123456789abcdef0123456789abcdef", SimilarProjectPlaceholder: "0123456789abcdef0123456789abcde0", GraphPlaceholder: "53205529-026b-455a-9e07-228fae4b12b9",
	JobPlaceholder: "f99f60f1", VersionPlaceholder: "1.0.5", TokenPlaceholder: "T", TamperedTokenPlaceholder: "T",
	ReadonlyTokenPlaceholder: "T", ExpiredTokenPlaceholder: "T", DatePlaceholder: "20261123T080926Z",
	PlacedTokenPlaceholder: "T", OtherCaseTokenPlaceholder: "t", LongerTokenPlaceholder: "T0", ShorterTokenPlaceholder: "T",
	LongerProjectPlaceholder: "0123456789abcdef0123456789abcdef0", ShorterProjectPlaceholder: "0123456789abcdef0123456789abcde",
	ShorterGraphPlaceholder: "53205529-026b-455a-9e07-228fae4b12b", UpperGraphPlaceholder: "53205529-026B-455A-9E07-228FAE4B12B9",
	RealJobPlaceholder: "f99f60f1", ShorterJobPlaceholder: "f99f60f",
}

// broken returns the conditions of a request, those that the contract finds in it and more,
// in the order in which the operation names them. If some are judged first, it returns only
// those, unless a gateway may answer before. It returns the contract's findings, too.
func (d *deriver) broken(t Template, more ...string) ([]string, []contract.Problem) {
	t.Gzip = false // what the body says is judged
	filled := t.Fill(d.samples)
	path, _, _ := strings.Cut(filled.Path, "?")
	r := &contract.Request{Method: filled.Method, Path: path, Header: http.Header{}, Body: []byte(filled.Body)}
	for _, h := range filled.Headers {
		r.Header.Add(h.Name, h.Value)
	}
	found := map[string]bool{}
	for _, condition := range more {
		found[condition] = true
	}
	problems := d.c.JudgeRequest(d.op, r)
	for _, p := range problems {
		if refusal := d.c.RefusalFor(d.op, p); refusal != nil {
			found[refusal.Condition] = true
		}
	}
	return d.ordered(found), problems
}

func (d *deriver) ordered(found map[string]bool) []string {
	var all, first []string
	front := false
	for _, r := range d.op.Refusals() {
		if found[r.Condition] {
			all = append(all, r.Condition)
			if front = front || r.Front; r.First {
				first = append(first, r.Condition)
			}
		}
	}
	if len(first) > 0 && !front {
		return first
	}
	return all
}

// and adds a relation's condition to those of a request.
func (d *deriver) and(conditions []string, relation contract.Relation, part string) []string {
	r := d.c.RefusalForRelation(d.op, relation, part)
	if r == nil {
		return conditions
	}
	return d.with(conditions, r.Condition)
}

// with adds conditions to those of a request.
func (d *deriver) with(conditions []string, more ...string) []string {
	found := map[string]bool{}
	for _, condition := range append(slices.Clone(conditions), more...) {
		found[condition] = true
	}
	return d.ordered(found)
}

// related returns the condition of a relation, or "" if the operation has none.
func (d *deriver) related(relation contract.Relation, part string) string {
	if r := d.c.RefusalForRelation(d.op, relation, part); r != nil {
		return r.Condition
	}
	return ""
}
