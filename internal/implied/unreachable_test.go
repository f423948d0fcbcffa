package implied_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/serving"
	"github.com/gesconform/gesconform/internal/wire"
)

// What reaches no server says nothing about one.
func TestAnUnreachableServerIsNotAccused(t *testing.T) {
	t.Parallel()
	c, err := contract.Parse("pets.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {/pets: {get: {operationId: listPets, responses: {'200': {description: ok}}}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	nobody, release, err := serving.Refusing()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	cfg := config.Default()
	cfg.Endpoint = "http://" + nobody
	client := wire.New(&cfg)
	defer client.Close()
	report, err := implied.Run(t.Context(), implied.Options{Contract: c, Sender: client, Endpoint: cfg.Endpoint})
	if err != nil || !strings.Contains(report.Failure, "the server does not answer: ") {
		t.Errorf("expected that the run says why it has ended, got %q, %v", report.Failure, err)
	}
	for _, r := range report.Results {
		if r.Verdict != judge.Error || len(r.Deviations(true)) > 0 {
			t.Errorf("%s: expected an error and no deviation, got %s, %+v", r.Case, r.Verdict, r.Findings)
		}
	}
}
