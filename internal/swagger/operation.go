package swagger

import (
	"slices"

	"github.com/gesconform/gesconform/internal/docfile"
)

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch"}

const (
	jsonType      = "application/json"
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// mediaTypes returns the media types that an operation, or else the document, lists.
func (c *converter) mediaTypes(n *docfile.Node, keyword string) []string {
	list := n.Get(keyword)
	if list == nil {
		list = c.document.Get(keyword)
	}
	var names []string
	for _, m := range list.Members() {
		names = append(names, m.Value.Text)
	}
	return names
}

func (c *converter) pathItem(n docfile.Node) docfile.Node {
	if n.Kind != docfile.Mapping {
		return n
	}
	var out members
	var shared []docfile.Member // parameters of the path that are in the body
	for _, m := range n.Members() {
		if m.Name == "parameters" {
			var plain []docfile.Member
			plain, shared = c.split(&m.Value)
			out.add(m, docfile.NewList(m.Value.Line, converted(plain)))
		}
	}
	for _, m := range n.Members() {
		switch {
		case m.Name == "parameters":
		case slices.Contains(methods, m.Name) && m.Value.Kind == docfile.Mapping:
			out.add(m, c.operation(m.Value, shared))
		default:
			out.add(m, m.Value)
		}
	}
	return docfile.NewMapping(n.Line, out)
}

func converted(parameters []docfile.Member) []docfile.Member {
	all := make([]docfile.Member, len(parameters))
	for i, m := range parameters {
		all[i] = docfile.Member{Line: m.Line, Value: parameter(m.Value)}
	}
	return all
}

// split divides a list of parameters into those that stay ones, and those that are the body or members of
// a form, which stand there as what they refer to.
func (c *converter) split(list *docfile.Node) (plain, body []docfile.Member) {
	for _, m := range list.Members() {
		if own := c.described(m.Value); own.TextOf("in") == "body" || own.TextOf("in") == "formData" {
			body = append(body, docfile.Member{Line: m.Line, Value: own})
		} else {
			plain = append(plain, m)
		}
	}
	return plain, body
}

// described returns the parameter that a reference to one of the document's leads to, or the parameter
// itself.
func (c *converter) described(n docfile.Node) docfile.Node {
	const parameters = "#/parameters/"
	if ref := n.TextOf("$ref"); len(ref) > len(parameters) && ref[:len(parameters)] == parameters {
		if found := c.document.Get("parameters").Get(ref[len(parameters):]); found != nil {
			return *found
		}
	}
	return n
}

func (c *converter) operation(n docfile.Node, body []docfile.Member) docfile.Node {
	var out members
	for _, m := range n.Members() {
		switch m.Name {
		case "consumes", "produces", "schemes":
		case "parameters":
			plain, own := c.split(&m.Value)
			body = slices.Concat(own, body)
			out.add(m, docfile.NewList(m.Value.Line, converted(plain)))
		case "responses":
			produces := c.mediaTypes(&n, "produces")
			out.add(m, each(m.Value, func(r docfile.Node) docfile.Node { return c.response(r, produces) }))
		default:
			out.add(m, m.Value)
		}
	}
	if len(body) > 0 {
		out.named("requestBody", body[0], c.body(body, c.mediaTypes(&n, "consumes")))
	}
	return docfile.NewMapping(n.Line, out)
}

// body returns the request body that parameters describe.
func (c *converter) body(parameters []docfile.Member, consumes []string) docfile.Node {
	line := parameters[0].Line
	var out, content members
	for _, m := range parameters {
		if m.Value.TextOf("in") != "body" {
			continue
		}
		if required := m.Value.Get("required"); required != nil {
			out.put("required", *required)
		}
		if len(consumes) == 0 {
			consumes = []string{jsonType}
		}
		described := docfile.Node{Kind: docfile.Mapping, Line: line}
		if s := m.Value.Get("schema"); s != nil {
			described = schema(*s)
		}
		for _, name := range consumes {
			var media members
			media.put("schema", described)
			content.put(name, docfile.NewMapping(m.Line, media))
		}
		out.put("content", docfile.NewMapping(line, content))
		return docfile.NewMapping(line, out)
	}
	media, required, hasFile := form(parameters, line)
	out.truth("required", required, line)
	for _, name := range formTypes(consumes, hasFile) {
		content.put(name, media)
	}
	out.put("content", docfile.NewMapping(line, content))
	return docfile.NewMapping(line, out)
}

// formTypes returns the media types of a form.
func formTypes(consumes []string, hasFile bool) []string {
	var names []string
	for _, name := range consumes {
		if name == multipartType || name == formType && !hasFile {
			names = append(names, name)
		}
	}
	switch {
	case len(names) > 0:
		return names
	case hasFile:
		return []string{multipartType}
	default:
		return []string{formType}
	}
}

// form returns the media type of a form, and whether it has a required member, or a file.
func form(parameters []docfile.Member, line int32) (media docfile.Node, required, hasFile bool) {
	var described, properties, encoding members
	var names []docfile.Member
	seen := map[string]bool{}
	for _, m := range parameters {
		name := m.Value.TextOf("name")
		if seen[name] {
			continue
		}
		seen[name] = true
		hasFile = hasFile || m.Value.TextOf("type") == "file"
		properties = append(properties, docfile.Member{Name: name, Line: m.Line, Value: valueSchema(m.Value)})
		if r := m.Value.Get("required"); r.Is(docfile.Bool) && r.Text == "true" {
			names = append(names, docfile.Member{Line: m.Line, Value: docfile.Node{Kind: docfile.Text, Text: name, Line: m.Line}})
		}
		if m.Value.TextOf("type") == "array" {
			var written members
			written.style(m.Value)
			encoding = append(encoding, docfile.Member{Name: name, Line: m.Line, Value: docfile.NewMapping(m.Line, written)})
		}
	}
	described.text("type", "object", line)
	described.put("properties", docfile.NewMapping(line, properties))
	if len(names) > 0 {
		described.put("required", docfile.NewList(line, names))
	}
	var out members
	out.put("schema", docfile.NewMapping(line, described))
	if len(encoding) > 0 {
		out.put("encoding", docfile.NewMapping(line, encoding))
	}
	return docfile.NewMapping(line, out), len(names) > 0, hasFile
}

// response converts a response; produces are its media types, if it has a body.
func (c *converter) response(n docfile.Node, produces []string) docfile.Node {
	if converted, isReference := reference(n); isReference || n.Kind != docfile.Mapping {
		return converted
	}
	if len(produces) == 0 {
		produces = []string{jsonType}
	}
	var out members
	for _, m := range n.Members() {
		switch m.Name {
		case "examples":
		case "headers":
			out.add(m, each(m.Value, parameter))
		case "schema":
			var content members
			for _, name := range produces {
				var media members
				media.add(m, schema(m.Value))
				if example := n.Get("examples").Get(name); example != nil {
					media.put("example", *example)
				}
				content.named(name, m, docfile.NewMapping(m.Line, media))
			}
			out.named("content", m, docfile.NewMapping(m.Line, content))
		default:
			out.add(m, m.Value)
		}
	}
	return docfile.NewMapping(n.Line, out)
}
