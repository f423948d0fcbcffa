package contract

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// parameterPlaces are the parts of a request that parameters stand in, in the order in which they are
// listed.
var parameterPlaces = []In{InPath, InQuery, InHeader, InCookie}

// stylesOf are the styles that a parameter may have in a part of a request, the default first (OpenAPI
// 3.0.4, section 4.8.12.2).
var stylesOf = map[In][]Style{
	InPath:   {StyleSimple, StyleLabel, StyleMatrix},
	InQuery:  {StyleForm, StyleSpaceDelimited, StylePipeDelimited, StyleDeepObject},
	InHeader: {StyleSimple},
	InCookie: {StyleForm},
}

// ignoredHeaders are header parameters that mean nothing (OpenAPI 3.0.4, section 4.8.12.2.1): the media types and
// the security say what they are.
var ignoredHeaders = []string{"Accept", "Authorization", "Content-Type"}

// framingHeaders say where a request goes and where it ends, which is for the client that sends it (RFC 9112).
var framingHeaders = []string{"Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// tokenForm is the form of the names of headers and cookies (RFC 9110, section 5.6.2).
var tokenForm = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// parameters reads the parameters of an operation and those of its path, sorted by where they stand. A
// parameter of the path template that is not described is any text that is not empty.
func (k *compiler) parameters(op *Operation, item, at docfile.Place) {
	k.addParameters(op, at.At("parameters"))
	k.addParameters(op, item.At("parameters"))
	names := op.templateNames()
	for _, name := range names {
		if k.described(op, InPath, name) == nil {
			s := newSchema(at)
			s.Type, s.MinLength = KindString, 1
			op.Parameters = append(op.Parameters, &Parameter{Name: name, In: InPath, Required: true, Schema: s, Clause: op.Clause, Style: StyleSimple})
			k.note(at, "operation %s: the path has the parameter %.100q, which is not described; taken for any text", op.ID, name)
		}
	}
	op.Parameters = slices.DeleteFunc(op.Parameters, func(p *Parameter) bool {
		gone := p.In == InPath && !slices.Contains(names, p.Name)
		if gone {
			k.note(at, "operation %s: the path has no parameter %.100q; left out", op.ID, p.Name)
		}
		return gone
	})
	slices.SortStableFunc(op.Parameters, func(a, b *Parameter) int {
		return cmp.Compare(slices.Index(parameterPlaces, a.In), slices.Index(parameterPlaces, b.In))
	})
}

// described returns the parameter with a name in a part of the request, or nil.
func (k *compiler) described(op *Operation, in In, name string) *Parameter {
	return first(op.Parameters, func(p *Parameter) bool { return p.In == in && p.Name == name })
}

// addParameters reads a list of parameters. Those that op already has are more specific.
func (k *compiler) addParameters(op *Operation, at docfile.Place) {
	at = k.followed(at)
	if at.Node != nil && at.Node.Kind != docfile.Null && !at.Node.Is(docfile.List) {
		op.lacks(at, "parameters: %s", expected("a list", at))
		return
	}
	before := slices.Clone(op.Parameters)
	for i := range at.Node.Members() {
		own := at.Item(i)
		place, err := k.set.Follow(own)
		if err != nil {
			op.lacks(own, "$ref: %s", err)
			continue
		}
		p, err := k.parameter(place)
		what := strings.TrimSuffix("parameter "+p.Name, " ")
		switch other := k.described(op, p.In, p.Name); {
		case p.In == InHeader && slices.Contains(ignoredHeaders, http.CanonicalHeaderKey(p.Name)):
		case other != nil && !slices.Contains(before, other):
			k.note(own, "operation %s: %s in %s appears twice; the first counts", op.ID, what, p.In)
		case other != nil:
		case p.In == InHeader && slices.Contains(framingHeaders, http.CanonicalHeaderKey(p.Name)):
			k.note(place, "%s: is of the connection, and not of a request by this document; left out", what)
		case err != nil && (p.Required || p.Name == "" || p.In == ""):
			op.lacks(place, "%s: %s", what, err)
		case err != nil:
			k.note(place, "%s: %s; left out", what, err)
		default:
			op.Parameters = append(op.Parameters, p)
		}
	}
}

// parameter reads a parameter.
func (k *compiler) parameter(at docfile.Place) (*Parameter, error) {
	p := &Parameter{Name: at.Node.TextOf("name"), In: In(at.Node.TextOf("in")), Required: isTrue(at.Node.Get("required")), Clause: at.Clause()}
	p.Required = p.Required || p.In == InPath
	styles := stylesOf[p.In]
	switch {
	case p.Name == "":
		return p, fmt.Errorf("expected a name, got %s", at.At("name").Kind())
	case styles == nil:
		in := p.In
		p.In = ""
		return p, fmt.Errorf("in: expected path, query, header or cookie, got %.60q", string(in))
	case (p.In == InHeader || p.In == InCookie) && !tokenForm.MatchString(p.Name):
		return p, fmt.Errorf("expected a name that a %s may have (RFC 9110, section 5.6.2), got %.60q", p.In, p.Name)
	}
	p.AllowReserved, p.AllowEmptyValue = isTrue(at.Node.Get("allowReserved")), isTrue(at.Node.Get("allowEmptyValue"))
	p.Style = cmp.Or(Style(at.Node.TextOf("style")), styles[0])
	if p.Style == "tabDelimited" { // of Swagger 2.0
		return p, errors.New("collectionFormat: expected csv, ssv, pipes or multi, got tsv, which OpenAPI 3.0 has no style for")
	}
	if !slices.Contains(styles, p.Style) {
		return p, fmt.Errorf("style: expected one of %v in %s, got %.60q", styles, p.In, string(p.Style))
	}
	return p, k.describe(p, at)
}

func isTrue(n *docfile.Node) bool { return n.Is(docfile.Bool) && n.Text == "true" }

// describe reads what parameters and headers of answers have in common. Style is already known.
func (k *compiler) describe(p *Parameter, at docfile.Place) error {
	p.Explode = p.Style == StyleForm
	if explode := at.Node.Get("explode"); explode.Is(docfile.Bool) {
		p.Explode = explode.Text == "true"
	}
	p.Schema = k.schema(at.At("schema"))
	p.Example = k.example(at)
	content := k.followed(at.At("content"))
	if content.Node == nil {
		return nil
	}
	names := namesOfMembers(content.Node)
	if len(names) != 1 {
		return fmt.Errorf("content: expected one media type, got %d", len(names))
	}
	m, err := k.set.Follow(content.At(names[0]))
	media := MediaType{Name: names[0]}
	switch {
	case err != nil:
		return fmt.Errorf("content: %w", err)
	case media.IsJSON():
		p.MediaType = names[0]
	case mediaTypeOf(names[0]) != "text/plain": // which is like no media type
		return fmt.Errorf("content: expected a media type of JSON or text/plain, got %.60q", names[0])
	}
	p.Schema, p.Example = k.schema(m.At("schema")), cmp.Or(p.Example, k.example(m))
	return nil
}

// example returns the example of a parameter, a header or a media type: the first, if there are several; nil
// if there is none.
func (k *compiler) example(at docfile.Place) any {
	if n := at.Node.Get("example"); n != nil {
		return k.value(n)
	}
	all := k.followed(at.At("examples"))
	for _, m := range all.Node.Members() {
		if all.Node.Kind != docfile.Mapping {
			break
		}
		one, err := k.set.Follow(all.At(m.Name))
		if err != nil {
			continue
		}
		if v := one.Node.Get("value"); v != nil {
			return k.value(v)
		}
	}
	return nil
}
