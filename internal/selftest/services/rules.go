package services

import (
	"maps"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// These make rules. Each call makes a rule of its own, so that a change of one is a change at one place.

func text(short, long int) *rule { return &rule{kind: isText, short: short, long: long} }

func pattern(expression string) *rule {
	return &rule{kind: isText, pattern: regexp.MustCompile(expression)}
}

func format(name string) *rule { return &rule{kind: isText, format: name} }

func oneOf(values ...string) *rule { return &rule{kind: isText, values: values} }

func boolean() *rule { return &rule{kind: isBoolean} }

func integer(bounds ...float64) *rule { return bounded(isInteger, bounds) }

func number(bounds ...float64) *rule { return bounded(isNumber, bounds) }

func bounded(kind kinds, bounds []float64) *rule {
	r := &rule{kind: kind}
	if len(bounds) > 0 {
		r.min = &bounds[0]
	}
	if len(bounds) > 1 {
		r.max = &bounds[1]
	}
	return r
}

// int32s are integers of 32 bits, int64s of 64.
func int32s(bounds ...float64) *rule { return integer(bounds...).formatted("int32") }
func int64s(bounds ...float64) *rule { return integer(bounds...).formatted("int64") }

func list(items *rule, few, many int) *rule {
	return &rule{kind: isList, items: items, few: few, many: many}
}

func set(items *rule, few, many int) *rule {
	r := list(items, few, many)
	r.unique = true
	return r
}

// fields are the members of an object. A name that ends in an exclamation mark is required.
type fields map[string]*rule

func object(members fields) *rule {
	r := &rule{kind: isObject, fields: map[string]*rule{}}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		plain, required := strings.CutSuffix(name, "!")
		r.fields[plain] = members[name]
		if required {
			r.required = append(r.required, plain)
		}
	}
	return r
}

func closed(members fields) *rule {
	r := object(members)
	r.closed = true
	return r
}

func (r *rule) formatted(name string) *rule {
	r.format = name
	return r
}

func (r *rule) nullable() *rule {
	r.kind |= isNull
	return r
}

func (r *rule) made() *rule {
	r.readOnly = true
	return r
}

func (r *rule) hidden() *rule {
	r.secret = true
	return r
}

// exclusive sets the bounds of a number that are excluded themselves; the second one may be missing.
func (r *rule) exclusive(bounds ...float64) *rule {
	r.above = &bounds[0]
	if len(bounds) > 1 {
		r.below = &bounds[1]
	}
	return r
}

func (r *rule) under(bound float64) *rule {
	r.below = &bound
	return r
}

func (r *rule) upTo(most float64) *rule {
	r.max = &most
	return r
}

func (r *rule) multiples(step string) *rule {
	r.step = step
	return r
}

func (r *rule) between(short, long int) *rule {
	r.short, r.long = short, long
	return r
}

// constant is a text that is the only one.
func constant(value string) *rule { return &rule{kind: isText, same: value} }

// formats says which texts have a format.
var formats = map[string]func(string) bool{
	"uuid":      regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`).MatchString,
	"date":      isDate,
	"date-time": isDateTime,
	"email":     isEmail,
	"uri":       isURI,
	"ipv4":      isIPv4,
}

var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$`)

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// isDateTime allows lower case and a leap second, as RFC 3339 does.
func isDateTime(s string) bool {
	if !dateTime.MatchString(s) {
		return false
	}
	s = strings.ToUpper(s)
	if s[11:19] == "23:59:60" {
		s = s[:17] + "59" + s[19:]
	}
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isURI(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && !strings.ContainsAny(s, " <>\"{}|\\^`")
}

func isIPv4(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Is4()
}
