package run

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/curl"
	"github.com/gesconform/gesconform/internal/engine"
)

// Preview writes the plan of a run, and each request that it could send as a
// curl line, the cases in the order of their ids; and plan.json, if an output
// folder is given. Nothing is sent, so what a run reads first stands there in
// words: <the graph's own version>. Credentials are variables.
func Preview(o Options) error {
	s, err := newSession(o.Contract, o.Config)
	if err != nil {
		return err
	}
	s.reviewed, s.shard = o.Plan, o.Shard
	if err := s.prepare(o.Config, engine.Hooks{}); err != nil {
		return err
	}
	defer s.engine.Close()
	plan := s.plan()
	if s.config.Output != "" {
		if _, err := plan.write(s.config.Output); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, planLine(s.describe(time.Now())))
	for i := range plan.Cases {
		previewCase(&b, &plan.Cases[i])
	}
	_, err = o.Out.Write(b.Bytes())
	return err
}

// previewCase writes what a case may send.
func previewCase(w io.Writer, k *PlanCase) {
	fmt.Fprintf(w, "\n%s (%s %s)\n", k.ID, k.Level, k.Requirement)
	if k.Supports {
		fmt.Fprintln(w, "  was not selected; goes before what is dangerous, or carries what others look at")
	}
	if k.Observes != "" {
		fmt.Fprintln(w, "  a step of the lifecycle: seen in the upgrades of other cases, or in one of its own")
	}
	for _, aim := range k.Aims {
		if aim.Request == nil {
			fmt.Fprintf(w, "  %s: not sent, %s\n", aim.Risk, aim.NotSent)
		} else {
			fmt.Fprintf(w, "  %s: %s\n", aim.Risk, aim.Request.curl())
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

// planRequest is the request of a case at an aim, as far as it is known before a
// run.
func (s *session) planRequest(k *cases.Case, aim *cases.Aim) PlanRequest {
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
	for i, h := range r.Headers {
		if h.Value == credentialWords[cases.TokenPlaceholder] && !s.config.HasToken() {
			r.Headers[i] = cases.Header{Name: "Authorization", Value: "<signature of the access key>"}
		}
	}
	return PlanRequest{Method: r.Method, URL: strings.TrimRight(s.config.Endpoint, "/") + r.Path, Headers: r.Headers, Body: r.Body}
}

// curl is the request as a line for a shell.
func (r *PlanRequest) curl() string {
	header := http.Header{}
	for _, h := range r.Headers {
		name := http.CanonicalHeaderKey(h.Name)
		header[name] = append(header[name], h.Value)
	}
	var body []byte
	if r.Body != "" {
		body = []byte(r.Body)
	}
	return curl.Line(&curl.Request{
		Method: r.Method, URL: r.URL, Header: header, Body: body,
		Secret: curl.Secret{Pattern: credentialVariable, Variable: func(header, found string) string {
			if header == "" {
				return ""
			}
			return strings.TrimPrefix(found, "$")
		}},
	})
}
