package fakeserver_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// Wherever a request has a credential that the fake knows, or that a header carries, and however it is spelt
// there, nobody can read it in the journal.
func TestTheJournalLeavesNoSpelling(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 9))
	rounds := 10
	if os.Getenv("GESCONFORM_TEST_ALL") != "" {
		rounds = 200
	}
	for range rounds {
		token, key := spelt.Token(r), spelt.Token(r)
		s := scenario.Default()
		s.Users[0].Tokens[0].Value, s.Users[0].AccessKeys[0].Secret = token, key
		server := fakeserver.New(fakeserver.WithScenario(s))
		f := server.Fixtures()
		own := spelt.Token(r) // only the client knows it
		for range 8 {
			secret := []string{token, key, own}[r.IntN(3)]
			written, how := spelt.Random(r, secret)
			sent := request{body: good, header: http.Header{"X-Auth-Token": {secret}, "Content-Type": {"application/json"}}}
			if secret != own && r.IntN(2) == 0 {
				sent.header["X-Auth-Token"] = nil
				how += ", without the header"
			}
			switch r.IntN(4) {
			case 0:
				sent.path = "/v2/{p}/graphs/{g}/upgrade?note=" + url.QueryEscape(written)
			case 1:
				sent.header["X-Note"] = []string{"it is " + written}
			case 2:
				sent.path = "/v2/" + url.PathEscape(written) + "/graphs"
			default:
				text, _ := json.Marshal(map[string]any{"upgrade_version": strings.ToValidUTF8(written, "?"), "more": []string{how}}) // can always be marshalled
				sent.body = string(text)
			}
			sent.send(server, f)
			exchanges := server.Journal(0)
			last := exchanges[len(exchanges)-1]
			shown, err := json.Marshal(last)
			if err != nil {
				t.Fatal(err)
			}
			if read, usable := spelt.Usable(string(shown), secret); usable {
				t.Fatalf("seed %d: %q, %s: the journal has %s, which says %q", seed, secret, how, shown, read)
			}
		}
	}
}

// The journal keeps the beginning of a long body, and not of a credential at its end.
func TestTheJournalKeepsNoHalfACredential(t *testing.T) {
	r := rand.New(rand.NewPCG(spelt.Seed(), 10))
	for range 10 {
		token, own := spelt.Token(r), spelt.Token(r)
		s := scenario.Default()
		s.Users[0].Tokens[0].Value = token
		server := fakeserver.New(fakeserver.WithScenario(s))
		for _, secret := range []string{token, own} {
			shown := len(secret) / 2
			body := strings.Repeat(". ", (64<<10-shown)/2) + strings.Repeat(".", shown%2) + secret + " and so on"
			request{body: body, header: header("X-Auth-Token", own)}.send(server, server.Fixtures())
			exchanges := server.Journal(0)
			if kept := exchanges[len(exchanges)-1].Body; strings.Contains(kept, secret[:shown]) || len(kept) < 60<<10 {
				t.Errorf("%d bytes are kept, which end in %q", len(kept), kept[max(0, len(kept)-100):])
			}
			member := `{"upgrade_version": "2.2.17", "` + strings.Repeat(".", 200-shown) + secret + `": 1}` // of which 200 bytes are quoted
			request{body: member, header: header("X-Auth-Token", own)}.send(server, server.Fixtures())
			exchanges = server.Journal(0)
			quoted := fmt.Sprint(exchanges[len(exchanges)-1].Judgement.Request)
			if strings.Contains(quoted, secret[:shown]) || !strings.Contains(quoted, "…") {
				t.Errorf("%.20s… is cut, and a part of %q is left in %q", member, secret, quoted)
			}
		}
	}
}

// What a client sends to a path that is not the contract's is judged by where it has its credentials, too;
// and the id of a job that the fake has given is no fault of the client, whatever is in it.
func TestWhatTheJournalNotices(t *testing.T) {
	s := scenario.Default()
	s.Upgrades = []scenario.Upgrade{{JobID: "a/b?c#d %2f .."}}
	s.Faults = []scenario.Fault{{Match: scenario.Match{Operation: "showJob", Calls: []int{2}}, Answer: &scenario.Answer{Status: 503}}}
	server := fakeserver.New(fakeserver.WithScenario(s))
	f := server.Fixtures()
	const job = "/v2/{p}/graphs/{g}/jobs/a%2Fb%3Fc%23d%20%252f%20../status"
	for _, test := range []struct {
		request
		status int
		want   string
	}{
		{request{body: good}, 200, ""},
		{request{method: http.MethodGet, path: job}, 200, ""},
		{request{method: http.MethodGet, path: job}, 503, ""},
		{request{method: http.MethodGet, path: strings.Replace(job, "c%23", "e%23", 1)}, 400, "path job_id slash"},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs", header: header("X-Project-Id", f.ProjectID)}, 200, ""},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("X-Project-Id", "another")}, 200, "header X-Project-Id mismatch"},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}?token=" + f.Token}, 200, "security X-Auth-Token place"},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs?x=" + f.Token, header: header("Cookie", "a="+f.Token)}, 200, "security X-Auth-Token place, security X-Auth-Token place"},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}", header: header("Authorization", "a", "b")}, 200, "security Authorization repeated"},
		{request{method: http.MethodGet, path: "/v2/{p}/graphs/{g}/nowhere"}, 404, "path  required"},
	} {
		if got := test.send(server, f); got.Code != test.status {
			t.Errorf("%s: got %d %s", test.path, got.Code, got.Body)
		}
		exchanges := server.Journal(0)
		var said []string
		for _, p := range exchanges[len(exchanges)-1].Judgement.Request {
			said = append(said, fmt.Sprint(p.In, " ", p.Name, " ", p.Keyword))
		}
		if got := strings.Join(said, ", "); got != test.want {
			t.Errorf("%s: the journal notices %q, want %q", test.path, got, test.want)
		}
		if i := slices.IndexFunc(exchanges[len(exchanges)-1].Judgement.Request, func(p contract.Problem) bool { return p.Clause == "" || p.Line == 0 }); i >= 0 {
			t.Errorf("%s: expected the clause of each problem, got %+v", test.path, exchanges[len(exchanges)-1].Judgement.Request[i])
		}
	}
}

// BenchmarkJournal reads a journal of a hundred upgrades.
func BenchmarkJournal(b *testing.B) {
	server := fakeserver.New(fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()
	for i := range 100 {
		request{body: strings.Replace(good, "2.2.9", f.Versions[i%len(f.Versions)], 1)}.send(server, f)
	}
	b.ReportAllocs()
	for b.Loop() {
		if got := len(server.Journal(0)); got != 100 {
			b.Fatal(got)
		}
	}
}
