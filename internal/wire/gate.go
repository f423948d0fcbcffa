package wire

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
)

// A gate is the Gate of GES.
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

// Observe implements Gate. What reads show of graphs, the engine says.
func (g *gate) Observe(*cases.Template, *exchange.Exchange) {}

// Admit implements Gate.
func (g *gate) Admit(r *cases.Template) (cases.Risk, error) {
	graph, shown := graphOf(r.Path), Shown(r.Path)
	risk := g.classify(r)
	if g.config.ReadsOnly && (r.Method != http.MethodGet || namesUpgrade(r.Path) || overrides(r)) {
		return risk, fmt.Errorf("not sent: %s %s: only reads are sent", r.Method, shown)
	}
	if deletes(r) && (leadsElsewhere(r.Path) || !ges.IsUpgradePath(r.Path)) {
		return risk, fmt.Errorf("not sent: %s %s: DELETE may destroy the graph", r.Method, r.Path)
	}
	if risk > g.config.Risk {
		return risk, fmt.Errorf("not sent: %s %s: its risk is %s, and --risk is %s", r.Method, shown, risk, g.config.Risk)
	}
	if risk > cases.Inert && g.inertOnly() {
		return risk, fmt.Errorf("not sent: %s %s: its risk is %s, and no read has shown the graph under test", r.Method, r.Path, risk)
	}
	if graph != "" && graph == g.config.ForeignGraphID && r.Method != http.MethodGet && !g.config.ConfirmForeignGraph {
		return risk, fmt.Errorf("not sent: %s %s: the graph belongs to another project; set --confirm-foreign-graph to allow it", r.Method, r.Path)
	}
	if until := g.config.Until; risk > cases.Inert && !until.IsZero() && time.Now().Add(g.config.JobTimeout).After(until) {
		return risk, fmt.Errorf("not sent: %s %s: an upgrade might not end before --until %s", r.Method, shown, until.Format(time.RFC3339))
	}
	return risk, nil
}

func (g *gate) classify(r *cases.Template) cases.Risk {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if reads && !namesUpgrade(r.Path) && !overrides(r) {
		return cases.Inert
	}
	plain := withoutVersion(r.Path)
	if r.Method != http.MethodDelete {
		plain = strings.TrimSuffix(plain, "?"+ges.TokenHeader+"="+PlacedToken) // who reads the token there acts on the same path
		plain = ges.PlainUpgradePath(plain)
	}
	if leadsElsewhere(plain) {
		return cases.Destructive
	}
	graph := graphOf(plain)
	near := g.near(graph)
	if graph != "" && g.isAbsent(graph) && near == "" {
		return cases.Inert
	}
	version, body := g.version(graph), plainBody(r)
	if near != "" && g.isAbsent(graph) {
		version = g.version(near)
	}
	if r.Method == http.MethodPost && ges.IsUpgradePath(r.Path) && version != "" && strings.Contains(body, version) &&
		ges.Guardable(strings.ReplaceAll(body, version, cases.VersionPlaceholder)) {
		return cases.Guarded
	}
	return cases.Destructive
}

// plainBody returns what a server may read in a body, or "" if it may read something else: one that is
// compressed is decoded, and any other coding could say anything.
func plainBody(r *cases.Template) string {
	for _, h := range r.Headers {
		if strings.EqualFold(h.Name, "Content-Encoding") && h.Value != "identity" && h.Value != "gzip" {
			return ""
		}
	}
	body, ok := r.Plain()
	if !ok {
		return ""
	}
	return body
}

// withoutVersion returns a path without a query that is only a version.
func withoutVersion(path string) string {
	if plain, query, _ := strings.Cut(path, "?"); versionQuery.MatchString(query) {
		return plain
	}
	return path
}

// versionQuery matches a query in which no server, however broken, could read the id of a graph. It
// could still read the version, so that a request with one is inert or destructive.
var versionQuery = regexp.MustCompile(`^upgrade_version=[0-9.]{1,64}$`)

// overrides reports whether a header of a request may be read as another method.
func overrides(r *cases.Template) bool {
	return slices.ContainsFunc(r.Headers, func(h cases.Header) bool {
		name := strings.ToLower(h.Name)
		return strings.Contains(name, "method") || strings.Contains(name, "override")
	})
}

// deletes reports whether a request is, or may be read as, a DELETE.
func deletes(r *cases.Template) bool {
	return r.Method == http.MethodDelete || slices.ContainsFunc(r.Headers, func(h cases.Header) bool {
		return overrides(&cases.Template{Headers: []cases.Header{h}}) && strings.Contains(strings.ToUpper(h.Value), http.MethodDelete)
	})
}

// namesUpgrade reports whether a path, however it is spelled, has a segment that a router
// could take for the upgrade.
func namesUpgrade(escapedPath string) bool {
	path, _, _ := strings.Cut(escapedPath, "?")
	for range 8 { // escapes may be escaped
		decoded := escape.ReplaceAllStringFunc(path, func(e string) string {
			b, _ := hex.DecodeString(e[1:]) // it is hexadecimal
			return string(b)
		})
		if decoded == path {
			break
		}
		path = decoded
	}
	return slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(path), func(r rune) bool { return strings.ContainsRune(`/\;?#`, r) }), func(segment string) bool {
		return strings.HasPrefix(strings.Trim(segment, " .\x00"), "upgrade")
	})
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// near returns the graph of this run that an id is so close to that a lenient server could
// take it for that graph, or "".
func (g *gate) near(id string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := append(slices.Sorted(maps.Keys(g.versions)), g.config.GraphID, g.config.StoppedGraphID, g.config.ForeignGraphID)
	a := lettersAndDigits(id)
	for _, graph := range known {
		b := lettersAndDigits(graph)
		if graph == "" || id == graph || b == "" {
			continue
		}
		alike := len(a)-len(b) <= 4 && len(b)-len(a) <= 4 && (strings.HasPrefix(a, b) || a != "" && strings.HasPrefix(b, a) || strings.HasSuffix(a, b))
		if alike || len(b) >= 8 && strings.Contains(a, b) {
			return graph
		}
	}
	return ""
}

// lettersAndDigits returns the letters, in lower case, and the digits of an id or a name: petId, pet_id and Pet-ID
// are petid.
func lettersAndDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
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
