package result_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// What a document has nothing for does not make a run partial; what was cut off, not derived or
// deselected does.
func TestPartialByADocument(t *testing.T) {
	c := resulttest.DocumentContract(t)
	var all []result.DerivedCase
	var fine []judge.Result
	for _, op := range c.Operations() {
		k := result.DerivedCase{ID: op.ID + ": plain", Operation: op.ID, Requirement: "value.accepted"}
		all = append(all, k)
		fine = append(fine, judge.Result{Case: k.ID, Operation: op.ID, Requirement: k.Requirement, Verdict: judge.Conforms, Findings: []judge.Finding{
			{Requirement: k.Requirement, Level: contract.Must, Verdict: judge.Conforms, Exchange: -1},
		}})
	}
	another := result.DerivedCase{ID: "GET /visits: without credentials", Operation: "listVisits", Requirement: "credentials.required"}
	for _, tt := range []struct {
		name     string
		document result.Document
		derived  []result.DerivedCase
		results  []judge.Result
		partial  bool
	}{
		{"whole", result.Document{}, all, fine, false},
		{"a value that a limit has left out", result.Document{Underived: []result.Underived{{Operation: all[0].Operation, Reason: "no", Limit: "--max-places"}}}, all, fine, true},
		{"a value that is not derived", result.Document{Underived: []result.Underived{{Operation: all[0].Operation, Reason: "no"}}}, all, fine, false},
		{"an operation without a case", result.Document{}, all[1:], fine[1:], true},
		{"unsent", result.Document{Unsent: []string{another.ID}}, all, fine, true},
		{"one operation", result.Document{Operations: []string{"list*"}}, all, fine, true},
		{"a case without a result", result.Document{}, append(slices.Clone(all), another), fine, true},
	} {
		run := result.SummariseDocument(c, result.Run{Document: &tt.document}, tt.results, tt.derived, result.Expectations{})
		if run.Verdict != judge.Conforms || run.Partial != tt.partial || run.Partial != strings.HasPrefix(run.Headline, "partial: ") {
			t.Errorf("%s: expected partial %t, got %s", tt.name, tt.partial, run.Headline)
		}
		tested := slices.IndexFunc(run.Requirements, func(r result.Requirement) bool { return r.ID == another.Requirement })
		if has := slices.Contains(tt.derived, another); (tested >= 0) != has || has && run.Requirements[tested].Reason != "not sent" {
			t.Errorf("%s: a requirement that is tested by no case is none of the document's: got %+v", tt.name, run.Requirements)
		}
	}
}

func TestCoverageOfADocument(t *testing.T) {
	run := resulttest.DocumentRun(t)
	of := map[string]result.OperationCoverage{}
	for _, o := range run.Coverage.Operations {
		of[o.Operation] = o
	}
	if got := of["listPets"].Statuses; len(got.Exercised) != 1 || got.Exercised[0] != (result.Counted{Name: "200", Count: 2}) || got.Total() != 2 {
		t.Errorf("statuses of listPets: got %+v", got)
	}
	if got := of["listPets"].Keywords; len(got.Exercised) != 1 || got.Exercised[0] != (result.Counted{Name: "query limit maximum", Count: 1}) {
		t.Errorf("keywords of listPets: got %+v", got)
	}
	if got := of["listTags"].Keywords; got.Total() != 2 || len(got.Missing) != 1 || got.Missing[0].Reason != "not sent" || got.Missing[0].Names[0] != "query limit type" {
		t.Errorf("keywords of listTags: got %+v", got)
	}
	if _, there := of["makePet"]; there {
		t.Error("expected no coverage of an operation without cases")
	}
}

func TestADocumentIsReadAgain(t *testing.T) {
	run := resulttest.DocumentRun(t)
	text := resulttest.JSON(t, run)
	if err := resulttest.Validate(t, "", text); err != nil {
		t.Error(err)
	}
	for name, read := range map[string]func() (result.Run, error){
		"whole": func() (result.Run, error) { return result.ReadJSON(strings.NewReader(string(text))) },
		"head":  func() (result.Run, error) { return result.ReadHead(strings.NewReader(string(text))) },
	} {
		again, err := read()
		if err != nil || again.Document == nil || again.Document.Fixtures[0] != "ownerId=7" || again.Document.MaxRequests != 8 {
			t.Errorf("%s: got %+v, %v", name, again.Document, err)
		}
	}
}

func TestExpectationsByADocument(t *testing.T) {
	known := result.DocumentNames(resulttest.DocumentContract(t), []result.DerivedCase{{ID: "GET /pets: query limit: maximum+1", Requirement: "value.refused"}})
	const rest = "\n  reason: old\n  ticket: T-1\n  expires: 2099-01-01\n"
	for text, want := range map[string]string{
		"- requirement: value.refused" + rest:               "",
		"- case: 'GET /pets: query*'" + rest:                "",
		"- case: 'GET /pet: query limit: maximum+1'" + rest: "did you mean",
		"- case: nothing-of-the-sort" + rest:                "`gesconform cases --spec FILE` lists them",
		"- requirement: upgrade.target-later" + rest:        "unknown requirement",
	} {
		_, err := result.ReadExpectations("known.yaml", []byte(text), known)
		if (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: expected %q, got %v", text, want, err)
		}
	}
}

// What has no case for the same reason is one line, however many operations and parts that are.
func TestLeftOutByReason(t *testing.T) {
	got := result.LeftOutByReason([]result.Underived{
		{Operation: "show", Reason: "rare", Line: 3},
		{Operation: "show", Part: "query b: zero", Reason: "often", Detail: "0"},
		{Operation: "list", Part: "query a", Reason: "often"},
		{Operation: "show", Part: "body", Reason: "often"},
	})
	want := []result.LeftOut{
		{Reason: "often", Parts: []string{"show: query b: zero: 0", "list: query a", "show: body"}, Operations: []string{"list", "show"}},
		{Reason: "rare", Parts: []string{"show (line 3)"}, Operations: []string{"show"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v, got %+v", want, got)
	}
}
