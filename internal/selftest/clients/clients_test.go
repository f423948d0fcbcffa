package clients_test

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

func TestMain(m *testing.M) {
	clients.Main() // if this is a client
	debug.SetGCPercent(400)
	flag.Parse()
	if err := flag.Set("test.parallel", "24"); err != nil { // mostly, they wait
		panic(err)
	}
	m.Run()
}

// start starts a plain fake whose first upgrade takes a while.
func start(t *testing.T) (*fakeserver.Running, client.Endpoint) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{Takes: 120 * time.Millisecond}}
	ges := fakeserver.Start(t, fakeserver.WithScenario(s))
	f := ges.Fixtures()
	return ges, client.Endpoint{
		URL: ges.URL, Token: f.Token, AccessKey: f.AccessKey, SecretKey: f.SecretKey,
		ProjectID: f.ProjectID, GraphID: f.GraphID, UpgradeVersion: f.Versions[0],
	}
}

// each tries clients, several at once, for they mostly wait.
func each(all []clients.Client, try func(c clients.Client)) {
	free := make(chan struct{}, 16)
	var tried sync.WaitGroup
	for _, c := range all {
		free <- struct{}{}
		tried.Go(func() {
			try(c)
			<-free
		})
	}
	tried.Wait()
}

// TestLawfulAgainstPlainFake holds the correct client and its variants to what they are for: the fake
// has upgraded the graph, no request broke the contract, and no credentials were printed.
func TestLawfulAgainstPlainFake(t *testing.T) {
	t.Parallel()
	for _, force := range []*bool{nil, new(bool)} {
		each(append([]clients.Client{clients.Correct}, clients.Lawful...), func(c clients.Client) {
			ges, e := start(t)
			e.ForceUpgrade = force
			var out bytes.Buffer
			err := c.Run(t.Context(), e, &out, &out)
			if errors.Is(err, client.ErrNotApplicable) {
				return
			}
			if err != nil {
				t.Errorf("%s: expected success, got %v", c.Name, err)
			}
			if jobs := ges.Jobs(10); len(jobs) != 1 {
				t.Errorf("%s: expected one upgrade, got %d", c.Name, len(jobs))
			}
			for _, x := range ges.Journal(0) {
				if problems := x.Judgement.Request; len(problems) > 0 && x.Operation != "" {
					t.Errorf("%s: %s %s: %v", c.Name, x.Method, x.URL, problems)
				}
			}
			for _, secret := range []string{e.Token, e.SecretKey, "Signature="} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("%s: expected no credentials in the output, got\n%s", c.Name, &out)
				}
			}
		})
	}
}

// TestCarelessAgainstPlainFake makes sure that a fault is one that testing against a good service does
// not show: only those that do not send the upgrade, or not as it must be, fail there.
func TestCarelessAgainstPlainFake(t *testing.T) {
	t.Parallel()
	each(clients.Careless, func(c clients.Client) {
		_, e := start(t)
		err := c.Run(t.Context(), e, io.Discard, io.Discard)
		if mayFail := []string{"client.sends", "client.request-lawful", "client.asks-own-job"}; err != nil && !slices.Contains(mayFail, c.Breaks) {
			t.Errorf("%s: expected success, got %v", c.Name, err)
		}
	})
}

// TestEveryRequirementIsBroken makes sure that the clients break every requirement, and that their
// names are good for a command line.
func TestEveryRequirementIsBroken(t *testing.T) {
	t.Parallel()
	breaking, names := map[string]int{}, map[string]bool{}
	for _, c := range clients.All() {
		if names[c.Name] {
			t.Errorf("two clients have the name %s", c.Name)
		}
		names[c.Name] = true
		breaking[c.Breaks]++
	}
	for _, id := range []string{
		"sends", "request-lawful", "success-needs-job", "asks-own-job", "success-when-accepted", "credentials-stay", "credentials-in-place",
		"credentials-unprinted", "retry-after", "job-failure-seen", "no-blind-repeat", "error-code-shown", "known-members", "job-id-escaped",
		"survives-refused-read", "ends", "poll-pace",
	} {
		if breaking["client."+id] < 2 {
			t.Errorf("expected two clients at least that break client.%s, got %d", id, breaking["client."+id])
		}
		delete(breaking, "client."+id)
	}
	delete(breaking, "")
	if len(breaking) > 0 {
		t.Errorf("expected requirements, got %v", breaking)
	}
	if len(clients.Lawful) < 15 || len(clients.Careless) < 45 {
		t.Errorf("expected 15 lawful and 45 careless clients at least, got %d and %d", len(clients.Lawful), len(clients.Careless))
	}
}
