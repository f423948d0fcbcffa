package engine

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/limits"
)

// No number of answers takes more than the budget, in memory or on disk, whatever they have too
// much of.
func TestNoNumberOfAnswersUsesUpTheBudget(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	number := 1500 // as many as a run of all cases sends
	if testing.Short() {
		number = 200
	}
	many := http.Header{}
	for n := range 500 {
		many[fmt.Sprintf("X-%d", n)] = []string{strings.Repeat("v", n%100)}
	}
	for _, test := range []struct {
		name   string
		body   string
		header http.Header
	}{
		{"text", strings.Repeat("long ", 13_200), nil},
		{"control characters", strings.Repeat("\x01", limits.KeptBody+1), nil},
		{"just short enough", strings.Repeat("\x01", limits.KeptBody), nil},
		{"values", `{"job_id":"j","x":[` + strings.Repeat(`"\u0001",`, 2_000) + `0]}`, nil},
		{"header fields", "{}", many},
		{"long fields", "{}", http.Header{"A": {strings.Repeat("\x01", 60_000)}, "B": {strings.Repeat("\x01", 60_000)}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var b budget
			kept := make([]exchange.Exchange, number)
			before := heapInUse()
			for i := range kept {
				kept[i].Answer = &contract.Answer{Status: 400, Header: test.header, Body: []byte(test.body)}
				b.abridge(c, &kept[i])
			}
			if taken := heapInUse() - before; taken > limits.ExchangesFile {
				t.Errorf("expected at most %d bytes of memory, got %d", limits.ExchangesFile, taken)
			}
			if b.used > limits.ExchangesFile {
				t.Errorf("expected at most %d bytes in all, got %d", limits.ExchangesFile, b.used)
			}
			for i := range kept {
				if n := len(kept[i].Answer.Body); n < min(len(test.body), limits.LeastBody)-3 {
					t.Fatalf("answer %d: expected at least %d bytes of the body, got %d", i, limits.LeastBody, n)
				}
			}
			if n := len(kept[0].Answer.Body); n < min(len(test.body), limits.KeptBody)-3 {
				t.Errorf("expected %d bytes of the first body, got %d", limits.KeptBody, n)
			}
			runtime.KeepAlive(kept)
		})
	}
}

// heapInUse returns how many bytes are reachable.
func heapInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// What is left out of a list may have been there.
func TestAListOfWhichAPartIsMissingIsNotWhole(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	list := `{"job_list":[{"job_id":"j"}` + strings.Repeat(`,{"job_id":"j","x":"`+strings.Repeat("v", 100)+`"}`, 3000) + "]}"
	for most, whole := range map[int]bool{1 << 20: true, limits.KeptBody: false} {
		x := exchange.Exchange{Answer: c.Abridge(&contract.Answer{Status: 200, Body: []byte(list)}, most)}
		if _, rest, ok := (&Engine{}).jobsOf(&x, map[string]bool{}); !ok || (rest == 0) != whole {
			t.Errorf("%d bytes: expected that the list is whole: %v, got %d more jobs", most, whole, rest)
		}
	}
}
