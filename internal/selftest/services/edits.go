package services

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// An edit changes a server before it serves.
type edit func(s *server)

func both(edits ...edit) edit {
	return func(s *server) {
		for _, e := range edits {
			e(s)
		}
	}
}

// operationEdit changes an operation.
func operationEdit(name string, change func(o *operation)) edit {
	return func(s *server) { change(s.op(name)) }
}

// unguarded leaves an operation without credentials.
func unguarded(name string) edit {
	return operationEdit(name, func(o *operation) { o.access = nil })
}

// schemeEdit has one operation, or with "" all, look at the credentials of a scheme in another way.
func schemeEdit(op, name string, check scheme) edit {
	return func(s *server) {
		plain := s.schemes[name]
		if op == "" {
			s.schemes[name] = check
			return
		}
		own := name + " of " + op
		s.schemes[own] = func(r *http.Request) bool { return plain(r) || check(r) }
		o := s.op(op)
		for i, schemes := range o.access {
			o.access[i] = slices.Clone(schemes)
			for j := range schemes {
				if schemes[j] == name {
					o.access[i][j] = own
				}
			}
		}
	}
}

// paramEdit changes a parameter.
func paramEdit(op, name string, change func(p *param)) edit {
	return operationEdit(op, func(o *operation) { change(o.param(name)) })
}

// A lapse is what is wrong with a rule.
type lapse func(r *rule)

// careless changes one rule of an operation. The place begins with the name of a parameter, or with "body"; then come
// members, * for items, + for other members, "some N" or "one N" for the alternatives, "is NAME" for what a selector
// names, and "not".
func careless(op, place string, lapses ...lapse) edit {
	return operationEdit(op, func(o *operation) {
		parts := strings.Split(place, "/")
		starts := []*rule{}
		if parts[0] == "body" {
			for _, r := range o.bodies {
				starts = append(starts, r)
			}
		} else {
			starts = append(starts, o.param(parts[0]).rule)
		}
		known := false
		for _, r := range starts {
			for _, part := range parts[1:] {
				if r != nil {
					r = r.part(part)
				}
			}
			if r == nil {
				continue // of another media type
			}
			known = true
			for _, l := range lapses {
				l(r)
			}
		}
		if !known {
			panic(fmt.Sprintf("the operation %s has no rule %q", op, place))
		}
	})
}

func (r *rule) part(name string) *rule {
	which, argument, _ := strings.Cut(name, " ")
	n, _ := strconv.Atoi(argument)
	switch which {
	case "*":
		return r.items
	case "+":
		return r.others
	case "not":
		return r.never
	case "some":
		return r.some[n]
	case "one":
		return r.one[n]
	case "is":
		return r.selection[argument]
	}
	return r.fields[name]
}

// The lapses that engineers make most.
func unchecked(r *rule)     { r.lax = true }
func anyFormat(r *rule)     { r.format = "" }
func anyValue(r *rule)      { r.values, r.same = nil, "" }
func opened(r *rule)        { r.closed = false }
func repeated(r *rule)      { r.unique = false }
func uncounted(r *rule)     { r.few, r.many = 0, 0 }
func anyItem(r *rule)       { r.items = nil }
func unbounded(r *rule)     { r.min, r.max, r.above, r.below = nil, nil, nil, nil }
func anyLength(r *rule)     { r.short, r.long = 0, 0 }
func nullToo(r *rule)       { r.kind |= isNull }
func anyKind(r *rule)       { r.kind = 0 }
func taken(r *rule)         { r.readOnly = false }
func noAlternative(r *rule) { r.one, r.some, r.never = nil, nil, nil }

// lastTwice lets one more item in.
func lastTwice(r *rule) { r.many++ }

// firstToo forgets that a bound is excluded.
func firstToo(r *rule) {
	if r.above != nil {
		r.min, r.above = r.above, nil
	}
	if r.below != nil {
		r.max, r.below = r.below, nil
	}
}

// oneOff moves the bounds by one.
func oneOff(r *rule) {
	if r.min != nil {
		r.min = new(*r.min - 1)
	}
	if r.max != nil {
		r.max = new(*r.max + 1)
	}
	if r.long > 0 {
		r.long++
	}
	if r.short > 0 {
		r.short--
	}
}

// tighter moves the bounds the other way.
func tighter(r *rule) {
	if r.max != nil {
		r.max = new(*r.max - 1)
	}
	if r.long > 0 {
		r.long--
	}
}

// found forgets the anchors of a pattern.
func found(r *rule) {
	r.pattern = regexp.MustCompile(strings.Trim(r.pattern.String(), "^$"))
}

// beginning forgets that a pattern has an end.
func beginning(r *rule) {
	r.pattern = regexp.MustCompile(strings.TrimSuffix(r.pattern.String(), "$"))
}

// anyCase compares without case.
func anyCase(r *rule) {
	values := r.values
	r.values = nil
	r.custom = func(v any) error {
		if s, _ := v.(string); !slices.ContainsFunc(values, func(value string) bool { return strings.EqualFold(value, s) }) {
			return broken("is none of the values that there are")
		}
		return nil
	}
}

// without forgets a member that is required.
func without(name string) lapse {
	return func(r *rule) {
		r.required = slices.DeleteFunc(slices.Clone(r.required), func(n string) bool { return n == name })
	}
}

// only allows fewer values than there are.
func only(values ...string) lapse { return func(r *rule) { r.values = values } }

// matching replaces a pattern.
func matching(expression string) lapse {
	return func(r *rule) { r.pattern = regexp.MustCompile(expression) }
}

// coerced reads numbers and truths from texts, with blanks around them, as lenient readers do.
func coerced(r *rule) {
	r.loose = func(v any) any {
		s, isText := v.(string)
		if !isText {
			return v
		}
		s = strings.TrimSpace(s)
		_, err := strconv.ParseFloat(s, 64)
		switch {
		case r.kind&(isInteger|isNumber) != 0 && err == nil:
			return json.Number(s)
		case r.kind&isBoolean != 0 && slices.Contains([]string{"true", "1", "yes", "on"}, strings.ToLower(s)):
			return true
		case r.kind&isBoolean != 0 && slices.Contains([]string{"false", "0", "no", "off"}, strings.ToLower(s)):
			return false
		}
		return s
	}
}

// before has an operation answer calls with the right credentials in another way, before it looks at anything else.
func before(op string, act func(c *call) *reply) edit {
	return func(s *server) {
		s.op(op) // panics if there is none
		s.steps = slices.Insert(s.steps, 1, func(c *call) *reply {
			if c.op.name != op {
				return nil
			}
			return act(c)
		})
	}
}

// acting has an operation act in another way; act returns nil to leave it to the plain one.
func acting(op string, act func(c *call) *reply) edit {
	return operationEdit(op, func(o *operation) {
		plain := o.act
		o.act = func(c *call) *reply {
			if a := act(c); a != nil {
				return a
			}
			return plain(c)
		}
	})
}

// crash answers as a server does that did not expect what it met.
func (c *call) crash() *reply {
	return c.server.refusal(http.StatusInternalServerError, "other", "an internal error happened")
}

// crashing fails where something holds for a call.
func crashing(when func(c *call) bool) func(c *call) *reply {
	return func(c *call) *reply {
		if when(c) {
			return c.crash()
		}
		return nil
	}
}

// trailing has what follows the JSON of a body ignored.
func trailing(s *server) { s.trailing = true }
