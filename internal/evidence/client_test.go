package evidence

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// sampleJudge judges the sample client: a refused upgrade is no success.
func sampleJudge(t *testing.T) *ClientJudge {
	return &ClientJudge{
		Names: func(c *contract.Contract) (result.Names, error) {
			return result.ClientNames(c, resulttest.Scenarios()), nil
		},
		Judge: func(_ *contract.Contract, run result.Run) ([]judge.Result, error) {
			all := resulttest.ClientResults()
			for i := range all {
				said, found := find(&run, all[i].Case)
				switch {
				case !found:
					return nil, fmt.Errorf("scenario %s: is missing", all[i].Case)
				case said.Verdict != "" || said.Findings != nil || said.Reason != "":
					t.Errorf("%s: expected no verdict to rely on, got %s", said.Case, said.Verdict)
				}
				all[i].Client, all[i].Exchanges = said.Client, said.Exchanges
				if said.Case == "refused/400-GES.0001" && said.Client.Said == judge.SaidFailure {
					all[i].Findings[0].Verdict = judge.Conforms
				}
			}
			return all, nil
		},
	}
}

func find(run *result.Run, id string) (judge.Result, bool) {
	for _, c := range run.Cases {
		if c.Case == id {
			return c.Result, true
		}
	}
	return judge.Result{}, false
}

// clientFolder writes the folder of a client's run, and returns it.
func clientFolder(t *testing.T, run result.Run) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "report")
	log, closer, err := CreateExchangeLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range run.DistinctExchanges() {
		err = errors.Join(err, log.Append(*x.Exchange))
	}
	if err := errors.Join(err, closer.Close(), WriteDir(dir, run)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func clientRun(t *testing.T) result.Run {
	c := resulttest.ClientContract(t)
	known := result.ClientNames(c, resulttest.Scenarios())
	entry := resulttest.Entry("requirement: client.retry-after", "scenario: busy/*", strings.Replace(resulttest.Because, "2025-06-01", "2030-01-01", 1))
	expected, err := result.ReadExpectations("known.yaml", []byte(entry), known)
	if err != nil {
		t.Fatal(err)
	}
	return result.SummariseClient(c, resulttest.ClientHead(), resulttest.ClientResults(), known, expected)
}

// change replaces a text in a file of a folder, and removes the digests, as somebody who forges it.
func change(t *testing.T, dir, name, old, made string) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s: expected %q in\n%s", name, old, text)
	}
	err = os.WriteFile(path, []byte(strings.Replace(string(text), old, made, 1)), 0o600)
	if err := errors.Join(err, os.RemoveAll(filepath.Join(dir, result.SumsFile))); err != nil {
		t.Fatal(err)
	}
}

func TestJudgeAClientAgain(t *testing.T) {
	refused := `"case":"refused/400-GES.0001",`
	for name, tc := range map[string]struct {
		change func(t *testing.T, dir string)
		judge  func(*JudgeOptions)
		want   string // of the error; "" for ErrDeviates
	}{
		"as it was": {},
		"without a judge": {
			judge: func(o *JudgeOptions) { o.Client = nil },
			want:  "judge: expected the folder of a run against a deployment, got DIR, which is of a run that judged a client",
		},
		"another contract": {
			judge: func(o *JudgeOptions) { o.Contract = resulttest.Contract(t) }, want: "results.json: expected results by contract sample.yaml",
		},
		"a changed file": {
			change: func(t *testing.T, dir string) {
				if err := os.WriteFile(filepath.Join(dir, result.JUnitFile), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			},
			want: "the file was changed after the run",
		},
		"a forged verdict": {
			change: func(t *testing.T, dir string) {
				change(t, dir, result.ResultsFile, `"verdict":"deviates","got":"success after`, `"verdict":"conforms","got":"success after`)
			},
			want: `which the exchanges give, got "`,
		},
		"a forged report": {
			change: func(t *testing.T, dir string) { change(t, dir, result.SummaryFile, "deviates", "conforms") }, want: "summary.md:1: expected",
		},
		"what it did not say": {
			change: func(t *testing.T, dir string) {
				path := filepath.Join(dir, result.ResultsFile)
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				before, after, _ := strings.Cut(string(text), refused)
				if err := os.WriteFile(path, []byte(before+refused+strings.Replace(after, `"said":"success"`, `"said":"failure"`, 1)), 0o600); err != nil {
					t.Fatal(err)
				}
				change(t, dir, result.SummaryFile, "deviates", "deviates")
			},
			want: "which the exchanges give",
		},
		"a missing exchange": {
			change: func(t *testing.T, dir string) {
				change(t, dir, result.ExchangesFile, `{"sequence":10,`, `{"sequence":9999,`)
			}, want: "exchange 10 is missing",
		},
		"an unknown scenario": {
			change: func(t *testing.T, dir string) { change(t, dir, result.ResultsFile, refused, `"case":"refused/x",`) }, want: "results.json: scenario refused/400-GES.0001: is missing",
		},
		"killed": {
			change: func(t *testing.T, dir string) {
				change(t, dir, result.ResultsFile, `"ended": "2026-11-27T12:02:20Z"`, `"ended": "0001-01-01T00:00:00Z"`)
			},
			want: "expected the results of a client's run that has ended, got one that was killed",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := clientFolder(t, clientRun(t))
			if tc.change != nil {
				tc.change(t, dir)
			}
			var out strings.Builder
			o := JudgeOptions{Contract: resulttest.ClientContract(t), Client: sampleJudge(t), Out: &out}
			if tc.judge != nil {
				tc.judge(&o)
			}
			run, err := Judge(context.Background(), o, dir)
			if tc.want == "" {
				if want := clientRun(t).Headline; !errors.Is(err, result.ErrDeviates) || run.Headline != want || !strings.HasPrefix(out.String(), want) {
					t.Errorf("expected %q, got %q, %v and\n%s", want, run.Headline, err, out.String())
				}
				return
			}
			if err == nil || errors.Is(err, result.ErrDeviates) || !strings.Contains(err.Error(), strings.ReplaceAll(tc.want, "DIR", dir)) {
				t.Errorf("expected %q, got %v", tc.want, err)
			}
		})
	}
}

func TestMergeTakesNoClient(t *testing.T) {
	dir := clientFolder(t, clientRun(t))
	_, err := Merge(context.Background(), MergeOptions{Contract: resulttest.ClientContract(t), Folders: []string{dir}, Output: filepath.Join(t.TempDir(), "all"), Out: io.Discard})
	if want := "expected a run against a deployment, got one that judged a client"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("expected %q, got %v", want, err)
	}
}

func TestTheFolderOfAClient(t *testing.T) {
	run := clientRun(t)
	dir := clientFolder(t, run)
	want := []string{result.SumsFile, result.HARFile, result.ExchangesFile, result.JUnitFile, result.PageFile, result.ResultsFile, result.SummaryFile}
	if got := names(t, dir); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("expected %v, got %v", want, got)
	}
	read, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if x := read.Cases[len(read.Cases)-3].Exchanges[0]; len(x.Problems) != 2 || x.Problems[0].String() != "body /force_upgrade: expected a boolean, got a string (line 7)" {
		t.Errorf("expected the problems of a request, got %+v", x)
	}
	if _, err := (Output{Folder: dir, Force: true}).Claim(); err != nil {
		t.Errorf("expected that it may be replaced, got %v", err)
	}
}
