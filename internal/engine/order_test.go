package engine_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/ges/aksk"
	"github.com/gesconform/gesconform/internal/judge"
)

// After the canary, the plain upgrade goes before all else that could change something.
func TestTheLifecycleGoesFirst(t *testing.T) {
	s := newNaive()
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		switch {
		case a.graph != named:
			return refuse(w, http.StatusNotFound, "GES.0047")
		case carriesOwn(a):
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		return !isPlainUpgrade(a) && refuse(w, http.StatusBadRequest, "GES.7000")
	}
	s.run(t, configure(s, risk(cases.Destructive), maxUpgrades(20)), engine.Hooks{})
	var bodies []string
	for _, a := range s.came() {
		if a.graph == named && a.method == http.MethodPost {
			bodies = append(bodies, a.body)
		}
	}
	first := slices.IndexFunc(bodies, func(body string) bool { return !strings.Contains(body, ownVersion) }) // the first that is not guarded
	var asks struct {
		Version string `json:"upgrade_version"`
	}
	if first >= 0 {
		_ = json.Unmarshal([]byte(bodies[first]), &asks) // several valid variations share it
	}
	if canary := `{"upgrade_version":"` + ownVersion + `"}`; len(bodies) < 20 || bodies[0] != canary || asks.Version != "2.2.9" {
		t.Errorf("expected 20 requests or more to the named graph, first %s, and as the first with another version one for 2.2.9, got %d: %.200q", canary, len(bodies), bodies[:min(20, len(bodies))])
	}
}

// A deviating 4xx from a graph that may have moved is asked for once more, when the graph has
// settled, and both answers are kept.
func TestADeviating4xxIsAskedForOnceMore(t *testing.T) {
	const id = "upgradeGraph/body/upgrade_version/not-later-equal"
	s := newNaive()
	g := &shared{version: ownVersion, theirs: ownVersion, lasts: 3}
	s.answer = g.upgrade
	g.shownBy(s)
	l := &log{}
	e := s.run(t, configure(s, risk(cases.Guarded), func(c *config.Config) { c.JobTimeout = time.Minute }), l.hooks(), find(t, id))
	var seen []string // what the graph showed, and how the requests for an upgrade were answered
	for i := range l.exchanges {
		switch x := &l.exchanges[i]; {
		case x.Request.Method == http.MethodPost && strings.Contains(x.Request.Path, named):
			seen = append(seen, x.Code())
		case len(seen) > 0 && strings.HasSuffix(x.Request.Path, "/"+named):
			seen = append(seen, string(x.Answer.Body[bytes.Index(x.Answer.Body, []byte(`"status":`))+10:][:3]))
		}
	}
	want := []string{"GES.7001", "201", "201", "201", "200", "GES.7036"}
	if len(seen) < len(want) || !slices.Equal(seen[:len(want)], want) || slices.Contains(seen[len(want):], "GES.7036") {
		t.Errorf("expected %q and no other request after that, got %q", want, seen)
	}
	r := result(t, e, id)
	var kept []string
	for i := range r.Exchanges {
		kept = append(kept, fmt.Sprintf("%s %t", r.Exchanges[i].Code(), r.Exchanges[i].SetAside != ""))
	}
	if want := []string{"GES.7001 true", "GES.7036 false"}; r.Verdict != judge.Conforms || !slices.Equal(kept, want) {
		t.Errorf("expected %q, of which the second conforms, got %q, %s", want, kept, r.Verdict)
	}
}

// So is an answer whose code tells of a state that the graph was in for a while, though its status
// is that of the refusal that only a SHOULD demands.
func TestACodeOfAnotherStateIsAskedForAgain(t *testing.T) {
	const id = "upgradeGraph/body/comment"
	s := newNaive()
	g := &shared{version: ownVersion, theirs: ownVersion, lasts: 3}
	canary := `{"upgrade_version":"` + ownVersion + `"}`
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		switch {
		case a.graph != named:
			return refuse(w, http.StatusNotFound, "GES.0047")
		case a.body == canary:
			return refuse(w, http.StatusBadRequest, "GES.7036")
		}
		return g.upgrade(w, a)
	}
	g.shownBy(s)
	e := s.run(t, configure(s, risk(cases.Guarded), func(c *config.Config) { c.JobTimeout = time.Minute }), engine.Hooks{}, find(t, id))
	for _, f := range result(t, e, id).Findings {
		if f.Verdict == judge.Deviates || f.Verdict == judge.Advisory {
			t.Errorf("expected nothing to be held against the server, got %s: %s: %s", f.Verdict, f.Requirement, f.Got)
		}
	}
}

// No request whose signature is wrong has the operator's access key.
func TestABadSignatureHasAMadeUpKey(t *testing.T) {
	const access, secret = "OPERATORSACCESSKEY", "the-operators-secret-key"
	s := newNaive()
	sound, bad := 0, 0
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mine := strings.Contains(fmt.Sprint(r.Header), access)
		authorization, err := aksk.ParseAuthorization(r.Header.Get("Authorization"))
		body := &keeping{ReadCloser: r.Body}
		r.Body = body
		s.ServeHTTP(w, r)
		path, query, _ := strings.Cut(r.RequestURI, "?")
		switch valid := err == nil && authorization.Verify(&aksk.Request{Method: r.Method, Path: path, Query: query, Host: r.Host, Header: r.Header, Body: body.read}, secret); {
		case valid:
			s.mu.Lock()
			defer s.mu.Unlock()
			sound++
		case mine:
			t.Errorf("%s %s: has the operator's access key, and a signature that is wrong: %s", r.Method, r.URL, r.Header.Get("Authorization"))
		case r.Header.Get("Authorization") != "":
			s.mu.Lock()
			defer s.mu.Unlock()
			bad++
		}
	})
	s.answer = func(w http.ResponseWriter, a *arrival) bool {
		return a.graph != named && refuse(w, http.StatusNotFound, "GES.0047") || carriesOwn(a) && refuse(w, http.StatusBadRequest, "GES.7036")
	}
	s.run(t, configure(s, risk(cases.Destructive), func(c *config.Config) {
		c.Token, c.ReadonlyToken, c.ExpiredToken, c.AccessKey, c.SecretKey, c.Concurrency = "", "", "", access, secret, 1
	}), engine.Hooks{})
	if sound < 100 || bad < 5 {
		t.Errorf("expected more requests, got %d with a sound signature and %d with a bad one", sound, bad)
	}
}

// keeping keeps what is read of a body.
type keeping struct {
	io.ReadCloser

	read []byte
}

func (k *keeping) Read(p []byte) (int, error) {
	n, err := k.ReadCloser.Read(p)
	k.read = append(k.read, p[:n]...)
	return n, err
}
