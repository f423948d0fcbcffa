package selftest

import (
	"bytes"
	"cmp"
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

// page writes docs/traceability.md.
func (tr *trace) page() []byte {
	var b bytes.Buffer
	b.WriteString(`# Traceability

From what the public page on upgrading a graph says to what shows that a deployment keeps to it. Made by
` + "`make traceability`" + ` from [upgrade-page.yaml](upgrade-page.yaml), [openapi.yaml](../openapi.yaml), the cases that are
derived from it and the defects of the fake; the tests fail where it drifts, where a statement has no clause or does not
say what the clause says, where it has neither requirement nor reason, where a requirement has nothing that exercises it, where a MUST or SHOULD has no defect that breaks it, and
where an id or a pointer leads nowhere; what is excused stands at the end, with its reason. That the suite finds each
defect is shown by the [kill matrix](kill-matrix.md).

`)
	fmt.Fprintf(&b, "%d statements, %d requirements, %d cases, %d defects; %d requirements for clients.\n", len(tr.statements),
		len(tr.contract.RequirementsFor(contract.Server)), tr.countCases(), tr.countDefects(), len(tr.contract.RequirementsFor(contract.Client)))
	tr.writeStatements(&b)
	tr.writeUnobservable(&b)
	var ofPage, elsewhere []*contract.Requirement
	for _, r := range tr.contract.RequirementsFor(contract.Server) {
		if len(tr.namedBy[r.ID]) > 0 {
			ofPage = append(ofPage, r)
		} else {
			elsewhere = append(elsewhere, r)
		}
	}
	b.WriteString("\n## Requirements of the page\n\nIn the order of openapi.yaml. The sources are the statements above that name the requirement, then the pages that it rests on; `ours-dN` is [decision N](decisions.md). Ours is what of it no page and no RFC says: with `--only-documented` that counts as a SHOULD.\n\n")
	tr.writeRequirements(&b, ofPage)
	b.WriteString("\n## Requirements from elsewhere\n\nFrom the service's other pages, from the standards, or ours where all are silent.\n\n")
	tr.writeRequirements(&b, elsewhere)
	tr.writeClientRequirements(&b)
	b.WriteString("\n## Exceptions\n\nKnown gaps. The tests fail where one is missing here, and where one is here that has been closed.\n\n| what | why |\n|---|---|\n")
	for _, id := range sortedKeys(undefective) {
		fmt.Fprintf(&b, "| no defect breaks %#q | %s |\n", id, cell(undefective[id]))
	}
	for _, name := range sortedKeys(unprobed) {
		fmt.Fprintf(&b, "| no case probes the condition %#q | %s |\n", name, cell(unprobed[name]))
	}
	return b.Bytes()
}

func (tr *trace) writeStatements(b *bytes.Buffer) {
	b.WriteString("\n## Statements of the page\n\nWhat the page says stands beside what the clause says, both in our own words.\n\n| the page says | the clause says | clause, line | requirement | cases, the first | defects, the first |\n|---|---|---|---|---|---|\n")
	for _, s := range tr.statements {
		first := fmt.Sprintf("| **%s** %s | %s | [%d](../openapi.yaml#L%d) %#q |", s.ID, cell(s.Says), cell(s.Encodes), tr.lineOf(s.Clause), tr.lineOf(s.Clause), s.Clause)
		if s.LeftOut != "" {
			first = fmt.Sprintf("| **%s** %s | nothing: %s | |", s.ID, cell(s.Says), cell(s.LeftOut))
		}
		if len(s.Requirements) == 0 {
			fmt.Fprintf(b, "%s unobservable, see below | | |\n", first)
		}
		for _, id := range s.Requirements {
			fmt.Fprintf(b, "%s %s | %s | %s |\n", first, id, tr.exercised(tr.contract.Requirement(id)), tr.firstDefect(id))
			first = "| | | |"
		}
	}
}

func (tr *trace) writeUnobservable(b *bytes.Buffer) {
	b.WriteString("\n## What HTTP cannot show of it\n\n| statement | why |\n|---|---|\n")
	for _, s := range tr.statements {
		if s.Unobservable != "" {
			scope := "wholly"
			if len(s.Requirements) > 0 {
				scope = "in part"
			}
			fmt.Fprintf(b, "| **%s**, %s | %s |\n", s.ID, scope, cell(s.Unobservable))
		}
	}
	b.WriteString("\n## Mistakes of the page\n\n| statement | mistake |\n|---|---|\n")
	for _, s := range tr.statements {
		if s.Fault != "" {
			fmt.Fprintf(b, "| **%s** | %s |\n", s.ID, cell(s.Fault))
		}
	}
}

func (tr *trace) writeRequirements(b *bytes.Buffer, requirements []*contract.Requirement) {
	b.WriteString("| requirement | line | sources | ours | cases, the first | defects |\n|---|---|---|---|---|---|\n")
	for _, r := range requirements {
		names := make([]string, 0, len(tr.defects[r.ID]))
		for _, d := range tr.defects[r.ID] {
			names = append(names, d.Name)
		}
		sources := append(slices.Clone(tr.namedBy[r.ID]), r.Source...)
		fmt.Fprintf(b, "| **%s** %s: %s | [%d](../openapi.yaml#L%d) | %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Text), r.Line, r.Line,
			strings.Join(sources, ", "), tr.ours(r), tr.exercised(r), cmp.Or(strings.Join(names, ", "), noDefect(r)))
	}
}

// ours says what of a requirement only a decision of ours says.
func (tr *trace) ours(r *contract.Requirement) string {
	if !tr.contract.Documented(r) {
		return "all"
	}
	return strings.Join(r.Ours, ", ")
}

// exercised says what exercises a requirement.
func (tr *trace) exercised(r *contract.Requirement) string {
	switch list := tr.cases[r.ID]; {
	case r.Judges != "" && r.Operation != "":
		return "every answer of " + r.Operation
	case r.Judges != "":
		return "every answer"
	default:
		return fmt.Sprintf("%d: %#q", len(list), list[0].ID)
	}
}

func (tr *trace) firstDefect(id string) string {
	defects := tr.defects[id]
	if len(defects) == 0 {
		return noDefect(tr.contract.Requirement(id))
	}
	return fmt.Sprintf("%d: %s", len(defects), defects[0].Name)
}

// noDefect says why a requirement has no defect.
func noDefect(r *contract.Requirement) string {
	if r.Level == contract.May {
		return "none: a MAY cannot be broken"
	}
	return "none, see the exceptions"
}

func (tr *trace) countCases() int {
	n := 0
	for _, list := range tr.cases {
		n += len(list)
	}
	return n
}

// countDefects counts the defects that break a requirement.
func (tr *trace) countDefects() int {
	n := 0
	for _, list := range tr.defects {
		for _, d := range list {
			if d.Equivalent == "" {
				n++
			}
		}
	}
	return n
}

// cell escapes text for a table cell.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
