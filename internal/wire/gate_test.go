package wire

import (
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

const own, gone = "/v2/p/graphs/own/upgrade", "/v2/p/graphs/gone/upgrade"

// The gate classifies requests by their bytes alone. The graph under test is "own" with
// version 1.1.1; "gone" is an absent graph, and "theirs" belongs to another project.
var byBytes = []struct {
	method, path, body string
	want               cases.Risk
}{
	{"GET", "/v2/p/graphs/own", "", cases.Inert},
	{"GET", "/v2/p/graphs/own/jobs/j/status", "", cases.Inert},
	{"GET", own, "", cases.Destructive},
	{"HEAD", own, "", cases.Destructive},
	{"POST", gone, `{"upgrade_version":"9.9.9","force_upgrade":true}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone%00/upgrade", `{}`, cases.Inert},
	{"DELETE", gone, ``, cases.Inert},
	{"POST", "/v2/p/graphs/unproven/upgrade", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/Gone/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/../gone/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/../own/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/%2e%2e/own/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/.%2E/own/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone%2Fown/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone%2fown/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone%5C..%5Cown/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs//upgrade", `{}`, cases.Destructive},
	{"POST", "//v2/p/graphs/gone/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade?graph_id=own", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade?upgrade_version=1.1.2", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/upgrade?upgrade_version=1.1.2&graph_id=own", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade?", `{}`, cases.Destructive},
	{"POST", own + "?upgrade_version=1.1.1", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", own + "?upgrade_version=1.1.2", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"DELETE", "/v2/p/graphs/gone/upgrade?upgrade_version=1.1.2", ``, cases.Inert},
	{"POST", "/v2/p/graphs/gone;own/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone%zz/upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/elsewhere", `{"upgrade_version":"1.1.1"}`, cases.Destructive},

	// Other spellings of a path.
	{"HEAD", "/v2/p/graphs/own", "", cases.Inert},
	{"GET", "/v2/p/graphs/own/", "", cases.Inert},
	{"GET", "/v2/p/graphs/./own", "", cases.Inert},
	{"GET", "/v2/p/%67raphs/own", "", cases.Inert},
	{"GET", "/v2/p/graphs/%25s%25n", "", cases.Inert},
	{"GET", "/v2/p/graphs/own?X-Auth-Token=\x00placed\x00", "", cases.Inert},
	{"GET", "/v2/p/graphs/own/upgrade/", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/upgrade;v=1", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/%75pgrade", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/%2575pgrade", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/UPGRADE", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/./upgrade", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own%2Fupgrade", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/upgrade%20", "", cases.Destructive},
	{"GET", "/v2/p/graphs/own/upgrade?x=y", "", cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade/", `{"upgrade_version":"9.9.9"}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/upgrade;v=1", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/./upgrade", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone//upgrade", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/%75pgrade", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/UPGRADE", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/upgrade?X-Auth-Token=\x00placed\x00", `{}`, cases.Inert},
	{"POST", "/v2/p/graphs/gone/upgrade?X-Auth-Token=\x00placed\x00&graph_id=own", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade;graph=own", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/upgrade/..", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone/../upgrade", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own/../gone/upgrade/", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/gone%2F..%2Fown/upgrade/", `{}`, cases.Destructive},
	{"POST", "/v2/p/graphs/unproven/upgrade/", `{}`, cases.Destructive},
	{"DELETE", "/v2/p/graphs/gone/./upgrade", "", cases.Destructive},
	{"POST", "/v2/p/graphs/own/upgrade;v=1", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own/./upgrade", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own/%75pgrade", `{"upgrade_version":"1.1.1"}`, cases.Destructive},

	// Ids that a lenient server could take for that of the graph. All but own9 are shown to be absent.
	{"POST", "/v2/p/graphs/own0/upgrade", `{"upgrade_version":"1.1.1"}`, cases.Guarded},
	{"POST", "/v2/p/graphs/own0/upgrade", `{"upgrade_version":"1.1.2"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own0/upgrade", `{"upgrade_version":"1.1.1","force_upgrade":true}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own0/upgrade/", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/ow/upgrade", `{"upgrade_version":"1.1.1"}`, cases.Guarded},
	{"POST", "/v2/p/graphs/OWN/upgrade", `{"upgrade_version":"1.1.1"}`, cases.Guarded},
	{"POST", "/v2/p/graphs/own9/upgrade", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"GET", "/v2/p/graphs/own9", "", cases.Inert},

	{"POST", own, `{"upgrade_version":"1.1.1"}`, cases.Guarded},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":false}`, cases.Guarded},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":null}`, cases.Guarded},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":0}`, cases.Guarded},
	{"POST", own, `{'upgrade_version':'1.1.1'}`, cases.Guarded},
	{"POST", own, `upgrade_version=1.1.1`, cases.Destructive},
	{"POST", own, `"1.1.1"`, cases.Destructive},
	{"POST", own, `{"upgrade_version":["1.1.1"]}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1"}{"upgrade_version":"1.1.1"}`, cases.Guarded},
	{"POST", "/v2/p/graphs/own", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own/stop", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", "/v2/p/graphs/own/upgrade/", `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"PUT", own, `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"DELETE", own, `{"upgrade_version":"1.1.1"}`, cases.Destructive},

	// Another spelling, another reading, or a member that could switch a rule off.
	{"POST", own, `{"upgrade_version":"1.1.01"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.0.999999999"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1,1,1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"0x1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"+1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1\u0000x"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1' OR '0'='0"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1 or later"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"${1.1.1}"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"../../1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":1.1}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","upgrade_version":"1.1.0"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.0","upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","Upgrade_Version":"1.1.0"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.0","Upgrade_Version":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":false,"force_upgrade":true}`, cases.Destructive},

	// Another version, or a text that a lenient reader could take for one.
	{"POST", own, `{"upgrade_version":"1.1.10"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.12"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"11.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"01.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"0.1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1.0"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1.1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.11.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1a"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1-hotfix"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1\u0030"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","upgrade_version":"1.1.2"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"latest","note":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":null,"note":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgradeVersion":"latest","upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"１.１.２","note":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","note":"２.０.０"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","note":"2"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1"} 2.0.0`, cases.Destructive},

	{"POST", own, `{"upgrade_version":"${version}"}`, cases.Destructive}, // which nobody has filled in

	// A compressed body says what it does when it is decoded.
	{"POST", own, compressed(`{"upgrade_version":"1.1.1"}`), cases.Guarded},
	{"POST", own, compressed(`{"upgrade_version":"1.1.2","note":"1.1.1"}`), cases.Destructive},
	{"POST", own, compressed(`{"upgrade_version":"1.1.1"}`)[:20] + `{"upgrade_version":"1.1.1"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1"` + strings.Repeat(" ", 1<<16) + `}`, cases.Guarded},
	{"POST", own, `{"upgrade_version":"1.1.1"` + strings.Repeat(" ", 1<<16) + `,"upgrade_version":"1.1.2"}`, cases.Destructive},

	// No version: the server may choose one.
	{"POST", own, ``, cases.Destructive},
	{"POST", own, `{}`, cases.Destructive},
	{"POST", own, `null`, cases.Destructive},

	// A force_upgrade that could be read as true.
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":true}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","FORCE_UPGRADE":TRUE}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":"yes"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":"false"}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":1}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":[]}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":{}}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":false1}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","force_upgrade":false,"force_upgrade":true}`, cases.Destructive},
	{"POST", own, `{"upgrade_version":"1.1.1","forceUpgrade":true}`, cases.Destructive},
	{"POST", own, `upgrade_version=1.1.1&force_upgrade=true`, cases.Destructive},
}

// compressed returns a body as a case has it that is sent compressed.
func compressed(body string) string {
	t := cases.Template{Body: cases.Text(body), Gzip: true}
	return string(t.Fill(nil).Body)
}

// Another coding than gzip could say anything.
func TestGateDoesNotKnowOtherCodings(t *testing.T) {
	cfg := config.Default()
	cfg.Risk = cases.Destructive
	g := newGate(&cfg)
	g.noteVersion("own", "1.1.1")
	for coding, want := range map[string]cases.Risk{"identity": cases.Guarded, "gzip": cases.Guarded, "br": cases.Destructive, "gzip, br": cases.Destructive, "": cases.Destructive} {
		r := cases.Template{Method: "POST", Path: own, Body: `{"upgrade_version":"1.1.1"}`, Headers: []cases.Header{{Name: "content-encoding", Value: coding}}}
		if got := g.classify(&r); got != want {
			t.Errorf("Content-Encoding %q: expected %s, got %s", coding, want, got)
		}
	}
}

func TestGateClassifiesByBytes(t *testing.T) {
	cfg := config.Default()
	cfg.Risk, cfg.ForeignGraphID = cases.Destructive, "theirs"
	g := newGate(&cfg)
	g.proveAbsent("gone")
	for _, id := range []string{"gone\x00", "own0", "ow", "OWN"} {
		g.proveAbsent(id)
	}
	g.noteVersion("own", "1.1.1")
	for _, tt := range byBytes {
		r := cases.Template{Method: tt.method, Path: tt.path, Body: cases.Text(tt.body)}
		if got := g.classify(&r); got != tt.want {
			t.Errorf("%s %s %s: expected %s, got %s", tt.method, tt.path, tt.body, tt.want, got)
		}
	}
}

func TestGateKeepsBack(t *testing.T) {
	const upgrade = `{"upgrade_version":"1.1.1"}`
	for _, tt := range []struct {
		name               string
		change             func(*config.Config)
		method, path, body string
		kept               bool
	}{
		{"DELETE of a graph", nil, "DELETE", "/v2/p/graphs/own", "", true},
		{"DELETE of an absent graph", nil, "DELETE", "/v2/p/graphs/gone", "", true},
		{"DELETE of a graph, slash", nil, "DELETE", "/v2/p/graphs/own/", "", true},
		{"DELETE of a graph named upgrade", nil, "DELETE", "/v2/p/graphs/upgrade", "", true},
		{"DELETE that a router may shorten", nil, "DELETE", "/v2/p/graphs//upgrade", "", true},
		{"DELETE that a router may shorten, dots", nil, "DELETE", "/v2/p/graphs/x/../upgrade", "", true},
		{"DELETE that a router may shorten, escaped", nil, "DELETE", "/v2/p/graphs/own%2F..%2Fown/upgrade", "", true},
		{"DELETE of the upgrade", nil, "DELETE", "/v2/p/graphs/own/upgrade", "", false},
		{"later version", nil, "POST", "/v2/p/graphs/own/upgrade", `{"upgrade_version":"1.1.2"}`, false},
		{"later version, guarded", func(c *config.Config) { c.Risk = cases.Guarded }, "POST", "/v2/p/graphs/own/upgrade", `{"upgrade_version":"1.1.10"}`, true},
		{"own version, guarded", func(c *config.Config) { c.Risk = cases.Guarded }, "POST", "/v2/p/graphs/own/upgrade", upgrade, false},
		{"own version, inert", func(c *config.Config) { c.Risk = cases.Inert }, "POST", "/v2/p/graphs/own/upgrade", upgrade, true},
		{"absent, inert", func(c *config.Config) { c.Risk = cases.Inert }, "POST", "/v2/p/graphs/gone/upgrade", upgrade, false},
		{"no time for an upgrade", func(c *config.Config) { c.Until = time.Now().Add(time.Minute) }, "POST", "/v2/p/graphs/own/upgrade", upgrade, true},
		{"no time for an upgrade, absent", func(c *config.Config) { c.Until = time.Now().Add(time.Minute) }, "POST", "/v2/p/graphs/gone/upgrade", upgrade, false},
		{"time for an upgrade", func(c *config.Config) { c.Until = time.Now().Add(24 * time.Hour) }, "POST", "/v2/p/graphs/own/upgrade", upgrade, false},
		{"foreign", nil, "POST", "/v2/p/graphs/theirs/upgrade", upgrade, true},
		{"foreign, said to be absent", func(c *config.Config) { c.ForeignGraphID = "gone" }, "POST", "/v2/p/graphs/gone/upgrade", upgrade, true},
		{"foreign, escaped", nil, "POST", "/v2/p/graphs/their%73/upgrade", upgrade, true},
		{"foreign, read", nil, "GET", "/v2/p/graphs/theirs", "", false},
		{"foreign, confirmed", func(c *config.Config) { c.ConfirmForeignGraph = true }, "POST", "/v2/p/graphs/theirs/upgrade", upgrade, false},
		{"foreign, confirmed and guarded", func(c *config.Config) { c.ConfirmForeignGraph, c.Risk = true, cases.Guarded }, "POST", "/v2/p/graphs/theirs/upgrade", upgrade, true},
	} {
		cfg := config.Default()
		cfg.Risk, cfg.ForeignGraphID = cases.Destructive, "theirs"
		if tt.change != nil {
			tt.change(&cfg)
		}
		g := newGate(&cfg)
		g.proveAbsent("gone")
		g.noteVersion("own", "1.1.1")
		_, err := g.Admit(&cases.Template{Method: tt.method, Path: tt.path, Body: cases.Text(tt.body)})
		if (err != nil) != tt.kept {
			t.Errorf("%s: expected to be refused: %t, got %v", tt.name, tt.kept, err)
		}
	}
}

// The version comes from an answer, which may contain anything.
func TestGateForgetsAVersionThatIsNone(t *testing.T) {
	cfg := config.Default()
	cfg.Risk = cases.Destructive
	for _, version := range []string{"", `1.1.1","force_upgrade":true,"x":"`, "latest", "e", " ", "1.1.1 "} {
		g := newGate(&cfg)
		g.noteVersion("own", "1.1.1")
		g.noteVersion("own", version)
		for _, body := range []string{`{"upgrade_version":"` + version + `"}`, `{"upgrade_version":"1.1.1"}`} {
			r := cases.Template{Method: "POST", Path: "/v2/p/graphs/own/upgrade", Body: cases.Text(body)}
			if got := g.classify(&r); got != cases.Destructive {
				t.Errorf("version %q, body %s: expected destructive, got %s", version, body, got)
			}
		}
	}
}

// The user's word counts for the id that the flag has given, and for no other. Where it stands for
// a read, nothing is sent that is not inert, whatever the risk.
func TestGateTrustsTheUsersWord(t *testing.T) {
	const vouched, other = "/v2/p/graphs/vouched/upgrade", "/v2/p/graphs/other/upgrade"
	for _, tt := range []struct {
		name, flag, vouch  string
		method, path, body string
		want               cases.Risk
		sent               bool
	}{
		{"the id", "vouched", "vouched", "POST", vouched, `{"upgrade_version":"9.9.9","force_upgrade":true}`, cases.Inert, true},
		{"another method", "vouched", "vouched", "DELETE", vouched, "", cases.Inert, true},
		{"another id", "vouched", "vouched", "POST", other, `{}`, cases.Destructive, false},
		{"in other letter case", "vouched", "vouched", "POST", "/v2/p/graphs/Vouched/upgrade", `{}`, cases.Destructive, false},
		{"a path that leads elsewhere", "vouched", "vouched", "POST", "/v2/p/graphs/vouched/../own/upgrade", `{}`, cases.Destructive, false},
		{"the graph itself, its version", "vouched", "vouched", "POST", own, `{"upgrade_version":"1.1.1"}`, cases.Guarded, false},
		{"the graph itself, a later version", "vouched", "vouched", "POST", own, `{"upgrade_version":"1.1.2"}`, cases.Destructive, false},
		{"a read of the graph", "vouched", "vouched", "GET", "/v2/p/graphs/own", "", cases.Inert, true},
		{"no flag", "", "vouched", "POST", vouched, `{}`, cases.Destructive, true},
		{"no flag, no id", "", "", "POST", "/v2/p/graphs//upgrade", `{}`, cases.Destructive, true},
		{"the flag has another", "other", "vouched", "POST", vouched, `{}`, cases.Destructive, true},
		{"the flag alone", "vouched", "", "POST", vouched, `{}`, cases.Destructive, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Risk, cfg.GraphID, cfg.AbsentGraphID = cases.Destructive, "own", tt.flag
			g := newGate(&cfg)
			g.noteVersion("own", "1.1.1")
			g.vouch(tt.vouch)
			got, err := g.Admit(&cases.Template{Method: tt.method, Path: tt.path, Body: cases.Text(tt.body)})
			if got != tt.want || (err == nil) != tt.sent {
				t.Errorf("expected %s, sent %t, got %s, %v", tt.want, tt.sent, got, err)
			}
		})
	}
}

// Without a graph under test, only an absent one gets requests that could change something.
func TestGateWithoutAGraph(t *testing.T) {
	cfg := config.Default()
	cfg.Risk, cfg.AbsentGraphID = cases.Destructive, "gone"
	g := newGate(&cfg)
	g.proveAbsent("gone")
	if _, err := g.Admit(&cases.Template{Method: "POST", Path: gone}); err != nil {
		t.Error(err)
	}
	if _, err := g.Admit(&cases.Template{Method: "POST", Path: own}); err == nil {
		t.Error("a request to another graph is sent")
	}
}

// A header may say that another method is meant.
func TestGateReadsOverrides(t *testing.T) {
	for _, tt := range []struct {
		method, path, override string
		want                   cases.Risk
		kept                   bool
	}{
		{"GET", "/v2/p/graphs/own", "POST", cases.Destructive, false},
		{"GET", "/v2/p/graphs/own", "DELETE", cases.Destructive, true},
		{"GET", own, "POST", cases.Destructive, false},
		{"GET", gone, "POST", cases.Inert, false},
		{"POST", gone, "GET", cases.Inert, false},
		{"POST", "/v2/p/graphs/gone", "DELETE", cases.Inert, true},
	} {
		cfg := config.Default()
		cfg.Risk = cases.Destructive
		g := newGate(&cfg)
		g.proveAbsent("gone")
		for _, name := range []string{"X-HTTP-Method-Override", "x-http-method", "X-Method-Override"} {
			got, err := g.Admit(&cases.Template{Method: tt.method, Path: tt.path, Headers: []cases.Header{{Name: name, Value: tt.override}}})
			if got != tt.want || (err != nil) != tt.kept {
				t.Errorf("%s %s with %s: %s: expected %s, kept back: %t, got %s, %v", tt.method, tt.path, name, tt.override, tt.want, tt.kept, got, err)
			}
		}
	}
}
