package implied

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// reads derives the cases of an operation that only reads.
func (d *deriver) reads(op *contract.Operation) {
	usable := d.o.usable(op)
	if len(usable) == 0 {
		d.gap(op, "needs "+needsCredentials(op), op.SecurityClause())
	}
	d.add(op, plainKind, "plain", op.Clause, variation{})
	d.credentials(op, usable)
	if lists(op, "406") {
		d.add(op, acceptableKind, "header Accept: of another media type", op.Clause+"/responses", variation{accept: "application/vnd.gesconform.unknown", in: contract.InHeader, special: "Accept"})
	}
	d.links(op)
	d.optional(op)
	for _, p := range op.Parameters {
		d.parameter(op, p)
	}
}

// links derives a read of what each link of a success leads to.
func (d *deriver) links(op *contract.Operation) {
	for _, r := range op.Responses {
		for _, l := range r.Links {
			if to := d.o.Contract.Operation(l.Operation); r.Status < "3" && to != nil && to.Method == http.MethodGet {
				d.add(op, linkKind, "link "+l.Name+" of "+r.Status, l.Clause, variation{special: "link"})
			}
		}
	}
}

// optional derives requests with all optional parameters, and with each.
func (d *deriver) optional(op *contract.Operation) {
	var all []setting
	for _, p := range op.Parameters {
		if p.Required || p.In == contract.InPath {
			continue
		}
		value, err := d.o.sendable(d.source, op, p)
		if err != nil {
			continue // what is derived of the parameter says so
		}
		s := setting{p, value}
		all = append(all, s)
		d.add(op, acceptedKind, fmt.Sprintf("%s %s: given", p.In, p.Name), p.Clause, variation{set: []setting{s}, in: p.In, special: "given"})
	}
	if len(all) > 1 {
		d.add(op, acceptedKind, "all optional parameters", op.Clause+"/parameters", variation{set: all, special: "all"})
	}
}

// namesThing reports whether a path parameter is the id of a thing: the last one, with nothing but
// fixed text after it, and not one of a few values.
func (d *deriver) namesThing(op *contract.Operation, p *contract.Parameter) bool {
	last := strings.LastIndex(op.Path, "{")
	return last >= 0 && strings.HasPrefix(op.Path[last:], "{"+p.Name+"}") && !isChoice(p.Schema)
}

// isChoice reports whether a schema says what values there are, so that they are no ids: a choice, a date, a yes or
// no, something with members.
func isChoice(s *contract.Schema) bool {
	if s == nil {
		return false
	}
	return len(s.Enum) > 0 || len(s.Const) > 0 || s.Type == contract.KindBoolean || s.Type == contract.KindObject ||
		s.Type == contract.KindArray && isChoice(s.Items) || s.Format == "date" || s.Format == "date-time"
}

// credentials derives the requests without credentials, with a part of them, and with made-up ones,
// for each alternative that is given.
func (d *deriver) credentials(op *contract.Operation, usable []int) {
	if op.Anonymous() {
		return
	}
	if enough(op, nil) {
		d.gap(op, "a certificate may be all that it needs (mutual TLS): that is of the connection, so that no request is without it", op.SecurityClause())
	}
	if d.target != whatIsThere {
		usable = usable[:min(len(usable), 1)] // to prove others would take another change
	}
	known := map[string]bool{}
	for n, i := range usable {
		alternative := op.Security[i]
		if known[alternativeNames(alternative)] {
			continue
		}
		known[alternativeNames(alternative)] = true
		switch {
		case n > 0:
			d.add(op, proofKind, "with credentials "+alternativeNames(alternative), op.SecurityClause(),
				variation{attempt: &attempt{alternative: i}, special: alternativeNames(alternative)})
		case !enough(op, nil):
			d.add(op, missingKind, "without credentials", op.SecurityClause(),
				variation{attempt: &attempt{alternative: i, lapse: missing}, special: "missing"})
		}
		for _, s := range alternative {
			if enough(op, without(alternative, s)) {
				continue // the others may be looked at alone
			}
			if len(alternative) > 1 {
				which := s.ID
				if n > 0 { // which may be in the first alternative, too
					which += beside(alternative, s)
				}
				d.add(op, missingKind, "credentials "+which+": left out", s.Clause,
					variation{attempt: &attempt{alternative: i, scheme: s.ID, lapse: missing}, special: "left out"})
			}
			for _, l := range madeUpLapses {
				d.add(op, madeUpKind, fmt.Sprintf("credentials %s%s: %s", s.ID, beside(alternative, s), l), s.Clause,
					variation{attempt: &attempt{alternative: i, scheme: s.ID, lapse: l}, special: string(l)})
			}
		}
	}
}

// beside names the schemes that an alternative has beside one.
func beside(a contract.Alternative, s *contract.SecurityScheme) string {
	if others := without(a, s); len(others) > 0 {
		return " beside " + alternativeNames(others)
	}
	return ""
}

// without returns an alternative without one of its schemes.
func without(a contract.Alternative, s *contract.SecurityScheme) contract.Alternative {
	return slices.DeleteFunc(slices.Clone(a), func(other *contract.SecurityScheme) bool { return other == s })
}

// enough reports whether some schemes are an alternative of an operation, or more than one. That of the connection
// (mutual TLS) is always among them.
func enough(op *contract.Operation, some contract.Alternative) bool {
	return slices.ContainsFunc(op.Security, func(a contract.Alternative) bool {
		return !slices.ContainsFunc(a, func(s *contract.SecurityScheme) bool { return s.Type != "mutualTLS" && !slices.Contains(some, s) })
	})
}
