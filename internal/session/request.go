package session

import (
	"cmp"
	"strings"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/plan"
)

// versionWords describe versions, which are not known before a run.
var versionWords = map[cases.Version]string{
	cases.AnyVersion: "<any version>", cases.CurrentVersion: "<the graph's own version>", cases.LaterVersion: "<the next of --upgrade-version>",
	cases.PreviousVersion: "<the version before the last upgrade>", cases.OlderPatch: "<own version, last part one less>",
	cases.OlderMinor: "<own version, second part one less>", cases.OlderMajor: "<own version, first part one less>",
	cases.OlderLonger: "<own version, first part one less, the others long>",
	cases.OlderDigits: "<older as numbers, later as a text>", cases.ZeroVersion: "0.0.1",
	cases.OlderFewer: "<own version without its last part>", cases.OlderMore: "<own version, last part one less>.9",
	cases.OlderWidePart: "<own version, last part but one one less, the last 999999999>",
	cases.OlderWide:     "<own version, first part one less, the others 999999999>",
	cases.EqualMore:     "<the graph's own version>.0", cases.EqualPadded: "<own version, a 0 before the last part>",
	cases.EqualPadFirst: "0<the graph's own version>",
}

// credentialWords replace credentials; a curl command has them as variables.
var credentialWords = map[string]string{
	cases.TokenPlaceholder: "$GESCONFORM_TOKEN", cases.TamperedTokenPlaceholder: "$GESCONFORM_TOKEN_TAMPERED",
	cases.ReadonlyTokenPlaceholder: "$GESCONFORM_READONLY_TOKEN", cases.ExpiredTokenPlaceholder: "$GESCONFORM_EXPIRED_TOKEN",
	cases.DatePlaceholder: "<now>", cases.PlacedTokenPlaceholder: "$GESCONFORM_TOKEN",
	cases.OtherCaseTokenPlaceholder: "$GESCONFORM_TOKEN_OTHER_CASE", cases.LongerTokenPlaceholder: "$GESCONFORM_TOKEN_LONGER",
	cases.ShorterTokenPlaceholder: "$GESCONFORM_TOKEN_SHORTER",
}

// planRequest returns the request of a case at an aim, as far as it is known before a run.
func (s *Session) planRequest(k *cases.Case, aim *cases.Aim) plan.Request {
	graphs := map[cases.Graph]string{
		cases.AbsentGraph: cmp.Or(s.config.AbsentGraphID, "absent-graph"), cases.NamedGraph: s.config.GraphID, cases.StoppedGraph: s.config.StoppedGraphID,
		cases.ForeignGraph: s.config.ForeignGraphID, cases.NearGraph: s.config.GraphID,
	}
	values := map[string]string{
		cases.ProjectPlaceholder: s.config.ProjectID, cases.SimilarProjectPlaceholder: "similar-to-" + s.config.ProjectID,
		cases.GraphPlaceholder: graphs[aim.Graph], cases.JobPlaceholder: "absent-job",
		cases.LongerProjectPlaceholder: "longer-than-" + s.config.ProjectID, cases.ShorterProjectPlaceholder: "shorter-than-" + s.config.ProjectID,
		cases.ShorterGraphPlaceholder: "shorter-than-" + s.config.GraphID, cases.UpperGraphPlaceholder: strings.ToUpper(s.config.GraphID),
		cases.RealJobPlaceholder: "job-of-the-graph", cases.ShorterJobPlaceholder: "shorter-than-job-of-the-graph",
	}
	for placeholder, value := range cases.VersionValues(versionWords[aim.Version], "<an older version>") {
		values[placeholder] = value
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
	if r.Chunked {
		r.Headers = append(r.Headers, cases.Header{Name: "Transfer-Encoding", Value: "chunked"})
	}
	return plan.Request{Method: r.Method, URL: strings.TrimRight(s.config.Endpoint, "/") + r.Path, Headers: r.Headers, Body: r.Body}
}
