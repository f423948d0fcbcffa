package clienttest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gesconform/gesconform/clienttest"
	"github.com/gesconform/gesconform/gen"
)

// start starts an upgrade with the generated client, and does not wait for its end. Your client takes
// its place.
func start(ctx context.Context, e clienttest.Endpoint) error {
	plain := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	client, err := gen.NewClientWithResponses(e.URL, gen.WithHTTPClient(plain), gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("X-Auth-Token", e.Token)
		return nil
	}))
	if err != nil {
		return err
	}
	answer, err := client.UpgradeGraphWithResponse(ctx, e.ProjectID, e.GraphID, gen.UpgradeGraphRequest{UpgradeVersion: e.UpgradeVersion, ForceUpgrade: e.ForceUpgrade})
	if err != nil {
		return err
	}
	if answer.JSON200 == nil || answer.JSON200.JobID == "" {
		return fmt.Errorf("not accepted: %s: %s", answer.Status(), answer.Body)
	}
	return nil
}

// Example judges a client in its own `go test`.
func Example() {
	testMyClient := func(t *testing.T) { // TestMyClient in yours
		clienttest.Run(t, start)
	}
	fmt.Println("passed:", passes(testMyClient))
	// Output: passed: true
}

// A client may be held to the contract's advice, too; here, in what concerns refusals.
func ExampleWithStrict() {
	testMyClient := func(t *testing.T) {
		clienttest.Run(t, start, clienttest.WithStrict(), clienttest.WithScenarios("refused/*", "throttled/*"))
	}
	fmt.Println("passed:", passes(testMyClient))
	// Output: passed: true
}

// A client that never sends force_upgrade cannot do what asks for it: these scenarios are skipped.
func ExampleErrNotApplicable() {
	testMyClient := func(t *testing.T) {
		clienttest.Run(t, func(ctx context.Context, e clienttest.Endpoint) error {
			if e.ForceUpgrade != nil {
				return clienttest.ErrNotApplicable
			}
			return start(ctx, e)
		}, clienttest.WithScenarios("success/*"))
	}
	fmt.Println("passed:", passes(testMyClient))
	// Output: passed: true
}

// A known deviation does not fail the test, until the day on which it no longer occurs.
func ExampleWithExpected() {
	testMyClient := func(t *testing.T) {
		clienttest.Run(t, func(ctx context.Context, e clienttest.Endpoint) error {
			if start(ctx, e) != nil {
				return errors.New("the upgrade has failed")
			}
			return nil
		}, clienttest.WithStrict(), clienttest.WithScenarios("refused/*"), clienttest.WithExpected(clienttest.Expected{
			Requirement: "client.error-code-shown", Reason: "people are shown one sentence whatever happens",
		}))
	}
	fmt.Println("passed:", passes(testMyClient))
	// Output: passed: true
}
