package engine

import (
	"reflect"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// A request for a version counts as long as nothing has moved the graph since, and only an
// upgrade to a later version makes the one before the previous one.
func TestVersionsOfARun(t *testing.T) {
	t.Parallel()
	e := &Engine{}
	m := &e.upgrades
	m.expected = "2.2.8"
	answered := func(status int) *exchange.Exchange {
		return &exchange.Exchange{Answer: &contract.Answer{Status: status}}
	}
	named := cases.Aim{Graph: cases.NamedGraph}
	e.noteVersion(named, "2.2.8", answered(400)) // it is not the wish to go back
	e.noteVersion(cases.Aim{Graph: cases.AbsentGraph}, "2.2.7", answered(400))
	e.noteVersion(named, "2.2.9", answered(400))
	if want := []string{"2.2.9"}; !reflect.DeepEqual(m.declined, want) {
		t.Errorf("expected that %q were declined, got %q", want, m.declined)
	}
	e.noteVersion(named, "2.2.9", answered(200))
	m.expect("2.2.9")
	if m.declined != nil || m.previous != "2.2.8" {
		t.Errorf("expected nothing declined since 2.2.8, got %q since %s", m.declined, m.previous)
	}
	e.noteVersion(named, "2.2.10", &exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.TimedOut}})
	if got := e.reached("2.2.9"); got != "2.2.10" {
		t.Errorf("expected that the graph may have reached 2.2.10, got %s", got)
	}
	m.expect("2.2.8")
	if m.previous != "2.2.8" {
		t.Errorf("expected no previous version that is later, got %s", m.previous)
	}
	m.expect("2.2.11")
	for version, want := range map[string]bool{"2.2.8": true, "2.2.9": true, "2.2.10": true, "2.2.11": false, "2.2.12": false, "2.2.7": false} {
		if m.left(version) != want {
			t.Errorf("%s: expected to have been left: %t", version, want)
		}
	}
}
