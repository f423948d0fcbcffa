package wire_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/serving"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges/iam"
)

// startIAM starts an IAM that issues token-1, token-2 and so on, each valid for ten minutes,
// to the user operator for the project p.
func startIAM(t *testing.T, start time.Time) (url string, issued *int, stop func()) {
	t.Helper()
	issued = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Auth struct {
				Identity struct {
					Password struct {
						User struct {
							Name, Password string
							Domain         struct{ Name string }
						}
					}
				}
				Scope struct{ Project struct{ ID string } }
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/v3/auth/tokens" || body.Auth.Scope.Project.ID != "p" ||
			body.Auth.Identity.Password.User.Name != "operator" || body.Auth.Identity.Password.User.Domain.Name != "acme" {
			t.Errorf("%s %s: %+v, %v", r.Method, r.URL, body, err)
		}
		if password := body.Auth.Identity.Password.User.Password; password != "planted-password" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"error":{"message":"not %s"}}`, password)
			return
		}
		*issued++
		w.Header().Set("X-Subject-Token", fmt.Sprintf("token-%d", *issued))
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"token":{"expires_at":%q}}`, start.Add(time.Duration(*issued)*10*time.Minute).UTC().Format("2006-01-02T15:04:05.000000Z"))
	}))
	t.Cleanup(server.Close)
	return server.URL + "/v3", issued, server.Close
}

// A token from IAM is used until five minutes before it expires. Then a new one is fetched,
// before any request is refused.
func TestLoginIsRenewedInTime(t *testing.T) {
	start := time.Now()
	auth, issued, stop := startIAM(t, start)
	d := &door{}
	server := httptest.NewServer(d)
	defer server.Close()
	tt := to(t, server.URL, func(c *config.Config) {
		c.Token = ""
		c.Login = iam.Login{AuthURL: auth, UserName: "operator", Password: "planted-password", Domain: "acme"}
	})
	now := start
	tt.SetTokenClock(func() time.Time { return now })
	for _, step := range []struct {
		at     time.Duration
		issued int
	}{{0, 1}, {4 * time.Minute, 1}, {6 * time.Minute, 2}, {14 * time.Minute, 2}, {15 * time.Minute, 3}} {
		now = start.Add(step.at)
		d.let(t, fmt.Sprintf("token-%d", step.issued))
		if x := tt.Send(t.Context(), "case", "aim", withMark(http.MethodGet)); x.Status() != http.StatusOK || x.Attempt != 1 || *issued != step.issued {
			t.Errorf("after %s: got %d at attempt %d with token %d", step.at, x.Status(), x.Attempt, *issued)
		}
	}
	stop() // without IAM, the token is used until it expires
	now = start.Add(26 * time.Minute)
	if x := tt.Send(t.Context(), "case", "aim", withMark(http.MethodGet)); x.Status() != http.StatusOK {
		t.Errorf("without IAM: got %+v", x)
	}
}

func TestLoginsThatFail(t *testing.T) {
	auth, _, _ := startIAM(t, time.Now())
	redirecting := httptest.NewServer(http.RedirectHandler(auth+"/auth/tokens", http.StatusTemporaryRedirect))
	defer redirecting.Close()
	d := &door{}
	server := httptest.NewServer(d)
	defer server.Close()
	nobody, release, err := serving.Refusing()
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	for name, tt := range map[string]struct{ auth, password, want string }{
		"wrong password": {auth, "planted-guess", "expected 201, got 401; check OS_USERNAME, OS_PASSWORD and OS_USER_DOMAIN_NAME"},
		"a redirect":     {redirecting.URL + "/v3", "planted-password", "expected 201, got 307; check OS_AUTH_URL"},
		"nobody":         {"http://" + nobody + "/v3", "planted-password", "no connection: " + nobody + " refuses connections; check the host and the port in OS_AUTH_URL"},
		"no address":     {"http://a b/v3", "planted-password", "expected the address of IAM"},
		"no TLS":         {"http://iam.example.com/v3", "planted-password", "set --allow-http"},
	} {
		x := to(t, server.URL, func(c *config.Config) {
			c.Token = ""
			c.Login = iam.Login{AuthURL: tt.auth, UserName: "operator", Password: tt.password, Domain: "acme"}
		}).Send(t.Context(), "case", "aim", withMark(http.MethodGet))
		if x.Failure == nil || x.Failure.Kind != exchange.NotSent || !strings.HasPrefix(x.Failure.Message, "log in") ||
			!strings.Contains(x.Failure.Message, tt.want) || strings.Contains(x.Failure.Message, "planted") {
			t.Errorf("%s: got %+v", name, x.Failure)
		}
	}
	if len(d.seen) > 0 {
		t.Errorf("something was sent: %q", d.seen)
	}
}
