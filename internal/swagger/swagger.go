// Package swagger turns Swagger 2.0 documents into OpenAPI 3.0. What is made keeps the lines of what it
// is made of.
package swagger

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// Convert returns a Swagger 2.0 document as OpenAPI 3.0. References into other files stay as they are.
func Convert(document *docfile.Node) docfile.Node {
	c := converter{document}
	out := members{}
	out.text("openapi", "3.0.3", document.Line)
	var components members
	for _, m := range document.Members() {
		switch m.Name {
		case "swagger", "host", "basePath", "schemes", "consumes", "produces":
		case "paths":
			out.add(m, each(m.Value, c.pathItem))
		case "definitions":
			components.named("schemas", m, each(m.Value, schema))
		case "parameters":
			components.named("parameters", m, each(m.Value, parameter))
		case "responses":
			components.named("responses", m, each(m.Value, func(n docfile.Node) docfile.Node { return c.response(n, c.mediaTypes(document, "produces")) }))
		case "securityDefinitions":
			components.named("securitySchemes", m, each(m.Value, scheme))
		default:
			out.add(m, m.Value)
		}
	}
	if document.Get("paths") == nil {
		out.put("paths", docfile.NewMapping(document.Line, nil))
	}
	out.put("components", docfile.NewMapping(document.Line, components))
	return docfile.NewMapping(document.Line, out)
}

type converter struct{ document *docfile.Node }

// members are those of a mapping that is made.
type members []docfile.Member

func (all *members) add(like docfile.Member, value docfile.Node) {
	*all = append(*all, docfile.Member{Name: like.Name, Line: like.Line, Value: value})
}

func (all *members) named(name string, like docfile.Member, value docfile.Node) {
	*all = append(*all, docfile.Member{Name: name, Line: like.Line, Value: value})
}

func (all *members) put(name string, value docfile.Node) {
	*all = append(*all, docfile.Member{Name: name, Line: value.Line, Value: value})
}

func (all *members) text(name, text string, line int32) {
	all.put(name, docfile.Node{Kind: docfile.Text, Text: text, Line: line})
}

func (all *members) truth(name string, truth bool, line int32) {
	text := map[bool]string{true: "true", false: "false"}[truth]
	all.put(name, docfile.Node{Kind: docfile.Bool, Text: text, Line: line})
}

// each converts the members of a mapping, or the items of a list.
func each(n docfile.Node, convert func(docfile.Node) docfile.Node) docfile.Node {
	converted := make([]docfile.Member, len(n.Members()))
	for i, m := range n.Members() {
		converted[i] = docfile.Member{Name: m.Name, Line: m.Line, Value: convert(m.Value)}
	}
	switch n.Kind {
	case docfile.Mapping:
		return docfile.NewMapping(n.Line, converted)
	case docfile.List:
		return docfile.NewList(n.Line, converted)
	default:
		return n
	}
}

// moved are the places of what components has in OpenAPI 3.0.
var moved = strings.NewReplacer(
	"#/definitions/", "#/components/schemas/", "#/parameters/", "#/components/parameters/", "#/responses/", "#/components/responses/",
)

// reference returns a mapping with a $ref, which points to where what it refers to has moved.
func reference(n docfile.Node) (docfile.Node, bool) {
	ref := n.TextOf("$ref")
	if ref == "" {
		return n, false
	}
	if strings.HasPrefix(ref, "#") {
		ref = moved.Replace(ref)
	}
	var all members
	for _, m := range n.Members() {
		if m.Name == "$ref" {
			m.Value.Text = ref
		}
		all = append(all, m)
	}
	return docfile.NewMapping(n.Line, all), true
}

// schema converts a schema object.
func schema(n docfile.Node) docfile.Node {
	if converted, isReference := reference(n); isReference || n.Kind != docfile.Mapping {
		return converted
	}
	var out members
	for _, m := range n.Members() {
		switch {
		case m.Name == "properties" || m.Name == "allOf":
			out.add(m, each(m.Value, schema))
		case m.Name == "items" || m.Name == "additionalProperties":
			out.add(m, schema(m.Value))
		case m.Name == "discriminator" && m.Value.Kind == docfile.Text:
			var d members
			d.put("propertyName", m.Value)
			out.add(m, docfile.NewMapping(m.Line, d))
		case m.Name == "x-nullable":
			out.named("nullable", m, m.Value)
		case m.Name == "type" && m.Value.Text == "file":
			out.text("type", "string", m.Line)
			out.text("format", "binary", m.Line)
		default:
			out.add(m, m.Value)
		}
	}
	return docfile.NewMapping(n.Line, out)
}

// valueKeywords are those of a parameter, or of a header, that have moved into its schema.
var valueKeywords = []string{
	"type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
	"maxItems", "minItems", "uniqueItems", "enum", "multipleOf", "x-nullable",
}

// valueSchema returns the schema of a parameter or a header.
func valueSchema(n docfile.Node) docfile.Node {
	var own members
	for _, m := range n.Members() {
		if slices.Contains(valueKeywords, m.Name) {
			own = append(own, m)
		}
	}
	return schema(docfile.NewMapping(n.Line, own))
}

// styles say how a collectionFormat is written: the style, and whether each item stands apart.
var styles = map[string]struct {
	style   string
	explode bool
}{
	"csv": {"", false}, "multi": {"form", true}, "ssv": {"spaceDelimited", false}, "pipes": {"pipeDelimited", false},
	"tsv": {"tabDelimited", false}, // which OpenAPI 3.0 lacks
}

// style adds how a list is written.
func (all *members) style(n docfile.Node) {
	if n.TextOf("type") != "array" {
		return
	}
	s, known := styles[n.TextOf("collectionFormat")]
	if !known {
		s = styles["csv"]
	}
	if s.style != "" {
		all.text("style", s.style, n.Line)
	}
	all.truth("explode", s.explode, n.Line)
}

// parameter converts a parameter that is not in the body, or a header.
func parameter(n docfile.Node) docfile.Node {
	if converted, isReference := reference(n); isReference || n.Kind != docfile.Mapping {
		return converted
	}
	var out members
	for _, m := range n.Members() {
		switch {
		case m.Name == "x-example":
			out.named("example", m, m.Value)
		case !slices.Contains(valueKeywords, m.Name) && m.Name != "collectionFormat":
			out.add(m, m.Value)
		}
	}
	out.style(n)
	out.put("schema", valueSchema(n))
	return docfile.NewMapping(n.Line, out)
}

// scheme converts a security scheme.
func scheme(n docfile.Node) docfile.Node {
	if n.TextOf("type") != "basic" {
		return n
	}
	var out members
	for _, m := range n.Members() {
		if m.Name == "type" {
			m.Value.Text = "http"
		}
		out = append(out, m)
	}
	out.text("scheme", "basic", n.Line)
	return docfile.NewMapping(n.Line, out)
}
