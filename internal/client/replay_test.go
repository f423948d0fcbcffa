package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// hopeful sends the upgrade, and takes whatever is answered for a success.
func hopeful(ctx context.Context, e Endpoint) error {
	path := e.URL + "/v2/" + e.ProjectID + "/graphs/" + e.GraphID + "/upgrade"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, path, strings.NewReader(`{"upgrade_version":"`+e.UpgradeVersion+`"}`))
	if err != nil {
		return err
	}
	r.Header.Set("X-Auth-Token", e.Token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// recorded returns what a run of a client in some scenarios records, as it is read again, and the
// run's own results.
func recorded(t *testing.T, c *contract.Contract, client func(context.Context, Endpoint) error, filter string) (read, results []judge.Result) {
	t.Helper()
	all, err := Scenarios(c)
	if err != nil {
		t.Fatal(err)
	}
	some, err := Select(all, filter, false)
	if err != nil {
		t.Fatal(err)
	}
	found, err := Run(t.Context(), Options{Contract: c, Driver: Func(client), Scenarios: some, ScenarioTimeout: 20 * time.Second, StartTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(found.Results)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read, found.Results
}

// verdicts returns what was decided.
func verdicts(all []judge.Result) (decided []judge.Result) {
	for _, r := range all {
		r.Exchanges, r.Client = nil, nil
		decided = append(decided, r)
	}
	return decided
}

func TestReplayDecidesAsTheRunDid(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]func(context.Context, Endpoint) error{
		"hopeful":  hopeful,
		"gives up": func(context.Context, Endpoint) error { return errors.New("no endpoint") }, // is not let through
		"cannot":   func(context.Context, Endpoint) error { return ErrNotApplicable },
		"is hopeless": func(ctx context.Context, e Endpoint) error {
			return errors.Join(hopeful(ctx, e), errors.New("who knows"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read, results := recorded(t, c, client, "success/plain,refused/400-GES.7041,answer/accepted-null-body,job/failed,connection/refused")
			for i := range read {
				if read[i].Client != nil {
					read[i].Verdict, read[i].Reason, read[i].Findings = "", "", nil
				}
			}
			again, err := Replay(c, false, read)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := verdicts(again), verdicts(results); !reflect.DeepEqual(got, want) {
				t.Errorf("expected %+v\ngot      %+v", want, got)
			}
		})
	}
}

// An interrupted run says of each scenario that was not reached that it was interrupted, and so does the
// record.
func TestReplayOfAnInterruptedRun(t *testing.T) {
	t.Parallel()
	c, all := scenarios(t)
	for name, after := range map[string]int{"at the gate": 0, "later": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			n := 0
			driver := Func(func(ctx context.Context, e Endpoint) error {
				if n == after {
					stop()
					return ctx.Err()
				}
				n++
				return hopeful(ctx, e)
			})
			found, err := Run(ctx, Options{Contract: c, Driver: driver, Scenarios: all[:6], ScenarioTimeout: 20 * time.Second, StartTimeout: 20 * time.Second, Concurrency: 1})
			if err != nil || len(found.Results) != 6 {
				t.Fatalf("expected a result for each scenario, got %d, %v", len(found.Results), err)
			}
			interrupted := 0
			for _, r := range found.Results {
				if r.Verdict == judge.Error && r.Reason == exchange.Interruption {
					interrupted++
				}
			}
			if again, err := Replay(c, found.Waits, found.Results); interrupted < 4 || err != nil || !reflect.DeepEqual(verdicts(again), verdicts(found.Results)) {
				t.Errorf("expected the same of %d that were interrupted, got %+v\n%+v, %v", interrupted, again, found.Results, err)
			}
		})
	}
}

// What the client said decides, too, and cannot be left out.
func TestReplayOfAChangedRecord(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	read, _ := recorded(t, c, hopeful, "success/plain,refused/400-GES.7041")
	deviates := func(all []judge.Result) bool { return all[1].Verdict == judge.Deviates }
	again, err := Replay(c, false, read)
	if err != nil || !deviates(again) {
		t.Fatalf("expected a deviation, got %+v, %v", again, err)
	}
	said := *read[1].Client
	said.Said, said.Answered = judge.SaidFailure, "The upgrade is accepted."
	changed := []judge.Result{read[0], read[1]}
	changed[1].Client = &said
	if again, err = Replay(c, false, changed); err != nil || deviates(again) || again[1].Client.Answered == said.Answered {
		t.Errorf("expected another verdict, and the scenario's own words, got %+v, %v", again, err)
	}
	changed[1].Client = nil
	if _, err = Replay(c, false, changed); err == nil || err.Error() != "scenario refused/400-GES.7041: expected what the client said, got nothing" {
		t.Errorf("expected that it is missing, got %v", err)
	}
	changed[1].Case = "refused/nothing"
	if _, err = Replay(c, false, changed); err == nil || err.Error() != `case "refused/nothing": expected a scenario of the contract, got another name` {
		t.Errorf("expected an unknown scenario, got %v", err)
	}
}
