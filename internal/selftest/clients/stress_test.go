package clients_test

import (
	"crypto/sha256"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/selftest/clients"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// TestBusyMachine judges the correct client while all cores are busy: each run gives the same verdicts,
// and all of them are good.
func TestBusyMachine(t *testing.T) { // alone: the clients of other tests need not be as patient
	runs := 2
	if os.Getenv(inprocess.TestAll) != "" {
		runs = 10
	}
	stop := burn()
	defer stop()
	for n := range runs {
		report := judged(t, process(t, clients.Correct), 0, func(s *client.Scenario) bool {
			return runs > 2 || !s.Long && telling(clients.Correct, n)(s) // without those that take seconds
		})
		expect(t, clients.Correct, report)
		for _, r := range report.Results {
			if verdict := string(r.Verdict); verdict != "conforms" && verdict != "observed" {
				t.Errorf("run %d, %s: expected the verdict conforms or observed, got %s: %s", n, r.Case, verdict, r.Reason)
			}
		}
	}
}

// burn keeps twice as many goroutines busy as there are cores, until stop is called.
func burn() (stop func()) {
	ended := make(chan struct{})
	var all sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for sum := sha256.Sum256(nil); ; sum = sha256.Sum256(sum[:]) {
				select {
				case <-ended:
					return
				default:
				}
			}
		})
	}
	return sync.OnceFunc(func() {
		close(ended)
		all.Wait()
	})
}
