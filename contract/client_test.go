package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// Each behaviour has one requirement, of the same name, and what is about clients expects one.
func TestWhatIsExpectedOfClients(t *testing.T) {
	c := load(t)
	levels := map[contract.Level][]contract.Behaviour{}
	for _, b := range contract.Behaviours() {
		r := c.RequirementExpecting(b)
		if r == nil || r.ID != "client."+string(b) || r.Expects != b || c.Requirement(r.ID) != r {
			t.Errorf("%s: got requirement %v", b, r)
			continue
		}
		levels[r.Level] = append(levels[r.Level], b)
	}
	if must, should := len(levels[contract.Must]), len(levels[contract.Should]); must != 10 || should != 7 {
		t.Errorf("expected 10 MUSTs and 7 SHOULDs, got %v", levels)
	}
	if r := c.RequirementExpecting("beauty"); r != nil {
		t.Errorf("expected no requirement for a behaviour that nobody expects, got %s", r.ID)
	}
	if r := c.RequirementExpecting(""); r != nil {
		t.Errorf("expected no requirement for no behaviour, got %s", r.ID)
	}
}

// A requirement is about a server or about clients. Those about clients are under the operation
// that they are about.
func TestRequirementsOfASide(t *testing.T) {
	c := load(t)
	server, client := c.RequirementsFor(contract.Server), c.RequirementsFor(contract.Client)
	if got, want := len(server)+len(client), len(c.Requirements()); got != want || len(client) != len(contract.Behaviours()) {
		t.Errorf("got %d requirements for servers and %d for clients, want %d in all, %d of them for clients", len(server), len(client), want, len(contract.Behaviours()))
	}
	for _, r := range server {
		if r.Expects != "" || strings.HasPrefix(r.ID, "client.") {
			t.Errorf("%s: is about clients, and among those for servers", r.ID)
		}
	}
	of := map[string][]contract.Behaviour{}
	for _, r := range client {
		of[r.Operation] = append(of[r.Operation], r.Expects)
	}
	for operation, want := range map[string][]contract.Behaviour{
		"upgradeGraph": {contract.ClientSends, contract.ClientSuccessNeedsJob, contract.ClientSuccessWhenAccepted, contract.ClientNoBlindRepeat, contract.ClientKnownMembers},
		"showJob":      {contract.ClientAsksOwnJob, contract.ClientJobFailureSeen, contract.ClientJobIDEscaped, contract.ClientSurvivesRefusedRead},
		"showGraph":    nil,
		"listJobs":     nil,
	} {
		if !slices.Equal(of[operation], want) {
			t.Errorf("%s: got %q, want %q", operation, of[operation], want)
		}
	}
}

// What both sides are held to counts for each.
func TestARequirementOfBothSides(t *testing.T) {
	c, err := contract.Parse("small.yaml", []byte(smallDocument))
	if err != nil {
		t.Fatal(err)
	}
	for side, want := range map[contract.Side]string{contract.Server: "a.b a.c z.z", contract.Client: "a.c z.y"} {
		var ids []string
		for _, r := range c.RequirementsFor(side) {
			ids = append(ids, r.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: got %s, want %s", side, got, want)
		}
	}
}
