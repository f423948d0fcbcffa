package cases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// acceptances are the requests that break nothing, in each way of writing them
// that a requirement names.
func (d *deriver) acceptances() {
	for _, v := range d.variations() {
		requirement := d.c.RequirementAccepting(d.op, v.name)
		if requirement == nil {
			continue
		}
		k := &Case{
			ID: d.op.ID + "/valid/" + v.name, Operation: d.op.ID, Subject: "valid", Requirement: requirement.ID,
			Level: requirement.Level, Accepts: v.name, Request: v.request,
		}
		if v.part != "" {
			k.Probes = []Probe{{Part: v.part}}
		}
		if broken := d.conditions(v.request); len(broken) > 0 {
			d.fail(k, "expected it to break nothing, got %q", broken)
			return
		}
		k.Aims = d.aims(v.request, nil)
		d.keep(k)
	}
	d.checkAccepted()
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

type variation struct {
	name    string
	part    string // of the request, that it varies
	request Template
}

func (d *deriver) variations() []variation {
	all := []variation{{"plain", "", d.base}}
	if d.op.Body == nil {
		return all
	}
	mediaType, header, body := d.op.Body.MediaTypes[0], partOf(contract.InHeader, "Content-Type"), string(contract.InBody)
	all = append(all,
		variation{"charset", header, d.base.with("Content-Type", mediaType+"; charset=utf-8")},
		variation{"charset-upper-case", header, d.base.with("Content-Type", mediaType+";charset=UTF-8")},
		variation{"whitespace", body, d.base.withBody("\r\n\t " + spaced(d.body(nil)) + "\n")},
		variation{"escapes", body, d.base.withBody(escaped(d.body(nil)))},
	)
	for _, p := range d.op.Body.Schema.Properties {
		if slices.Contains(d.op.Body.Schema.Required, p.Name) {
			continue
		}
		part := partOf(contract.InBody, p.Name)
		all = append(all, variation{p.Name + "-absent", part, d.base})
		if p.Schema.Type == contract.KindBoolean {
			for _, value := range []string{"false", "true"} {
				all = append(all, variation{p.Name + "-" + value, part, d.base.withBody(d.body(nil).set(p.Name, value).String())})
			}
		}
		reversed := d.body(nil).set(p.Name, d.validValue(p.Name, p.Schema))
		slices.Reverse(reversed)
		all = append(all, variation{"member-order", body, d.base.withBody(reversed.String())})
	}
	return all
}

// spaced puts white space wherever JSON allows it.
func spaced(m members) string {
	parts := make([]string, len(m))
	for i, x := range m {
		parts[i] = " " + x.name + " \t: \n " + x.value + " "
	}
	return "{" + strings.Join(parts, ",\r\n") + "}"
}

// escaped writes the first letter of each name as an escape.
func escaped(m members) string {
	m = slices.Clone(m)
	for i, x := range m {
		m[i].name = fmt.Sprintf(`"\u%04x%s`, x.name[1], x.name[2:])
	}
	return m.String()
}

// observations are the steps of the lifecycle that requirements name. Their
// requests are those of the acceptances.
func (d *deriver) observations() {
	for _, r := range d.c.Requirements() {
		if r.Observes == "" || r.Operation != d.op.ID {
			continue
		}
		k := &Case{
			ID: d.op.ID + "/lifecycle/" + r.Observes, Operation: d.op.ID, Subject: "lifecycle", Requirement: r.ID,
			Level: r.Level, Observes: r.Observes, Request: d.base,
			Aims: []Aim{{Name: "lifecycle", Graph: Named, Version: LaterVersion, Risk: Destructive, Needs: []string{"upgrade-version"}}},
		}
		if len(r.Refuses) > 0 {
			k.Condition = r.Refuses[0]
			k.Probes = d.probes(k.Subject, k.Condition, nil)
		}
		d.keep(k)
	}
}
