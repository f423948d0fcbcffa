package result

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// seen makes an exchange whose answer came so many milliseconds after the start of the day.
func seen(at int, method, path string, status int, sent, got string) exchange.Exchange {
	return exchange.Exchange{
		Sequence: at, Started: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(at-1) * time.Millisecond), Duration: time.Millisecond,
		Request: contract.Request{Method: method, Path: path, Body: []byte(sent)}, Answer: &contract.Answer{Status: status, Body: []byte(got)},
	}
}

func TestWays(t *testing.T) {
	const root = "/v2/p/graphs/G1"
	upgrade := func(at int, got string) exchange.Exchange {
		return seen(at, http.MethodPost, root+"/upgrade", 200, `{"upgrade_version":"2.0.1"}`, got)
	}
	job := func(at int, id, status string) exchange.Exchange {
		return seen(at, http.MethodGet, root+"/jobs/"+id+"/status", 200, "", `{"job_id":"`+id+`","status":"`+status+`"}`)
	}
	graph := func(at int, version string) exchange.Exchange {
		return seen(at, http.MethodGet, strings.ToLower(root), 200, "", `{"graph":{"data_store_version":"`+version+`"}}`)
	}
	for name, tt := range map[string]struct {
		exchanges []exchange.Exchange
		want      string
	}{
		"success": {
			[]exchange.Exchange{
				upgrade(10, `{"job_id":"j1"}`), job(11, "J1", "pending"), job(12, "j1", "pending"), graph(13, "2.0.0"), job(20, "j1", "running"),
				job(40, "j1", "success"), graph(41, "2.0.0"), graph(45, "2.0.1"), graph(50, "2.0.1"), job(60, "j1", "success"),
			},
			"10 to 2.0.1 j1 ended: pending 1ms, running 10ms, success 30ms, other-version 31ms, version 35ms",
		},
		"failed":         {[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`), job(3, "j1", "partiallyFailed"), graph(4, "2.0.0")}, "1 to 2.0.1 j1 ended: failed 2ms, other-version 3ms"},
		"never ends":     {[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`), job(3, "j1", "running"), job(9, "j1", "running"), graph(11, "2.0.0")}, "1 to 2.0.1 j1 seen 8ms: running 2ms"},
		"not known":      {[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`), job(3, "j1", "resting"), job(4, "j1", "")}, "1 to 2.0.1 j1 seen 3ms: unknown 2ms, unknown 3ms"},
		"nothing seen":   {[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`)}, "1 to 2.0.1 j1 seen 0s: "},
		"no job id":      {[]exchange.Exchange{upgrade(1, `{}`), graph(5, "2.0.1")}, "1 to 2.0.1  seen 4ms: version 4ms"},
		"not JSON":       {[]exchange.Exchange{upgrade(1, `<html>`), job(2, "", "success")}, "1 to 2.0.1  seen 0s: "},
		"no version":     {[]exchange.Exchange{seen(1, "POST", root+"/upgrade", 200, "\xff{", `{"job_id":"j1"}`)}, "1 to  j1 seen 0s: "},
		"refused":        {[]exchange.Exchange{seen(1, "POST", root+"/upgrade", 400, "{}", `{"job_id":"j1"}`), job(2, "j1", "success"), graph(3, "1")}, ""},
		"another method": {[]exchange.Exchange{seen(1, "PUT", root+"/upgrade", 200, "{}", `{"job_id":"j1"}`)}, ""},
		"no answer":      {[]exchange.Exchange{{Request: contract.Request{Method: "POST", Path: root + "/upgrade"}}}, ""},
		"another's job":  {[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`), job(2, "j2", "success")}, "1 to 2.0.1 j1 seen 0s: "},
		"two": {
			[]exchange.Exchange{upgrade(1, `{"job_id":"j1"}`), job(2, "j1", "success"), upgrade(3, `{"job_id":"j2"}`), graph(4, "2.0.1"), job(5, "j2", "failed"), job(6, "j1", "failed")},
			"1 to 2.0.1 j1 ended: success 1ms, failed 5ms; 3 to 2.0.1 j2 ended: version 1ms, failed 2ms",
		},
	} {
		var ways Ways
		for i := range tt.exchanges {
			ways.Note(&tt.exchanges[i])
		}
		var all []string
		for _, w := range ways.Upgrades {
			var steps []string
			for _, s := range w.Steps {
				steps = append(steps, fmt.Sprintf("%s %s", s.Kind, s.At))
			}
			end := "ended"
			if !w.Ended {
				end = fmt.Sprintf("seen %s", w.Seen)
			}
			all = append(all, fmt.Sprintf("%d to %s %s %s: %s", w.Exchange, w.To, w.Job, end, strings.Join(steps, ", ")))
		}
		if got := strings.Join(all, "; "); got != tt.want {
			t.Errorf("%s: expected %q, got %q", name, tt.want, got)
		}
	}
}

// What a server makes up takes no more than a bounded room.
func TestWaysAreBounded(t *testing.T) {
	var ways Ways
	for i := range 10 * keptWays {
		x := seen(i+1, "POST", "/graphs/g/upgrade", 200, `{"upgrade_version":"`+strings.Repeat("9", 1000)+`"}`, fmt.Sprintf(`{"job_id":"j%d"}`, i))
		ways.Note(&x)
		y := seen(i+2, "GET", "/graphs/g/jobs/j0/status", 200, "", fmt.Sprintf(`{"job_id":"j0","status":"%d%s"}`, i, strings.Repeat("x", 1000)))
		ways.Note(&y)
	}
	first := ways.Upgrades[0]
	if len(ways.Upgrades) != keptWays || ways.More != 9*keptWays || len(first.Steps) != keptSteps || len([]rune(first.To)) != keptState || len([]rune(first.Steps[0].State)) != keptState {
		t.Errorf("expected %d ways and %d more, %d steps, texts of %d characters, got %d, %d, %d, %q and %q", keptWays, 9*keptWays, keptSteps, keptState,
			len(ways.Upgrades), ways.More, len(first.Steps), first.To, first.Steps[0].State)
	}
}
