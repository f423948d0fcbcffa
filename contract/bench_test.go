package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

// The benchmarks compare our checks with those of kin-openapi, in the same run.

func kinDocument(b *testing.B) *openapi3.T {
	b.Helper()
	document, err := openapi3.NewLoader().LoadFromData(gesconform.OpenAPI)
	if err != nil {
		b.Fatal(err)
	}
	document.Servers = nil
	return document
}

func BenchmarkJudgeRequest(b *testing.B) {
	c := load(b)
	op := c.Operation("upgradeGraph")
	for name, body := range map[string]string{"good": goodBody, "bad": `{"upgrade_version":"latest","force_upgrade":1}`} {
		b.Run("ours-"+name, func(b *testing.B) {
			r := goodRequest()
			r.Body = []byte(body)
			b.ReportAllocs()
			for b.Loop() {
				c.JudgeRequest(op, r)
			}
		})
		b.Run("kin-"+name, func(b *testing.B) {
			document := kinDocument(b)
			item := document.Paths.Value(op.Path)
			route := &routers.Route{Spec: document, Path: op.Path, PathItem: item, Method: http.MethodPost, Operation: item.Post}
			values := map[string]string{"project_id": "0123456789abcdef", "graph_id": "53205529"} // kin need not find the route
			r, _ := http.NewRequest(http.MethodPost, upgradePath, nil)
			r.Header = goodRequest().Header
			options := &openapi3filter.Options{SkipSettingDefaults: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
			b.ReportAllocs()
			for b.Loop() {
				r.Body = io.NopCloser(bytes.NewReader([]byte(body)))
				err := openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{Request: r, Route: route, PathParams: values, Options: options})
				if (err == nil) != (name == "good") {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkJudgeAnswer(b *testing.B) {
	c := load(b)
	op := c.Operation("upgradeGraph")
	const body = `{"error_msg":"graph [demo] is not found","error_code":"GES.8011"}`
	b.Run("ours", func(b *testing.B) {
		a := jsonAnswer(http.StatusBadRequest, body)
		b.ReportAllocs()
		for b.Loop() {
			if len(c.JudgeAnswer(op, http.MethodPost, a)) > 0 {
				b.Fatal("the answer is lawful")
			}
		}
	})
	b.Run("kin-schema-alone", func(b *testing.B) {
		schema := kinDocument(b).Components.Schemas["Error"].Value
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				b.Fatal(err)
			}
			if err := schema.VisitJSON(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := contract.Parse("openapi.yaml", gesconform.OpenAPI); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("part-yaml", func(b *testing.B) {
		for b.Loop() {
			var node yaml.Node
			if err := yaml.Unmarshal(gesconform.OpenAPI, &node); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("kin-from-yaml", func(b *testing.B) { // what parsing would cost if kin read the YAML
		for b.Loop() {
			kinDocument(b)
		}
	})
}

// BenchmarkJudge judges a whole exchange, as a Transport does, with a token as long as IAM's: its credentials are
// looked for elsewhere in the request, and removed from what is said.
func BenchmarkJudge(b *testing.B) {
	c := load(b)
	long := make([]byte, 3000)
	for i := range long {
		long[i] = byte(i*i + i>>3)
	}
	r, a := goodRequest(), jsonAnswer(200, `{"job_id":"f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232"}`)
	r.Header.Set("X-Auth-Token", "MII"+base64.StdEncoding.EncodeToString(long))
	b.ReportAllocs()
	for b.Loop() {
		fresh := &contract.Request{Method: r.Method, Path: r.Path, Header: r.Header, Body: r.Body}
		if j := c.Judge(fresh, &contract.Answer{Status: a.Status, Header: a.Header, Body: a.Body}); len(j.Request)+len(j.Answer) > 0 {
			b.Fatal(j)
		}
	}
}
