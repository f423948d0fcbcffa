package contract

import (
	"slices"
	"strings"
)

// Where a value is written as text, as in a query or a form, its schema says as what it is to be read.

// read reads a text as the scalar that s expects. One that cannot be read so stays a string, whose
// type check then reports that.
func (s *Schema) read(text string) *Value {
	asString := &Value{Kind: KindString, Text: text}
	switch {
	case s == nil || s.Type == KindString:
		return asString
	case s.Type == "":
		return s.readBest(text)
	}
	if v, problems := ReadJSON([]byte(text)); len(problems) == 0 {
		return v
	}
	return asString
}

// readBest reads a text by a schema that may take several kinds: as a string, if that keeps the schema,
// or else as the scalar that does.
func (s *Schema) readBest(text string) *Value {
	asString := &Value{Kind: KindString, Text: text}
	if s.keeps(asString) {
		return asString
	}
	if v, problems := ReadJSON([]byte(text)); len(problems) == 0 && (isScalar(v.Kind) || v.Kind == KindNull) && (s.keeps(v) || !s.takesKind(KindString, 0) && s.takesKind(v.Kind, 0)) {
		return v
	}
	return asString
}

// keeps reports whether v has no problem by s.
func (s *Schema) keeps(v *Value) bool {
	if s == nil {
		return true
	}
	c := checker{}
	return c.matches(s, v, nil)
}

// takesKind reports whether s may take values of a kind, as far as types say.
func (s *Schema) takesKind(kind Kind, depth int) bool {
	switch {
	case s == nil || depth > mostCombined:
		return true
	case s.Type != "" && s.Type != kind, len(s.Types) > 0 && !slices.Contains(s.Types, kind):
		return false
	}
	takes := func(sub *Schema) bool { return sub.takesKind(kind, depth+1) }
	refuses := func(sub *Schema) bool { return !takes(sub) }
	return !slices.ContainsFunc(s.AllOf, refuses) && (len(s.AnyOf) == 0 || slices.ContainsFunc(s.AnyOf, takes)) &&
		(len(s.OneOf) == 0 || slices.ContainsFunc(s.OneOf, takes))
}

// says reports whether a schema, or one that it combines, names a kind.
func (s *Schema) says(kind Kind, depth int) bool {
	if s == nil || depth > mostCombined {
		return false
	}
	return s.Type == kind || slices.Contains(s.Types, kind) ||
		kind == KindArray && s.Type == "" && (s.Items != nil || len(s.PrefixItems) > 0) || kind == KindObject && s.Type == "" && len(s.Properties) > 0 ||
		slices.ContainsFunc(s.applied(), func(sub *Schema) bool { return sub.says(kind, depth+1) })
}

// takesShape reports whether a parameter with the schema may be written as an array, an object or
// a scalar (a string). Arrays and objects must be named: otherwise a text is a text.
func (s *Schema) takesShape(kind Kind) bool {
	if kind == KindArray || kind == KindObject {
		return s.says(kind, 0) && s.takesKind(kind, 0)
	}
	return slices.ContainsFunc([]Kind{KindString, KindNumber, KindBoolean, KindNull}, func(k Kind) bool { return s.takesKind(k, 0) }) ||
		!s.takesShape(KindArray) && !s.takesShape(KindObject)
}

// item returns the schema of the item with an index, or nil.
func (s *Schema) item(i int) *Schema {
	return s.find(func(s *Schema) *Schema {
		if i < len(s.PrefixItems) {
			return s.PrefixItems[i]
		}
		return s.Items
	}, 0)
}

// keepsItem reports whether an array may have a text as its only item.
func (s *Schema) keepsItem(text string) bool {
	item := s.item(0)
	return item.keeps(item.read(text))
}

// member returns the schema of a member, or nil.
func (s *Schema) member(name string) *Schema {
	if p := s.find(func(s *Schema) *Schema { return s.Property(name) }, 0); p != nil {
		return p
	}
	return s.find(func(s *Schema) *Schema {
		for _, p := range s.PatternProperties {
			if p.Pattern.MatchString(name) {
				return p.Schema
			}
		}
		return s.AdditionalProperties
	}, 0)
}

// names reports whether s, or a schema that it combines, has a property.
func (s *Schema) names(name string) bool {
	return s.find(func(s *Schema) *Schema { return s.Property(name) }, 0) != nil
}

// find returns what get finds in s, or else in the schemas that s combines.
func (s *Schema) find(get func(*Schema) *Schema, depth int) *Schema {
	if s == nil || depth > mostCombined {
		return nil
	}
	if found := get(s); found != nil {
		return found
	}
	for _, sub := range s.applied() {
		if found := sub.find(get, depth+1); found != nil {
			return found
		}
	}
	return nil
}

// add adds a member to an object.
func (v *Value) add(name string, value *Value) {
	v.repeats = v.repeats || v.Member(name) != nil
	v.Members = append(v.Members, Member{name, value})
}

// A formTree holds the values of a form or a query by their names: those under "a[b]" are in
// the branch "b" of the branch "a".
type formTree struct {
	values   []string
	names    []string // in the order in which they came
	branches map[string]*formTree
}

func (t *formTree) isEmpty() bool { return len(t.values)+len(t.names) == 0 }

func (t *formTree) add(keys []string, value string) {
	for _, key := range keys {
		branch := t.branches[key]
		if branch == nil {
			if t.branches == nil {
				t.branches = map[string]*formTree{}
			}
			branch = &formTree{}
			t.branches[key], t.names = branch, append(t.names, key)
		}
		t = branch
	}
	t.values = append(t.values, value)
}

// bracketed splits a[b][c] into its keys. A name with brackets of another form is one key.
func bracketed(name string) (keys []string, ok bool) {
	first, rest, found := strings.Cut(name, "[")
	if !found || first == "" || !strings.HasSuffix(rest, "]") {
		return []string{name}, true
	}
	keys = append([]string{first}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...)
	if len(keys) > maxDepth || slices.ContainsFunc(keys[1:], func(key string) bool { return strings.ContainsAny(key, "[]") }) {
		return []string{name}, len(keys) <= maxDepth
	}
	return keys, true
}

// tree makes the value of a tree that a schema expects. Style and explode say how the items of an array at its top
// are written.
func (l *problemList) tree(t *formTree, s *Schema, style Style, explode bool) *Value {
	wantsArray, wantsObject := s.takesShape(KindArray), s.takesShape(KindObject)
	switch {
	case len(t.names) > 0 && wantsArray && !wantsObject:
		return l.listed(t, s)
	case len(t.names) > 0:
		v := &Value{Kind: KindObject}
		for _, name := range t.names {
			l.path.push(name, -1)
			v.add(name, l.tree(t.branches[name], s.member(name), StyleForm, true))
			l.path.pop()
		}
		return v
	case wantsArray:
		items := t.values
		if !explode && len(items) == 1 {
			items = strings.Split(items[0], plainSeparators[style])
		}
		v := &Value{Kind: KindArray}
		if len(items) == 1 && items[0] == "" && !s.keepsItem("") {
			return v
		}
		for i, item := range items {
			v.Items = append(v.Items, s.item(i).read(item))
		}
		if len(v.Items) == 1 && !s.keeps(v) && s.takesShape(KindString) {
			return s.read(t.values[0])
		}
		return v
	}
	if len(t.values) > 1 {
		l.add("repeated", "expected the member once, got it %d times", len(t.values))
	}
	text := t.values[len(t.values)-1]
	if wantsObject {
		if v, problems := ReadJSON([]byte(text)); len(problems) == 0 && v.Kind == KindObject {
			return v
		}
	}
	return s.read(text)
}

// plainSeparators stand between the items of an array that is written as one text.
var plainSeparators = map[Style]string{"": ",", StyleForm: ",", StyleSpaceDelimited: " ", StylePipeDelimited: "|", StyleDeepObject: ","}

// listed makes an array of a tree whose branches are its items: a[]=1 or a[0]=1.
func (l *problemList) listed(t *formTree, s *Schema) *Value {
	v := &Value{Kind: KindArray}
	for _, name := range t.names {
		branch := t.branches[name]
		for _, text := range branch.values {
			v.Items = append(v.Items, s.item(len(v.Items)).read(text))
		}
		if len(branch.names) > 0 {
			l.path.push("", len(v.Items))
			v.Items = append(v.Items, l.tree(&formTree{names: branch.names, branches: branch.branches}, s.item(len(v.Items)), StyleForm, true))
			l.path.pop()
		}
	}
	return v
}
