package contract_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
)

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d":%d,`, i, i)
	}
	return b.String()
}

// letterCases writes upgrade_version in n other letter cases.
func letterCases(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		name := []byte("upgrade_version")
		for bit := range name {
			if i>>bit&1 == 1 && name[bit] != '_' {
				name[bit] -= 'a' - 'A'
			}
		}
		fmt.Fprintf(&b, `"%s":"1",`, name)
	}
	return b.String()
}

// The work must be linear in the length of a body. If it were quadratic, a body of 1
// MiB would take minutes; each of these takes well below a second.
func TestWorkIsBounded(t *testing.T) {
	c := load(t)
	synthetic, err := contract.Parse("synthetic.yaml", edit(t, "        force_upgrade:\n          type: boolean\n          default: false\n", `        force_upgrade:
          type: array
          uniqueItems: true
          items: {type: object, properties: {a: {type: integer}}, minProperties: 1}
`))
	if err != nil {
		t.Fatal(err)
	}
	items := make([]string, 60_000)
	for i := range items {
		items[i] = `{"a":` + strconv.Itoa(i) + `.5}`
	}
	for _, test := range []struct {
		name     string
		contract *contract.Contract
		body     string
	}{
		{"100,000 members", c, `{` + manyMembers(100_000) + `"upgrade_version":"1.1.8"}`},
		{"100,000 doubled members", c, `{` + strings.Repeat(`"upgrade_version":"1.1.8",`, 100_000) + `"x":1}`},
		{"letter cases", c, `{` + letterCases(100_000) + `"x":1}`},
		{"9,999 nested lists", c, strings.Repeat("[", 9_999) + strings.Repeat("]", 9_999)},
		{"500,000 nested lists", c, strings.Repeat("[", 500_000) + strings.Repeat("]", 500_000)},
		{"nested objects", c, strings.Repeat(`{"a":`, 9_000) + "1" + strings.Repeat("}", 9_000)},
		{"a long number", c, `{"upgrade_version":` + strings.Repeat("9", 1<<20) + `}`},
		{"different items", synthetic, `{"upgrade_version":"1.1.8","force_upgrade":[` + strings.Join(items, ",") + `]}`},
		{"an item of many members", synthetic, `{"upgrade_version":"1.1.8","force_upgrade":[{` + manyMembers(50_000) + `"a":1},{` + manyMembers(50_000) + `"a":1}]}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := goodRequest()
			r.Body = []byte(test.body)
			start := time.Now()
			problems := test.contract.JudgeRequest(test.contract.Operation("upgradeGraph"), r)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("%d bytes took %v", len(test.body), took)
			}
			if len(problems) == 0 {
				t.Error("no problem found")
			}
			answer := jsonAnswer(http.StatusOK, test.body)
			start = time.Now()
			test.contract.JudgeAnswer(test.contract.Operation("upgradeGraph"), "POST", answer)
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("an answer of %d bytes took %v", len(test.body), took)
			}
		})
	}
}

// This test is mostly for the race detector.
func TestConcurrentUse(t *testing.T) {
	c := load(t)
	op := c.Operation("upgradeGraph")
	bodies := []string{goodBody, `{}`, `{"upgrade_version":1,"x":2}`, `[`, `{"Upgrade_Version":"1"}`, `{"upgrade_version":"","upgrade_version":"x"}`}
	want := make([]string, len(bodies))
	judge := func(body string) string {
		r := goodRequest()
		r.Body = []byte(body)
		problems := c.JudgeRequest(op, r)
		for _, p := range problems {
			c.RefusalFor(op, p)
		}
		found, _, _ := c.Find("POST", upgradePath)
		return fmt.Sprint(problems, c.JudgeAnswer(found, "POST", jsonAnswer(400, body)), c.Fit(c.Refusal("unknown-graph"), 400, "GES.8011"))
	}
	for i, body := range bodies {
		want[i] = judge(body)
	}
	var wait sync.WaitGroup
	for worker := range 16 {
		wait.Go(func() {
			for i := range 200 {
				n := (worker + i) % len(bodies)
				if got := judge(bodies[n]); got != want[n] {
					t.Errorf("got %s\nwant %s", got, want[n])
					return
				}
			}
		})
	}
	wait.Wait()
}
