// Package cases derives from a contract the requests that probe its rules. It
// sends nothing and judges nothing; what it derives is data.
package cases

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
)

// A Case is one rule, probed by a request that breaks it (or, for an
// acceptance, keeps all of them). Just one of Condition, Accepts and Observes
// names the rule.
type Case struct {
	ID          string         `json:"id"`
	Operation   string         `json:"operation"`
	Subject     string         `json:"subject"` // the part of the request that it is about
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Condition   string         `json:"condition,omitempty"` // the one under test, which is refused
	Accepts     string         `json:"accepts,omitempty"`   // the valid variation under test
	Observes    string         `json:"observes,omitempty"`  // the step of the lifecycle under test
	// Front is set where what stands in front of the service may answer, so that
	// the operation's schemas do not bind the answer.
	Front bool `json:"front,omitempty"`
	// Probes are the rules that the request breaks or keeps so that they are put
	// to the test; a step of the lifecycle may have none.
	Probes  []Probe  `json:"probes,omitempty"`
	Request Template `json:"request"`
	Aims    []Aim    `json:"aims"` // the least dangerous first
	Labels  []string `json:"labels"`
}

// A Template is a request with placeholders such as ${graph}.
type Template struct {
	Method  string   `json:"method"`
	Path    string   `json:"path"` // escaped
	Headers []Header `json:"headers,omitempty"`
	Body    Text     `json:"body,omitempty"`
}

// A Header is one field; the same name may stand twice.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Text is a body, which need not be UTF-8; in JSON it is a string where it is
// UTF-8, and {"base64": …} where it is not.
type Text string

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) {
	if !utf8.ValidString(string(t)) {
		return json.Marshal(encodedText{[]byte(t)})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(string(t))
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		var encoded encodedText
		err := json.Unmarshal(data, &encoded)
		*t = Text(encoded.Base64)
		return err
	}
	return json.Unmarshal(data, (*string)(t))
}

type encodedText struct {
	Base64 []byte `json:"base64"`
}

// The placeholders of a template.
const (
	ProjectPlaceholder       = "${project}"
	SimilarProject           = "${similar_project}" // the project's id, the last character changed
	GraphPlaceholder         = "${graph}"
	JobPlaceholder           = "${job}"
	VersionPlaceholder       = "${version}"
	TokenPlaceholder         = "${token}"
	TamperedTokenPlaceholder = "${tampered_token}"
	ReadonlyTokenPlaceholder = "${readonly_token}"
	ExpiredTokenPlaceholder  = "${expired_token}"
	DatePlaceholder          = "${date}" // now, as X-Sdk-Date writes it
)

// Risk is what a request could do to a real graph.
type Risk int

// The risks.
const (
	Inert       Risk = iota // no server, however broken, could act on a graph that exists
	Guarded                 // the graph is named, with its own version and without force
	Destructive             // an upgrade could start
)

var riskNames = []string{"inert", "guarded", "destructive"}

// String returns the risk's name.
func (r Risk) String() string { return riskNames[r] }

// MarshalText implements encoding.TextMarshaler.
func (r Risk) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Risk) UnmarshalText(text []byte) error {
	parsed, ok := ParseRisk(string(text))
	if !ok {
		return fmt.Errorf("expected inert, guarded or destructive, got %q", text)
	}
	*r = parsed
	return nil
}

// ParseRisk reads a risk's name.
func ParseRisk(name string) (Risk, bool) {
	for i, n := range riskNames {
		if n == name {
			return Risk(i), true
		}
	}
	return 0, false
}

// An Aim is where a case's request goes, and what it breaks there.
type Aim struct {
	Name    string  `json:"name"`
	Graph   Graph   `json:"graph"`
	Version Version `json:"version,omitempty"`
	Risk    Risk    `json:"risk"`
	// Conditions are all that the request breaks at this aim, in the order in
	// which the operation names them. Where one is judged before all others, it
	// stands alone.
	Conditions []string `json:"conditions,omitempty"`
	// Needs names the fixtures that the aim cannot do without, as flags of the
	// command are named.
	Needs []string `json:"needs,omitempty"`
}

// Graph is which graph a request names.
type Graph string

// The graphs.
const (
	Absent       Graph = "absent"  // one that a read of the same run has shown not to exist
	Named        Graph = "named"   // the one that the user named
	StoppedGraph Graph = "stopped" // a fixture
	ForeignGraph Graph = "foreign" // another project's, a fixture
	Literal      Graph = "literal" // the one that stands in the path; absent, too
)

// Version is which version a request asks for.
type Version string

// The versions.
const (
	AnyVersion   Version = "any"          // one is written, and it does not matter which
	Current      Version = "current"      // the graph's own
	LaterVersion Version = "later"        // the first of those on offer that is later
	OlderPatch   Version = "older-patch"  // the graph's own, the last part one less
	OlderMinor   Version = "older-minor"  // likewise the second part
	OlderMajor   Version = "older-major"  // likewise the first part
	OlderLonger  Version = "older-longer" // the first part one less, the others long
	OlderDigits  Version = "older-digits" // earlier as numbers, later as a string
	Previous     Version = "previous"     // the one before the last upgrade of this run
	ZeroVersion  Version = "older-zero"   // 0.0.1
)

// HasVersion reports whether the request carries a version to be filled in.
func (t *Template) HasVersion() bool { return strings.Contains(string(t.Body), VersionPlaceholder) }

// Fill replaces the placeholders. Values that go into the path must have been
// escaped.
func (t *Template) Fill(values map[string]string) Template {
	filled := Template{Method: t.Method, Path: expand(t.Path, values), Body: Text(expand(string(t.Body), values))}
	for _, h := range t.Headers {
		filled.Headers = append(filled.Headers, Header{h.Name, expand(h.Value, values)})
	}
	return filled
}

// expand replaces what is a key of values, such as ${graph}. A strings.Replacer
// would have to be made anew for each request, which takes longer than all else.
func expand(s string, values map[string]string) string {
	if !strings.Contains(s, "${") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		if value, known := values[s[len(before):min(len(before)+len(name)+3, len(s))]]; known {
			b.WriteString(value)
			s = after
		} else {
			b.WriteString("${")
			s = rest
		}
	}
}

// with returns a copy whose header has the value; an empty name of a header
// that is there removes it.
func (t Template) with(name, value string) Template {
	t = t.without(name)
	t.Headers = append(t.Headers, Header{name, value})
	return t
}

func (t Template) without(name string) Template {
	var kept []Header
	for _, h := range t.Headers {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	t.Headers = kept
	return t
}

func (t Template) withBody(body string) Template {
	t.Body = Text(body)
	return t
}

func (t Template) replacePath(old, value string) Template {
	t.Path = strings.Replace(t.Path, old, value, 1)
	return t
}
