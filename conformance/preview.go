package conformance

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gesconform/gesconform/conformance/cases"
	"github.com/gesconform/gesconform/conformance/engine"
	"github.com/gesconform/gesconform/internal/curl"
)

// Preview writes the plan of a run, and each request that it could send as a
// curl line, the cases in the order of their ids. Nothing is sent, so what a run
// reads first stands there in words: <the graph's own version>. Credentials are
// variables.
func Preview(o Options) error {
	s, err := newSuite(o.Contract, o.Config)
	if err != nil {
		return err
	}
	if err := s.prepare(o.Config, engine.Hooks{}); err != nil {
		return err
	}
	defer s.engine.Close()
	var b bytes.Buffer
	fmt.Fprintln(&b, planLine(s.describe(time.Now())))
	for _, k := range s.selected {
		fmt.Fprintf(&b, "\n%s (%s %s)\n", k.ID, k.Level, k.Requirement)
		s.previewCase(&b, k)
	}
	_, err = o.Out.Write(b.Bytes())
	return err
}

// previewCase writes what a case may send, the least dangerous first: a later
// one is sent only if those before it decide nothing.
func (s *suite) previewCase(w io.Writer, k *cases.Case) {
	if k.Observes != "" {
		fmt.Fprintln(w, "  a step of the lifecycle: seen in the upgrades of other cases, or in one of its own")
	}
	for i := range k.Aims {
		aim := &k.Aims[i]
		switch need := s.config.Missing(aim.Needs); {
		case aim.Risk > s.config.Risk:
			fmt.Fprintf(w, "  %s: not sent, the risk is not allowed\n", aim.Risk)
		case need != "":
			fmt.Fprintf(w, "  %s: not sent, --%s is not given\n", aim.Risk, need)
		default:
			fmt.Fprintf(w, "  %s: %s\n", aim.Risk, s.previewRequest(k, aim))
		}
	}
}

// versionWords stand for versions, none of which is known before a run.
var versionWords = map[cases.Version]string{
	cases.AnyVersion: "<any version>", cases.Current: "<the graph's own version>", cases.LaterVersion: "<the next of --upgrade-version>",
	cases.Previous: "<the version before the last upgrade>", cases.OlderPatch: "<own version, last part one less>",
	cases.OlderMinor: "<own version, second part one less>", cases.OlderMajor: "<own version, first part one less>",
	cases.OlderLonger: "<own version, first part one less, the others long>",
	cases.OlderDigits: "<older as numbers, later as a text>", cases.ZeroVersion: "0.0.1",
}

// credentialWords stand for credentials; in the line they are variables.
var credentialWords = map[string]string{
	cases.TokenPlaceholder: "$GESCONFORM_TOKEN", cases.TamperedTokenPlaceholder: "$GESCONFORM_TOKEN_TAMPERED",
	cases.ReadonlyTokenPlaceholder: "$GESCONFORM_READONLY_TOKEN", cases.ExpiredTokenPlaceholder: "$GESCONFORM_EXPIRED_TOKEN",
	cases.DatePlaceholder: "<now>",
}

var credentialVariable = regexp.MustCompile(`\$GESCONFORM_[A-Z_]+`)

func (s *suite) previewRequest(k *cases.Case, aim *cases.Aim) string {
	graphs := map[cases.Graph]string{
		cases.Absent: "absent-graph", cases.Named: s.config.GraphID, cases.StoppedGraph: s.config.StoppedGraphID,
		cases.ForeignGraph: s.config.ForeignGraphID,
	}
	values := map[string]string{
		cases.ProjectPlaceholder: s.config.ProjectID, cases.SimilarProject: "similar-to-" + s.config.ProjectID,
		cases.GraphPlaceholder: graphs[aim.Graph], cases.JobPlaceholder: "absent-job", cases.VersionPlaceholder: versionWords[aim.Version],
	}
	for placeholder, word := range credentialWords {
		values[placeholder] = word
	}
	r := k.Request.Fill(values)
	header := http.Header{}
	for _, h := range r.Headers {
		name, value := http.CanonicalHeaderKey(h.Name), h.Value
		if value == credentialWords[cases.TokenPlaceholder] && !s.config.HasToken() {
			name, value = "Authorization", "<signature of access key "+s.config.AccessKey+">"
		}
		header[name] = append(header[name], value)
	}
	var body []byte
	if r.Body != "" {
		body = []byte(r.Body)
	}
	return curl.Line(&curl.Request{
		Method: r.Method, URL: strings.TrimRight(s.config.Endpoint, "/") + r.Path, Header: header, Body: body,
		Secret: curl.Secret{Pattern: credentialVariable, Variable: func(header, found string) string {
			if header == "" {
				return ""
			}
			return strings.TrimPrefix(found, "$")
		}},
	})
}
