package cases_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

func second(tb testing.TB) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "second.yaml"))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func parse(tb testing.TB, data []byte) *contract.Contract {
	tb.Helper()
	c, err := contract.Parse("second.yaml", data)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Cases are derived from any document, not only from the built-in one.
var ofSecond = map[string]struct{ condition, body, header string }{
	"resizeVolume/body/size/below-minimum":                {condition: "bounds", body: `{"size":9}`},
	"resizeVolume/body/size/above-maximum":                {condition: "bounds", body: `{"size":501}`},
	"resizeVolume/body/size/not-whole":                    {condition: "wrong-type", body: `{"size":10.5}`},
	"resizeVolume/body/size/wrong-type-string":            {condition: "wrong-type", body: `{"size":"no"}`},
	"resizeVolume/body/size/null":                         {condition: "wrong-type", body: `{"size":null}`},
	"resizeVolume/body/size/missing":                      {condition: "missing", body: `{"keep":false}`},
	"resizeVolume/body/tier/not-listed":                   {condition: "not-listed", body: `{"size":20,"tier":"gesconform-not-listed"}`},
	"resizeVolume/body/label/empty":                       {condition: "bounds", body: `{"size":20,"label":""}`},
	"resizeVolume/body/label/too-long":                    {condition: "bounds", body: `{"size":20,"label":"0.0."}`},
	"resizeVolume/body/_note/wrong-type-number":           {condition: "wrong-type", body: `{"size":20,"_note":0}`},
	"resizeVolume/body/keep/wrong-type-string":            {condition: "wrong-type", body: `{"size":20,"keep":"no"}`},
	"resizeVolume/body/truncated":                         {condition: "bad-json", body: `{"size":20`},
	"resizeVolume/header/x-region/missing":                {condition: "no-region", header: "-X-Region"},
	"resizeVolume/header/x-region/not-listed":             {condition: "bad-region", header: "X-Region: gesconform-not-listed"},
	"resizeVolume/security/key/missing":                   {condition: "no-key", header: "-X-Key"},
	"resizeVolume/security/key/made-up":                   {condition: "bad-key", header: "X-Key: gesconform-made-up-token"},
	"resizeVolume/media-type/text":                        {condition: "wrong-media", header: "Content-Type: text/plain"},
	"resizeVolume/path/volume/unknown":                    {condition: "no-volume", header: "X-Region: north"},
	"resizeVolume/path/tenant/malformed-hyphen":           {condition: "bad-tenant"},
	"resizeVolume/path/tenant/other":                      {condition: "other-tenant"},
	"resizeVolume/method/post":                            {condition: "wrong-method", body: `{"size":20}`},
	"resizeVolume/valid/plain":                            {body: `{"size":20}`, header: "X-Region: north"},
	"resizeVolume/body/absent":                            {condition: "no-body"},
	"resizeVolume/security/key/missing-and-project-other": {condition: "no-key", header: "-X-Key"},
}

func TestAnotherDocument(t *testing.T) {
	c := parse(t, second(t))
	all := derive(t, c)
	byID := map[string]*cases.Case{}
	for _, k := range all {
		byID[k.ID] = k
	}
	for id, want := range ofSecond {
		k := byID[id]
		if k == nil {
			t.Errorf("there is no case %s", id)
			continue
		}
		if k.Condition != want.condition || want.body != "" && string(k.Request.Body) != want.body {
			t.Errorf("%s: condition %q, body %s", id, k.Condition, k.Request.Body)
		}
		name, value, _ := strings.Cut(want.header, ": ")
		has := slices.ContainsFunc(k.Request.Headers, func(h cases.Header) bool {
			return strings.EqualFold(h.Name, strings.TrimPrefix(name, "-")) && (value == "" || h.Value == value)
		})
		if want.header != "" && has == strings.HasPrefix(name, "-") {
			t.Errorf("%s: headers %q, expected %q", id, k.Request.Headers, want.header)
		}
	}
	foreign := []string{"upgrade_version", "upgradeGraph", "X-Auth-Token"}
	for _, k := range all {
		if mutated := strings.HasPrefix(k.ID, "resizeVolume/body/"); mutated && (len(k.Aims) < 2 || k.Aims[0].Name != "absent-volume" || k.Aims[0].Risk != cases.Inert) {
			t.Errorf("%s: expected the volume of x-resources that does not exist as the first aim, got %v", k.ID, k.Aims)
		}
		for _, aim := range k.Aims {
			if aim.Risk == cases.Guarded {
				t.Errorf("%s: expected no guarded aim in a document without versions", k.ID)
			}
		}
		for _, word := range foreign {
			if strings.Contains(k.Request.Path+fmt.Sprint(k.Request.Headers)+k.ID, word) {
				t.Errorf("%s: expected only words of this document, got %q", k.ID, word)
			}
		}
	}
	for _, op := range c.Operations() {
		for _, r := range op.Refusals() {
			if !slices.ContainsFunc(all, func(k *cases.Case) bool { return k.Condition == r.Condition }) {
				t.Errorf("%s: expected a case, got none", r.Condition)
			}
		}
	}
}

// times returns the second document with n copies of the operation that changes something.
func times(tb testing.TB, n int) *contract.Contract {
	tb.Helper()
	text := string(second(tb))
	start, end := strings.Index(text, "  /v1/"), strings.Index(text, "\n  /v1/{tenant}/volumes/{volume}:")
	path := text[start:end]
	var paths strings.Builder
	for i := range n {
		paths.WriteString(strings.NewReplacer(
			"/volumes/", fmt.Sprintf("/volumes%d/", i), "resizeVolume", fmt.Sprintf("resizeVolume%c%c", 'A'+i/26, 'A'+i%26), "id: resize.", fmt.Sprintf("id: resize%d.", i),
		).Replace(path) + "\n")
	}
	return parse(tb, []byte(text[:start]+strings.TrimSuffix(paths.String(), "\n")+text[end:]))
}

// Twice as many operations have twice as many cases.
func TestCasesGrowWithTheDocument(t *testing.T) {
	one := len(derive(t, times(t, 1)))
	each := len(derive(t, times(t, 2))) - one
	for _, n := range []int{4, 32} {
		if got, want := len(derive(t, times(t, n))), one+(n-1)*each; got != want {
			t.Errorf("%d operations: expected %d cases, got %d", n, want, got)
		}
	}
}

func BenchmarkDerive(b *testing.B) {
	for name, c := range map[string]*contract.Contract{"shipped": shipped(b), "8 operations": times(b, 8), "16 operations": times(b, 16)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(derive(b, c))
			}
			b.ReportMetric(float64(n), "cases")
		})
	}
}
