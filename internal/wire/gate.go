package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/ges"
)

// A gate checks every request before it is sent. It classifies the request by its own
// bytes, whatever the case says, and refuses what the user has not allowed.
type gate struct {
	config *config.Config

	mu       sync.Mutex
	absent   map[string]bool   // graph ids that a read of this run has shown not to exist, or the user vouches for
	vouched  bool              // for one of them, which no read can show
	versions map[string]string // the current versions of graphs, as read in this run
}

func newGate(c *config.Config) *gate {
	return &gate{config: c, absent: map[string]bool{}, versions: map[string]string{}}
}

func (g *gate) proveAbsent(graph string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.absent[graph] = true
}

// vouch has the id that the user vouches for count as absent, if it is this one. From then on,
// nothing is sent that is not inert: no read shows what else could be aimed at.
func (g *gate) vouch(graph string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if graph != "" && graph == g.config.AbsentGraphID {
		g.absent[graph], g.vouched = true, true
	}
}

// inertOnly reports whether there is no graph that a read has shown, so that whatever is not
// inert would go astray.
func (g *gate) inertOnly() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.vouched || g.config.GraphID == "" && g.config.AbsentGraphID != ""
}

func (g *gate) noteVersion(graph, version string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, err := contract.ParseVersion(version); err != nil {
		version = "" // could be any text
	}
	g.versions[graph] = version
}

func (g *gate) isAbsent(graph string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.absent[graph]
}

func (g *gate) version(graph string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.versions[graph]
}

// admit returns the request's risk, and an error if it must not be sent.
func (g *gate) admit(r *cases.Template) (cases.Risk, error) {
	graph := graphOf(r.Path)
	risk := g.classify(r, graph)
	if r.Method == http.MethodDelete && (leadsElsewhere(r.Path) || !ges.IsUpgradePath(r.Path)) {
		return risk, fmt.Errorf("not sent: %s %s: DELETE may destroy the graph", r.Method, r.Path)
	}
	if risk > g.config.Risk {
		return risk, fmt.Errorf("not sent: %s %s: its risk is %s, and --risk is %s", r.Method, r.Path, risk, g.config.Risk)
	}
	if risk > cases.Inert && g.inertOnly() {
		return risk, fmt.Errorf("not sent: %s %s: its risk is %s, and no read has shown the graph under test", r.Method, r.Path, risk)
	}
	if graph != "" && graph == g.config.ForeignGraphID && r.Method != http.MethodGet && !g.config.ConfirmForeignGraph {
		return risk, fmt.Errorf("not sent: %s %s: the graph belongs to another project; set --confirm-foreign-graph to allow it", r.Method, r.Path)
	}
	if until := g.config.Until; risk > cases.Inert && !until.IsZero() && time.Now().Add(g.config.JobTimeout).After(until) {
		return risk, fmt.Errorf("not sent: %s %s: an upgrade might not end before --until %s", r.Method, r.Path, until.Format(time.RFC3339))
	}
	return risk, nil
}

func (g *gate) classify(r *cases.Template, graph string) cases.Risk {
	if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, "/upgrade") {
		return cases.Inert
	}
	if leadsElsewhere(r.Path) {
		return cases.Destructive
	}
	if graph != "" && g.isAbsent(graph) {
		return cases.Inert
	}
	version := g.version(graph)
	if r.Method == http.MethodPost && ges.IsUpgradePath(r.Path) && version != "" && strings.Contains(string(r.Body), version) &&
		ges.Guardable(strings.ReplaceAll(string(r.Body), version, cases.VersionPlaceholder)) {
		return cases.Guarded
	}
	return cases.Destructive
}

// leadsElsewhere reports whether a router may normalise an escaped path to another one.
func leadsElsewhere(escapedPath string) bool {
	path := strings.ToLower(escapedPath)
	return strings.ContainsAny(path, `\?#;`) || slices.ContainsFunc([]string{"//", "/.", "%2f", "%2e", "%5c"}, func(s string) bool {
		return strings.Contains(path, s)
	})
}

// graphOf returns the unescaped id of the graph that a path names.
func graphOf(escapedPath string) string {
	id, err := url.PathUnescape(ges.GraphSegment(escapedPath))
	if err != nil {
		return ""
	}
	return id
}
