package result

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
)

// applies reports whether a requirement is one for what the run judges.
func (run *Run) applies(r *contract.Requirement) bool {
	if run.Client != nil {
		return r.IsAbout(contract.Client)
	}
	return r.IsAbout(contract.Server)
}

// CaseWord is the word for n of what the run consists of: a client is judged by scenarios, a
// deployment by cases.
func (run *Run) CaseWord(n int) string {
	if run.Client != nil {
		return printable.Plural(n, "scenario", "scenarios")
	}
	return printable.Plural(n, "case", "cases")
}

// noneSelected is why nothing was judged.
func (run *Run) noneSelected() string { return "no " + run.CaseWord(1) + " was selected" }

// CommandLine returns the command that was run for each scenario as it would be typed into a
// shell, or "" for a function.
func (c *Client) CommandLine() string {
	words := make([]string, len(c.Command))
	for i, word := range c.Command {
		words[i] = word
		if word == "" || strings.ContainsFunc(word, func(r rune) bool { return !plainInShell(r) }) {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

func plainInShell(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("-_./:=,@%+", r)
}

// nothingShows is why a requirement is not decided though there were scenarios that can decide it.
const nothingShows = "nothing that the client did shows it"

// SummariseClient does for a client what Summarise, Expect and Cover do for a deployment. known has
// all scenarios, selected or not.
func SummariseClient(c *contract.Contract, run Run, results []judge.Result, known Names, expected Expectations) Run {
	run = Summarise(c, run, results)
	run.Expect(expected)
	run.countUnselected(known)
	return run
}

// countUnselected adds the scenarios that were not selected to those of their requirements.
func (run *Run) countUnselected(known Names) {
	selected := map[string]bool{}
	for i := range run.Cases {
		selected[run.Cases[i].Case] = true
	}
	for i := range run.Requirements {
		r := &run.Requirements[i]
		untouched := r.Cases == 0
		for j := range known.cases {
			switch k := &known.cases[j]; {
			case !k.about(r.ID):
			case untouched && selected[k.ID]:
				r.Cases++
				r.Reason = nothingShows
			case !selected[k.ID] && (run.Target.Strict || !k.Strict):
				r.Cases++
			}
		}
	}
	run.decide()
}

// taken returns the coverage of a client: of the operations, statuses and error codes that it was
// answered with, those that it has taken correctly, in a scenario with no finding that does not
// conform. What is missing comes with the first scenario that has it, and its verdict.
func (run *Run) taken(c *contract.Contract) *Coverage {
	statuses, codes := map[string]*counter{}, map[string]*counter{}
	for _, well := range []bool{true, false} {
		for i := range run.Cases {
			if of := &run.Cases[i]; !of.observed() && of.conforms() == well {
				of.countTaken(c, well, statuses, codes)
			}
		}
	}
	all := &Coverage{Operations: []OperationCoverage{}}
	for _, operation := range slices.Sorted(maps.Keys(statuses)) {
		all.Operations = append(all.Operations, OperationCoverage{Operation: operation, Statuses: statuses[operation].share(), Codes: codes[operation].share()})
	}
	return all
}

// conforms reports whether nothing that was found in a case does not conform, and something does.
func (c *Case) conforms() bool {
	well := false
	for _, f := range c.Findings {
		if f.Verdict != judge.Conforms {
			return false
		}
		well = true
	}
	return well
}

// observed reports whether nothing is right or wrong in a case.
func (c *Case) observed() bool {
	return slices.ContainsFunc(c.Findings, func(f judge.Finding) bool { return f.Verdict == judge.Observed })
}

// countTaken counts the answers of a scenario, by operation.
func (c *Case) countTaken(of *contract.Contract, well bool, statuses, codes map[string]*counter) {
	for i := range c.Exchanges {
		x := &c.Exchanges[i]
		if x.Answer == nil {
			continue
		}
		operation := x.Operation
		if operation == "" { // as in a record, which does not have what follows from the contract
			path, _, _ := strings.Cut(x.Request.Path, "?")
			if found, _, _ := of.Find(x.Request.Method, path); found != nil {
				operation = found.ID
			}
		}
		if operation == "" {
			continue
		}
		if statuses[operation] == nil {
			statuses[operation], codes[operation] = newCounter(), newCounter()
		}
		if len(x.Problems) > 0 { // a client that conforms gets no such answer
			continue
		}
		statuses[operation].take(strconv.Itoa(x.Answer.Status), well, c)
		if code := x.Code(); code != "" {
			codes[operation].take(catalogued(of, code), well, c)
		}
	}
}

// take counts an answer. Those that were taken correctly come first.
func (n *counter) take(name string, well bool, in *Case) {
	switch {
	case well:
		n.add(name, 1)
	case !slices.Contains(n.names, name):
		n.missing(name, func() string { return in.Case + ": " + string(cmp.Or(in.Verdict, judge.Error)) })
	}
}

// SaidInShort returns what the client says of its upgrade, and how it said so, or "" if no client
// was judged.
func (c *Case) SaidInShort() string {
	o := c.Client
	if o == nil {
		return ""
	}
	how, reason := "", o.Reason
	switch {
	case o.Said == judge.SaidNothing && reason != "":
		how, reason = reason, ""
	case o.TimedOut:
		how = "ended, for it had not ended in time"
	case o.Signal != "":
		how = "died by " + o.Signal
	case o.ExitStatus != nil:
		how = "exit status " + strconv.Itoa(*o.ExitStatus)
	case o.Said == judge.SaidSuccess:
		how = "no error"
	}
	return string(o.Said) + inBrackets("", how) + printable.Prefixed(": ", reason)
}
