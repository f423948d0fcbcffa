package selftest

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/wire"
)

// floor builds the program in testdata that is a benchmark's baseline.
func floor(b *testing.B, name string) string {
	b.Helper()
	binary, err := goBuild(b.TempDir(), "./testdata/"+name)
	if err != nil {
		b.Fatal(err)
	}
	return binary
}

func runCommand(b *testing.B, name string, args ...string) time.Duration {
	b.Helper()
	began := time.Now()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
	return time.Since(began)
}

// BenchmarkRun measures a whole run, with all risks, from the start of the process to its
// exit with the reports written, as a ratio to a bare client process that sends the same
// requests to the same kind of server and judges nothing. Both alternate.
func BenchmarkRun(b *testing.B) {
	suite, replay := command(b), floor(b, "replay")
	output := b.TempDir()
	runCommand(b, suite, "run", "--output", output)
	record := writeRecord(b, output)
	var judged, bare time.Duration
	for b.Loop() {
		// Each run gets a new folder: for removing files that were synced just before, a run
		// waits for the disk.
		judged += runCommand(b, suite, "run", "--output", b.TempDir())
		bare += runCommand(b, replay, record)
	}
	b.ReportMetric(judged.Seconds()/float64(b.N)*1000, "ms/run")
	b.ReportMetric(bare.Seconds()/float64(b.N)*1000, "ms/floor")
	b.ReportMetric(judged.Seconds()/bare.Seconds(), "x-floor")
}

// writeRecord writes a run's exchanges for the replay, with the fake server's tokens, which
// are the same in every process.
func writeRecord(b *testing.B, output string) string {
	b.Helper()
	file, err := os.Open(filepath.Join(output, result.ExchangesFile))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	exchanges, err := evidence.ReadExchanges(file)
	if err != nil {
		b.Fatal(err)
	}
	f := fakeserver.New().Fixtures()
	tokens := strings.NewReplacer(
		"$GESCONFORM_TOKEN_TAMPERED", wire.Tampered(f.Token), "$GESCONFORM_TOKEN", f.Token,
		"$GESCONFORM_READONLY_TOKEN", f.ReadonlyToken, "$GESCONFORM_EXPIRED_TOKEN", f.ExpiredToken)
	type request struct {
		Method, Path  string
		Header        http.Header
		Body          []byte
		Pooled, Fresh bool
		Wait          time.Duration
	}
	var all []request
	for i, x := range exchanges {
		header := http.Header{}
		for name, values := range x.Request.Header {
			for _, v := range values {
				header.Add(name, tokens.Replace(v))
			}
		}
		all = append(all, request{x.Request.Method, x.Request.Path, header, x.Request.Body, pooled(&x), x.Risk != cases.Inert.String(), waited(exchanges[i:])})
	}
	data, err := json.Marshal(all)
	if err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "record.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// pooled reports whether an exchange was sent concurrently with others.
func pooled(x *exchange.Exchange) bool {
	return x.Risk == "inert" && x.Case != "preflight" && x.Case != "snapshot" && x.Case != "prove-absent" && x.Case != "prepare" &&
		!strings.Contains(x.Case, "/lifecycle/") && x.Aim != "read-job" && (x.Aim != "read" || !strings.HasPrefix(x.Case, "upgradeGraph/"))
}

// waited returns how long a run waited after the first of some exchanges, if that has shown a job
// that is under way.
func waited(rest []exchange.Exchange) time.Duration {
	x := &rest[0]
	if len(rest) == 1 || x.Aim != "read-job" || !strings.Contains(string(x.Answer.Body), `"running"`) {
		return 0
	}
	return max(rest[1].Started.Sub(x.Started.Add(x.Duration)), 0)
}

// BenchmarkLatency measures a run against a server that takes 50 ms for each answer, sixteen
// at once, as a ratio to the minimum: the independent exchanges sixteen at a time, the
// others one at a time.
func BenchmarkLatency(b *testing.B) {
	const latency = 50 * time.Millisecond
	c, all := shipped(b), derived(b)
	var spent, ideal time.Duration
	for b.Loop() {
		fake := fakeserver.New(fakeserver.WithScenario(embedded.Scenario()))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(latency)
			fake.ServeHTTP(w, r)
		}))
		cfg := config.Default()
		embedded.Describe(&cfg, server.URL, fake.Fixtures())
		cfg.Concurrency, cfg.Seed = 16, 1
		modes[len(modes)-1].configure(&cfg)
		independent, serial := 0, 0
		e := engine.New(c, &cfg, all, all, engine.Hooks{Exchange: func() func(exchange.Exchange) error {
			counted := make(chan struct{}, 1)
			return func(x exchange.Exchange) error {
				counted <- struct{}{}
				if pooled(&x) {
					independent++
				} else {
					serial++
				}
				<-counted
				return nil
			}
		}()})
		began := time.Now()
		e.Run(b.Context(), all)
		spent += time.Since(began)
		ideal += time.Duration((independent+15)/16+serial) * latency
		e.Close()
		server.Close()
	}
	b.ReportMetric(spent.Seconds()/float64(b.N), "s/run")
	b.ReportMetric(spent.Seconds()/ideal.Seconds(), "x-ideal")
}

// BenchmarkThrottledLatency measures the inert cases against a server that takes 300 ms for
// each answer, sixteen at once, and answers one request in a hundred with the gateway's
// 503, as a ratio to the minimum without refusals: the preflight, the snapshots of the
// graph and the proof that the made-up one is absent one at a time, everything else sixteen
// at a time. The refused requests are drawn from a seed that differs in each round.
func BenchmarkThrottledLatency(b *testing.B) {
	const latency = 300 * time.Millisecond
	c, all := shipped(b), derived(b)
	for _, tt := range []struct {
		name       string
		after      string
		percentage int
	}{{"refused=0", "", 0}, {"refused=1%", "", 1}, {"refused=1%/Retry-After=1", "1", 1}} {
		b.Run(tt.name, func(b *testing.B) {
			var spent, ideal time.Duration
			refused, worst := 0, 0.0
			for round := uint64(0); b.Loop(); round++ {
				fake := fakeserver.New()
				var mu sync.Mutex
				draw := rand.New(rand.NewPCG(round, 503))
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					time.Sleep(latency)
					mu.Lock()
					refuse := draw.IntN(100) < tt.percentage
					if refuse {
						refused++
					}
					mu.Unlock()
					if refuse {
						if tt.after != "" {
							w.Header().Set("Retry-After", tt.after)
						}
						w.Header().Set("Content-Type", "application/json")
						w.WriteHeader(http.StatusServiceUnavailable)
						_, _ = io.WriteString(w, `{"error_code":"APIGW.0613","error_msg":"no"}`)
						return
					}
					fake.ServeHTTP(w, r)
				}))
				cfg := config.Default()
				embedded.Describe(&cfg, server.URL, fake.Fixtures())
				cfg.Concurrency, cfg.Seed = 16, 1
				once, alone := 0, 0 // requests, without retries, and how many of them are sent alone
				e := engine.New(c, &cfg, all, all, engine.Hooks{Exchange: func(x exchange.Exchange) error {
					mu.Lock()
					defer mu.Unlock()
					if x.Attempt == 1 {
						once++
						if !pooled(&x) {
							alone++
						}
					}
					return nil
				}})
				began := time.Now()
				e.Run(b.Context(), all)
				took, least := time.Since(began), time.Duration((once-alone+15)/16+alone)*latency
				spent, ideal, worst = spent+took, ideal+least, max(worst, took.Seconds()/least.Seconds())
				e.Close()
				server.Close()
			}
			b.ReportMetric(worst, "x-ideal-at-worst")
			b.ReportMetric(float64(refused)/float64(b.N), "refused/run")
			b.ReportMetric(spent.Seconds()/float64(b.N), "s/run")
			b.ReportMetric(spent.Seconds()/ideal.Seconds(), "x-ideal")
		})
	}
}

// BenchmarkStart measures the time from the start of the process `gesconform fake` to its
// answer to the first upgrade, as a ratio to that of a bare server. Both alternate.
func BenchmarkStart(b *testing.B) {
	fake, bare := command(b), floor(b, "bare")
	firstAnswer(b, fake, "fake") // so that both are in the page cache
	firstAnswer(b, bare)
	var ours, least time.Duration
	for b.Loop() {
		ours += firstAnswer(b, fake, "fake")
		least += firstAnswer(b, bare)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N)*1000, "ms/start")
	b.ReportMetric(least.Seconds()/float64(b.N)*1000, "ms/floor")
	b.ReportMetric(ours.Seconds()/least.Seconds(), "x-floor")
}

// firstAnswer starts a server that prints its address, upgrades a graph there, and stops it.
func firstAnswer(b *testing.B, name string, args ...string) time.Duration {
	b.Helper()
	f := fakeserver.New().Fixtures()
	command := exec.Command(name, args...)
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed
	}()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	host := strings.TrimPrefix(strings.TrimSpace(address), "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	body := `{"upgrade_version":"` + f.Versions[0] + `"}`
	r, err := http.NewRequest(http.MethodPost, "http://"+host+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", f.Token)
	r.Header.Set("Content-Type", "application/json")
	if err := r.Write(conn); err != nil {
		b.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("got %v, %v", answer, err)
	}
	took := time.Since(began)
	_ = answer.Body.Close()
	return took
}
