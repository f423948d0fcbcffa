package run_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// A requirement that nothing can exercise is an error in the document. It must not become a
// case that is never applicable.
func TestRunRefusesAnUnknownStep(t *testing.T) {
	document := bytes.Replace(gesconform.OpenAPI, []byte("observes: version-order"), []byte("observes: no-such-step"), 1)
	c, err := contract.Parse("edited.yaml", document)
	if err != nil {
		t.Fatal(err)
	}
	_, err = run.Run(context.Background(), run.Options{Options: session.Options{Contract: c}, Out: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), `upgrade.version-order observes "no-such-step"`) {
		t.Errorf("expected the requirement and its step to be named, got %v", err)
	}
}
