package implied

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/values"
)

// A variation is how a request differs from the plain one of its operation. The zero value is the
// plain one.
type variation struct {
	method  string // "" for the operation's own
	set     []setting
	omit    *contract.Parameter
	absent  *contract.Parameter // whose value is an id of nothing
	ids     resources.Choice    // in place of those of the plain request
	accept  string              // "" for the media types of the operation
	body    *content            // nil for the plain one
	attempt *attempt            // nil for the operation's own credentials

	in      contract.In // where the change is
	at      string      // JSON pointer to what is special in the value of a parameter
	special string      // what the change is, as far as the clause does not say
}

// pointer returns the JSON pointer to what is special in the value of the parameter or body that is changed.
func (v *variation) pointer() string {
	if v.body != nil {
		return v.body.pointer
	}
	return v.at
}

// of names the parameter or the media type that is changed; "" for neither, or several parameters.
func (v *variation) of() string {
	switch {
	case v.body != nil && v.body.media != nil:
		return v.body.media.Name
	case len(v.set) == 1:
		return v.set[0].parameter.Name
	}
	return ""
}

// A setting is a value for a parameter.
type setting struct {
	parameter *contract.Parameter
	value     any
}

// A base is what the plain request of an operation has.
type base struct {
	op          *contract.Operation
	alternative int // of the credentials; -1 for none
	values      map[*contract.Parameter]any
	body        *content // nil for none
	beyond      []member // of the body, which the document does not require and the server does
	ofMembers   known    // in the body; nil for none
	fresh       int      // if not 0, texts of the body that may be anything end in it
	inForm      bool     // whether texts of a form are others of it then
	own         string   // the member of the body that names what is created; "" for none
	ownID       any      // its value
	ownForced   bool     // whether it has that value whatever is varied
}

// A builder writes one request.
type builder struct {
	o       *Options
	shown   bool // whether it is for people: credentials are names
	path    string
	query   []string
	headers []cases.Header
	cookies []string
}

// place puts a text where a security scheme, or a user, wants it.
func (b *builder) place(in contract.In, name, text string) {
	switch in {
	case contract.InQuery:
		b.query = append(b.query, url.QueryEscape(name)+"="+url.QueryEscape(text))
	case contract.InCookie:
		b.cookies = append(b.cookies, name+"="+text)
	default:
		b.headers = append(b.headers, cases.Header{Name: name, Value: text})
	}
}

// build writes the request of a variation.
func (o *Options) build(g base, v variation, shown bool) (cases.Template, error) {
	b := &builder{o: o, shown: shown, path: g.op.Path}
	for _, p := range g.op.Parameters {
		value, given := g.values[p]
		for _, s := range v.set {
			if s.parameter == p {
				value, given = s.value, true
			}
		}
		if a, ok := v.ids.Of(p); ok {
			value, given = a.JSON(), true
		}
		if !given || v.omit == p {
			continue
		}
		if err := b.parameter(p, value); err != nil {
			return cases.Template{}, fmt.Errorf("write %s parameter %s of %s: %w", p.In, p.Name, g.op.ID, err)
		}
	}
	for _, a := range o.Added {
		if !slices.ContainsFunc(g.op.Parameters, func(p *contract.Parameter) bool { return p.In == a.In && strings.EqualFold(p.Name, a.Name) }) {
			b.place(a.In, a.Name, a.Value)
		}
	}
	credentials := attempt{alternative: g.alternative}
	if v.attempt != nil {
		credentials = *v.attempt
	}
	b.credentials(g.op, credentials)
	if accepted := cmp.Or(v.accept, acceptable(g.op)); accepted != "" && !slices.ContainsFunc(b.headers, isAccept) {
		b.headers = append(b.headers, cases.Header{Name: "Accept", Value: accepted})
	}
	if len(b.cookies) > 0 {
		b.headers = append(b.headers, cases.Header{Name: "Cookie", Value: strings.Join(b.cookies, "; ")})
	}
	t := cases.Template{Method: g.op.Method, Path: b.path, Headers: b.headers}
	if v.method != "" {
		t.Method = v.method
	}
	if err := b.content(&t, g, v.body); err != nil {
		return cases.Template{}, fmt.Errorf("write body of %s: %w", g.op.ID, err)
	}
	t.Headers = b.headers
	if len(b.query) > 0 {
		t.Path += "?" + strings.Join(b.query, "&")
	}
	return t, nil
}

func isAccept(h cases.Header) bool { return strings.EqualFold(h.Name, "Accept") }

// acceptable returns the Accept header of an operation: the media types of its successes, and
// whatever else its refusals have.
func acceptable(op *contract.Operation) string {
	var own []string
	for _, r := range op.Responses {
		for _, m := range r.Content {
			if (r.Status < "4" || r.Status == "default") && !slices.Contains(own, m.Name) {
				own = append(own, m.Name)
			}
		}
	}
	if len(own) == 0 || slices.Contains(own, "*/*") {
		return "*/*"
	}
	return strings.Join(own, ", ") + ", */*;q=0.1"
}

// parameter writes a parameter.
func (b *builder) parameter(p *contract.Parameter, value any) error {
	pairs, err := values.Parameter(p, value)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		switch p.In {
		case contract.InPath:
			b.path = strings.Replace(b.path, "{"+p.Name+"}", pair.Value, 1)
		case contract.InQuery:
			b.query = append(b.query, pair.Name+"="+pair.Value)
		case contract.InCookie:
			b.cookies = append(b.cookies, pair.Name+"="+pair.Value)
		default:
			b.headers = append(b.headers, cases.Header{Name: p.Name, Value: pair.Value})
		}
	}
	return nil
}
