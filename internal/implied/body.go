package implied

import (
	"fmt"
	"maps"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/values"
)

// A content is the body of a request.
type content struct {
	media   *contract.MediaType // nil for that of the plain body
	value   any
	given   bool       // whether value is set; else it is that of the plain body
	later   func() any // makes value; nil if it is there already
	pointer string     // to what is special in value (RFC 6901)
	none    bool       // whether there is no body
	as      string     // the media type that the request names, if it is another one
	cut     bool       // whether the end is missing
	more    bool       // whether something follows the value
	lacks   string     // what it cannot have that the server wants; "" for nothing
}

// ready returns a copy whose value is made.
func (c *content) ready() content {
	made := *c
	if c.later != nil {
		made.value, made.later = c.later(), nil
	}
	return made
}

// boundary separates the parts of multipart bodies.
const boundary = "gesconform4f1c8e"

// hintsOf returns the examples of a media type.
func hintsOf(m *contract.MediaType) []any {
	if m.Example == nil {
		return nil
	}
	return []any{m.Example}
}

// plainBody sets the plain body of a base.
func (g *base) plainBody(m *contract.MediaType, source *values.Source) error {
	if m == nil {
		return nil
	}
	g.body = &content{media: m, value: map[string]any{}, given: true}
	if m.Schema == nil {
		return nil
	}
	value, err := source.Plain(m.Schema, hintsOf(m)...)
	if err != nil {
		return fmt.Errorf("make the plain body of %s: %w", g.op.ID, err)
	}
	g.body.value = value
	return nil
}

// contentOf returns the body of a request; change is how it differs from the plain one. It is nil if there is
// none.
func (g base) contentOf(change *content) *content {
	if g.body == nil || change != nil && change.none {
		return nil
	}
	c := *g.body
	if change != nil {
		c = change.ready()
		if c.media == nil {
			c.media = g.body.media
		}
		if !c.given {
			c.value = g.body.value
		}
	}
	if c.given {
		c.value, c.lacks = g.completed(c.media, c.value, c.pointer)
	}
	if g.fresh != 0 {
		c.value = g.unlike(c.media.Schema, c.value, c.pointer)
	}
	c.value = g.withKnown(c.media, c.value, c.pointer)
	if g.fresh == 0 {
		return &c
	}
	if object, ok := c.value.(map[string]any); ok && g.ownID != nil && object[g.own] != nil && (g.ownForced || c.pointer != "/"+g.own) {
		object[g.own] = g.ownID // unlike has made a copy
	}
	return &c
}

// valueOf returns the value of a body; nil if there is none.
func (g base) valueOf(change *content) any {
	if c := g.contentOf(change); c != nil {
		return c.value
	}
	return nil
}

// content writes the body of a request.
func (b *builder) content(t *cases.Template, g base, change *content) error {
	c := g.contentOf(change)
	if c == nil {
		return nil
	}
	body, contentType, err := values.Body(c.media, c.value, boundary)
	if err != nil {
		return err
	}
	switch {
	case c.cut:
		body = body[:len(body)-1]
	case c.more:
		body = append(body, " {}"...)
	}
	if c.as != "" {
		contentType = c.as
	}
	t.Body = cases.Text(body)
	b.headers = append(b.headers, cases.Header{Name: "Content-Type", Value: contentType})
	return nil
}

// unlike returns a body whose texts at the top are others than those of any other request, where the schema
// leaves a choice, so that names that must be unique are.
func (g base) unlike(s *contract.Schema, value any, special string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	own, _, _ := strings.Cut(strings.TrimPrefix(special, "/"), "/")
	out := maps.Clone(object)
	if s == nil {
		return out
	}
	for name, member := range object {
		p := s.Property(name)
		text, isText := member.(string)
		if inner, ok := member.(map[string]any); ok && p != nil && name != own && inMetadata[name] {
			out[name] = g.renamed(p, inner)
		}
		if isText && g.isLikely("/"+jsonpointer.Escape(name), text) {
			out[name] = otherLikely(text, g.fresh, g.inForm)
			continue
		}
		if isText && p != nil && (name != own || special == "") && (isFree(p) || !references.MatchString(name)) {
			out[name] = otherText(p, text, g.fresh, g.inForm)
		}
	}
	return out
}

// inMetadata are the members in which some services, as Kubernetes does, have the names of things.
var inMetadata = map[string]bool{"metadata": true, "meta": true}

// renamed returns what describes a thing with another name, where the schema leaves a choice.
func (g base) renamed(s *contract.Schema, object map[string]any) map[string]any {
	out := maps.Clone(object)
	text, isText := object["name"].(string)
	if p := s.Property("name"); isText && p != nil {
		out["name"] = otherText(p, text, g.fresh, g.inForm)
	}
	return out
}

// isFree reports whether a text may be anything, but for its length.
func isFree(s *contract.Schema) bool {
	return s.Type == contract.KindString && len(s.Enum) == 0 && len(s.Const) == 0 && s.Pattern == nil && (s.Format == "" || s.Format == "email") &&
		len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0 && s.Not == nil && len(s.Unsupported) == 0
}
