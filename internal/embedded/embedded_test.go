package embedded_test

import (
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
)

// What could do harm is the default against the embedded fake only, and not where the user has
// said otherwise.
func TestOnlyTheEmbeddedFakeIsRisked(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	plain := config.Default()
	if plain.Risk != cases.Inert || plain.KeepGoing || plain.ConfirmForeignGraph {
		t.Errorf("expected an endpoint to get inert requests only, got %s, keep-going %t, confirm-foreign-graph %t", plain.Risk, plain.KeepGoing, plain.ConfirmForeignGraph)
	}
	for _, given := range []map[string]bool{{}, {"risk": true, "keep-going": true, "confirm-foreign-graph": true}} {
		cfg := config.Default()
		stop, err := embedded.Start(&cfg, c, given)
		if err != nil {
			t.Fatal(err)
		}
		stop()
		risked := cfg.Risk == cases.Destructive && cfg.KeepGoing && cfg.ConfirmForeignGraph
		kept := cfg.Risk == cases.Inert && !cfg.KeepGoing && !cfg.ConfirmForeignGraph
		if given["risk"] && !kept || !given["risk"] && !risked {
			t.Errorf("given %v: got %s, keep-going %t, confirm-foreign-graph %t", given, cfg.Risk, cfg.KeepGoing, cfg.ConfirmForeignGraph)
		}
	}
}
