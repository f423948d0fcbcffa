package result_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestResultsFitTheirSchema(t *testing.T) {
	for name, run := range map[string]result.Run{
		"sample": resulttest.Run(t),
		"full":   *resulttest.Filled[result.Run](t),
		"empty":  result.Summarise(resulttest.Contract(t), result.Run{}, nil),
	} {
		if name == "full" { // set what the schema restricts to valid values
			run.SchemaVersion, run.Verdict = result.SchemaVersion, judge.Error
			run.Target.Certificates = []string{resulttest.Digest}
			run.Expectations[0].State = result.Expired
			r, c := &run.Requirements[0], &run.Cases[0]
			r.Level, r.Verdict, c.Verdict, c.Apart = contract.Must, judge.Masked, judge.NotApplicable, judge.RuledOutByLimits
			c.Client.Said = judge.SaidNothing
			c.Findings[0].Level, c.Findings[0].Verdict = contract.May, judge.Observed
		}
		if err := resulttest.Validate(t, "", resulttest.JSON(t, run)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := resulttest.Validate(t, "", []byte(strings.Replace(string(resulttest.JSON(t, resulttest.Run(t))), `"plan"`, `"plot"`, 1))); err == nil {
		t.Error("expected the schema to reject an unknown property")
	}
}

func TestSchemaAgreesWithTheTypes(t *testing.T) {
	resulttest.CheckTypes(t, map[string]reflect.Type{
		"source":             reflect.TypeFor[contract.Source](),
		"":                   reflect.TypeFor[result.Run](),
		"tool":               reflect.TypeFor[result.Tool](),
		"contract":           reflect.TypeFor[result.ContractVersion](),
		"target":             reflect.TypeFor[result.Target](),
		"client":             reflect.TypeFor[result.Client](),
		"client_outcome":     reflect.TypeFor[judge.ClientOutcome](),
		"plan":               reflect.TypeFor[result.Plan](),
		"upgrades":           reflect.TypeFor[result.Upgrades](),
		"graph":              reflect.TypeFor[result.Graph](),
		"snapshot":           reflect.TypeFor[ges.Snapshot](),
		"job":                reflect.TypeFor[ges.Job](),
		"coverage":           reflect.TypeFor[result.Coverage](),
		"operation_coverage": reflect.TypeFor[result.OperationCoverage](),
		"share":              reflect.TypeFor[result.Share](),
		"counted":            reflect.TypeFor[result.Counted](),
		"missing":            reflect.TypeFor[result.Reason](),
		"expectation":        reflect.TypeFor[result.Expectation](),
		"comparison":         reflect.TypeFor[result.Comparison](),
		"compared":           reflect.TypeFor[result.Compared](),
		"change":             reflect.TypeFor[result.Change](),
		"side":               reflect.TypeFor[result.Side](),
		"outcome":            reflect.TypeFor[result.Outcome](),
		"requirement":        reflect.TypeFor[result.Requirement](),
		"case":               reflect.TypeFor[result.Case](),
		"finding":            reflect.TypeFor[judge.Finding](),
		"transport_failure":  reflect.TypeFor[exchange.Failure](),
	})
}

func TestReadJSONReadsWhatWriteJSONWrote(t *testing.T) {
	want := resulttest.Run(t)
	got, err := result.ReadJSON(bytes.NewReader(resulttest.JSON(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	var exchanges []exchange.Exchange
	for _, c := range want.Cases {
		exchanges = append(exchanges, c.Exchanges...)
	}
	if err := got.Attach(exchanges[1:]); err == nil || err.Error() != "case upgradeGraph/version/equal: exchange 7 is missing" {
		t.Errorf("expected that exchange 7 is missing, got %v", err)
	}
	if err := got.Attach(exchanges); err != nil {
		t.Fatal(err)
	}
	for i := range got.Cases {
		if len(got.Cases[i].Exchanges) == 0 {
			got.Cases[i].Exchanges = nil
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v\ngot      %+v", want, got)
	}
}

func TestReadJSONRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "read results: EOF",
		`{"schema_version": 999}`: "read results: schema_version: expected 2, got 999",
		`{"schema_version": 2, "cases": [{"id": "x"}]}`: "read results: expected the results.json of a run, got something else", // plan.json
	} {
		if _, err := result.ReadJSON(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: expected %q, got %v", text, want, err)
		}
	}
}
