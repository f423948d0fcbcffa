package values_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

func TestBody(t *testing.T) {
	parts := map[string]*contract.Part{
		"json": {ContentType: "application/json"},
		"deep": {Style: contract.StyleDeepObject, Explode: true},
		"list": {Style: contract.StyleForm},
		"pipe": {Style: contract.StylePipeDelimited},
	}
	for _, test := range []struct{ mediaType, value, want, contentType string }{
		{"application/json", `{"a":[1,"<é>"]}`, `{"a":[1,"<é>"]}`, "application/json"},
		{"application/problem+json", `1`, `1`, "application/problem+json"},
		{"*/*", `{}`, `{}`, "application/json"},
		{"application/x-www-form-urlencoded", `{"a":"x y&z","b":[1,2],"c":true}`, "a=x+y%26z&b=1&b=2&c=true", "application/x-www-form-urlencoded"},
		{"application/x-www-form-urlencoded", `{"json":[1],"other":{"a":1}}`, "json=%5B1%5D&other=%7B%22a%22%3A1%7D", "application/x-www-form-urlencoded"},
		{"application/x-www-form-urlencoded", `{"deep":{"a":{"b":1},"c":[2]},"list":[1,2],"pipe":[1,2]}`, "deep%5Ba%5D%5Bb%5D=1&deep%5Bc%5D%5B0%5D=2&list=1,2&pipe=1%7C2", "application/x-www-form-urlencoded"},
		{"application/x-www-form-urlencoded", `{"a":null}`, "error", ""},
		{"application/x-www-form-urlencoded", `[1]`, "error", ""},
		{"text/plain", `"a b"`, "a b", "text/plain"},
		{"text/plain; charset=utf-8", `7`, "7", "text/plain; charset=utf-8"},
		{"text/*", `"a"`, "a", "text/plain"},
		{"text/plain", `[]`, "error", ""},
		{"application/octet-stream", `"abc"`, "abc", "application/octet-stream"},
		{"image/*", `"abc"`, "abc", "image/octet-stream"},
	} {
		m := &contract.MediaType{Name: test.mediaType, Parts: parts}
		body, contentType, err := values.Body(m, decoded(t, test.value), "b")
		if err != nil {
			body = []byte("error")
		}
		if string(body) != test.want || contentType != test.contentType {
			t.Errorf("%s %s: want %s as %s, got %s as %s (%v)", test.mediaType, test.value, test.want, test.contentType, body, contentType, err)
		}
	}
	if _, _, err := values.Body(&contract.MediaType{Name: "application/xml", Schema: schemaOf(t, `{"type":"object"}`, "")}, map[string]any{}, "b"); err == nil {
		t.Error("XML is written, which nobody has said how")
	}
}

func TestMultipart(t *testing.T) {
	s := schemaOf(t, `{"type":"object","properties":{"file":{"type":"string","format":"binary"},"files":{"type":"array","items":{"type":"string","format":"binary"}},
		"note":{"type":"string"},"meta":{"type":"object"},"tags":{"type":"array","items":{"type":"integer"}},"icon":{"type":"string","format":"binary"}}}`, "")
	m := &contract.MediaType{Name: "multipart/form-data", Schema: s, Parts: map[string]*contract.Part{
		"icon": {ContentType: "image/png, image/jpeg"},
		"note": {Headers: []*contract.Parameter{{Name: "X-Level", Required: true, Schema: schemaOf(t, `{"type":"integer","minimum":3}`, "")}}},
	}}
	body, contentType, err := values.Body(m, decoded(t, `{"file":"ab","files":["c","d"],"note":"é \"x\"","meta":{"a":1},"tags":[1,2],"icon":"p"}`), "boundary1")
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] != "boundary1" {
		t.Fatalf("got %s, %v", contentType, err)
	}
	var got []string
	for r := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.Join([]string{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), part.Header.Get("X-Level"), string(content)}, "|"))
	}
	want := []string{
		"file|file.bin|application/octet-stream||ab", "files|file.bin|application/octet-stream||c", "files|file.bin|application/octet-stream||d",
		"icon|file.bin|image/png||p", `meta||application/json||{"a":1}`, `note|||3|é "x"`, "tags||||1", "tags||||2",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("want\n%s\ngot\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	if _, _, err := values.Body(m, map[string]any{"a": "b"}, "not a boundary "); err == nil {
		t.Error("a boundary that RFC 2046 does not allow is taken")
	}
}

// In a form, what is only text is left out as it is in a query; what is written as JSON keeps its types.
func TestFormValues(t *testing.T) {
	s := schemaOf(t, `{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"age":{"type":"integer"},"meta":{"type":"object","properties":{"n":{"type":"integer"}}}}}`, "")
	m := &contract.MediaType{Name: "application/x-www-form-urlencoded", Schema: s}
	d := values.New(contract.Client).DeriveBody(m, values.Options{})
	all := listed(s, d.Breaking)
	for _, want := range []string{`/name missing-beside-others`, `/age type-string`, `/age type-fraction`, `/meta/n type-text-of-it`, `/meta/n type-null`} {
		if !strings.Contains(all, want) {
			t.Errorf("there is no %s among\n%s", want, all)
		}
	}
	for _, never := range []string{`/age type-text-of-it`, `/name type-number`, `/name type-null`, `/name type-object`, " type-array "} {
		if strings.Contains(all, "\n"+never) {
			t.Errorf("there is %s among\n%s", never, all)
		}
	}
	for _, v := range append(d.Valid, d.Breaking...) {
		if _, _, err := values.Body(m, v.JSON, "b"); err != nil {
			t.Errorf("%s: %v", text(v.JSON), err)
		}
	}
}
