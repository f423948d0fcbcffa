package services

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// unlisted are the statuses that a lawful service may answer with though no document lists them.
var unlisted = []int{404, 405, 413, 429, 431, 503}

// exchangesOf are the requests that the services are judged by, by the name of the service.
var exchangesOf = map[string][]expectation{"library": libraryExchanges, "workshop": workshopExchanges}

// TestLawful judges the answers of the plain services and of all variations by the documents, with kin-openapi. An
// answer that another one was like is not judged again.
func TestLawful(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		operations, judged := documented(t, s), sync.Map{}
		for _, v := range append([]Twist{{}}, s.Variations...) {
			t.Run(s.Name+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				requests := slices.Concat(requestsOf(exchangesOf[s.Name]), v.trigger)
				for i, g := range exchange(t, s.New(v.Name, 6), requests) {
					if _, again := judged.LoadOrStore(requests[i].Method+g.path+g.String(), true); again {
						continue
					}
					if err := operations.judge(t, requests[i].Method, g); err != nil {
						t.Errorf("%s %s: %v\n%s", requests[i].Method, g.path, err, g)
					}
				}
			})
		}
	}
}

// TestUnlawful checks that the last answer to the requests that show a defect is not what the document says, as far as
// that is in the answer alone, and kin-openapi looks at it.
func TestUnlawful(t *testing.T) {
	t.Parallel()
	inAnswer := []string{"answer.status", "answer.media-type", "answer.schema", "answer.headers"}
	for _, s := range All() {
		operations := documented(t, s)
		for _, d := range s.Defects {
			if !slices.Contains(inAnswer, d.Requirement) {
				continue
			}
			t.Run(s.Name+"/"+d.Name, func(t *testing.T) {
				t.Parallel()
				answers := exchange(t, s.New(d.Name, 6), d.trigger)
				last := len(answers) - 1
				err := operations.judge(t, d.trigger[last].Method, answers[last])
				if overlooks := slices.Contains(overlooked, s.Name+"/"+d.Name); overlooks != (err == nil) {
					t.Errorf("expected an answer that breaks the document, got %s", answers[last])
				}
			})
		}
	}
}

// overlooked are the defects that kin-openapi does not see.
var overlooked = []string{
	"library/no-total-for-head", // headers in answer to HEAD
	"library/truth-coerced",     // 1 is a truth
	"library/year-open",         // unknown members of a deepObject
	"workshop/form-open",        // unknown members of a form
	"workshop/bytes-after",      // what follows the JSON
}

// TestValues checks that the values that a defect wrongly accepts break the document, and that those that it wrongly
// refuses keep to it, in the eyes of kin-openapi.
func TestValues(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		operations := documented(t, s)
		for _, d := range s.Defects {
			subject, aspect, _ := strings.Cut(d.Requirement, ".")
			if subject != "value" || aspect == "read-only" {
				continue
			}
			t.Run(s.Name+"/"+d.Name, func(t *testing.T) {
				t.Parallel()
				err := operations.judgeRequest(t, d.trigger[0])
				valid := aspect == "accepted" || slices.Contains(overlooked, s.Name+"/"+d.Name)
				if valid != (err == nil) {
					t.Errorf("%s: expected a request that is valid: %t, got %v", d.Requirement, valid, err)
				}
			})
		}
	}
}

// operations are those of a document by the patterns that the server has for them.
type operations struct{ *http.ServeMux }

func documented(t *testing.T, s *Service) operations {
	t.Helper()
	mux, doc := http.NewServeMux(), document(t, s)
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			route := routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: o}
			mux.Handle(method+" "+strings.TrimSuffix(path, ".csv"), documentedOperation{route})
		}
	}
	return operations{mux}
}

// A documentedOperation is what is found at a path.
type documentedOperation struct{ routers.Route }

func (documentedOperation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// judge returns how an answer is not what the document says.
func (o operations) judge(t *testing.T, method string, g got) error {
	t.Helper()
	if g.err != nil {
		return g.err
	}
	request := Request{Method: method, Path: g.path}.on(t, "http://service")
	handler, _ := o.Handler(request)
	found, ok := handler.(documentedOperation)
	if !ok || method == http.MethodHead && found.Operation.Responses.Value("200").Value.Content != nil {
		return nil // no operation, such as HEAD where it is not documented
	}
	responses := found.Operation.Responses
	if responses.Status(g.status) == nil && responses.Default() == nil {
		if g.status < 400 || listsRefusals(responses) && !slices.Contains(unlisted, g.status) {
			return fmt.Errorf("the document lists no %d", g.status)
		}
		return nil
	}
	header, body := g.header.Clone(), []byte(g.body)
	if media := header.Get("Content-Type"); media != "" {
		header.Set("Content-Type", strings.ToLower(media))
	}
	if header.Get("Content-Encoding") == "gzip" {
		body = unpacked(t, body)
	}
	return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: &found.Route},
		Status:                 g.status, Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true,
			ExcludeResponseBody:   method == http.MethodHead || g.status == http.StatusNotModified || g.status == http.StatusNoContent,
		},
	})
}

// judgeRequest returns how a request is not what the document says.
func (o operations) judgeRequest(t *testing.T, q Request) error {
	t.Helper()
	request := q.on(t, "http://service")
	handler, _ := o.Handler(request)
	found, ok := handler.(documentedOperation)
	if !ok {
		t.Fatalf("expected an operation for %s %s", q.Method, q.Path)
	}
	o.ServeHTTP(httptest.NewRecorder(), request) // finds the values in the path
	values := map[string]string{}
	for _, p := range append(slices.Clone(found.PathItem.Parameters), found.Operation.Parameters...) {
		if p.Value.In == "path" {
			values[p.Value.Name] = strings.TrimSuffix(request.PathValue(p.Value.Name), ".csv")
		}
	}
	return openapi3filter.ValidateRequest(t.Context(), &openapi3filter.RequestValidationInput{
		Request: request, PathParams: values, Route: &found.Route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true},
	})
}

// listsRefusals returns whether a list has any status of 4xx.
func listsRefusals(responses *openapi3.Responses) bool {
	for status := range responses.Map() {
		if strings.HasPrefix(status, "4") {
			return true
		}
	}
	return false
}

func unpacked(t *testing.T, packed []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// knowFormats has kin-openapi know what it does not know by itself.
var knowFormats = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
	openapi3.DefineStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail))
	openapi3.DefineIPv4Format()
	openapi3filter.RegisterBodyDecoder("image/png", openapi3filter.FileBodyDecoder)
})
