package cases

import (
	"fmt"
	"slices"

	"github.com/gesconform/gesconform/contract"
)

// acceptances are the requests that break nothing, in each way of writing them
// that a requirement names.
func (d *deriver) acceptances() {
	for _, v := range variations {
		for _, p := range d.variable(v.at) {
			name, t, ok := d.varied(v, p)
			requirement := d.c.RequirementAccepting(d.op, name)
			if !ok || requirement == nil {
				continue
			}
			k := &Case{Requirement: requirement.ID, Level: requirement.Level, Accepts: name, Request: t, Aims: d.ladder(t, nil)}
			switch v.at {
			case nowhere:
			case atMediaType:
				k.Probes = []Probe{{Part: partOf(contract.InHeader, p.name)}}
			default:
				k.Probes = []Probe{{Part: p.subject}}
			}
			d.keep(d.named(k, "valid", name))
		}
	}
	d.checkAccepted()
}

// variable lists what may be varied at a place: at none, the request as it is.
func (d *deriver) variable(at place) []part {
	if at == nowhere {
		return []part{{}}
	}
	return d.parts(at)
}

// varied is a valid variation of a part with its name; false where there is none:
// a member that must be there cannot be left out, say.
func (d *deriver) varied(v variation, p part) (name string, t Template, ok bool) {
	name = v.name
	if v.at == atMember || v.at == atMemberValue {
		if name = p.name + "-" + v.name; slices.Contains(d.op.Body.Schema.Required, p.name) {
			return name, t, false
		}
	}
	t = d.changed(d.base, v.at, p, expand(v.text, p.values))
	broken, _ := d.broken(t)
	return name, t, len(broken) == 0
}

// checkAccepted makes sure that each variation that a requirement names has
// come out.
func (d *deriver) checkAccepted() {
	for _, r := range d.c.Requirements() {
		if r.Operation != d.op.ID {
			continue
		}
		for _, name := range r.Accepts {
			if !slices.ContainsFunc(d.cases, func(k *Case) bool { return k.Accepts == name }) && d.err == nil {
				d.err = fmt.Errorf("requirement %s (line %d): no such valid variation as %q", r.ID, r.Line, name)
			}
		}
	}
}

// observations are the steps of the lifecycle that requirements name. Their
// requests are those of the acceptances.
func (d *deriver) observations() {
	for _, r := range d.c.Requirements() {
		if r.Observes == "" || r.Operation != d.op.ID {
			continue
		}
		k := &Case{
			Requirement: r.ID, Level: r.Level, Observes: r.Observes, Request: d.base,
			Aims: []Aim{{Name: "lifecycle", Graph: NamedGraph, Version: LaterVersion, Risk: Destructive, Needs: []string{"upgrade-version"}}},
		}
		if len(r.Refuses) > 0 {
			k.Condition = r.Refuses[0]
			k.Probes = d.probes("lifecycle", k.Condition, nil)
		}
		d.keep(d.named(k, "lifecycle", r.Observes))
	}
}
