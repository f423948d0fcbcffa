//go:build linux || darwin

package contract_test

import (
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
)

func manyItems(n int) string {
	items := make([]string, n)
	for i := range items {
		items[i] = `{"a":` + strconv.Itoa(i) + `.5}`
	}
	return strings.Join(items, ",")
}

// processorTime returns the CPU time that this process has used. What else the machine does
// adds to it, too: caches are colder, and pages have to be found.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// cost measures the work in units of CPU time that mean nothing by themselves.
func cost(t *testing.T, work func()) time.Duration {
	t.Helper()
	runtime.GC() // so that no garbage is collected meanwhile, and memory is there
	before := processorTime(t)
	work()
	return processorTime(t) - before
}

// Work must grow with the length of a body, not with its square: a body of 1 MiB would
// take minutes. So a body costs about as much as a hundred bodies of a hundredth of its
// length, where the square would cost a hundred times as much. A busy machine makes any
// of them dearer, and none cheaper: so what counts is the cheapest of several attempts at
// each, and the first attempt that is good enough is the last.
func TestWorkIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("judges bodies of a megabyte; the whole test runs without -short")
	}
	c := load(t)
	synthetic, err := contract.Parse("synthetic.yaml", edit(t, "        force_upgrade:\n          type: boolean\n          default: false\n", `        force_upgrade:
          type: array
          uniqueItems: true
          items: {type: object, properties: {a: {type: integer}}, minProperties: 1}
`))
	if err != nil {
		t.Fatal(err)
	}
	const parts, most, attempts = 100, 20, 5
	for _, test := range []struct {
		name     string
		contract *contract.Contract
		size     int
		body     func(n int) string
	}{
		{"members", c, 120_000, func(n int) string { return `{` + manyMembers(n) + `"upgrade_version":"1.1.8"}` }},
		{"doubled members", c, 120_000, func(n int) string { return `{` + strings.Repeat(`"upgrade_version":"1.1.8",`, n) + `"x":1}` }},
		{"letter cases", c, 120_000, func(n int) string { return `{` + letterCases(n) + `"x":1}` }},
		{"9,900 nested lists", c, 9_900, func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }},
		{"100,000 nested lists", c, 100_000, func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }},
		{"nested objects", c, 9_000, func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }},
		{"a long number", c, 1 << 20, func(n int) string { return `{"upgrade_version":` + strings.Repeat("9", n) + `}` }},
		{"a long number in a list", synthetic, 1 << 20, func(n int) string {
			return `{"upgrade_version":7,"force_upgrade":[{"a":` + strings.Repeat("9", n) + `}]}`
		}},
		{"different items", synthetic, 120_000, func(n int) string { return `{"upgrade_version":"1.1.8","force_upgrade":[` + manyItems(n) + `]}` }},
		{"items of many members", synthetic, 120_000, func(n int) string {
			return `{"upgrade_version":"1.1.8","force_upgrade":[{` + manyMembers(n/2) + `"a":1},{` + manyMembers(n/2) + `"a":1}]}`
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(-1)) // collecting garbage takes time, too
			op := test.contract.Operation("upgradeGraph")
			part, whole := []byte(test.body(test.size/parts)), []byte(test.body(test.size))
			for what, judge := range map[string]func(body []byte) []contract.Problem{
				"request": func(body []byte) []contract.Problem {
					r := goodRequest()
					r.Body = body
					return test.contract.JudgeRequest(op, r)
				},
				"answer": func(body []byte) []contract.Problem {
					return test.contract.JudgeAnswer(op, "POST", jsonAnswer(http.StatusOK, string(body)))
				},
			} {
				if len(judge(whole)) == 0 {
					t.Errorf("%s: no problem found", what)
				}
				inParts, inOne := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
				for range attempts {
					inParts = min(inParts, cost(t, func() {
						for range parts {
							judge(part)
						}
					}))
					inOne = min(inOne, cost(t, func() { judge(whole) }))
					if inOne <= most*inParts {
						break
					}
				}
				if inOne > most*inParts {
					t.Errorf("%s of %d bytes: expected about the CPU time of %d of %d bytes, %s, got %s", what, len(whole), parts, len(part), inParts, inOne)
				}
			}
		})
	}
}
