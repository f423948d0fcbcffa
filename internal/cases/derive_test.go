package cases_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

func shipped(tb testing.TB) *contract.Contract {
	tb.Helper()
	c, err := contract.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func derive(tb testing.TB, c *contract.Contract) []*cases.Case {
	tb.Helper()
	all, err := cases.Derive(c)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestDerivationIsRepeatable(t *testing.T) {
	once, err := json.Marshal(derive(t, shipped(t)))
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(derive(t, shipped(t)))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(once, again) {
		t.Error("expected two derivations to be equal")
	}
}

func TestIDs(t *testing.T) {
	readable := regexp.MustCompile(`^[A-Za-z]+(/[A-Za-z0-9]+(?:[_-][a-z0-9]+)*){2,3}$`)
	ordinal := regexp.MustCompile(`(^|[/-])\d+$`)
	all := derive(t, shipped(t))
	for i, k := range all {
		if i > 0 && all[i-1].ID >= k.ID {
			t.Errorf("expected ids sorted and without duplicates, got %s after %s", k.ID, all[i-1].ID)
		}
		if !readable.MatchString(k.ID) || ordinal.MatchString(strings.TrimSuffix(k.ID, "utf-16")) || len(k.ID) > 100 {
			t.Errorf("%s: expected an id of three or four parts of words, without an ordinal at the end", k.ID)
		}
		if !strings.HasPrefix(k.ID, k.Operation+"/"+k.Subject+"/") {
			t.Errorf("%s: expected its operation and subject in the id, got %q and %q", k.ID, k.Operation, k.Subject)
		}
	}
}

// golden compares lines with a file, or rewrites it if GESCONFORM_UPDATE is set.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	want := strings.Join(lines, "\n") + "\n"
	if os.Getenv("GESCONFORM_UPDATE") == "1" {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(data) == want {
		return
	}
	kept := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for _, line := range kept {
		if !slices.Contains(lines, line) {
			t.Errorf("%s: %q is gone: that is a breaking change, see CHANGELOG.md", name, line)
		}
	}
	for _, line := range lines {
		if !slices.Contains(kept, line) {
			t.Errorf("%s: %q is new; GESCONFORM_UPDATE=1 rewrites the list", name, line)
		}
	}
}

func TestListOfCases(t *testing.T) {
	var ids []string
	for _, k := range derive(t, shipped(t)) {
		ids = append(ids, k.ID)
	}
	golden(t, "ids.txt", ids)
}

func TestListOfRequirements(t *testing.T) {
	var ids []string
	for _, r := range shipped(t).Requirements() {
		ids = append(ids, fmt.Sprintf("%-6s %s", r.Level, r.ID))
	}
	golden(t, "requirements.txt", ids)
}

func TestAims(t *testing.T) {
	c := shipped(t)
	for _, k := range derive(t, c) {
		if len(k.Aims) == 0 {
			t.Errorf("%s: expected an aim, got none", k.ID)
		}
		for i, aim := range k.Aims {
			if i > 0 && k.Aims[i-1].Risk >= aim.Risk {
				t.Errorf("%s: expected aim %s to be riskier than the one before it", k.ID, aim.Name)
			}
			if k.Condition != "" && k.Observes == "" && !slices.Contains(aim.Conditions, k.Condition) {
				t.Errorf("%s: expected aim %s to break %s, got %q", k.ID, aim.Name, k.Condition, aim.Conditions)
			}
			for _, condition := range aim.Conditions {
				if c.Refusal(condition) == nil {
					t.Errorf("%s: aim %s: there is no condition %q", k.ID, aim.Name, condition)
				}
			}
			safe := c.Operation(k.Operation).Safe()
			switch aim.Risk {
			case cases.Inert:
				if !safe && aim.Graph != cases.AbsentGraph && aim.Graph != cases.LiteralGraph {
					t.Errorf("%s: aim %s: expected an inert request not to go to a graph that exists, got %s", k.ID, aim.Name, aim.Graph)
				}
			case cases.Guarded:
				if aim.Version != cases.CurrentVersion || k.Request.Method != http.MethodPost {
					t.Errorf("%s: aim %s: expected a guarded request to be an upgrade to the current version, got %s with version %s", k.ID, aim.Name, k.Request.Method, aim.Version)
				}
			case cases.Destructive:
			}
			if safe && aim.Risk != cases.Inert {
				t.Errorf("%s: aim %s: expected a read to be inert, got %s", k.ID, aim.Name, aim.Risk)
			}
		}
	}
}

// uncased has the refusals without a case, with the reason.
var uncased = map[string]string{
	"upgradeGraph/graph-not-running": "no fixture is in such a state, except for a stopped graph, which has its own condition",
	"upgradeGraph/unknown-route":     "what a path in another spelling does for who may upgrade is tried with a read",
	"upgradeGraph/upgrade-under-way": "", // a step of the lifecycle
}

func TestEveryRefusalHasACase(t *testing.T) {
	c := shipped(t)
	all := derive(t, c)
	for _, op := range c.Operations() {
		for _, r := range op.Refusals() {
			has := slices.ContainsFunc(all, func(k *cases.Case) bool { return k.Operation == op.ID && k.Condition == r.Condition })
			reason, listed := uncased[op.ID+"/"+r.Condition]
			switch {
			case !has && reason == "":
				t.Errorf("%s: %s: expected a case, got none", op.ID, r.Condition)
			case has && listed && reason != "":
				t.Errorf("%s: %s has a case; remove it from uncased", op.ID, r.Condition)
			}
		}
	}
}

func TestEveryRequirementIsExercised(t *testing.T) {
	c := shipped(t)
	all := derive(t, c)
	for _, r := range c.RequirementsFor(contract.Server) {
		exercised := r.Judges != "" || slices.ContainsFunc(all, func(k *cases.Case) bool { return k.Requirement == r.ID })
		if !exercised {
			t.Errorf("%s (%s, line %d) is exercised by no case", r.ID, r.Level, r.Line)
		}
	}
	for _, k := range all {
		r := c.Requirement(k.Requirement)
		if r == nil {
			t.Errorf("%s: there is no requirement %q", k.ID, k.Requirement)
			continue
		}
		if r.Operation != "" && r.Operation != k.Operation {
			t.Errorf("%s: requirement %s is of %s", k.ID, r.ID, r.Operation)
		}
		rules := 0
		for _, rule := range []string{k.Condition, k.Accepts, k.Observes} {
			if rule != "" {
				rules++
			}
		}
		if rules != 1 && (k.Observes == "" || rules != 2) {
			t.Errorf("%s: expected one rule, got condition %q, accepts %q, observes %q", k.ID, k.Condition, k.Accepts, k.Observes)
		}
		for _, label := range []string{k.Operation, k.Subject, string(k.Level), k.Requirement} {
			if !slices.Contains(k.Labels, label) || !slices.IsSorted(k.Labels) {
				t.Errorf("%s: expected sorted labels with its operation, subject, level and requirement, got %q", k.ID, k.Labels)
			}
		}
	}
}
