package report_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/curl/curltest"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/wire"
)

// exchangesOf runs all cases against a fake behind a recorder, and returns the exchanges as
// they are read from a folder, which has exchanges.jsonl.
func exchangesOf(t *testing.T, fake *fakeserver.Server, endpoint string) (dir string, all []exchange.Exchange) {
	t.Helper()
	f := fake.Fixtures()
	deployment := config.Deployment{
		URL: endpoint, ProjectID: f.ProjectID, GraphID: f.GraphID, Token: f.Token, ReadonlyToken: f.ReadonlyToken, ExpiredToken: f.ExpiredToken,
		StoppedGraphID: f.StoppedGraphID, ForeignGraphID: f.ForeignGraphID, UpgradeVersions: f.Versions, Risk: "destructive", MaxUpgrades: len(f.Versions),
	}
	cfg, err := deployment.Config()
	if err == nil {
		err = cfg.Complete()
	}
	if err != nil {
		t.Fatal(err)
	}
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	derived, err := cases.Of(c)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	file, err := os.Create(filepath.Join(dir, result.ExchangesFile))
	if err != nil {
		t.Fatal(err)
	}
	log := evidence.NewExchangeLog(file)
	e := engine.New(c, &cfg, derived, derived, engine.Hooks{Exchange: log.Append})
	t.Cleanup(e.Close)
	e.Run(t.Context(), derived)
	if _, err := file.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	if all, err = evidence.ReadExchanges(file); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, all
}

// kindOf names what may make a difference to a curl command. Of the values of headers and
// bodies, only what is unusual counts.
func kindOf(x *exchange.Exchange) string {
	var names []string
	for name, values := range x.Request.Header {
		for _, v := range values {
			if name == "Authorization" {
				v, _, _ = strings.Cut(v, " ")
			} else if !strings.HasPrefix(v, "$") {
				v = ""
			}
			names = append(names, name+" "+v)
		}
	}
	slices.Sort(names)
	_, query, _ := strings.Cut(x.URL, "?")
	unusual := strings.Map(func(r rune) rune {
		if strings.ContainsRune("%'\"\\$[]!`~;", r) || r > '~' {
			return r
		}
		return -1
	}, strings.TrimPrefix(x.URL, "http://"))
	body, bytes := string(x.Request.Body), ""
	for _, s := range []string{"'", "\\", "\x00", "\n", "\xff", "\ufeff", "%", "$", "!", "`", "@"} {
		if strings.Contains(body, s) {
			bytes += s
		}
	}
	return fmt.Sprint(x.Request.Method, names, query != "", unusual, bytes, body == "", len(body) > 2048, strings.Contains(x.URL, "/."), x.Aim == "together")
}

// The curl commands of a run's requests send what the run has sent: a real curl is run for
// each kind of request, and what arrives is compared with what has arrived from the run.
func TestCurlCommandsOfARunReproduceItsRequests(t *testing.T) {
	t.Parallel()
	fake := fakeserver.New(fakeserver.WithJournal(0))
	recorder := &curltest.Recorder{Next: fake}
	server := httptest.NewServer(recorder)
	t.Cleanup(server.Close)
	dir, all := exchangesOf(t, fake, server.URL)
	sent := map[string]bool{}
	for _, arrived := range recorder.Take() {
		sent[arrived] = true
	}
	recorder.Next = nil
	f := fake.Fixtures()
	env := []string{
		"GESCONFORM_TOKEN=" + f.Token, "GESCONFORM_READONLY_TOKEN=" + f.ReadonlyToken, "GESCONFORM_EXPIRED_TOKEN=" + f.ExpiredToken,
		"GESCONFORM_TOKEN_TAMPERED=" + wire.Tampered(f.Token),
	}
	for _, near := range []wire.Nearness{wire.OtherCase, wire.Longer, wire.Shorter} {
		env = append(env, "GESCONFORM_TOKEN"+string(near)+"="+wire.Near(f.Token, near))
	}
	kinds, notes := map[string]bool{}, map[string]int{}
	for i := range all {
		x := &all[i]
		kind := kindOf(x)
		if kinds[kind] {
			continue
		}
		kinds[kind] = true
		line := report.CurlLine(x)
		notes[report.CurlNote(x)]++
		curltest.RunReal(t, dir, line, env...)
		arrived, want := recorder.Take(), 1
		if x.Aim == "together" {
			want = 2
		}
		if len(arrived) != want {
			t.Errorf("expected %d requests, got %d from\n%s", want, len(arrived), line)
		}
		for _, got := range arrived {
			if head := x.Request.Method + " " + strings.ReplaceAll(x.Request.Path, "$GESCONFORM_TOKEN", url.QueryEscape(f.Token)) + " "; !sent[got] || !strings.HasPrefix(got, head) {
				t.Errorf("expected what the run has sent for exchange %d, %s, got\n%s\nfrom\n%s", x.Sequence, head, got, line)
			}
		}
	}
	if len(kinds) < 60 || len(notes) < 3 {
		known, _ := json.Marshal(notes)
		t.Errorf("expected 60 kinds of requests or more, and notes about some, got %d and %s", len(kinds), known)
	}
}
