//go:build unix

package clients_test

import (
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/clients"
)

// BenchmarkClient judges the correct client, as a process, in all scenarios but those that hang for as long
// as they may. No order of the scenarios could take less than the longest of them and, after that, the
// processors for all.
func BenchmarkClient(b *testing.B) {
	c, err := contract.Default()
	if err != nil {
		b.Fatal(err)
	}
	all, err := client.Scenarios(c)
	if err != nil {
		b.Fatal(err)
	}
	some, err := client.Select(all, "", false)
	if err != nil {
		b.Fatal(err)
	}
	driver := process(b, clients.Correct)
	var took, floor time.Duration
	for b.Loop() {
		began, before := time.Now(), processorTime(b)
		var longest time.Duration
		found, err := client.Run(b.Context(), client.Options{
			Contract: c, Driver: driver, Scenarios: some, ScenarioTimeout: 20 * time.Second, StartTimeout: time.Minute,
			Judged: func(r judge.Result) {
				if r.Client != nil {
					longest = max(longest, r.Client.Duration)
				}
			},
		})
		if err != nil || found.Failure != "" || len(found.Results) != len(some) {
			b.Fatalf("expected %d results, got %d, %s, %v", len(some), len(found.Results), found.Failure, err)
		}
		took += time.Since(began)
		floor += longest + (processorTime(b)-before)/time.Duration(runtime.NumCPU())
	}
	b.ReportMetric(took.Seconds()/float64(b.N), "s/run")
	b.ReportMetric(floor.Seconds()/float64(b.N), "s/floor")
	b.ReportMetric(took.Seconds()/floor.Seconds(), "x-floor")
}

// processorTime returns what this process and those that it has started have taken.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var usage syscall.Rusage
		if err := syscall.Getrusage(who, &usage); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
	}
	return sum
}
