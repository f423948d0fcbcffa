package selftest

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
)

// undefective are the MUST and SHOULD requirements without a defect that breaks them, with
// the reason.
var undefective = map[string]string{
	"graph.shown": "a run begins by reading the graph: a server that does not show it ends the run with status 2, " +
		"and one that shows it in another form breaks answer.schema",
	"answer.in-time": "it is only judged with --max-response-time, which TestLateAnswers sets",
}

// unprobed are the conditions without a case, with the reason.
var unprobed = map[string]string{
	"graph-not-running": "no operation brings a graph into such a state, and no fixture names one but a stopped graph, " +
		"which has a condition of its own",
}

// statement is a statement of the upgrade page, in docs/upgrade-page.yaml.
type statement struct {
	ID           string   `yaml:"id"`
	Says         string   `yaml:"says"`
	Source       string   `yaml:"source"`
	Clause       string   `yaml:"clause"`
	Encodes      string   `yaml:"encodes"`  // what the clause says
	LeftOut      string   `yaml:"left_out"` // why no clause says it
	Requirements []string `yaml:"requirements"`
	Unobservable string   `yaml:"unobservable"`
	Fault        string   `yaml:"fault"`
}

// trace is the data of the table of requirements.
type trace struct {
	contract   *contract.Contract
	document   *yaml.Node
	statements []statement
	cases      map[string][]*cases.Case       // by requirement
	defects    map[string][]fakeserver.Defect // by requirement
	namedBy    map[string][]string            // the statements, by requirement
	scenarios  scenarios                      // for the requirements for clients
}

// TestTraceability maps each statement of the upgrade page to the clause that encodes it, the
// requirements, the cases that test them and the defects that the cases find. It fails if
// one is missing, or if docs/traceability.md is out of date.
func TestTraceability(t *testing.T) {
	t.Parallel()
	tr := loadTrace(t)
	tr.checkStatements(t)
	tr.checkRequirements(t)
	tr.checkConditions(t)
	if !t.Failed() {
		compareFile(t, repository("docs", "traceability.md"), tr.page())
	}
}

func loadTrace(t *testing.T) *trace {
	t.Helper()
	data, err := os.ReadFile(repository("docs", "upgrade-page.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var page struct {
		Page       string      `yaml:"page"`
		Statements []statement `yaml:"statements"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&page); err != nil {
		t.Fatal(err)
	}
	tr := &trace{
		contract: shipped(t), document: &yaml.Node{}, statements: page.Statements, cases: map[string][]*cases.Case{},
		defects: map[string][]fakeserver.Defect{}, namedBy: map[string][]string{},
	}
	if err := yaml.Unmarshal(gesconform.OpenAPI, tr.document); err != nil {
		t.Fatal(err)
	}
	for _, k := range derived(t) {
		tr.cases[k.Requirement] = append(tr.cases[k.Requirement], k)
	}
	tr.scenarios = scenariosOf(t, tr.contract)
	for _, d := range fakeserver.Defects() {
		tr.defects[d.Breaks] = append(tr.defects[d.Breaks], d)
	}
	for _, s := range tr.statements {
		for _, id := range s.Requirements {
			tr.namedBy[id] = append(tr.namedBy[id], s.ID)
		}
	}
	return tr
}

// lineOf returns the line of a JSON pointer (RFC 6901), or 0 if nothing is there. The
// contract's Line would fall back to a parent.
func (tr *trace) lineOf(pointer string) int {
	node, line := tr.document.Content[0], 1
	for token := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		var next *yaml.Node
		switch node.Kind {
		case yaml.MappingNode:
			for i := 0; i < len(node.Content); i += 2 {
				if node.Content[i].Value == token {
					next, line = node.Content[i+1], node.Content[i].Line
				}
			}
		case yaml.SequenceNode:
			if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(node.Content) {
				next, line = node.Content[i], node.Content[i].Line
			}
		case yaml.DocumentNode, yaml.ScalarNode, yaml.AliasNode:
		}
		if next == nil {
			return 0
		}
		node = next
	}
	return line
}

func (tr *trace) checkStatements(t *testing.T) {
	t.Helper()
	for i, s := range tr.statements {
		if want := fmt.Sprintf("S%d", i+1); s.ID != want {
			t.Errorf("statement %s: expected the id %s", s.ID, want)
		}
		if s.Says == "" {
			t.Errorf("statement %s says nothing", s.ID)
		}
		if tr.contract.Source(s.Source) == nil {
			t.Errorf("statement %s: no source %q in openapi.yaml", s.ID, s.Source)
		}
		switch {
		case s.LeftOut != "" && (s.Clause != "" || s.Encodes != ""):
			t.Errorf("statement %s: expected no clause, since it says why there is none", s.ID)
		case s.LeftOut != "":
		case s.Encodes == "":
			t.Errorf("statement %s does not say what its clause says", s.ID)
		case tr.lineOf(s.Clause) == 0:
			t.Errorf("statement %s: clause %q leads nowhere in openapi.yaml", s.ID, s.Clause)
		}
		if len(s.Requirements) == 0 && s.Unobservable == "" {
			t.Errorf("statement %s has no requirement, and does not say why it is unobservable", s.ID)
		}
		for _, id := range s.Requirements {
			if tr.contract.Requirement(id) == nil {
				t.Errorf("statement %s: no requirement %q in openapi.yaml", s.ID, id)
			}
		}
	}
}

func (tr *trace) checkRequirements(t *testing.T) {
	t.Helper()
	for _, r := range tr.contract.Requirements() {
		if r.IsAbout(contract.Client) && len(tr.scenarios.deciding[r.ID]) == 0 {
			t.Errorf("requirement %s is about clients, and no scenario decides it", r.ID)
		}
		if r.IsAbout(contract.Server) && r.Judges == "" && len(tr.cases[r.ID]) == 0 {
			t.Errorf("requirement %s has no case, judges no aspect of the answers and is no step of the lifecycle", r.ID)
		}
		for _, name := range r.Ours {
			if name != "all" && !tr.hasAspect(r, name) {
				t.Errorf("requirement %s: ours: %q is neither the end of the id of a case of it nor a keyword", r.ID, name)
			}
		}
		if tr.lineOf(r.Clause) == 0 {
			t.Errorf("requirement %s: clause %q leads nowhere", r.ID, r.Clause)
		}
		found, excused := len(tr.defects[r.ID]) > 0, undefective[r.ID] != ""
		switch {
		case !r.IsAbout(contract.Server):
		case r.Level != contract.May && !found && !excused:
			t.Errorf("requirement %s is a %s, and no defect of the fake breaks it: nothing shows that the suite finds it broken", r.ID, r.Level)
		case found && excused:
			t.Errorf("requirement %s has a defect now: take it out of the exceptions", r.ID)
		}
	}
	for id, defects := range tr.defects {
		for _, d := range defects {
			if d.Equivalent == "" && tr.contract.Requirement(id) == nil {
				t.Errorf("defect %s: no requirement %q in openapi.yaml", d.Name, id)
			}
		}
	}
	for id := range undefective {
		if tr.contract.Requirement(id) == nil {
			t.Errorf("the exceptions name %q, which is no requirement", id)
		}
	}
}

// hasAspect reports whether a requirement has a case whose id ends in a name, or is about
// answers or about the requests of a client, whose problems are named after a keyword.
func (tr *trace) hasAspect(r *contract.Requirement, name string) bool {
	switch {
	case r.Judges != "":
		return slices.Contains([]string{"minLength", "enum", "duplicate"}, name)
	case r.Expects == contract.ClientRequestLawful:
		return slices.Contains([]string{"pattern", "maxLength"}, name)
	}
	return slices.ContainsFunc(tr.cases[r.ID], func(k *cases.Case) bool { return strings.HasSuffix(k.ID, "/"+name) })
}

func (tr *trace) checkConditions(t *testing.T) {
	t.Helper()
	probed := map[string]bool{}
	for _, list := range tr.cases {
		for _, k := range list {
			probed[k.Condition] = true
		}
	}
	for _, refusal := range tr.contract.Refusals() {
		name := refusal.Condition
		if excused := unprobed[name] != ""; excused == probed[name] {
			t.Errorf("condition %s: probed by a case: %v, among the exceptions: %v", name, probed[name], excused)
		}
	}
	for name := range unprobed {
		if tr.contract.Refusal(name) == nil {
			t.Errorf("the exceptions name %q, which is no condition", name)
		}
	}
}
