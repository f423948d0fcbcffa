package cases

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// mutate returns the case of a part with a mutation, or nil if that breaks nothing.
func (d *deriver) mutate(at place, p part, m *mutation) *Case {
	t, ok := d.mutated(at, p, m)
	if !ok || at == atMethod && d.op.Safe() { // on the path of a read, another method may be a real operation that destroys the graph
		return nil
	}
	return d.breaking(at, p, m, t)
}

// breaking returns the case of a request with a mutation, or nil if it breaks nothing.
func (d *deriver) breaking(at place, p part, m *mutation, t Template) *Case {
	conditions, problems := d.broken(t)
	if m.keyword != "" && !slices.ContainsFunc(problems, func(p contract.Problem) bool { return p.IsKeyword(m.keyword) }) {
		return nil
	}
	if at == atWholePath { // a value may be malformed only because the path is written otherwise
		conditions = slices.DeleteFunc(conditions, func(c string) bool { r := d.c.Refusal(c); return !r.First && r.When[0].Name != "" })
	}
	lenient := d.conditionsOf(p, m.lenient)
	rule, conditions := d.underTest(p, m, t, conditions, lenient)
	if rule == "" {
		return nil
	}
	if m.also.at == atMediaType { // the body is of that media type, so that it is not what is wrong
		conditions = []string{rule}
	}
	conditions = d.with(conditions, lenient...)
	if at == atWholePath {
		conditions = slices.DeleteFunc(conditions, func(c string) bool { return c != rule && !slices.Contains(lenient, c) })
	}
	k := &Case{
		Condition: rule, Lenient: lenient, Possible: d.conditionsOf(p, m.possible...), Ignorable: !m.taken && d.ignorable(rule, problems),
		Request: t, Level: d.c.Refusal(rule).Level,
	}
	k.Front = slices.ContainsFunc(append([]string{rule}, lenient...), func(c string) bool { return d.c.Refusal(c).Front })
	if requirement := d.c.RequirementFor(d.op, rule); requirement != nil {
		k.Requirement = requirement.ID
	}
	k.Probes = d.probes(p.subject, rule, problems)
	k.Aims = d.aims(at, p, m, t, conditions)
	if k.Slot = d.slot(k, at, p, m); k.Slot != "" {
		k.varied = &varied{d: d, p: p, at: at, m: m}
	}
	return d.named(k, p.subject, m.name)
}

// conditionsOf returns the conditions that a member has if it breaks rules, such as those that
// a lenient reader finds broken.
func (d *deriver) conditionsOf(p part, broken ...contract.When) []string {
	var all []string
	for _, w := range broken {
		var r *contract.Refusal
		switch at := "/" + p.name; {
		case w.In == contract.InPath && w.Relation != "":
			all = append(all, d.unknownJob()...)
		case w.In != "":
			r = d.c.RefusalFor(d.op, contract.Problem{In: w.In, Keyword: w.Keyword})
		case w.Relation != "":
			r = d.c.RefusalForRelation(d.op, w.Relation, at)
		case w.Keyword != "":
			r = d.c.RefusalFor(d.op, contract.Problem{In: contract.InBody, Pointer: at, Keyword: w.Keyword})
		}
		if r != nil {
			all = append(all, r.Condition)
		}
	}
	return all
}

// ignorable reports whether the request would be valid without the members that break a rule.
func (d *deriver) ignorable(condition string, problems []contract.Problem) bool {
	for _, p := range problems {
		if r := d.c.RefusalFor(d.op, p); r == nil || r.Condition != condition || !p.OnlyAdvice() {
			return false
		}
	}
	return len(problems) > 0
}

// underTest returns the condition that a request tests, and all its conditions; "" if it
// has none. A condition that the request itself shows takes precedence over a relation,
// since a malformed id is not an unknown one; but another project's id may have any form.
func (d *deriver) underTest(p part, m *mutation, t Template, shown, lenient []string) (rule string, conditions []string) {
	switch {
	case slices.ContainsFunc(shown, func(c string) bool { return !slices.Contains(lenient, c) }) && m.relation != contract.OtherProject:
		return d.strictest(shown), shown
	case m.relation == "", m.relation == contract.NotPermitted && d.op.Safe(): // who may only read may read
		return "", nil
	}
	if rule = d.related(m.relation, p.related); rule != "" {
		more := []string{rule}
		if strings.Contains(t.Path, JobPlaceholder) {
			more = append(more, d.unknownJob()...)
		}
		conditions, _ = d.broken(t, more...)
	}
	return rule, conditions
}

// strictest returns the first of the conditions with the highest level.
func (d *deriver) strictest(conditions []string) string {
	for _, level := range []contract.Level{contract.Must, contract.Should} {
		for _, condition := range conditions {
			if d.c.Refusal(condition).Level == level {
				return condition
			}
		}
	}
	return conditions[0]
}

// unknownJob returns the condition of a request for a job that does not exist: a server
// may lawfully look for the job first.
func (d *deriver) unknownJob() []string {
	for _, p := range d.op.Parameters {
		if p.In == contract.InPath && p.Name != d.target.NamedBy {
			if condition := d.related(contract.Unknown, p.Name); condition != "" {
				return []string{condition}
			}
		}
	}
	return nil
}

// mutated returns the valid request with the mutation, or false if it does not apply to
// the operation.
func (d *deriver) mutated(at place, p part, m *mutation) (Template, bool) {
	text, ok := m.written(p)
	if !ok || m.version != "" && d.version == "" || m.of != 0 && m.of&d.kind() == 0 || m.kind != "" && p.schema.Type != m.kind {
		return d.base, false
	}
	t := d.changed(d.base, at, p, text)
	if m.also.at != nowhere {
		others := d.parts(m.also.at)
		if len(others) == 0 {
			return d.base, false
		}
		t = d.changed(t, m.also.at, others[0], expand(m.also.text, others[0].values))
	}
	return t, true
}

// kind returns the kind of the operation, 0 for a read of something else than the graph.
func (d *deriver) kind() kind {
	switch {
	case !d.op.Safe():
		return graphWrites
	case strings.Contains(d.base.Path, GraphPlaceholder) && !strings.Contains(d.base.Path, JobPlaceholder):
		return graphReads
	default:
		return 0
	}
}

// written returns the mutation's text for a part, or false if the part's schema does not
// have the bound that the text needs.
func (m *mutation) written(p part) (string, bool) {
	text := expand(m.text, p.values)
	if p.version && m.offered != "" {
		text = expand(m.offered, p.values)
	}
	if m.old != "" {
		text = strings.ReplaceAll(p.values["${body}"], expand(m.old, p.values), text)
	}
	if m.length == asWritten {
		return text, true
	}
	if p.schema.MaxLength < 0 {
		return "", false
	}
	n := map[length]int{shortest: max(p.schema.MinLength, 1), longest: p.schema.MaxLength, tooLong: p.schema.MaxLength + 1}[m.length]
	return text + strings.Repeat(m.pad, max(n-len(text), 0)), true
}

// changed replaces a part with a text.
func (d *deriver) changed(t Template, at place, p part, text string) Template {
	switch at {
	case atCredentials, atHeader, atMediaType:
		if text == absent {
			return t.without(p.name)
		}
		return t.with(p.name, text)
	case atSecondHeader:
		t.Headers = append(slices.Clone(t.Headers), Header{p.name, text})
	case atSignature:
		return t.without(d.op.Schemes()[0].Name).with(p.name, text).with(aksk.DateHeader, DatePlaceholder)
	case atProject, atGraph, atID:
		if _, isPlaceholder := d.samples[text]; !isPlaceholder {
			text = url.PathEscape(text)
		}
		return t.replacePath(p.values["${value}"], text)
	case atSegment:
		return t.replacePath(GraphPlaceholder, text)
	case atNearID, atJob:
		return t.replacePath(p.values["${value}"], text)
	case atWholePath:
		t.Path = text
	case atQuery, atVersionQuery:
		t.Path += "?" + text
	case atHeaders:
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			t = t.with(name, value)
		}
	case atMethod:
		t.Method = text
	case atBody:
		return t.withBody(text)
	case atAddedMember:
		return t.withBody(append(d.body(), pair{text: text}).String())
	case atMember, atMemberValue, atMemberText, atVersionMember, atVersionText:
		if text == absent {
			return t.withBody(d.body().without(p.name).String())
		}
		return t.withBody(d.body().set(p.name, memberOf(at, p, text)).String())
	case nowhere, atVersionWanted, placeCount:
	}
	return t
}

// memberOf returns a member as JSON text.
func memberOf(at place, p part, text string) string {
	switch at {
	case atMemberValue:
		return quote(p.name) + ":" + text
	case atMemberText, atVersionText:
		return quote(p.name) + ":" + quote(text)
	default:
		return text
	}
}
