package independent_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// refusing refuses the plausible upgrades that a function picks.
func refusing(status int, code string, picks func(c *call) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(c *call, w http.ResponseWriter, _ *http.Request) bool {
			if c.op != "upgrade" || c.r.Header.Get("X-Auth-Token") == "" || !strings.Contains(string(c.body), "pgrade_version") || !picks(c) {
				return false
			}
			c.s.send(c, w, reply{status: status, body: object{"error_code": code, "error_msg": "no"}})
			return true
		}
	}
}

// TestOneCauseOneDeviation checks that a fault is charged to the requirement that it breaks,
// and to none that rests on it.
func TestOneCauseOneDeviation(t *testing.T) {
	t.Parallel()
	steps := func(k *knobs) {
		k.version = "1.0.8"
		k.given = []string{"1.0.9", "1.0.10", "1.0.11", "1.0.12", "1.1.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7"}
	}
	minors := func(k *knobs) {
		k.version = "1.0.20"
		k.given = []string{"1.0.21", "1.1.0", "1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5"}
	}
	for i, tt := range []struct {
		name string
		turn func(*knobs)
		want []string // all that is broken, with as many upgrades as it takes
	}{
		{"versions as strings", both(steps, compared(func(a, b string) bool { return a > b })), []string{"upgrade.target-later"}},
		{"versions with their digits run together", both(minors, compared(func(a, b string) bool { return digits(a) > digits(b) })), []string{"upgrade.target-later"}},
		{"a quota's code for a version that is not later", both(steps, answering(400, "GES.7018", "not-later")), []string{"answer.code-meaning"}},
		{"409 with another code for a version that is not later", both(steps, answering(409, "GES.7018", "not-later")), []string{"upgrade.target-later"}},
		{"500 for a body that is not JSON", both(steps, answering(500, "GES.7006", "syntax")), []string{"request.answered"}},
		{"no upgrade at all", both(steps, compared(func(a, b string) bool { return false })), []string{"upgrade.accepted"}},
		{"no charset", both(steps, refusing(415, "GES.7016", func(c *call) bool { return strings.Contains(c.r.Header.Get("Content-Type"), ";") })), []string{"upgrade.media-type-charset"}},
		{"no space around the body", both(steps, refusing(400, "GES.7016", func(c *call) bool { return strings.HasPrefix(string(c.body), "\r\n\t {") })), []string{"upgrade.json-equivalence"}},
		{"no force_upgrade that is false", both(steps, refusing(400, "GES.7016", func(c *call) bool {
			return strings.Contains(string(c.body), `"force_upgrade":false`)
		})), []string{"upgrade.force-false"}},
	} {
		if !inprocess.Sampled(i, 4) {
			continue
		}
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			runs := judged(t, tt.turn, modes, false)
			for i := range runs {
				var broken []string
				for _, r := range runs[i].Broken() {
					broken = append(broken, r.ID)
				}
				others := slices.DeleteFunc(slices.Clone(broken), func(id string) bool { return slices.Contains(tt.want, id) })
				if len(others) > 0 || i == len(runs)-1 && !slices.Equal(broken, tt.want) {
					t.Errorf("mode %d: expected only %q to be broken, got %q", i, tt.want, broken)
				}
			}
		})
	}
}
