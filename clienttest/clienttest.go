// Package clienttest judges a client of the service, a function that upgrades a graph, in the
// client's own `go test`:
//
//	func TestConformance(t *testing.T) {
//		clienttest.Run(t, func(ctx context.Context, e clienttest.Endpoint) error {
//			client := myclient.New(e.URL, e.Token)
//			return client.Upgrade(ctx, e.ProjectID, e.GraphID, e.UpgradeVersion, e.ForceUpgrade)
//		})
//	}
//
// The function is called once for each scenario, with a service of its own: one accepts the upgrade,
// others refuse it, answer late, in part or not at all, redirect, or fail later. Judged is what
// arrives there, by the contract, and how the function takes the answers. These are the scenarios
// and the verdicts of `gesconform client`, which does the same with a command in any language.
package clienttest

import (
	"context"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
)

// An Endpoint is what the client is given in one scenario: a service with a graph, and credentials
// that no other scenario has.
type Endpoint struct {
	URL            string // http://HOST:PORT
	Token          string
	AccessKey      string // with SecretKey another way to authenticate
	SecretKey      string
	ProjectID      string
	GraphID        string
	UpgradeVersion string // to upgrade the graph to
	ForceUpgrade   *bool  // to send as force_upgrade; nil to leave it out
	Scenario       string // the scenario's name, for logs
}

// ErrNotApplicable is what the client returns, or wraps, if it cannot do a scenario: for example,
// because it never sends force_upgrade. The subtest is skipped.
var ErrNotApplicable = client.ErrNotApplicable

// An Expected is a known deviation. It does not fail the test; the test fails if it no longer
// occurs.
type Expected struct {
	// Scenario is the name of a scenario, or the beginning of several and *; "" stands for all.
	Scenario string
	// Requirement is the id of the requirement that is broken, such as client.retry-after; ""
	// stands for the one that a scenario is about.
	Requirement string
	Reason      string // why it is not mended
}

// String names the deviation: its requirement and its scenarios.
func (e Expected) String() string {
	if e.Requirement != "" && e.Scenario != "" {
		return e.Requirement + " in " + e.Scenario
	}
	return e.Requirement + e.Scenario
}

// An Option changes how Run judges.
type Option func(*settings)

type settings struct {
	contract  *contract.Contract // the shipped one if nil
	scenarios []string           // all if empty
	strict    bool
	timeout   time.Duration
	hang      time.Duration // how long the client is left where the service hangs
	expected  []Expected
}

// WithScenarios limits the test to some scenarios, as --scenario of `gesconform client` does: to those with
// these names, in these groups, or that match patterns such as "job/429*". The plain success comes first in any case.
func WithScenarios(names ...string) Option {
	return func(s *settings) { s.scenarios = append(s.scenarios, names...) }
}

// WithStrict makes a broken SHOULD fail the test, as a broken MUST does.
func WithStrict() Option { return func(s *settings) { s.strict = true } }

// WithTimeout sets how long the client may take in each scenario, from its first request on, until
// its context ends. The default is a minute, but a second where the service does not end its answer.
func WithTimeout(d time.Duration) Option {
	return func(s *settings) { s.timeout, s.hang = d, d }
}

// WithExpected adds known deviations.
func WithExpected(known ...Expected) Option {
	return func(s *settings) { s.expected = append(s.expected, known...) }
}

// WithContract judges by another contract than the one that this module ships.
func WithContract(document *contract.Contract) Option {
	return func(s *settings) { s.contract = document }
}

// Run judges a client, which says that it succeeded by returning nil. Each scenario is a subtest,
// named
//
//	scenarios/GROUP/NAME
//
// and only those that `go test -run` selects are run. A failure has the broken sentence, its line in
// openapi.yaml, what the client did instead, and the request and the answer that show it. A scenario
// that says nothing about this client is skipped, with the reason.
//
// The client is called concurrently, so that the scenarios that take time, because the client has to
// wait, do so together. It must return when its context has ended. Run returns when all subtests have
// ended.
func Run(t *testing.T, f func(ctx context.Context, e Endpoint) error, options ...Option) {
	t.Helper()
	s := settings{timeout: time.Minute, hang: time.Second}
	for _, o := range options {
		o(&s)
	}
	r, err := newRun(s, f)
	if err != nil {
		t.Fatalf("clienttest: %v", err)
	}
	t.Run("scenarios", r.test)
	for _, e := range r.stale() {
		t.Errorf("clienttest: the known deviation %s did not occur; do not expect it any longer", e)
	}
}
