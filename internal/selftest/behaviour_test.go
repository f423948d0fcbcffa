package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// A trial is a request that a mock server of the contract should answer like the service.
type trial struct {
	name    string
	refused string // the condition; "" for a valid request
	token   string
	graph   string
	job     string // to read, instead of an upgrade
	body    string
}

// trials are in the order in which they are sent: those before the valid upgrade change
// nothing.
func trials(f fakeserver.Fixtures) []trial {
	const unknown, version = "00000000-0000-4000-8000-000000000000", `{"upgrade_version":%q}`
	good := fmt.Sprintf(version, f.Versions[0])
	return []trial{
		{"no token", "missing-credentials", "", f.GraphID, "", good},
		{"a token that nobody was given", "invalid-credentials", "made-up", f.GraphID, "", good},
		{"an expired token", "expired-credentials", f.ExpiredToken, f.GraphID, "", good},
		{"a token that may only read", "not-permitted", f.ReadonlyToken, f.GraphID, "", good},
		{"a body that is not JSON", "malformed-body", f.Token, f.GraphID, "", `{"upgrade_version":`},
		{"no version", "missing-member", f.Token, f.GraphID, "", `{"force_upgrade":true}`},
		{"a number for the version", "wrong-type", f.Token, f.GraphID, "", `{"upgrade_version":2}`},
		{"a graph that does not exist", "unknown-graph", f.Token, unknown, "", good},
		{"another project's graph", "foreign-graph", f.Token, f.ForeignGraphID, "", good},
		{"a stopped graph", "stopped-graph", f.Token, f.StoppedGraphID, "", good},
		{"an older version", "target-not-later", f.Token, f.GraphID, "", fmt.Sprintf(version, "1.0.0")},
		{"the version that the graph has", "target-not-later", f.Token, f.GraphID, "", fmt.Sprintf(version, fakeserver.DefaultVersion)},
		{"a lawful upgrade", "", f.Token, f.GraphID, "", good},
		{"a second one while it is under way", "upgrade-under-way", f.Token, f.GraphID, "", fmt.Sprintf(version, f.Versions[1])},
		{"a job that does not exist", "unknown-job", f.Token, f.GraphID, unknown, ""},
	}
}

// An outcome is the answer to a trial.
type outcome struct {
	Trial  string `json:"trial"`
	Status int    `json:"status"`
	Code   string `json:"code,omitempty"`
	Right  bool   `json:"right"` // by the contract
}

func (o outcome) String() string {
	mark := "✗"
	if o.Right {
		mark = "✓"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", mark, o.Status, o.Code))
}

// try sends the trials to a server and judges the answers.
func try(t *testing.T, endpoint string, f fakeserver.Fixtures) []outcome {
	t.Helper()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	var outcomes []outcome
	for _, tt := range trials(f) {
		method, path := http.MethodPost, "/v2/"+f.ProjectID+"/graphs/"+tt.graph+"/upgrade"
		if tt.job != "" {
			method, path = http.MethodGet, "/v2/"+f.ProjectID+"/graphs/"+tt.graph+"/jobs/"+tt.job+"/status"
		}
		r, err := http.NewRequestWithContext(t.Context(), method, endpoint+path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		if tt.token != "" {
			r.Header.Set("X-Auth-Token", tt.token)
		}
		if tt.body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		op, _, _ := document.Find(method, path)
		answer := &contract.Answer{Status: response.StatusCode, Header: response.Header, Body: body}
		outcomes = append(outcomes, outcome{tt.name, answer.Status, answer.ErrorCode(), isRight(t, document, op, tt.refused, answer)})
	}
	return outcomes
}

// isRight reports whether an answer is lawful for a condition, or for a valid request.
func isRight(t *testing.T, document *contract.Contract, op *contract.Operation, condition string, answer *contract.Answer) bool {
	t.Helper()
	if condition == "" {
		return answer.Status == http.StatusOK && len(document.JudgeAnswer(op, op.Method, answer)) == 0
	}
	for _, r := range op.Refusals() {
		if r.Condition == condition {
			return document.Fit(r, answer.Status, answer.ErrorCode()) == contract.Exact
		}
	}
	t.Fatalf("expected a condition of %s, got %q", op.ID, condition)
	return false
}

// prismRecord has Prism's recorded answers.
type prismRecord struct {
	Version  string    `json:"version"`
	Date     string    `json:"date"`
	Outcomes []outcome `json:"outcomes"`
}

var prismPath = filepath.Join("testdata", "prism.json")

// prismVariable names the URL of a Prism server: TestBehaviour sends it the trials, and
// records the answers. `make behaviour-prism` sets it.
const prismVariable = "GESCONFORM_PRISM"

func recordPrism(t *testing.T, endpoint string, f fakeserver.Fixtures) {
	t.Helper()
	if u, err := url.Parse(endpoint); err != nil || !net.ParseIP(u.Hostname()).IsLoopback() {
		t.Fatalf("%s: expected an address of this machine alone, got %q", prismVariable, endpoint)
	}
	version, err := exec.CommandContext(t.Context(), repository("tools", "prism", "node_modules", ".bin", "prism"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	record := prismRecord{strings.TrimSpace(string(version)), time.Now().UTC().Format(time.DateOnly), try(t, endpoint, f)}
	data, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(prismPath, append(data, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestBehaviour sends the trials to the fake, whose answers must all be right, and compares
// the table in docs/benchmarks.md with them and with Prism's recorded answers.
func TestBehaviour(t *testing.T) {
	fake := fakeserver.New(fakeserver.WithUpgradeTimes(time.Hour))
	server := httptest.NewServer(fake)
	defer server.Close()
	ours := try(t, server.URL, fake.Fixtures())
	for _, o := range ours {
		if !o.Right {
			t.Errorf("%s: expected an answer that is lawful, got %s", o.Trial, o)
		}
	}
	if endpoint := os.Getenv(prismVariable); endpoint != "" {
		recordPrism(t, endpoint, fake.Fixtures())
	}
	data, err := os.ReadFile(prismPath)
	if err != nil {
		t.Fatal(err)
	}
	var prism prismRecord
	if err := json.Unmarshal(data, &prism); err != nil {
		t.Fatal(err)
	}
	path := repository("docs", "benchmarks.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- by TestBehaviour -->\n", "<!-- end -->\n"
	before, rest, opened := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !opened || !closed {
		t.Fatalf("%s: expected %q and %q", path, begin, end)
	}
	compareFile(t, path, bytes.Join([][]byte{before, []byte(begin + behaviourTable(t, ours, prism) + end), after}, nil))
}

func behaviourTable(t *testing.T, ours []outcome, prism prismRecord) string {
	t.Helper()
	if len(ours) != len(prism.Outcomes) {
		t.Fatalf("%s has %d outcomes, expected %d; `make behaviour-prism` records them again", prismPath, len(prism.Outcomes), len(ours))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| request | the fake | Prism %s, %s |\n|---|---|---|\n", prism.Version, prism.Date)
	right := 0
	for i, o := range ours {
		other := prism.Outcomes[i]
		if o.Trial != other.Trial {
			t.Fatalf("%s has %q, expected %q; `make behaviour-prism` records it again", prismPath, other.Trial, o.Trial)
		}
		if other.Right {
			right++
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", o.Trial, o, other)
	}
	fmt.Fprintf(&b, "\nThe fake is right in all %d, Prism in %d.\n", len(ours), right)
	return b.String()
}
