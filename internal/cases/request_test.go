package cases_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// filled fills a template with valid values, so that the request only breaks what the
// template breaks.
func filled(c *contract.Contract, k *cases.Case) *contract.Request {
	example := func(op, name string) string {
		p := c.Operation(op).Parameter(name)
		if p == nil {
			return ""
		}
		v, _ := p.Example.(string)
		return v
	}
	values := cases.VersionValues("2.2.9", "2.2.8")
	maps.Copy(values, map[string]string{
		cases.ProjectPlaceholder: example(k.Operation, "project_id"), cases.SimilarProjectPlaceholder: "0123456789abcdef0123456789abcde0", cases.GraphPlaceholder: example(k.Operation, "graph_id"),
		cases.JobPlaceholder: "a-job", cases.TokenPlaceholder: "token", cases.TamperedTokenPlaceholder: "tokeN",
		cases.ReadonlyTokenPlaceholder: "readonly", cases.ExpiredTokenPlaceholder: "expired", cases.DatePlaceholder: "20260102T030405Z",
		cases.PlacedTokenPlaceholder: "token", cases.OtherCaseTokenPlaceholder: "TOKEN", cases.LongerTokenPlaceholder: "token0", cases.ShorterTokenPlaceholder: "toke",
		cases.LongerProjectPlaceholder: "0123456789abcdef0123456789abcdef0", cases.ShorterProjectPlaceholder: "0123456789abcde",
		cases.ShorterGraphPlaceholder: "53205529", cases.UpperGraphPlaceholder: "53205529-026B", cases.RealJobPlaceholder: "job-1", cases.ShorterJobPlaceholder: "job",
	})
	t := k.Request.Fill(values)
	body, _ := t.Plain()
	path, _, _ := strings.Cut(t.Path, "?")
	r := &contract.Request{Method: t.Method, Path: path, Header: http.Header{}, Body: []byte(body)}
	for _, h := range t.Headers {
		r.Header.Add(h.Name, h.Value)
	}
	return r
}

// static returns the conditions that the contract finds in a request, or only those that are
// judged first.
func static(c *contract.Contract, op *contract.Operation, r *contract.Request) []string {
	found := map[string]bool{}
	for _, p := range c.JudgeRequest(op, r) {
		if refusal := c.RefusalFor(op, p); refusal != nil {
			found[refusal.Condition] = true
		}
	}
	var all, first []string
	for _, r := range op.Refusals() {
		if found[r.Condition] {
			all = append(all, r.Condition)
			if r.First {
				first = append(first, r.Condition)
			}
		}
	}
	if len(first) > 0 && !found["unknown-route"] {
		return first
	}
	return all
}

// relational reports whether a condition depends on what the server knows, so that the
// request alone does not show it.
func relational(r *contract.Refusal) bool {
	return slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation != "" })
}

// The conditions of an aim are those that the contract finds in its request, and relations to
// what the server knows.
func TestRequestsBreakWhatTheyClaim(t *testing.T) {
	c := shipped(t)
	for _, k := range derive(t, c) {
		op := c.Operation(k.Operation)
		found := static(c, op, filled(c, k))
		if strings.HasSuffix(k.ID, "/body/form-encoded") { // a form, sent as one, is not JSON that is malformed
			found = slices.DeleteFunc(found, func(condition string) bool { return condition == "malformed-body" })
		}
		if k.Subject == "path" && strings.Count(k.ID, "/") == 2 { // all that is wrong with the path is that it is written otherwise
			found = slices.DeleteFunc(found, func(condition string) bool { return condition == "malformed-id" })
		}
		if k.Accepts != "" && len(found) > 0 {
			t.Errorf("%s: expected it to break nothing, got %q", k.ID, found)
		}
		for _, aim := range k.Aims {
			var claimed []string
			for _, condition := range aim.Conditions {
				r := c.Refusal(condition)
				if !relational(r) && !slices.Contains(k.Lenient, condition) || slices.Contains(found, condition) {
					claimed = append(claimed, condition)
				}
			}
			if first := len(aim.Conditions) > 0 && c.Refusal(aim.Conditions[0]).First; first && len(claimed) == 0 {
				continue // only the server knows that these credentials are wrong, which is judged first
			}
			if k.Observes == "" && !slices.Equal(claimed, found) {
				t.Errorf("%s: aim %s: expected the conditions %[4]q, which the contract finds, got %[3]q", k.ID, aim.Name, claimed, found)
			}
		}
	}
}

// Conditions that are judged before all others leave them no say, so a riskier request would not
// say more.
func TestWhatIsJudgedFirstDecidesAtOnce(t *testing.T) {
	c := shipped(t)
	first := 0
	for _, k := range derive(t, c) {
		for _, aim := range k.Aims {
			others := slices.DeleteFunc(slices.Clone(aim.Conditions), func(condition string) bool { return c.Refusal(condition).First })
			front := func(condition string) bool { return c.Refusal(condition).Front }
			if len(others) == len(aim.Conditions) || slices.ContainsFunc(others, front) || slices.ContainsFunc(others, func(condition string) bool { return c.Refusal(condition).Front }) { // which may be answered before the service judges anything
				continue // none, or a gateway may answer before
			}
			first++
			if len(others) > 0 || len(k.Aims) > 1 {
				t.Errorf("%s: expected one aim with what is judged first alone, got %d aims, and the conditions %q beside it", k.ID, len(k.Aims), others)
			}
		}
	}
	if first < 10 {
		t.Errorf("expected more cases about what is judged first, got %d, which proves little", first)
	}
}

// No body contains a version that even a lenient server could read as later than the one on
// offer, or a made-up one that it could read as later than 0.0.1.
func TestNoBodyCarriesALaterVersion(t *testing.T) {
	escape := regexp.MustCompile(`\\u([0-9a-f]{4})`)
	read := func(body string) [][]int {
		body = strings.ReplaceAll(body, "\x00", "") // as a reader of UTF-16 would
		body = escape.ReplaceAllStringFunc(body, func(s string) string {
			r, _ := strconv.ParseUint(s[2:], 16, 16)
			return string(rune(r))
		})
		return lenientNumbers(body)
	}
	c := shipped(t)
	for _, k := range derive(t, c) {
		for _, number := range read(string(filled(c, k).Body)) {
			if later(number, []int{2, 2, 9}) {
				t.Errorf("%s: body %.80q: expected no version later than 2.2.9, which is on offer, got %v", k.ID, k.Request.Body, number)
			}
		}
		for _, number := range read(strings.ReplaceAll(string(k.Request.Body), cases.VersionPlaceholder, "")) {
			if later(number, []int{0, 0, 1}) {
				t.Errorf("%s: body %.80q: expected no version later than 0.0.1, got %v", k.ID, k.Request.Body, number)
			}
		}
	}
}

// lenientNumbers returns the versions that a lenient server could read in a text: runs of
// digits of any script, with any separators.
func lenientNumbers(text string) [][]int {
	var all [][]int
	var parts []int
	inNumber := false
	for _, r := range text + "\n" {
		switch {
		case unicode.IsDigit(r):
			if !inNumber {
				parts = append(parts, 0)
			}
			parts[len(parts)-1] = parts[len(parts)-1]*10 + digit(r)
			inNumber = true
		case strings.ContainsRune(".,/_-", r) && len(parts) > 0:
			inNumber = false
		default:
			if len(parts) > 0 {
				all = append(all, parts)
			}
			parts, inNumber = nil, false
		}
	}
	return all
}

// digit returns the value of a decimal digit of any script. Unicode has the ten digits of a
// script in a row.
func digit(r rune) int {
	n := 0
	for unicode.IsDigit(r-1) && n < 9 {
		r--
		n++
	}
	return n
}

func later(a, b []int) bool {
	for i := range max(len(a), len(b)) {
		x, y := 0, 0
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return x > y
		}
	}
	return false
}

func TestBodiesInJSON(t *testing.T) {
	for body, want := range map[cases.Text]string{"": `""`, "{\"a\":1}": `"{\"a\":1}"`, "ä😀": `"ä😀"`, "\xff\xfe": `{"base64":"//4="}`} {
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil || strings.TrimSpace(got.String()) != want {
			t.Errorf("%q: expected %s, got %s, %v", body, want, got.String(), err)
		}
	}
}

func TestFill(t *testing.T) {
	values := map[string]string{cases.GraphPlaceholder: "g-1", cases.VersionPlaceholder: "${graph}", cases.TokenPlaceholder: ""}
	for text, want := range map[string]string{
		"":                     "",
		"plain $graph {graph}": "plain $graph {graph}",
		"${graph}":             "g-1",
		"/${graph}${graph}/":   "/g-1g-1/",
		"<${version}>":         "<${graph}>", // once
		"[${token}]":           "[]",
		"${no_such} ${graph}":  "${no_such} g-1",
		"${graph":              "${graph",
		"${${graph}}":          "${g-1}",
		"$${graph} $":          "$g-1 $",
		"\xff${graph}\x00":     "\xffg-1\x00",
	} {
		template := cases.Template{Path: text, Body: cases.Text(text), Headers: []cases.Header{{Name: "N", Value: text}}}
		if filled := template.Fill(values); filled.Path != want || string(filled.Body) != want || filled.Headers[0].Value != want {
			t.Errorf("%q: expected %q, got %+v", text, want, filled)
		}
	}
}
