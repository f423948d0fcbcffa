package services

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// kinds is a set of JSON types.
type kinds uint8

const (
	isText kinds = 1 << iota
	isInteger
	isNumber
	isBoolean
	isList
	isObject
	isNull
)

// A rule says which values a parameter or a part of a body may have. Rules are tables that were written from the
// document by hand; a defect is most often a rule that lacks something.
type rule struct {
	kind   kinds
	values []string // the only texts, or the only numbers
	same   string   // the only text or number, whatever else is said

	short, long int // in characters; a long of 0 is no bound
	pattern     *regexp.Regexp
	format      string // a key of formats

	min, max, above, below *float64
	step                   string // what a number is a multiple of

	items     *rule
	few, many int // items, or members; a many of 0 is no bound
	unique    bool

	fields   map[string]*rule
	required []string
	closed   bool  // no other members
	others   *rule // what other members are, if not closed
	readOnly bool  // a client's value is left out
	secret   bool  // it is kept and never shown

	one       []*rule // exactly one of these holds
	some      []*rule // at least one of these holds
	never     *rule   // this does not hold
	selector  string  // the member that names one of the kinds below
	selection map[string]*rule
	otherwise *rule             // for what the member names otherwise; nil if that is wrong
	custom    func(v any) error // what only code can say

	loose func(v any) any // how a careless server reads a value before it looks at it
	lax   bool            // nothing in this value is looked at
}

// A breach is where a value breaks a rule, and how.
type breach struct {
	where string
	what  string
}

func (b *breach) Error() string { return strings.TrimPrefix(b.where+": "+b.what, ": ") }

func broken(format string, args ...any) error { return &breach{what: fmt.Sprintf(format, args...)} }

// inside says of an error that it is in a member.
func inside(member string, err error) error {
	var b *breach
	if errors.As(err, &b) {
		return &breach{where: strings.TrimSuffix(member+"/"+b.where, "/"), what: b.what}
	}
	return err
}

// check returns how a value, as json.Decoder reads it with UseNumber, breaks the rule.
func (r *rule) check(v any) error {
	if r.lax {
		return nil
	}
	if r.loose != nil {
		v = r.loose(v)
	}
	for _, check := range []func(any) error{r.checkKind, r.checkChoice, r.checkCustom} {
		if err := check(v); err != nil {
			return err
		}
	}
	switch v := v.(type) {
	case string:
		return r.checkText(v)
	case json.Number:
		return r.checkNumber(v)
	case []any:
		return r.checkList(v)
	case map[string]any:
		return r.checkObject(v)
	}
	return nil
}

// kindOf returns the JSON types of a value. An integer is a number, too.
func kindOf(v any) kinds {
	switch v := v.(type) {
	case string:
		return isText
	case json.Number:
		if _, whole := integerOf(v); whole {
			return isInteger | isNumber
		}
		return isNumber
	case bool:
		return isBoolean
	case []any:
		return isList
	case map[string]any:
		return isObject
	}
	return isNull
}

// integerOf returns the value of a number without a fraction, such as 7, 7.0 or 7e0.
func integerOf(n json.Number) (float64, bool) {
	f, err := strconv.ParseFloat(n.String(), 64)
	return f, err == nil && f == math.Trunc(f)
}

func (r *rule) checkKind(v any) error {
	if r.kind != 0 && r.kind&kindOf(v) == 0 {
		return broken("is of the wrong type")
	}
	return nil
}

func (r *rule) checkCustom(v any) error {
	if r.custom == nil {
		return nil
	}
	return r.custom(v)
}

func (r *rule) checkText(s string) error {
	switch n := utf8.RuneCountInString(s); {
	case r.same != "" && s != r.same, r.values != nil && !slices.Contains(r.values, s):
		return broken("is none of the values that there are")
	case n < r.short:
		return broken("is too short")
	case r.long > 0 && n > r.long:
		return broken("is too long")
	case r.pattern != nil && !r.pattern.MatchString(s):
		return broken("has the wrong form")
	case r.format != "" && formats[r.format] != nil && !formats[r.format](s):
		return broken("is no %s", r.format)
	}
	return nil
}

func (r *rule) checkNumber(n json.Number) error {
	f, err := strconv.ParseFloat(n.String(), 64)
	switch {
	case err != nil:
		return broken("is too large a number")
	case r.same != "" && canonical(n) != r.same, r.values != nil && !slices.Contains(r.values, canonical(n)):
		return broken("is none of the values that there are")
	case r.min != nil && f < *r.min, r.above != nil && f <= *r.above:
		return broken("is too small")
	case r.max != nil && f > *r.max, r.below != nil && f >= *r.below:
		return broken("is too large")
	case r.step != "" && !multipleOf(n, r.step):
		return broken("is no multiple of %s", r.step)
	case r.format == "int32" && (f < math.MinInt32 || f > math.MaxInt32), r.format == "int64" && !fitsInt64(n, f):
		return broken("is no %s", r.format)
	}
	return nil
}

func fitsInt64(n json.Number, f float64) bool {
	if _, err := n.Int64(); err == nil {
		return true
	}
	return strings.ContainsAny(n.String(), ".eE") && f >= math.MinInt64 && f < math.MaxInt64
}

// multipleOf compares decimal fractions exactly.
func multipleOf(n json.Number, step string) bool {
	if f, err := n.Float64(); err != nil || math.Abs(f) > 1e15 || len(n) > 40 {
		return err == nil && f == math.Trunc(f) // so large a number has no fraction
	} else if f != 0 && math.Abs(f) < 1e-15 {
		return false
	}
	a, ok := new(big.Rat).SetString(n.String())
	b, _ := new(big.Rat).SetString(step)
	return ok && new(big.Rat).Quo(a, b).IsInt()
}

func (r *rule) checkList(list []any) error {
	switch {
	case len(list) < r.few:
		return broken("has too few items")
	case r.many > 0 && len(list) > r.many:
		return broken("has too many items")
	}
	seen := map[string]bool{}
	for i, item := range list {
		if r.items != nil {
			if err := r.items.check(item); err != nil {
				return inside(strconv.Itoa(i), err)
			}
		}
		key := canonical(item)
		if r.unique && seen[key] {
			return broken("has an item twice")
		}
		seen[key] = true
	}
	return nil
}

// canonical returns a text that equal values share: numbers are equal by their value.
func canonical(v any) string {
	switch v := v.(type) {
	case json.Number:
		f, _ := v.Float64()
		return strconv.FormatFloat(f, 'g', -1, 64)
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = canonical(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		parts := []string{}
		for name, member := range v {
			parts = append(parts, strconv.Quote(name)+":"+canonical(member))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case string:
		return strconv.Quote(v)
	}
	return fmt.Sprint(v)
}

func (r *rule) checkObject(object map[string]any) error {
	for _, name := range r.required {
		if f := r.fields[name]; f != nil && f.readOnly {
			continue
		}
		if _, there := object[name]; !there {
			return inside(name, broken("is missing"))
		}
	}
	if len(object) < r.few || r.many > 0 && len(object) > r.many {
		return broken("has too few or too many members")
	}
	for name, member := range object {
		field, known := r.fields[name]
		switch {
		case known && field.readOnly:
			continue
		case !known && r.closed:
			return inside(name, broken("is not known"))
		case !known:
			field = r.others
		}
		if field != nil {
			if err := field.check(member); err != nil {
				return inside(name, err)
			}
		}
	}
	return nil
}

// checkChoice is about what else a value is, or is not.
func (r *rule) checkChoice(v any) error {
	if r.never != nil && r.never.check(v) == nil {
		return broken("is what it must not be")
	}
	if r.some != nil && !slices.ContainsFunc(r.some, func(o *rule) bool { return o.check(v) == nil }) {
		return broken("is none of the kinds that there are")
	}
	if r.one != nil {
		n := 0
		for _, o := range r.one {
			if o.check(v) == nil {
				n++
			}
		}
		if n != 1 {
			return broken("is not exactly one of the kinds that there are")
		}
	}
	if r.selector == "" {
		return nil
	}
	object, _ := v.(map[string]any)
	selected := r.selected(object)
	if selected == nil {
		return inside(r.selector, broken("names no kind that there is"))
	}
	return selected.check(v)
}

// kept returns what is kept of a value: no member that is not known, and none that is read-only.
func (r *rule) kept(v any) any {
	if r.loose != nil {
		v = r.loose(v)
	}
	switch v := v.(type) {
	case map[string]any:
		if r.selector != "" {
			return r.selected(v).kept(v)
		}
		object := members{}
		for name, member := range v {
			field := r.fields[name]
			if field == nil {
				field = r.others
			}
			if field != nil && !field.readOnly {
				object[name] = field.kept(member)
			}
		}
		return object
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = item
			if r.items != nil {
				items[i] = r.items.kept(item)
			}
		}
		return items
	}
	return v
}

// selected returns the rule that the member of an object names.
func (r *rule) selected(object map[string]any) *rule {
	name, _ := object[r.selector].(string)
	if selected := r.selection[name]; selected != nil {
		return selected
	}
	return r.otherwise
}
