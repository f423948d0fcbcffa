package values

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// An order says which of the valid values is wanted.
type order struct {
	chosen choices
	hints  []any // values to prefer
	full   int   // for how many levels optional members are wanted, too
	// against are the schemas that the value must match in place of its own; nil for its own.
	against schemas
	with    []string // optional members that are wanted
}

const (
	fullDepth    = 3
	mostVariants = 24
)

var (
	errRecursive = errors.New("it contains itself without end")
	errWork      = errors.New("too many attempts")
)

func (o order) isPlain() bool {
	return len(o.chosen) == 0 && len(o.hints) == 0 && o.full == 0 && o.against == nil && len(o.with) == 0
}

// make returns a valid value for the schemas.
func (s *Source) make(all schemas, o order) (any, error) {
	key := s.key(all)
	if v, made := s.plain[key]; made && o.isPlain() {
		return v, nil
	}
	if s.busy[key] {
		return nil, fmt.Errorf("%s: %w", all.clause(), errRecursive)
	}
	s.busy[key] = true
	defer delete(s.busy, key)
	v, err := s.search(all, o)
	if err == nil && o.isPlain() {
		s.plain[key] = v
		s.remember(all, key)
	}
	return v, err
}

func (all schemas) clause() string {
	if len(all) == 0 {
		return "any value"
	}
	return all[0].Clause
}

// search tries the branches in turn, the first of each fork first.
func (s *Source) search(all schemas, o order) (any, error) {
	if o.against == nil {
		o.against = all
	}
	var first error
	tried := 0
	for chosen := range variants(all, o.chosen) {
		if tried++; tried > mostVariants {
			break
		}
		v, err := s.searchVariant(shapeOf(all, chosen), o)
		if err == nil {
			return v, nil
		}
		if first == nil || errors.Is(first, errRecursive) {
			first = err
		}
		if errors.Is(err, errWork) {
			break
		}
	}
	for _, example := range examples(all, o.hints) {
		if s.valid(o.against, example) == nil {
			return example, nil
		}
	}
	return nil, fmt.Errorf("no valid value for %s: %w", all.clause(), first)
}

// searchVariant tries what suits a shape, from what the document gives to what is made up.
func (s *Source) searchVariant(sh *shape, o order) (any, error) {
	o.hints = slices.Concat(o.hints, sh.examples())
	var first error
	attempt := func(v any, err error) bool {
		if s.work++; s.work > mostWork {
			first = errWork
			return false
		}
		if err == nil {
			err = s.valid(o.against, v)
		}
		if err != nil && first == nil {
			first = err
		}
		return err == nil
	}
	for _, v := range s.ready(sh, o) {
		if attempt(v, nil) {
			return v, nil
		}
	}
	if sh.literal {
		return nil, cmp.Or(first, errors.New("no option is allowed"))
	}
	for _, kind := range sh.kinds {
		for v, err := range s.made(sh, kind, o) {
			if attempt(v, err) {
				return v, nil
			}
			if errors.Is(first, errWork) || errors.Is(err, errRecursive) {
				return nil, err
			}
		}
	}
	if len(sh.kinds) > 0 {
		return nil, cmp.Or(first, errors.New("none was found that keeps all its keywords"))
	}
	return nil, cmp.Or(first, errors.New("no type is allowed by all its schemas"))
}

// ready lists the values that the document gives: scalar examples and options.
func (s *Source) ready(sh *shape, o order) []any {
	var all []any
	for _, hint := range o.hints {
		if k := kindOf(hint); k != contract.KindObject && k != contract.KindArray && k != contract.KindNull {
			all = append(all, hint)
		}
	}
	for _, option := range sh.options {
		if option != nil {
			all = append(all, option)
		}
	}
	if len(sh.options) > 0 && slices.Contains(sh.options, nil) {
		all = append(all, nil)
	}
	return all
}

// examples lists the examples and defaults of the parts.
func (sh *shape) examples() []any {
	var all []any
	for _, p := range sh.parts {
		for _, v := range []any{p.schema.Example, p.schema.Default} {
			if v != nil {
				all = append(all, normal(v))
			}
		}
	}
	return all
}

// examples lists those of the schemas themselves, after the hints.
func examples(all schemas, hints []any) []any {
	found := slices.Clone(hints)
	for _, schema := range all {
		for _, v := range []any{schema.Example, schema.Default} {
			if v != nil {
				found = append(found, normal(v))
			}
		}
	}
	return found
}

// made yields values of a kind that suit a shape.
func (s *Source) made(sh *shape, kind contract.Kind, o order) func(func(any, error) bool) {
	return func(yield func(any, error) bool) {
		switch kind {
		case contract.KindNull:
			yield(nil, nil)
		case contract.KindBoolean:
			_ = yield(true, nil) && yield(false, nil)
		case contract.KindNumber:
			for _, r := range sh.numbers() {
				if !yield(written(r), nil) {
					return
				}
			}
		case contract.KindString:
			if sh.unread != "" {
				yield(nil, errors.New(sh.unread+"; an example that is valid would do"))
				return
			}
			for text := range s.strings(sh) {
				if !yield(text, nil) {
					return
				}
			}
		case contract.KindArray:
			v, err := s.array(sh, max(sh.minItems, sh.tuple(), 1), o)
			if err == nil && yield(v, nil) && sh.minItems == 0 || err != nil && sh.minItems == 0 {
				_ = yield([]any{}, nil)
			} else if err != nil {
				yield(nil, err)
			}
		case contract.KindObject:
			s.objects(sh, o, yield)
		}
	}
}

// objects yields an object with the members that are wanted, and if that will not do, with more
// and less.
func (s *Source) objects(sh *shape, o order, yield func(any, error) bool) {
	v, err := s.object(sh, o)
	if !yield(v, err) || err != nil {
		return
	}
	if o.full == 0 {
		o.full = 1
		if v, err := s.object(sh, o); err == nil {
			yield(v, nil)
		}
	}
}

// object makes an object with the required members, and those that are wanted besides.
func (s *Source) object(sh *shape, o order) (map[string]any, error) {
	if sh.minMembers > mostItems {
		return nil, fmt.Errorf("%d members are needed, and at most %d made", sh.minMembers, mostItems)
	}
	out := map[string]any{}
	for i, name := range sh.names() {
		required, wanted := i < len(sh.required), slices.Contains(o.with, name)
		if !required && !wanted && o.full == 0 && len(out) >= sh.minMembers {
			continue
		}
		if !required && sh.maxMembers >= 0 && len(out) >= sh.maxMembers {
			continue
		}
		of, allowed := sh.member(name)
		if s.misplaced(of) {
			continue
		}
		v, err := s.memberValue(of, allowed, o.below(name))
		switch {
		case err == nil:
			out[name] = v
		case required || wanted:
			return nil, err
		}
	}
	for i := 1; len(out) < sh.minMembers; i++ {
		name := fmt.Sprintf("%s%d", surplus, i)
		of, allowed := sh.member(name)
		v, err := s.memberValue(of, allowed, order{})
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// surplus is the name of a member that no document has.
const surplus = "gesconformSurplus"

func (s *Source) memberValue(of schemas, allowed bool, o order) (any, error) {
	if !allowed {
		return nil, errors.New("a required member is forbidden by additionalProperties")
	}
	return s.make(of, o)
}

// below returns the order for a member or, by the name "", an item: what the hints have there.
func (o order) below(name string) order {
	next := order{full: max(o.full-1, 0)}
	for _, hint := range o.hints {
		switch hint := hint.(type) {
		case map[string]any:
			if v, found := hint[name]; found && v != nil {
				next.hints = append(next.hints, v)
			}
		case []any:
			if name == "" && len(hint) > 0 {
				next.hints = append(next.hints, hint[0])
			}
		}
	}
	return next
}

// misplaced reports whether a member with these schemas has no place in what the side sends.
func (s *Source) misplaced(of schemas) bool {
	parts, _ := expand(of, nil)
	return slices.ContainsFunc(parts, func(p part) bool {
		return s.from == contract.Client && p.schema.ReadOnly || s.from == contract.Server && p.schema.WriteOnly
	})
}

// array makes an array of n items.
func (s *Source) array(sh *shape, n int, o order) ([]any, error) {
	if sh.maxItems >= 0 && n > sh.maxItems {
		return nil, fmt.Errorf("at most %d items are allowed", sh.maxItems)
	}
	return s.items(sh, n, o)
}

// items makes n items, all different if the shape wants that.
func (s *Source) items(sh *shape, n int, o order) ([]any, error) {
	if n > mostItems {
		return nil, fmt.Errorf("%d items are needed, and at most %d made", n, mostItems)
	}
	out := make([]any, n)
	tuple := min(sh.tuple(), n)
	for i := range tuple {
		item, err := s.make(sh.item(i), o.below(""))
		if err != nil {
			return nil, err
		}
		out[i] = item
	}
	if tuple == n {
		return out, nil
	}
	of := sh.item(tuple)
	first, err := s.make(of, o.below(""))
	if err != nil {
		return nil, err
	}
	if !sh.unique || tuple > 0 {
		for i := tuple; i < n; i++ {
			out[i] = first
		}
		return out, nil
	}
	different := s.different(of, first, n)
	if len(different) < n {
		return nil, fmt.Errorf("found only %d different items, expected %d", len(different), n)
	}
	return different[:n], nil
}

// variants yields the choices under which each branch of each fork is tried, beginning with the
// given one.
func variants(all schemas, given choices) func(func(choices) bool) {
	return func(yield func(choices) bool) {
		type branch struct {
			fork
			i int
		}
		seen := map[branch]bool{}
		queue := []choices{given}
		for len(queue) > 0 {
			chosen := queue[0]
			queue = queue[1:]
			if !yield(chosen) {
				return
			}
			_, forks := expand(all, chosen)
			for _, f := range forks {
				seen[branch{f, chosen[f]}] = true
				if _, fixed := given[f]; fixed {
					continue
				}
				for i := range f.branches() {
					if b := (branch{f, i}); !seen[b] {
						seen[b] = true
						next := maps.Clone(chosen)
						if next == nil {
							next = choices{}
						}
						next[f] = i
						queue = append(queue, next)
					}
				}
			}
		}
	}
}

// pointer appends a token to a JSON pointer.
func pointer(to, token string) string {
	return to + "/" + jsonpointer.Escape(token)
}
