//go:build linux || darwin

package contract_test

import (
	"net/http"
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

// processorTime returns the CPU time that this process has used. Unlike the time of day,
// it does not depend on what else the machine does.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Work must grow with the length of a body, not with its square: a body of 1 MiB would
// take minutes. So a body must take about as much CPU time as a hundred bodies of a
// hundredth of its length, and not a hundred times as much.
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
	const parts, most = 100, 10
	for _, test := range []struct {
		name     string
		contract *contract.Contract
		size     int
		body     func(n int) string
	}{
		{"members", c, 20_000, func(n int) string { return `{` + manyMembers(n) + `"upgrade_version":"1.1.8"}` }},
		{"doubled members", c, 20_000, func(n int) string { return `{` + strings.Repeat(`"upgrade_version":"1.1.8",`, n) + `"x":1}` }},
		{"letter cases", c, 20_000, func(n int) string { return `{` + letterCases(n) + `"x":1}` }},
		{"9,900 nested lists", c, 9_900, func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }},
		{"100,000 nested lists", c, 100_000, func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }},
		{"nested objects", c, 9_000, func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }},
		{"a long number", c, 1 << 20, func(n int) string { return `{"upgrade_version":` + strings.Repeat("9", n) + `}` }},
		{"a long number in a list", synthetic, 1 << 20, func(n int) string {
			return `{"upgrade_version":7,"force_upgrade":[{"a":` + strings.Repeat("9", n) + `}]}`
		}},
		{"different items", synthetic, 20_000, func(n int) string { return `{"upgrade_version":"1.1.8","force_upgrade":[` + manyItems(n) + `]}` }},
		{"items of many members", synthetic, 20_000, func(n int) string {
			return `{"upgrade_version":"1.1.8","force_upgrade":[{` + manyMembers(n/2) + `"a":1},{` + manyMembers(n/2) + `"a":1}]}`
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer debug.SetGCPercent(debug.SetGCPercent(-1)) // collecting garbage takes time, too
			op := test.contract.Operation("upgradeGraph")
			size := test.size
			if testing.Short() {
				size /= 4
			}
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
				part, whole := []byte(test.body(size/parts)), []byte(test.body(size))
				before := processorTime(t)
				for range parts {
					judge(part)
				}
				between := processorTime(t)
				problems := judge(whole)
				after := processorTime(t)
				if len(problems) == 0 {
					t.Errorf("%s: no problem found", what)
				}
				if after-between > most*(between-before) {
					t.Errorf("%s of %d bytes: expected about the CPU time of %[4]d of %[5]d bytes, %[6]s, got %[3]s", what, len(whole), after-between, parts, len(part), between-before)
				}
			}
		})
	}
}
