package run

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// A counted fake counts the POSTs to its graphs.
type counted struct {
	*fakeserver.Server
	url string

	mu    sync.Mutex
	posts int
}

func countedFake(t *testing.T, options ...fakeserver.Option) *counted {
	t.Helper()
	c := &counted{Server: fakeserver.New(options...)}
	f := c.Fixtures()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && slices.ContainsFunc([]string{f.GraphID, f.StoppedGraphID, f.ForeignGraphID}, func(id string) bool { return strings.Contains(r.URL.Path, id) }) {
			c.mu.Lock()
			c.posts++
			c.mu.Unlock()
		}
		c.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// config returns the configuration of a run against the fake.
func (c *counted) config(risk cases.Risk) config.Config {
	f, cfg := c.Fixtures(), config.Default()
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = c.url, f.ProjectID, f.GraphID, f.Token
	cfg.ReadonlyToken, cfg.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	cfg.StoppedGraphID, cfg.ForeignGraphID, cfg.UpgradeVersions = f.StoppedGraphID, f.ForeignGraphID, f.Versions
	cfg.Risk, cfg.ConfirmForeignGraph, cfg.KeepGoing = risk, true, true
	cfg.RequestTimeout, cfg.JobTimeout = 5*time.Second, 10*time.Second
	return cfg
}

func defaultContract(t *testing.T) *contract.Contract {
	t.Helper()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each case is in one shard, and only shard 0 sends requests that could change something,
// even if the risk allows it for all.
func TestShardsOfCases(t *testing.T) {
	c := defaultContract(t)
	for _, risk := range []cases.Risk{cases.Inert, cases.Guarded, cases.Destructive} {
		if testing.Short() && risk != cases.Guarded {
			continue
		}
		fake := countedFake(t)
		seen, whole := map[string]int{}, 0
		for i := range 4 {
			fake.posts = 0
			dir := t.TempDir()
			cfg := fake.config(risk)
			cfg.Output = dir
			run, err := judgeQuietly(t.Context(), Options{Options: session.Options{Contract: c, Config: cfg, Shard: session.Shard{Index: i, Of: 4}}})
			if err != nil || run.Verdict != "conforms" || run.Shard != (session.Shard{Index: i, Of: 4}).String() || !strings.Contains(run.Headline, "(shard "+run.Shard+")") || !run.Partial {
				t.Fatalf("%s, shard %d: %v: %q", risk, i, err, run.Headline)
			}
			for _, k := range run.Cases {
				seen[k.Case]++
			}
			whole += len(run.Cases)
			if i > 0 && (fake.posts > 0 || run.Target.Risk != "inert") {
				t.Errorf("%s, shard %d: expected inert requests only, got %d POSTs to a graph", risk, i, fake.posts)
			}
			if _, err := evidence.Judge(t.Context(), evidence.JudgeOptions{Contract: c, Out: &bytes.Buffer{}}, dir); err != nil {
				t.Errorf("%s, shard %d: judged again: %v", risk, i, err)
			}
		}
		all, err := cases.Derive(c)
		if err != nil {
			t.Fatal(err)
		}
		if whole != len(all) || len(seen) != len(all) {
			t.Errorf("%s: expected %d cases once each, got %d of %d", risk, len(all), whole, len(seen))
		}
	}
}

func TestShardWithoutCases(t *testing.T) {
	fake, dir := countedFake(t), t.TempDir()
	cfg := fake.config(cases.Inert)
	cfg.LabelFilter = "/upgrade_version.wrong-type-number$/"
	var out bytes.Buffer
	for i := range 2 {
		cfg.Output = filepath.Join(dir, strconv.Itoa(i))
		o := Options{Options: session.Options{Contract: defaultContract(t), Config: cfg, Shard: session.Shard{Index: i, Of: 2}}, Out: &out}
		if _, err := run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(out.String(), " has no cases: nothing to do\n") != 1 {
		t.Errorf("expected one of two shards of a case to have nothing to do, got %s", out.String())
	}
	if empty, err := filepath.Glob(filepath.Join(dir, "*", result.MatrixFile)); err != nil || len(empty) != 1 {
		t.Errorf("expected a result of the empty shard, got %q, %v", empty, err)
	}
}
