package values

import (
	"encoding/binary"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// schemas are those that one value must match, all of them; none match any value.
type schemas []*contract.Schema

// known leaves out nil, which stands for any value.
func (all schemas) known() schemas {
	return slices.DeleteFunc(all, func(s *contract.Schema) bool { return s == nil })
}

// key returns a text that is the same for the same schemas.
func (s *Source) key(all schemas) string {
	var b []byte
	for _, schema := range all {
		id, known := s.ids[schema]
		if !known {
			id = len(s.ids)
			s.ids[schema] = id
		}
		b = binary.AppendUvarint(b, uint64(id))
	}
	return string(b)
}

// A fork is an anyOf or oneOf.
type fork struct {
	owner *contract.Schema
	one   bool // oneOf
}

func (f fork) keyword() string {
	if f.one {
		return "oneOf"
	}
	return "anyOf"
}

func (f fork) branches() []*contract.Schema {
	if f.one {
		return f.owner.OneOf
	}
	return f.owner.AnyOf
}

// choices say which branch a value is made for. A fork that is not among them takes its first.
type choices map[fork]int

// A part is a schema that a value must match, by itself or because a branch was chosen.
type part struct {
	schema *contract.Schema
	branch *contract.Schema // the innermost branch that it comes with; nil if it must match anyhow
	member bool             // whether it is only that of a family's member, which only some readers check
}

// madeClause is the clause of schemas that stand in no document: nothing is derived from them.
const madeClause = "made"

func (p part) made() bool { return p.schema.Clause == madeClause }

// expand lists the schemas together with those that they combine by allOf and by the branches
// chosen, and the forks that it came by.
func expand(all schemas, chosen choices) (parts []part, forks []fork) {
	seen, named := map[*contract.Schema]bool{}, map[string]bool{}
	var families []part
	member := false
	var add func(s, branch *contract.Schema)
	add = func(s, branch *contract.Schema) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		parts = append(parts, part{schema: s, branch: branch, member: member})
		if headsFamily(s) {
			families = append(families, part{schema: s, branch: branch})
		}
		for _, sub := range s.AllOf {
			add(sub, branch)
		}
		for _, f := range []fork{{s, false}, {s, true}} {
			branches := f.branches()
			if len(branches) == 0 {
				continue
			}
			forks = append(forks, f)
			i := chosen[f]
			add(branches[i], branches[i])
			if tag := f.tag(i); tag != nil {
				named[f.owner.Discriminator.Property] = true
				parts = append(parts, part{schema: tag, branch: branches[i]})
			}
		}
	}
	for _, s := range all {
		add(s, nil)
	}
	for len(families) > 0 { // adding a member may bring another family
		family := families[0]
		families = families[1:]
		d := family.schema.Discriminator
		if named[d.Property] {
			continue
		}
		named[d.Property] = true
		name, of := memberOf(family.schema, parts)
		member = true
		add(of, family.branch)
		parts = append(parts, part{schema: tagOf(d, name), branch: family.branch})
	}
	return parts, forks
}

// tag returns a schema that wants the value by which the discriminator tells the i-th branch; nil
// if there is none.
func (f fork) tag(i int) *contract.Schema {
	d := f.owner.Discriminator
	if d == nil {
		return nil
	}
	name := nameFor(d, f.branches()[i])
	if name == "" {
		return nil
	}
	return tagOf(d, name)
}

// nameFor returns the name by which a discriminator tells a branch, "" if there is none. A name that
// the document maps goes before that of the schema, which some readers do not know then.
func nameFor(d *contract.Discriminator, branch *contract.Schema) string {
	own := ""
	for _, name := range sortedKeys(d.Mapping) {
		switch {
		case d.Mapping[name] != branch:
		case strings.HasSuffix(branch.Clause, "/"+name):
			own = name
		default:
			return name
		}
	}
	return own
}

// A shape is what the parts of a value say together, of the keywords that can be merged.
type shape struct {
	parts   []part
	forks   []fork
	kinds   []contract.Kind // that it may have, the most telling first, null last
	integer bool
	literal bool  // whether one of literals is wanted
	options []any // by enum and const

	least, most bound
	step        *big.Rat // of which a number must be a multiple; nil for any

	minLength, maxLength int // maxima are -1 for no limit
	patterns             []*regexp.Regexp
	formats              []string

	minItems, maxItems int
	unique             bool

	required   []string
	minMembers int
	maxMembers int
	tied       bool   // whether a keyword says something of several members or items together
	unreliable bool   // whether a keyword is not checked
	unread     string // why a pattern is not, so that no text is made up
}

// A bound is a limit of a number.
type bound struct {
	at        *big.Rat // nil for none
	exclusive bool
}

func shapeOf(all schemas, chosen choices) *shape {
	parts, forks := expand(all, chosen)
	sh := &shape{parts: parts, forks: forks, maxLength: -1, maxItems: -1, maxMembers: -1}
	sh.kinds = []contract.Kind{contract.KindString, contract.KindNumber, contract.KindObject, contract.KindArray, contract.KindBoolean, contract.KindNull}
	var told contract.Kind
	for _, p := range parts {
		sh.merge(p.schema)
		if told == "" {
			told = kindTold(p.schema)
		}
	}
	if i := slices.Index(sh.kinds, told); i > 0 {
		sh.kinds = slices.Insert(slices.Delete(sh.kinds, i, i+1), 0, told)
	}
	return sh
}

func (sh *shape) merge(s *contract.Schema) {
	sh.kinds = slices.DeleteFunc(slices.Clone(sh.kinds), func(k contract.Kind) bool { return !allows(s, k) })
	sh.integer = sh.integer || s.Integer
	for _, options := range [][]any{s.Enum, s.Const} {
		sh.restrict(options)
	}
	if s.Minimum != nil {
		sh.least = sh.least.tighter(bound{ratio(*s.Minimum), s.ExclusiveMinimum}, 1)
	}
	if s.Maximum != nil {
		sh.most = sh.most.tighter(bound{ratio(*s.Maximum), s.ExclusiveMaximum}, -1)
	}
	if s.MultipleOf != nil && *s.MultipleOf > 0 {
		sh.step = commonMultiple(sh.step, ratio(*s.MultipleOf))
	}
	sh.minLength, sh.maxLength = max(sh.minLength, s.MinLength), lower(sh.maxLength, s.MaxLength)
	if s.Pattern != nil {
		sh.patterns = append(sh.patterns, s.Pattern)
	}
	if s.Format != "" {
		sh.formats = append(sh.formats, s.Format)
	}
	sh.minItems, sh.maxItems = max(sh.minItems, s.MinItems), lower(sh.maxItems, s.MaxItems)
	sh.unique = sh.unique || s.UniqueItems
	for _, name := range s.Required {
		if !slices.Contains(sh.required, name) {
			sh.required = append(sh.required, name)
		}
	}
	sh.minMembers, sh.maxMembers = max(sh.minMembers, s.MinProperties), lower(sh.maxMembers, s.MaxProperties)
	sh.tied = sh.tied || s.UniqueItems || s.Not != nil || s.Contains != nil || s.If != nil || s.PropertyNames != nil ||
		s.UnevaluatedProperties != nil || len(s.DependentRequired)+len(s.DependentSchemas) > 0
	sh.unreliable = sh.unreliable || len(s.Unsupported) > 0
	for _, u := range s.Unsupported {
		if u.Clause == s.Clause+"/pattern" {
			sh.unread = u.Reason
		}
	}
}

// restrict keeps of the options those that are among others, too.
func (sh *shape) restrict(others []any) {
	switch {
	case len(others) == 0:
	case !sh.literal:
		sh.literal = true
		for _, o := range others {
			sh.options = append(sh.options, normal(o))
		}
	default:
		sh.options = slices.DeleteFunc(slices.Clone(sh.options), func(o any) bool {
			return !slices.ContainsFunc(others, func(other any) bool { return equal(o, normal(other)) })
		})
	}
}

// allows reports whether a value of a kind can match a schema, by its type.
func allows(s *contract.Schema, k contract.Kind) bool {
	switch {
	case k == contract.KindNull && s.Nullable:
		return true
	case s.Type != "":
		return s.Type == k
	case len(s.Types) > 0:
		return slices.Contains(s.Types, k)
	}
	return true
}

// kindTold returns the kind of value that a schema is about, even if it does not demand it; "" for none.
func kindTold(s *contract.Schema) contract.Kind {
	switch {
	case s.Type != "":
		return s.Type
	case len(s.Types) > 0:
		return s.Types[0]
	case len(s.Properties)+len(s.PatternProperties)+len(s.Required) > 0 || s.Closed || s.AdditionalProperties != nil:
		return contract.KindObject
	case s.Items != nil || len(s.PrefixItems) > 0 || s.Contains != nil:
		return contract.KindArray
	case s.Pattern != nil || s.MaxLength >= 0 || s.MinLength > 0:
		return contract.KindString
	case s.Minimum != nil || s.Maximum != nil || s.MultipleOf != nil:
		return contract.KindNumber
	}
	return ""
}

// lower returns the lower of two limits, of which -1 is none.
func lower(a, b int) int {
	if a < 0 || b >= 0 && b < a {
		return b
	}
	return a
}

// tighter returns the bound that leaves less; sign is 1 for lower bounds, -1 for upper ones.
func (b bound) tighter(other bound, sign int) bound {
	if b.at == nil {
		return other
	}
	switch c := other.at.Cmp(b.at) * sign; {
	case c > 0:
		return other
	case c == 0:
		b.exclusive = b.exclusive || other.exclusive
	}
	return b
}

// ratio returns the decimal number that a float64 was written as.
func ratio(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok { // an infinity, which no document has
		return new(big.Rat)
	}
	return r
}

// commonMultiple returns the least number that both divide; a may be nil.
func commonMultiple(a, b *big.Rat) *big.Rat {
	if a == nil {
		return b
	}
	// With a = p/q and b = r/s, it is lcm(p·s, r·q) / (q·s).
	x, y := new(big.Int).Mul(a.Num(), b.Denom()), new(big.Int).Mul(b.Num(), a.Denom())
	gcd := new(big.Int).GCD(nil, nil, x, y)
	lcm := new(big.Int).Div(new(big.Int).Mul(x, y), gcd)
	return new(big.Rat).SetFrac(lcm, new(big.Int).Mul(a.Denom(), b.Denom()))
}

// member returns the schemas of a member by its name, and whether there may be one.
func (sh *shape) member(name string) (schemas, bool) {
	var all schemas
	for _, p := range sh.parts {
		s := p.schema
		property := s.Property(name)
		if property != nil {
			all = append(all, property)
		}
		for _, pattern := range s.PatternProperties {
			if pattern.Pattern.MatchString(name) {
				property = pattern.Schema
				all = append(all, property)
			}
		}
		switch {
		case property != nil:
		case s.Closed:
			return nil, false
		case s.AdditionalProperties != nil:
			all = append(all, s.AdditionalProperties)
		}
	}
	return all, true
}

// item returns the schemas of the i-th item.
func (sh *shape) item(i int) schemas {
	var all schemas
	for _, p := range sh.parts {
		switch s := p.schema; {
		case i < len(s.PrefixItems):
			all = append(all, s.PrefixItems[i])
		case s.Items != nil:
			all = append(all, s.Items)
		}
	}
	return all
}

// tuple returns how many items have schemas of their own.
func (sh *shape) tuple() int {
	n := 0
	for _, p := range sh.parts {
		n = max(n, len(p.schema.PrefixItems))
	}
	return n
}

// names lists the members that the parts name, those that must be there first.
func (sh *shape) names() []string {
	all := slices.Clone(sh.required)
	for _, p := range sh.parts {
		for _, property := range p.schema.Properties {
			if !slices.Contains(all, property.Name) {
				all = append(all, property.Name)
			}
		}
	}
	return all
}
