package selftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/embedded"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// unlocking accepts a second upgrade once a share of the one under way is done, and may show how
// much of it is.
type unlocking struct {
	fake     http.Handler
	takes    time.Duration
	share    float64
	progress bool

	began  time.Time
	target string // of the upgrade that began last
	asked  int    // second upgrades
}

func (u *unlocking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	u.fake.ServeHTTP(answer, r)
	done := float64(time.Since(u.began)) / float64(u.takes)
	under := u.target != "" && done < 1
	var asks struct {
		Version string `json:"upgrade_version"`
	}
	_ = json.Unmarshal(body, &asks)
	switch text := answer.Body.String(); {
	case r.Method == http.MethodPost && answer.Code == http.StatusOK:
		u.began, u.target = time.Now(), asks.Version
	case under && strings.Contains(text, "GES.7001"):
		switch u.asked++; {
		case done < u.share:
		case contract.Later(asks.Version, u.target):
			answer.Code, answer.Body = http.StatusOK, bytes.NewBufferString(`{"job_id":"a-second-one"}`)
		default:
			answer.Body = bytes.NewBufferString(`{"error_code":"GES.7036","error_msg":"not later"}`)
		}
	case u.progress && strings.HasSuffix(r.URL.Path, "/status"):
		answer.Body = bytes.NewBufferString(strings.Replace(text, `"job_progress":0`, fmt.Sprintf(`"job_progress":%.0f`, 100*min(done, 1)), 1))
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = io.Copy(w, answer.Body)
}

// TestALockThatEndsEarlyIsFound judges servers whose upgrades take minutes and are locked for a
// part of that: each is found, with few more requests than there are on one that keeps the lock, and
// none that does is accused.
func TestALockThatEndsEarlyIsFound(t *testing.T) {
	t.Parallel()
	const kept = 1
	for _, tt := range []struct {
		minutes  float64
		share    float64
		upgrades int
		progress bool
		most     int // second upgrades that are asked for
	}{
		{10, 0.001, 2, false, 20},
		{10, 0.1, 2, false, 35},
		{10, 0.5, 2, false, 45},
		{10, 0.78, 2, false, 45},
		{8, 0.78, 2, false, 45},
		{5, 0.78, 2, false, 45},
		{4, 0.78, 2, false, 45},
		{8, 0.95, 2, true, 50},
		{9, 0.95, 2, true, 50},
		{8, 0.96, 3, false, 55},
		{9, 0.96, 3, false, 55},
		{10, kept, 1, false, 45},
		{10, kept, 1, true, 50},
		{10, kept, 3, false, 60},
	} {
		t.Run(fmt.Sprintf("%v of %v minutes, %d upgrades, progress %v", tt.share, tt.minutes, tt.upgrades, tt.progress), func(t *testing.T) {
			t.Parallel()
			suite := inprocess.Load(t)
			var server *unlocking
			takes := time.Duration(tt.minutes * float64(time.Minute))
			o := suite.Judge(t, func(t *testing.T, network *inprocess.Listener) config.Config {
				held := embedded.Scenario()
				for i := range held.Upgrades {
					held.Upgrades[i].Takes = takes
				}
				fake, err := fakeserver.Build(fakeserver.WithScenario(held))
				if err != nil {
					t.Fatal(err)
				}
				server = &unlocking{fake: fake, takes: takes, share: tt.share, progress: tt.progress}
				return serve(t, network, server, fake.Fixtures())
			}, func(c *config.Config) {
				modes[3].configure(c)
				c.JobTimeout, c.KeepGoing, c.MaxUpgrades, c.UpgradeVersions = time.Hour, false, tt.upgrades, c.UpgradeVersions[:tt.upgrades+1]
			}, suite.Cases)
			judgeAgain(t, suite, &o)
			found, text := broken(o.Results)
			if want := tt.share < kept; want != (len(found) == 1 && found[0] == "upgrade.one-at-a-time") || !want && len(found) > 0 {
				t.Errorf("expected one-at-a-time to be broken %v, got %q:%s", want, found, text)
			}
			if server.asked > tt.most {
				t.Errorf("expected at most %d second upgrades to be asked for, got %d", tt.most, server.asked)
			}
			for _, r := range o.Results {
				if r.Verdict == judge.Error {
					t.Errorf("%s: %s", r.Case, r.Reason)
				}
			}
		})
	}
}
