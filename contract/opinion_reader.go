package contract

import (
	"fmt"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gesconform/gesconform/internal/docfile"
)

// A secondReader has kin-openapi read the schemas of a document, each when it is first asked about: kin-openapi
// takes several times the memory that the document does. It reads what the document says, so that it does
// not repeat mistakes that we made in reading it. It is safe for concurrent use.
type secondReader struct {
	set   *docfile.Set
	is31  bool // whether the document is one of OpenAPI 3.1
	mu    sync.Mutex
	known map[*docfile.Node]*openapi3.Schema
	open  []opened // whose references are not followed yet
}

type opened struct {
	at docfile.Place
	in *openapi3.Schema
}

// read returns kin-openapi's form of a schema.
func (r *secondReader) read(s *Schema) (*openapi3.Schema, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in, err := r.schema(s.place)
	for err == nil && len(r.open) > 0 {
		last := r.open[len(r.open)-1]
		r.open = r.open[:len(r.open)-1]
		err = r.follow(last)
	}
	r.open = nil
	if err != nil {
		return nil, fmt.Errorf("read the schema %s by kin-openapi: %w", s.Clause, err)
	}
	return in, nil
}

func (r *secondReader) schema(at docfile.Place) (*openapi3.Schema, error) {
	at, err := r.set.Follow(at)
	if err != nil {
		return nil, err
	}
	if in := r.known[at.Node]; in != nil {
		return in, nil
	}
	in := &openapi3.Schema{}
	if at.Node != nil {
		if err := in.UnmarshalJSON(at.Node.AppendJSON(nil)); err != nil {
			return nil, err
		}
	}
	if r.known == nil {
		r.known = map[*docfile.Node]*openapi3.Schema{}
	}
	r.known[at.Node] = in
	r.open = append(r.open, opened{at, in})
	return in, nil
}

// follow gives the references in a schema what they refer to.
func (r *secondReader) follow(o opened) (err error) {
	visit := func(ref *openapi3.SchemaRef, at docfile.Place) {
		switch {
		case err != nil || ref == nil:
		case ref.Ref != "":
			ref.Value, err = r.schema(at)
		case ref.Value != nil:
			if r.known[at.Node] == nil {
				r.known[at.Node] = ref.Value // so that it is not read once more when it is asked about by itself
			}
			r.open = append(r.open, opened{at, ref.Value})
		}
	}
	in, at := o.in, o.at
	if r.is31 {
		in.Nullable = false // is a keyword of 3.0 alone
	}
	if _, unread := compilePattern(in.Pattern); unread != nil {
		in.Pattern = "" // of which kin-openapi has no opinion, either: it would find no value valid
	}
	if in.Const != nil && len(in.Enum) == 0 {
		in.Enum = []any{in.Const} // which says the same, and which kin-openapi checks in documents of any version
	}
	for _, one := range []struct {
		keyword string
		ref     *openapi3.SchemaRef
	}{
		{"items", in.Items}, {"not", in.Not}, {"additionalProperties", in.AdditionalProperties.Schema}, {"contains", in.Contains},
		{"propertyNames", in.PropertyNames}, {"if", in.If}, {"then", in.Then}, {"else", in.Else}, {"unevaluatedItems", in.UnevaluatedItems.Schema},
		{"unevaluatedProperties", in.UnevaluatedProperties.Schema}, {"contentSchema", in.ContentSchema},
	} {
		if one.ref != nil {
			visit(one.ref, at.At(one.keyword))
		}
	}
	for keyword, refs := range map[string]openapi3.SchemaRefs{"allOf": in.AllOf, "anyOf": in.AnyOf, "oneOf": in.OneOf, "prefixItems": in.PrefixItems} {
		if len(refs) == 0 {
			continue
		}
		list := at.At(keyword)
		for i, ref := range refs {
			visit(ref, list.Item(i))
		}
	}
	for keyword, named := range map[string]openapi3.Schemas{
		"properties": in.Properties, "patternProperties": in.PatternProperties, "dependentSchemas": in.DependentSchemas, "$defs": in.Defs,
	} {
		if len(named) == 0 {
			continue
		}
		list := at.At(keyword)
		for name, ref := range named {
			visit(ref, list.At(name))
		}
	}
	return err
}
