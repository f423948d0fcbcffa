package selftest

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// broken returns the requirements that deviations are charged to, broken SHOULDs included, and
// what they say.
func broken(results []judge.Result) (requirements []string, text string) {
	for _, r := range results {
		for _, f := range r.Deviations(true) {
			if !slices.Contains(requirements, f.Requirement) {
				requirements = append(requirements, f.Requirement)
			}
			text += "\n" + r.Case + ": " + f.Requirement + ": " + f.Got
		}
	}
	slices.Sort(requirements)
	return requirements, text
}

// TestReadsThatLag checks that reads which show a graph as it was are told from a wrong effect,
// that each is charged to one requirement, and that the report says how long was waited.
func TestReadsThatLag(t *testing.T) {
	t.Parallel()
	const state, success, shown = "version %s, status %s", " after the job had succeeded", " had been shown"
	before, upgrading, after := fmt.Sprintf(state, "2.2.8", "200"), fmt.Sprintf(state, "2.2.9", "201"), fmt.Sprintf(state, "2.2.9", "200")
	for i, tt := range []struct {
		defect, requirement, finding string
		jobTimeout                   time.Duration
	}{
		{"version-shown-late", "upgrade.effect-at-once", before + success + "; " + after + " after 2", 0},
		{"version-shown-and-not", "upgrade.effect-at-once", before + " after " + after + shown + "; " + after + " after ", 0},
		{"graph-running-late", "upgrade.effect-at-once", upgrading + success + "; " + after + " after 2", 0},
		{"version-shown-too-late", "upgrade.effect", before + " for 2s" + success, 0},
		{"version-shown-too-late", "upgrade.effect", before + " for 30s" + success, time.Minute},
		{"version-goes-back", "upgrade.effect", before + " for 2s after " + after + shown, 0},
		{"version-stays", "upgrade.effect", before + " for 2s" + success, 0},
		{"version-moves-elsewhere", "upgrade.effect", fmt.Sprintf(state, "2.2.10", "200") + " for 2s" + success, 0},
		{"graph-stays-upgrading", "upgrade.effect", upgrading + " for 2s" + success, 0},
		{"job-forgotten", "upgrade.job-queryable", " for 2s after the upgrade was accepted", 0},
	} {
		for j, m := range modes {
			if !inprocess.Sampled(i+j+1, 4) {
				continue
			}
			t.Run(strings.Join([]string{tt.defect, tt.jobTimeout.String(), m.name}, "/"), func(t *testing.T) {
				t.Parallel()
				d, err := fakeserver.LookupDefect(tt.defect)
				if err != nil {
					t.Fatal(err)
				}
				suite := inprocess.Load(t)
				o := suite.Judge(t, fake(fakeserver.WithDefect(d)), func(c *config.Config) {
					m.configure(c)
					if tt.jobTimeout > 0 {
						c.JobTimeout = tt.jobTimeout
					}
				}, suite.Cases)
				judgeAgain(t, suite, &o)
				want, finding := []string{tt.requirement}, tt.finding
				if o.Config.Risk < cases.Destructive {
					want, finding = nil, ""
				}
				if requirements, text := broken(o.Results); !slices.Equal(requirements, want) || !strings.Contains(text, finding) {
					t.Errorf("expected only %q to be broken, %q, got%s", want, finding, text)
				}
			})
		}
	}
}

// A replica shows versions that the fake no longer has.
type replica struct {
	fake     http.Handler
	graph    string
	from, to time.Duration // since a change of the version, when it is behind
	random   *rand.Rand    // it is behind half of the time then; nil: always
	restores bool          // for good, once a request that asks for the version before has been refused
	drops    int           // the number of the POST that gets no answer; 0: none

	mu       sync.Mutex
	shown    string
	before   string
	changed  time.Time
	restored bool
	posts    int
}

// ServeHTTP implements http.Handler.
func (b *replica) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(10 * time.Millisecond)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	b.fake.ServeHTTP(answer, r)
	text := b.edit(r, string(body), answer)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = io.WriteString(w, text)
}

// edit returns the body that an answer gets.
func (b *replica) edit(r *http.Request, body string, answer *httptest.ResponseRecorder) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := answer.Body.String()
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/"+b.graph+"/upgrade"):
		if b.posts++; b.posts == b.drops {
			panic(http.ErrAbortHandler)
		}
		b.restored = b.restored || b.restores && b.before != "" && answer.Code == http.StatusBadRequest && strings.Contains(body, `"`+b.before+`"`)
	case r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/"+b.graph) && answer.Code == http.StatusOK:
		_, rest, _ := strings.Cut(text, `"data_store_version":"`)
		if is, _, _ := strings.Cut(rest, `"`); is != b.shown {
			b.before, b.shown, b.changed, b.restored = b.shown, is, time.Now(), false
		}
		since := time.Since(b.changed)
		if b.before != "" && (b.restored || b.from <= since && since < b.to && (b.random == nil || b.random.IntN(2) == 0)) {
			return strings.Replace(text, `"`+b.shown+`"`, `"`+b.before+`"`, 1)
		}
	}
	return text
}

// TestReplicasThatLag reads a lawful service from replicas that are behind: whatever is read
// when, nothing is accused but the lag.
func TestReplicasThatLag(t *testing.T) {
	t.Parallel()
	const second, ever = time.Second, 1000 * time.Hour
	sample := testing.Short() || os.Getenv(inprocess.TestSample) != ""
	for row, tt := range []struct {
		name     string
		from, to time.Duration
		restores bool
		want     string   // what is broken if the replica is always behind
		allowed  []string // what else may be
	}{
		{"for an instant", 0, second / 40, false, "upgrade.effect-at-once", nil},
		{"for a while", 0, second / 3, false, "upgrade.effect-at-once", nil},
		{"just in time", 0, second * 17 / 10, false, "upgrade.effect-at-once", nil},
		{"just too late", 0, second * 22 / 10, false, "upgrade.effect", []string{"upgrade.effect-at-once"}},
		{"too late", 0, second * 5 / 2, false, "upgrade.effect", []string{"upgrade.effect-at-once"}},
		{"far too late", 0, second * 60, false, "upgrade.effect", []string{"upgrade.effect-at-once"}},
		{"again, for a while", second / 20, second, false, "upgrade.effect-at-once", nil},
		{"again, for good", second / 20, ever, false, "upgrade.effect", []string{"upgrade.effect-at-once", "upgrade.refusal-without-effect"}},
		{"as a refused request asked for", ever, ever, true, "upgrade.refusal-without-effect", nil},
	} {
		for seed := range uint64(3) { // 0: all replicas
			for i, drops := range []int{0, 15, 25, 35, 41, 47, 53, 59} {
				switch {
				case tt.restores && (seed > 0 || drops > 0), sample && seed+uint64(drops) > 0:
					continue
				case os.Getenv(inprocess.TestAll) == "" && !tt.restores && (row+i)%12 != 4*int(seed): // a twelfth of them
					continue
				}
				for j, m := range modes[2:] {
					if !inprocess.Sampled(row+j, 2) {
						continue
					}
					t.Run(fmt.Sprintf("%s/%d/%d/%s", tt.name, seed, drops, m.name), func(t *testing.T) {
						t.Parallel()
						suite := inprocess.Load(t)
						o := suite.Judge(t, func(t *testing.T, network *inprocess.Listener) config.Config {
							service := build(t)
							b := &replica{fake: service, graph: service.Fixtures().GraphID, from: tt.from, to: tt.to, restores: tt.restores, drops: drops}
							if seed > 0 {
								b.random = rand.New(rand.NewPCG(seed, 0))
							}
							return serve(t, network, b, service.Fixtures())
						}, m.configure, suite.Cases)
						judgeAgain(t, suite, &o)
						requirements, text := broken(o.Results)
						for _, r := range requirements {
							dropped := drops > 0 && r == "request.answered-at-first"
							if r != tt.want && !slices.Contains(tt.allowed, r) && !dropped {
								t.Errorf("expected no finding but about %s, got%s", tt.want, text)
							}
						}
						if seed == 0 && drops == 0 && (j > 0 || !tt.restores) && !slices.Contains(requirements, tt.want) {
							t.Errorf("expected %s to be broken, got%s", tt.want, text)
						}
					})
				}
			}
		}
	}
}
