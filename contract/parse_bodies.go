package contract

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/docfile"
)

// body reads the body of a request.
func (k *compiler) body(op *Operation, own docfile.Place) {
	if own.Node == nil {
		return
	}
	at, err := k.set.Follow(own)
	if err == nil && !at.Node.Is(docfile.Mapping) {
		err = expected("a mapping", at)
	}
	if err != nil {
		op.lacks(own, "requestBody: %s", err)
		return
	}
	op.Body = &Body{Required: isTrue(at.Node.Get("required")), Clause: at.Clause()}
	if op.Body.Content = k.content(at.At("content")); len(op.Body.Content) == 0 {
		op.lacks(at, "requestBody: has no media type that can be read")
	}
}

// content reads the media types of a body. With one that is none it is not known what the body may be, and there
// are none.
func (k *compiler) content(at docfile.Place) []*MediaType {
	var all []*MediaType
	at = k.followed(at)
	for _, name := range namesOfMembers(at.Node) {
		own := at.At(name)
		if !strings.Contains(name, "/") && !strings.HasPrefix(name, "x-") {
			k.note(own, "content: expected a media type such as application/json, got %.60q; all of it is left out", name)
			return nil
		}
		place, err := k.set.Follow(own)
		if err != nil {
			k.note(own, "media type %s: %s; left out", name, err)
			continue
		}
		m := &MediaType{Name: name, Clause: place.Clause(), Schema: k.schema(place.At("schema")), Example: k.example(place)}
		m.Parts = k.parts(place.At("encoding"))
		all = append(all, m)
	}
	return all
}

// parts reads how the members of a form, or the parts of a multipart body, are written.
func (k *compiler) parts(at docfile.Place) map[string]*Part {
	at = k.followed(at)
	names := namesOfMembers(at.Node)
	if len(names) == 0 {
		return nil
	}
	parts := make(map[string]*Part, len(names))
	for _, name := range names {
		own := at.At(name)
		p := &Part{ContentType: own.Node.TextOf("contentType"), Style: cmp.Or(Style(own.Node.TextOf("style")), StyleForm)}
		p.Explode = p.Style == StyleForm
		if explode := own.Node.Get("explode"); explode.Is(docfile.Bool) {
			p.Explode = explode.Text == "true"
		}
		p.Headers = k.headers(own.At("headers"))
		parts[name] = p
	}
	return parts
}

// headers reads the headers of an answer, or of a part of a body. The media type says what Content-Type is.
func (k *compiler) headers(at docfile.Place) []*Parameter {
	var all []*Parameter
	at = k.followed(at)
	for _, name := range namesOfMembers(at.Node) {
		place, err := k.set.Follow(at.At(name))
		p := &Parameter{Name: name, In: InHeader, Style: StyleSimple}
		if err == nil {
			p.Clause, p.Required = place.Clause(), isTrue(place.Node.Get("required"))
			err = k.describe(p, place)
		}
		switch {
		case http.CanonicalHeaderKey(name) == "Content-Type" || strings.HasPrefix(name, "x-") && !place.Node.Is(docfile.Mapping):
		case err != nil:
			k.note(at.At(name), "header %s: %s; left out", name, err)
		default:
			all = append(all, p)
		}
	}
	return all
}

var statusForm = regexp.MustCompile(`^([1-5][0-9][0-9]|[1-5]XX|default)$`)

// responses reads what an operation may answer.
func (k *compiler) responses(op *Operation, at docfile.Place) {
	at = k.followed(at)
	for _, key := range namesOfMembers(at.Node) {
		own, status := at.At(key), key
		if strings.HasSuffix(status, "xx") {
			status = strings.ToUpper(status)
		}
		switch {
		case strings.HasPrefix(key, "x-"):
			continue
		case !statusForm.MatchString(status):
			k.note(own, "operation %s: response: expected a status such as 200, a class such as 4XX, or default, got %.60q; left out", op.ID, key)
			continue
		}
		r := &Response{Status: status, Clause: own.Clause()}
		if place, err := k.set.Follow(own); err != nil {
			k.note(own, "operation %s: response %s: %s; any body is taken", op.ID, key, err)
		} else {
			r.Clause = place.Clause()
			r.Content, r.Headers = k.content(place.At("content")), k.headers(place.At("headers"))
			k.openLinks(r, place.At("links"))
		}
		if first(op.Responses, func(other *Response) bool { return other.Status == status }) == nil {
			op.Responses = append(op.Responses, r)
		}
	}
	slices.SortStableFunc(op.Responses, func(a, b *Response) int { return strings.Compare(a.Status, b.Status) })
}

func (k *compiler) openLinks(r *Response, at docfile.Place) {
	at = k.followed(at)
	for _, name := range namesOfMembers(at.Node) {
		place, err := k.set.Follow(at.At(name))
		if err != nil || !place.Node.Is(docfile.Mapping) {
			k.note(at.At(name), "link %s: expected a link; left out", name)
			continue
		}
		l := &Link{Name: name, Clause: place.Clause()}
		if parameters := place.At("parameters"); len(namesOfMembers(parameters.Node)) > 0 {
			l.Parameters = map[string]any{}
			for _, m := range parameters.Node.Members() {
				l.Parameters[m.Name] = k.value(parameters.At(m.Name).Node)
			}
		}
		k.links = append(k.links, openLink{r, l, place})
	}
}
