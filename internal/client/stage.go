package client

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/secrets"
	"github.com/gesconform/gesconform/internal/serving"
)

// A stage serves one scenario: the service at an endpoint and another origin, each on a port of its
// own, with credentials of their own, and a record of what arrives.
type stage struct {
	scenario *Scenario
	contract *contract.Contract
	endpoint Endpoint
	fake     *fakeserver.Server
	asked    chan struct{} // closed by noteAsked when the first request arrives
	answered chan struct{} // closed by noteAnswered when the first request was answered, or never will be
	stops    []func()
	breaks   map[string]scenario.Break // by operation

	mu       sync.Mutex
	stopped  bool
	arrivals []*arrival
	kept     atomic.Int64 // bytes of what has arrived

	noteAsked, noteAnswered func()
}

// newStage starts to serve a scenario.
func newStage(c *contract.Contract, s *Scenario) (*stage, error) {
	g := &stage{scenario: s, contract: c, asked: make(chan struct{}), answered: make(chan struct{}), breaks: map[string]scenario.Break{}}
	g.noteAsked, g.noteAnswered = sync.OnceFunc(func() { close(g.asked) }), sync.OnceFunc(func() { close(g.answered) })
	if err := g.start(); err != nil {
		g.stop()
		return nil, fmt.Errorf("serve scenario %s: %w", s.Name, err)
	}
	return g, nil
}

func (g *stage) start() error {
	other, err := g.serve(true, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "not the service", http.StatusNotFound) })
	if err != nil {
		return err
	}
	made, err := g.scenario.service(other)
	if err != nil {
		return err
	}
	for _, f := range made.Faults {
		g.breaks[f.Match.Operation] = cmp.Or(g.breaks[f.Match.Operation], f.Break)
	}
	fake, err := fakeserver.Build(fakeserver.WithScenario(made), fakeserver.WithContract(g.contract), fakeserver.WithStrict(),
		fakeserver.WithSeed(rand.Int64()), fakeserver.WithVariationSeed(rand.Int64()), fakeserver.WithJournal(0))
	if err != nil {
		return err
	}
	g.fake = fake
	f := fake.Fixtures()
	g.endpoint = Endpoint{
		Token: f.Token, AccessKey: f.AccessKey, SecretKey: f.SecretKey, ProjectID: f.ProjectID, GraphID: f.GraphID,
		UpgradeVersion: f.Versions[0], ForceUpgrade: g.scenario.Force, Scenario: g.scenario.Name,
	}
	serve := g.serve
	if g.scenario.Endpoint == "closed" {
		serve = g.serveNothing
	}
	g.endpoint.URL, err = serve(false, func(w http.ResponseWriter, r *http.Request) {
		fake.ServeHTTP(w, r)
		if r.Method == http.MethodGet {
			fake.Advance(g.scenario.PerRead)
		}
	})
	return err
}

func (g *stage) serve(elsewhere bool, answer func(http.ResponseWriter, *http.Request)) (url string, err error) {
	record := func(handler http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			g.record(w, r, elsewhere, func(w http.ResponseWriter) { handler.ServeHTTP(w, r) })
		})
	}
	url, stop, err := serving.Start(http.HandlerFunc(answer), serving.WithAround(record), serving.WithRefused(func(request []byte) { g.refuse(elsewhere, request) }))
	if err == nil {
		g.stops = append(g.stops, stop)
	}
	return url, err
}

// serveNothing returns the URL of a port on which nobody listens, and which nobody else gets.
func (g *stage) serveNothing(bool, func(http.ResponseWriter, *http.Request)) (url string, err error) {
	address, release, err := serving.Refusing()
	if err == nil {
		g.stops = append(g.stops, release)
	}
	return "http://" + address, err
}

// jobs returns the ids of the jobs that the service has started.
func (g *stage) jobs() []string {
	var all []string
	for _, j := range g.fake.Jobs(most) {
		all = append(all, j.ID)
	}
	return all
}

// stop cuts off what is under way, so that nothing is recorded any more.
func (g *stage) stop() {
	for _, stop := range g.stops {
		stop()
	}
	g.stops = nil
	g.mu.Lock()
	g.stopped = true
	g.mu.Unlock()
	for _, a := range g.arrivals {
		<-a.ended
	}
}

// secrets returns the credentials that the client has been given, and those that it has made.
func (g *stage) secrets() []secrets.Credential {
	all := []secrets.Credential{named("GESCONFORM_TOKEN", g.endpoint.Token), named("GESCONFORM_SECRET_KEY", g.endpoint.SecretKey)}
	for _, a := range g.arrivals {
		for _, value := range a.header.Values("Authorization") {
			if signature := signaturePattern.FindStringSubmatch(value); signature != nil {
				all = append(all, named("GESCONFORM_SIGNATURE", signature[1]))
			}
		}
	}
	return all
}

func named(name, text string) secrets.Credential {
	return secrets.Credential{Secret: secrets.Secret{Name: name, Text: text}}
}

// exchanges returns what has arrived, in order, without credentials. The stage must have been
// stopped.
func (g *stage) exchanges() []exchange.Exchange {
	all := make([]exchange.Exchange, 0, len(g.arrivals))
	known := secrets.New(g.secrets()...)
	for i, a := range g.arrivals {
		x := a.exchange(g, known)
		x.Sequence, x.Case, x.Attempt, x.Aim = i+1, g.scenario.Name, 1, atEndpoint
		if a.elsewhere {
			x.Aim = atElsewhere
		}
		all = append(all, x)
	}
	return all
}

// broken returns why an answer did not arrive as it should, if that is a part of the scenario.
func (g *stage) broken(operation string) *exchange.Failure {
	b := cmp.Or(g.breaks[operation], g.breaks[""])
	if b == "" {
		return nil
	}
	f := breakFailures[b]
	return &f
}

var breakFailures = map[scenario.Break]exchange.Failure{
	scenario.Hang:       {Kind: exchange.TimedOut, Message: "nothing was answered"},
	scenario.Reset:      {Kind: exchange.Dropped, Message: "the connection was reset when the request had been read"},
	scenario.ResetEarly: {Kind: exchange.Unreachable, Message: "the connection was reset before the request was read"},
	scenario.Close:      {Kind: exchange.Dropped, Message: "the connection was closed when the request had been read"},
	scenario.Truncate:   {Kind: exchange.Cut, Message: "the connection was closed half-way through the body"},
	scenario.Stall:      {Kind: exchange.TimedOut, Message: "the body stopped half-way"},
	scenario.Endless:    {Kind: exchange.TimedOut, Message: "the body did not end"},
	scenario.HalfHead:   {Kind: exchange.Cut, Message: "the connection was closed in the middle of the headers"},
	scenario.TwoLengths: {Kind: exchange.Garbled, Message: "there were two Content-Lengths"},
	scenario.NotHTTP:    {Kind: exchange.Garbled, Message: "what was answered is not HTTP"},
}
