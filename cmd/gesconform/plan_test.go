package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
)

// planned makes a plan for a run against a fake server with --dry-run. It returns the file,
// its content and the environment for the run.
func planned(t *testing.T, fake *fakeserver.Running, args ...string) (file string, p *plan.Plan, environ []string) {
	t.Helper()
	environ = environOf(t, fake.Fixtures(), fake.URL)
	folder := t.TempDir()
	if c := call(t, environ, append([]string{"run", "--dry-run", "--output", folder}, args...)...); c.status != exitConforms {
		t.Fatalf("dry run: %d %s", c.status, c.stderr)
	}
	if n := len(fake.Journal(0)); n > 0 {
		t.Fatalf("the dry run sent %d requests", n)
	}
	file = filepath.Join(folder, result.PlanFile)
	p, err := plan.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, p, environ
}

// Only what was reviewed is sent: each request of a run is in the plan or is a read.
func TestRunSendsJustWhatWasPlanned(t *testing.T) {
	skipIfShort(t)
	fake := fakeserver.Start(t)
	file, reviewed, environ := planned(t, fake, "--risk", "destructive", "--label-filter", "!lifecycle")
	folder := t.TempDir() // the plan's options may be repeated
	c := call(t, environ, "run", "--risk", "destructive", "--plan", file, "--output", folder, "--until", "2999-01-01T00:00:00Z", "--ticket", "CHG-7")
	if c.status != exitConforms || c.stderr != "" {
		t.Fatalf("status %d: %.1000s %s", c.status, c.stdout, c.stderr)
	}
	allowed := map[string][]string{}
	for _, k := range reviewed.Cases {
		for _, aim := range k.Aims {
			if aim.Request != nil {
				allowed[k.ID] = append(allowed[k.ID], aim.Request.Method+" "+aim.Name+" "+aim.Risk.String())
			}
		}
	}
	changing := 0
	for _, x := range exchangesOf(t, folder) {
		if x.Request.Method == http.MethodGet {
			continue
		}
		changing++
		if !slices.Contains(allowed[x.Case], x.Request.Method+" "+x.Aim+" "+x.Risk) {
			t.Errorf("%s: %s at %s (%s) was not planned: %q", x.Case, x.Request.Method, x.Aim, x.Risk, allowed[x.Case])
		}
	}
	if changing < 50 {
		t.Errorf("expected at least 50 requests that could change something, got %d", changing)
	}
	again, err := plan.Read(filepath.Join(folder, result.PlanFile))
	reviewed.Settings["until"], reviewed.Settings["ticket"] = "2999-01-01T00:00:00Z", "CHG-7" // these may differ from the plan
	if err != nil || jsonOf(t, again) != jsonOf(t, reviewed) {
		t.Errorf("expected the run to write the plan that was reviewed: %v", err)
	}
}

func TestCasesMayBeTakenOutOfAPlan(t *testing.T) {
	fake := fakeserver.Start(t)
	file, reviewed, environ := planned(t, fake, "--risk", "guarded", "--label-filter", "body")
	first := slices.IndexFunc(reviewed.Cases, func(k plan.Case) bool { return strings.Contains(k.ID, "not-later-equal") })
	reviewed.Cases = []plan.Case{reviewed.Cases[first], reviewed.Cases[(first+1)%len(reviewed.Cases)]}
	write(t, file, jsonOf(t, reviewed))
	folder := t.TempDir()
	if c := call(t, environ, "run", "--plan", file, "--output", folder); c.status != exitConforms {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	for _, x := range exchangesOf(t, folder) {
		if x.Request.Method != http.MethodGet && x.Case != reviewed.Cases[0].ID && x.Case != reviewed.Cases[1].ID {
			t.Errorf("%s was removed from the plan, but sent", x.Case)
		}
	}
}

// A plan that is not what the contract and the user's settings give is refused before
// anything is sent.
func TestPlansThatAreRefused(t *testing.T) {
	fake := fakeserver.Start(t)
	file, _, environ := planned(t, fake, "--risk", "guarded")
	text := read(t, file)
	for _, tt := range []struct {
		name   string
		change func(*plan.Plan)
		args   []string
		want   []string
	}{
		{"a later version in a body", func(p *plan.Plan) {
			editFirst(p, cases.Guarded, func(r *plan.Request) { r.Body = `{"upgrade_version":"9.9.9"}` })
		}, nil, []string{"its requests are not those that the contract and the settings give"}},
		{"another graph", func(p *plan.Plan) {
			editFirst(p, cases.Inert, func(r *plan.Request) { r.URL = fake.URL + "/v2/p/graphs/other" })
		}, nil, []string{"its requests are not those that the contract and the settings give"}},
		{"a higher risk", func(p *plan.Plan) { p.Settings["risk"] = "destructive" }, nil, []string{"its requests are not those that"}},
		{"another contract", func(p *plan.Plan) { p.Contract.SHA256 = strings.Repeat("0", 64) }, nil, []string{"plan: expected one for contract openapi.yaml"}},
		{"unknown case", func(p *plan.Plan) { p.Cases[0].ID = "upgradeGraph/made-up" }, nil, []string{`case "upgradeGraph/made-up" is unknown`}},
		{"a case twice", func(p *plan.Plan) { p.Cases = append(p.Cases, p.Cases[0]) }, nil, []string{"or listed twice"}},
		{"no cases", func(p *plan.Plan) { p.Cases = nil }, nil, []string{"expected cases, got none"}},
		{"without the first of the guarded ones", func(p *plan.Plan) {
			p.Cases = slices.DeleteFunc(p.Cases, func(k plan.Case) bool { return strings.Contains(k.ID, "not-later-equal") })
		}, nil, []string{"not-later-equal, which the other cases depend on"}},
		{"unknown option", func(p *plan.Plan) { p.Settings["speed"] = "high" }, nil, []string{`unknown option "speed"`}},
		{"a credential", func(p *plan.Plan) { p.Settings["token"] = markedToken }, nil, []string{"settings: token is not part of a plan"}},
		{"a later schema version", func(p *plan.Plan) { p.SchemaVersion = 2 }, nil, []string{"schema_version: expected 1, got 2"}},
		{"the fake of another process", func(p *plan.Plan) { p.Embedded = true }, nil, []string{"plan: expected one for a deployment"}},
		{"another risk by flag", nil, []string{"--risk", "inert"}, []string{`risk: expected the plan's value "guarded"`, `got "inert"`}},
		{"a filter by flag", nil, []string{"--label-filter", "body"}, []string{"label-filter: expected the plan's value"}},
		{"a time that is over", nil, []string{"--until", "2020-01-01T00:00:00Z"}, []string{"until: expected a time in the future, got 2020-01-01T00:00:00Z"}},
		{"a later end than was planned", func(p *plan.Plan) { p.Settings["until"] = "2990-01-01T00:00:00Z" }, []string{"--until", "2999-01-01T00:00:00Z"},
			[]string{"until: expected no later time than the plan says, 2990-01-01T00:00:00Z, got 2999-01-01T00:00:00Z"}},
		{"no such file", nil, []string{"--plan", "missing.json"}, []string{"missing.json"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var reviewed plan.Plan
			if err := json.Unmarshal([]byte(text), &reviewed); err != nil {
				t.Fatal(err)
			}
			if tt.change != nil {
				tt.change(&reviewed)
			}
			changed := filepath.Join(t.TempDir(), "plan.json")
			write(t, changed, jsonOf(t, reviewed))
			c := call(t, environ, append([]string{"run", "--plan", changed}, tt.args...)...)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d: %.500s", c.status, c.stdout)
			}
			oneSentence(t, c, tt.want...)
			if n := len(fake.Journal(0)); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}

// editFirst changes the first request with the given risk.
func editFirst(p *plan.Plan, risk cases.Risk, change func(*plan.Request)) {
	for _, k := range p.Cases {
		for _, aim := range k.Aims {
			if aim.Request != nil && aim.Risk == risk {
				change(aim.Request)
				return
			}
		}
	}
}

// A plan can raise the risk, so for a deployment it must be given by a flag and not by a
// variable.
func TestAPlanFromTheEnvironment(t *testing.T) {
	skipIfShort(t)
	fake := fakeserver.Start(t)
	file, reviewed, environ := planned(t, fake, "--risk", "guarded")
	if c := call(t, append(environ, "GESCONFORM_PLAN="+file), "run"); c.status != exitConforms {
		t.Errorf("on a loopback address: status %d: %s", c.status, c.stderr)
	}
	reviewed.Settings["endpoint"] = "https://ges.example.com"
	write(t, file, jsonOf(t, reviewed))
	c := call(t, []string{"GESCONFORM_PLAN=" + file, "GESCONFORM_TOKEN=" + markedToken}, "run")
	if c.status != exitNotJudged {
		t.Errorf("elsewhere: expected status 2, got %d", c.status)
	}
	oneSentence(t, c, "GESCONFORM_PLAN", "gesconform run --plan")
}
