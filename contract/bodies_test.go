package contract

import (
	"fmt"
	"strings"
	"testing"
)

const order = `{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"name":{"type":"string"},"tags":{"type":"array","items":{"type":"string"}},
	"sizes":{"type":"array","items":{"type":"integer"}},"at":{"type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}}},"note":{"type":"string","format":"binary"},"gift":{"type":"boolean"}}}`

// multipartOf writes parts, each a header and a body, as one body with the boundary b.
func multipartOf(parts ...[2]string) string {
	var all strings.Builder
	for _, p := range parts {
		all.WriteString("--b\r\n" + p[0] + "\r\n\r\n" + p[1] + "\r\n")
	}
	return all.String() + "--b--\r\n"
}

func partOf(name string, header ...string) string {
	return strings.Join(append([]string{fmt.Sprintf("Content-Disposition: form-data; name=%q", name)}, header...), "\r\n")
}

var bodyChecks = []struct {
	contentType, schema, body string
	parts                     map[string]*Part
	want                      string
}{
	{"application/json", order, `{"id":1}`, nil, `{"id":1}`},
	{"application/problem+json; charset=utf-8", order, `{"id":`, nil, `!syntax`},
	{formType, order, "id=1&name=a+b%26&gift=true", nil, `{"id":1,"name":"a b&","gift":true}`},
	{formType, order, "id=x&id=2", nil, `{"id":2} !repeated`},
	{formType, order, "tags=a&id=1&tags=b", nil, `{"tags":["a","b"],"id":1}`},
	{formType, order, "tags=a,b", nil, `{"tags":["a,b"]}`},
	{formType, order, "tags=a,b", map[string]*Part{"tags": {Style: StyleForm}}, `{"tags":["a","b"]}`},
	{formType, order, "sizes=1%7C2", map[string]*Part{"sizes": {Style: StylePipeDelimited}}, `{"sizes":[1,2]}`},
	{formType, order, "sizes=1+2", map[string]*Part{"sizes": {Style: StyleSpaceDelimited}}, `{"sizes":[1,2]}`},
	{formType, order, "sizes[]=1&sizes[]=2", nil, `{"sizes":[1,2]}`},
	{formType, order, "sizes[0]=1&sizes[1]=2", nil, `{"sizes":[1,2]}`},
	{formType, order, "at[x]=1&at[y]=2.5", map[string]*Part{"at": {Style: StyleDeepObject, Explode: true}}, `{"at":{"x":1,"y":2.5}}`},
	{formType, order, "at=%7B%22x%22%3A1%7D", nil, `{"at":{"x":1}}`},
	{formType, order, "at=%7B%22x%22%3A1%7D", map[string]*Part{"at": {ContentType: "application/json"}}, `{"at":{"x":1}}`},
	{formType, order, "at=x", map[string]*Part{"at": {ContentType: "application/json"}}, `{"at":"x"} !syntax`},
	{formType, order, "id=1&x=1&y=2", nil, `{"id":1,"at":{"x":1,"y":2}}`},
	{formType, order, "other=1&id=%zz", nil, `{"other":"1"} !syntax`},
	{formType, order, "", nil, `{}`},
	{formType, `{"type":"object","properties":{"a[b]":{"type":"integer"}}}`, "a[b]=1", nil, `{"a[b]":1}`},
	{formType, `{"type":"object","properties":{"l":{"type":"array","items":{"type":"object","properties":{"q":{"type":"integer"}}}}}}`, "l[0][q]=1&l[1][q]=2", nil, `{"l":[{"q":1},{"q":2}]}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("id"), "1"}, [2]string{partOf("tags"), "a"}, [2]string{partOf("tags"), "b"}), nil, `{"id":1,"tags":["a","b"]}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("tags"), "a"}), nil, `{"tags":["a"]}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("at", "Content-Type: application/json"), `{"x":1}`}), nil, `{"at":{"x":1}}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("at"), `{"x":1}`}), nil, `{"at":{"x":1}}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("at", "Content-Type: application/json"), `{`}), nil, `{"at":"{"} !syntax`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("id"), "1"}, [2]string{partOf("id"), "2"}), nil, `{"id":1,"id":2} !repeated`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("note", "Content-Type: image/png"), "x"}), map[string]*Part{"note": {ContentType: "image/png, image/jpeg"}}, `{"note":"x"}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("note", "Content-Type: image/gif"), "x"}), map[string]*Part{"note": {ContentType: "image/png, image/jpeg"}}, `{"note":"x"} !content`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("note", "X-Size: 1"), "x"}), map[string]*Part{"note": {Headers: []*Parameter{{Name: "X-Size", Required: true}}}}, `{"note":"x"}`},
	{multipartType + "; boundary=b", order, multipartOf([2]string{partOf("note"), "x"}), map[string]*Part{"note": {Headers: []*Parameter{{Name: "X-Size", Required: true}}}}, `{"note":"x"} !required`},
	{multipartType, order, multipartOf(), nil, `!syntax`},
	{multipartType + "; boundary=b", order, "--b\r\nContent-", nil, `!syntax`},
	{"text/plain; charset=utf-8", `{"type":"string"}`, "7", nil, `"7"`},
	{"text/plain", `{"type":"integer"}`, "7", nil, `7`},
	{"text/plain", `{"type":"string"}`, "\xff", nil, ``},
	{"text/csv", `{"type":"array","items":{}}`, "a,b", nil, ``},
	{"image/png", `{"type":"string"}`, "x", nil, ``},
}

func TestBodiesOfOtherTypes(t *testing.T) {
	for _, test := range bodyChecks {
		s, _ := compileText(t, test.schema)
		m := &MediaType{Name: test.contentType, Schema: s, Parts: test.parts}
		if got := decoded(m.Decode(test.contentType, []byte(test.body))); got != test.want {
			t.Errorf("%s: %q: got %s, want %s", test.contentType, test.body, got, test.want)
		}
	}
}

func TestMatchOfMediaTypes(t *testing.T) {
	for _, test := range []struct{ content, contentType, want string }{
		{"application/json", "application/json", "application/json"},
		{"application/json", "Application/JSON; charset=utf-8", "application/json"},
		{"application/json; charset=utf-8", "application/json", "application/json; charset=utf-8"},
		{"application/json; version=1|application/json; version=2", "application/json; version=2", "application/json; version=2"},
		{"application/json; version=1|application/json; version=2", "Application/JSON; Version=2", "application/json; version=2"},
		{"application/json", "application/problem+json", ""},
		{"*/*|text/*|text/csv", "text/csv", "text/csv"},
		{"*/*|text/*|text/csv", "text/html", "text/*"},
		{"*/*|text/*|text/csv", "image/png", "*/*"},
		{"text/*", "image/png", ""},
		{"*/*", "", ""},
		{"*/*", ";;", ""},
	} {
		var content []*MediaType
		for name := range strings.SplitSeq(test.content, "|") {
			content = append(content, &MediaType{Name: name})
		}
		got := ""
		if m := matchOf(content, test.contentType); m != nil {
			got = m.Name
		}
		if got != test.want {
			t.Errorf("%s for %s: got %q, want %q", test.contentType, test.content, got, test.want)
		}
	}
}

func FuzzBodies(f *testing.F) {
	s, _ := compileText(f, order)
	for _, test := range bodyChecks {
		f.Add(test.contentType, test.body)
	}
	m := &MediaType{Schema: s, Parts: map[string]*Part{"at": {Style: StyleDeepObject, Explode: true}, "sizes": {Style: StylePipeDelimited}, "note": {ContentType: "image/*"}}}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		v, problems := m.Decode(contentType, []byte(body))
		for _, p := range problems {
			if p.In != InBody || p.Message == "" {
				t.Errorf("got %+v", p)
			}
		}
		if v != nil {
			s.check(v)
		}
	})
}
