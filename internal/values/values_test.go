package values_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/values"
)

// TestMain gives rapid a fixed seed, so that the tests are reproducible; -rapid.seed sets another.
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed.Value.String() == "0" {
		_ = seed.Value.Set("20261127") // cannot fail for a number
	}
	if testing.Short() {
		_ = flag.Set("rapid.checks", "20") // a number is a valid one
	}
	os.Exit(m.Run())
}

type fataler interface{ Fatalf(string, ...any) }

// schemaOf loads a schema as that of a request's body; components are further schemas by name.
func schemaOf(tb fataler, schema, components string) *contract.Schema {
	return loaded(tb, "3.0.3", schema, components)
}

func loaded(tb fataler, version, schema, components string) *contract.Schema {
	if components == "" {
		components = "{}"
	}
	document := fmt.Sprintf(`{"openapi":%q,"info":{"title":"t","version":"1"},"paths":{"/a":{"post":{"operationId":"a",
		"requestBody":{"content":{"application/json":{"schema":%s}}},"responses":{"200":{"description":"d"}}}}},
		"components":{"schemas":%s}}`, version, schema, components)
	c, err := contract.Parse("test.json", []byte(document))
	if err != nil {
		tb.Fatalf("%s: %v", schema, err)
	}
	return c.Operation("a").Body.Schema()
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// keywordOf returns what of a clause comes after the schema's place.
func clauseIn(s *contract.Schema, clause string) string {
	return strings.TrimPrefix(strings.TrimPrefix(clause, s.Clause), "/")
}

// listed writes values in lines: place, name, clause and JSON.
func listed(s *contract.Schema, all []values.Value) string {
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "%s %s (%s) %s\n", v.Pointer, v.Name, clauseIn(s, v.Clause), text(v.JSON))
	}
	return b.String()
}

func reasons(all []values.Reason) string {
	var b strings.Builder
	for _, r := range all {
		fmt.Fprintf(&b, "%s at %q: %s: %s: %s\n", r.Clause, r.Pointer, r.Name, r.Text, r.Detail)
	}
	return b.String()
}

// verify checks values of the whole schema once more, with both opinions.
func verify(tb fataler, s *contract.Schema, d values.Derived, from contract.Side, what string) {
	for _, v := range d.Valid {
		if problems := s.Check(contract.ValueOf(v.JSON), from); len(problems) > 0 {
			tb.Fatalf("%s\n%s at %q: %s\nis not valid: %v", what, v.Name, v.Pointer, text(v.JSON), problems)
		}
		if err := s.SecondOpinion(v.JSON, from); err != nil {
			tb.Fatalf("%s\n%s at %q: %s\nis not valid to kin-openapi: %v", what, v.Name, v.Pointer, text(v.JSON), err)
		}
	}
	for _, v := range d.Breaking {
		problems := s.Check(contract.ValueOf(v.JSON), from)
		if len(problems) == 0 || s.SecondOpinion(v.JSON, from) == nil {
			tb.Fatalf("%s\n%s at %q: %s\nis valid; to us: %v", what, v.Name, v.Pointer, text(v.JSON), problems)
		}
		for _, p := range problems {
			if v.Keyword == "discriminator" {
				continue // the value is judged by the branch whose name it has
			}
			wider := p.Keyword == "anyOf" || p.Keyword == "oneOf" || p.Keyword == "discriminator"
			own := v.Through == "" && (p.IsKeyword(v.Keyword) || v.Keyword == "type" || v.Keyword == "required")
			if v.Pointer != p.Pointer && !wider || !own && !wider {
				tb.Fatalf("%s\n%s at %q: %s\nbreaks more than %s (%s): %v", what, v.Name, v.Pointer, text(v.JSON), v.Clause, v.Through, problems)
			}
		}
	}
	for _, list := range [][]values.Value{d.Valid, d.Breaking} {
		names := map[string]bool{}
		for _, v := range list {
			key := v.Pointer + " " + v.Name
			if names[key] {
				tb.Fatalf("%s\nthe name %q appears twice", what, key)
			}
			names[key] = true
		}
	}
}
