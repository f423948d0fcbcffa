package clienttest

import (
	"context"
	"testing"
	"time"
)

// What an option names wrongly is said before anything is run.
func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	client := func(context.Context, Endpoint) error { return nil }
	for _, tt := range []struct {
		client func(context.Context, Endpoint) error
		option Option
		want   string
	}{
		{client, WithScenarios("refused/*", "throttles/429"), `WithScenarios: unknown scenario or group "throttles/429", did you mean "throttled/429"?`},
		{client, WithScenarios(""), `WithScenarios: expected names, groups or patterns, got ""`},
		{client, WithExpected(Expected{Scenario: "nothing/*"}), "WithExpected: no scenario is called \"nothing/*\"; `gesconform client --list` lists them"},
		{client, WithExpected(Expected{Requirement: "client.retry-afterwards"}), `WithExpected: no requirement is called "client.retry-afterwards", did you mean "client.retry-after"?`},
		{client, WithExpected(Expected{Reason: "it is late"}), "WithExpected: expected a scenario or a requirement, got neither"},
		{client, WithTimeout(0), "WithTimeout: expected more than 0, got 0s"},
		{client, WithTimeout(-time.Second), "WithTimeout: expected more than 0, got -1s"},
		{nil, WithStrict(), "the client is nil"},
	} {
		s := settings{timeout: time.Minute}
		tt.option(&s)
		if _, err := newRun(s, tt.client); err == nil || err.Error() != tt.want {
			t.Errorf("expected %q, got %v", tt.want, err)
		}
	}
}
