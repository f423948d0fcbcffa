package cases

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

// acceptances derives the cases of valid requests, one for each variation that a
// requirement names.
func (d *deriver) acceptances() {
	plainly := map[string]*Case{} // by what they say
	for i := range variations {
		v := &variations[i]
		for _, p := range d.variable(v.at) {
			name, t, ok := d.varied(v, p)
			requirement := d.c.RequirementAccepting(d.op, name)
			if !ok || requirement == nil {
				continue
			}
			k := &Case{Requirement: requirement.ID, Level: requirement.Level, Accepts: name, Slot: v.slotOf(p), Request: t, Aims: d.ladder(t, nil)}
			if k.Slot != "" {
				k.varied = &varied{d: d, p: p, v: v}
			}
			switch v.at {
			case nowhere:
			case atMediaType:
				k.Probes = []Probe{{Part: partOf(contract.InHeader, p.name)}}
			default:
				k.Probes = []Probe{{Part: p.subject}}
			}
			d.keep(d.named(k, "valid", name))
			if v.at == atMember || v.at == atMemberValue || v.name == "plain" {
				plainly[said(t.Body)] = k
			}
		}
	}
	d.restOnPlainer(plainly)
	d.checkAccepted()
}

// restOnPlainer sets what the valid variations rest on: how something is said, on what is
// said, and that, on the plainest request. plainly has the cases that say it plainly.
func (d *deriver) restOnPlainer(plainly map[string]*Case) {
	for _, k := range d.cases {
		if k.Accepts == "" {
			continue
		}
		for _, body := range []Text{d.base.Body, k.Request.Body} {
			if plainer := plainly[said(body)]; plainer != nil && plainer != k {
				k.RestsOn = plainer.ID
			}
		}
	}
}

// said returns what a body says, however it is written.
func said(body Text) string {
	var v any
	if json.Unmarshal([]byte(body), &v) != nil {
		return string(body)
	}
	plain, _ := json.Marshal(v) // never fails: it was parsed
	return string(plain)
}

// variable lists the parts to vary at a place. At nowhere, that is the unchanged request.
func (d *deriver) variable(at place) []part {
	if at == nowhere {
		return []part{{}}
	}
	return d.parts(at)
}

// varied returns a valid variation of a part, with its name, or false if there is none: a
// required member cannot be left out, for example.
func (d *deriver) varied(v *variation, p part) (name string, t Template, ok bool) {
	name = v.name
	if v.at == atMember || v.at == atMemberValue {
		if name = p.name + "-" + v.name; slices.Contains(d.op.Body.Schema().Required, p.name) {
			return name, t, false
		}
	}
	t = d.changed(d.base, v.at, p, expand(v.text, p.values))
	v.apply(&t)
	broken, _ := d.broken(t)
	return name, t, len(broken) == 0
}

// apply makes the changes of a variation that are not in a part of the document.
func (v *variation) apply(t *Template) {
	if v.header != "" {
		*t = t.with(v.header, v.text)
	}
	if v.set != nil {
		v.set(t)
	}
}

// checkAccepted reports a variation that a requirement names and that was not derived.
func (d *deriver) checkAccepted() {
	for _, r := range d.c.Requirements() {
		if r.Operation != d.op.ID {
			continue
		}
		for _, name := range r.Accepts {
			if !slices.ContainsFunc(d.cases, func(k *Case) bool { return k.Accepts == name }) && d.err == nil {
				d.err = fmt.Errorf("requirement %s (line %d): unknown valid variation %q", r.ID, r.Line, name)
			}
		}
	}
}

// observations derives the cases of the lifecycle steps that requirements name. The engine
// uses the exchanges of the acceptances for them.
func (d *deriver) observations() {
	for _, r := range d.c.Requirements() {
		if r.Operation != d.op.ID && (r.Operation != "" || d.op.Safe()) {
			continue
		}
		for _, step := range r.Observes {
			k := &Case{
				Requirement: r.ID, Level: r.Level, Observes: step, Request: d.base,
				Aims: []Aim{{Name: "lifecycle", Graph: NamedGraph, Version: LaterVersion, Risk: Destructive, Needs: []string{"upgrade-version"}}},
			}
			if len(r.Refuses) > 0 {
				k.Condition = r.Refuses[0]
				k.Probes = d.probes("lifecycle", k.Condition, nil)
			}
			d.keep(d.named(k, "lifecycle", step))
		}
	}
}
