package services

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
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

// TestLawful judges the answers of the plain services and of all variations by the documents, with kin-openapi.
func TestLawful(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		operations := documented(t, s)
		for _, v := range append([]Twist{{}}, s.Variations...) {
			t.Run(s.Name+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				requests := slices.Concat(requestsOf(exchangesOf[s.Name]), v.trigger)
				for i, g := range exchange(t, s.New(v.Name, 6), requests) {
					judge(t, operations, requests[i], g)
				}
			})
		}
	}
}

// documented returns the operations of the document by the patterns that the server has for them.
func documented(t *testing.T, s *Service) *http.ServeMux {
	t.Helper()
	mux, doc := http.NewServeMux(), document(t, s)
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			mux.Handle(method+" "+strings.TrimSuffix(path, ".csv"), documentedOperation{routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: o}})
		}
	}
	return mux
}

// A documentedOperation is what is found at a path.
type documentedOperation struct{ routers.Route }

func (documentedOperation) ServeHTTP(http.ResponseWriter, *http.Request) {}

// judge fails if an answer is not what the document says.
func judge(t *testing.T, operations *http.ServeMux, q Request, g got) {
	t.Helper()
	path := strings.ReplaceAll(q.Path, "{made}", "/made")
	request, err := http.NewRequestWithContext(t.Context(), q.Method, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.err != nil {
		t.Errorf("%s %s: %v", q.Method, q.Path, g.err)
		return
	}
	handler, _ := operations.Handler(request)
	found, ok := handler.(documentedOperation)
	if !ok {
		return // no operation, such as HEAD where it is not documented
	}
	if q.Method == http.MethodHead && found.Operation.Responses.Value("200").Value.Content != nil {
		return
	}
	responses := found.Operation.Responses
	if responses.Status(g.status) == nil && responses.Default() == nil {
		if g.status < 400 || listsRefusals(responses) && !slices.Contains(unlisted, g.status) {
			t.Errorf("%s %s: the document lists no %d", q.Method, q.Path, g.status)
		}
		return
	}
	header, body := g.header.Clone(), []byte(g.body)
	header.Set("Content-Type", strings.ToLower(header.Get("Content-Type")))
	if header.Get("Content-Encoding") == "gzip" {
		body = unpacked(t, body)
	}
	options := &openapi3filter.Options{
		MultiError: true, IncludeResponseStatus: true,
		ExcludeResponseBody: q.Method == http.MethodHead || g.status == http.StatusNotModified || g.status == http.StatusNoContent,
	}
	err = openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: request, Route: &found.Route},
		Status:                 g.status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), Options: options,
	})
	if err != nil {
		t.Errorf("%s %s: %v\n%s", q.Method, q.Path, err, g)
	}
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

// knowFormats has kin-openapi check the formats that it does not check by itself.
var knowFormats = sync.OnceFunc(func() {
	openapi3.DefineStringFormatValidator("uuid", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC4122))
	openapi3.DefineStringFormatValidator("email", openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForEmail))
	openapi3.DefineIPv4Format()
})
