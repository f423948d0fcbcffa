package contract_test

import (
	"fmt"
	"sync"
	"testing"
)

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
