// Package clients tests the fake over TCP with third-party clients: the official Go SDK,
// gophercloud and the parser of Prometheus. It is a separate module, so that users of
// gesconform do not depend on them.
package clients

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	ges "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// TestMain only allows connections to this machine, so that a test fails if its client tries
// to reach a metadata service or the endpoint of a region.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	http.DefaultTransport = &http.Transport{DialContext: dialLoopback}
	m.Run()
}

func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	if host, _, err := net.SplitHostPort(address); err != nil || !net.ParseIP(host).IsLoopback() {
		return nil, fmt.Errorf("expected a connection to the fake, got one to %s", address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// start starts a fake with a clock that only advances when the test says so.
func start(t *testing.T, options ...fakeserver.Option) *fakeserver.Running {
	t.Helper()
	now := time.Now()
	clock := fakeserver.WithClock(func() time.Time { return now })
	return fakeserver.Start(t, append([]fakeserver.Option{clock}, options...)...)
}

// credentials are the access key with which the SDK signs, and its project.
type credentials struct{ access, secret, securityToken, project string }

// own returns the credentials of the operator in the fixtures.
func own(f fakeserver.Fixtures) credentials {
	return credentials{access: f.AccessKey, secret: f.SecretKey, project: f.ProjectID}
}

// An sdk is a client of the official SDK. It also has the headers of the last answer, which the
// SDK does not return.
type sdk struct {
	*ges.GesClient
	answered *http.Header
}

// A witness records the headers of the last answer.
type witness struct {
	http.RoundTripper
	answered *http.Header
}

// RoundTrip implements http.RoundTripper.
func (w witness) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := w.RoundTripper.RoundTrip(r)
	if err == nil {
		*w.answered = answer.Header
	}
	return answer, err
}

func newSDK(t *testing.T, fake *fakeserver.Running, c credentials) sdk {
	t.Helper()
	return newSDKWithTimeout(t, fake, c, time.Minute)
}

func newSDKWithTimeout(t *testing.T, fake *fakeserver.Running, c credentials, timeout time.Duration) sdk {
	t.Helper()
	signer, err := basic.NewCredentialsBuilder().
		WithAk(c.access).WithSk(c.secret).WithSecurityToken(c.securityToken).WithProjectId(c.project).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: dialLoopback}
	if trusting, ok := fake.Client().Transport.(*http.Transport); ok {
		transport.TLSClientConfig = trusting.TLSClientConfig
	}
	t.Cleanup(transport.CloseIdleConnections)
	answered := &http.Header{}
	hc, err := ges.GesClientBuilder().WithEndpoint(fake.URL).WithCredential(signer).WithHttpConfig(
		config.DefaultHttpConfig().WithTimeout(timeout).WithHttpRoundTripper(witness{transport, answered}).
			WithUserAgent("gesconform"), // otherwise the SDK writes an id into ~/.huaweicloud
	).SafeBuild()
	if err != nil {
		t.Fatal(err)
	}
	return sdk{ges.NewGesClient(hc), answered}
}

func (c sdk) upgrade(graph, version string) (*model.UpgradeGraph2Response, error) {
	return c.UpgradeGraph2(&model.UpgradeGraph2Request{GraphId: graph, Body: &model.UpgradeGraphReq{UpgradeVersion: version}})
}

func (c sdk) forceUpgrade(graph, version string, force bool) (*model.UpgradeGraph2Response, error) {
	body := &model.UpgradeGraphReq{UpgradeVersion: version, ForceUpgrade: &force}
	return c.UpgradeGraph2(&model.UpgradeGraph2Request{GraphId: graph, Body: body})
}

// mustUpgrade upgrades a graph, which must be accepted, and returns the job.
func (c sdk) mustUpgrade(t *testing.T, graph, version string, force bool) string {
	t.Helper()
	answer, err := c.forceUpgrade(graph, version, force)
	if err != nil {
		t.Fatalf("upgrade to %s: expected a job, got %v", version, err)
	}
	if answer.HttpStatusCode != http.StatusOK || text(answer.JobId) == "" {
		t.Fatalf("upgrade to %s: expected status 200 and a job id, got %d and %q", version, answer.HttpStatusCode, text(answer.JobId))
	}
	return *answer.JobId
}

func (c sdk) mustShowJob(t *testing.T, graph, job string) *model.ShowJob2Response {
	t.Helper()
	answer, err := c.ShowJob2(&model.ShowJob2Request{GraphId: graph, JobId: job})
	if err != nil {
		t.Fatalf("show job %s: %v", job, err)
	}
	return answer
}

func (c sdk) mustShowGraph(t *testing.T, graph string) *model.ShowGraphRespGraph {
	t.Helper()
	answer, err := c.ShowGraph2(&model.ShowGraph2Request{GraphId: graph})
	if err != nil {
		t.Fatalf("show graph %s: %v", graph, err)
	}
	if answer.Graph == nil {
		t.Fatalf("show graph %s: expected a graph, got %v", graph, answer)
	}
	return answer.Graph
}

// expectJob checks the status of a job.
func (c sdk) expectJob(t *testing.T, graph, job, status string) *model.ShowJob2Response {
	t.Helper()
	answer := c.mustShowJob(t, graph, job)
	if text(answer.Status) != status {
		t.Errorf("job %s: expected status %q, got %q", job, status, text(answer.Status))
	}
	return answer
}

// expectGraph checks the status and version of a graph.
func (c sdk) expectGraph(t *testing.T, graph, status, version string) {
	t.Helper()
	g := c.mustShowGraph(t, graph)
	if text(g.Status) != status || text(g.DataStoreVersion) != version {
		t.Errorf("graph %s: expected status %s and version %s, got %s and %s",
			graph, status, version, text(g.Status), text(g.DataStoreVersion))
	}
}

// expectRefusal checks the status and code of an error, and returns it.
func expectRefusal(t *testing.T, err error, status int, code string) *sdkerr.ServiceResponseError {
	t.Helper()
	var refusal *sdkerr.ServiceResponseError
	if !errors.As(err, &refusal) {
		t.Fatalf("expected a *sdkerr.ServiceResponseError with %d %s, got %T: %v", status, code, err, err)
	}
	if refusal.StatusCode != status || refusal.ErrorCode != code {
		t.Errorf("expected %d %s, got %d %s: %s", status, code, refusal.StatusCode, refusal.ErrorCode, refusal.ErrorMessage)
	}
	return refusal
}

// expectRequestID checks that a refusal has a request id, like every answer that comes through
// the gateway.
func (c sdk) expectRequestID(t *testing.T, refusal *sdkerr.ServiceResponseError) {
	t.Helper()
	if id := c.answered.Get("X-Request-Id"); refusal.RequestId != id || len(id) != 32 {
		t.Errorf("%s: expected the request id of the header, 32 digits, %q, got %q", refusal.ErrorCode, id, refusal.RequestId)
	}
}

// text returns the value of an optional member, or "".
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// deployment returns a scenario with a project, graphs, and access keys of an operator and a
// reader.
func deployment(graphs ...scenario.Graph) *scenario.Scenario {
	for i := range graphs {
		graphs[i].Project = "cn-north-4"
	}
	return &scenario.Scenario{
		Projects: []scenario.Project{{Name: "cn-north-4"}},
		Users: []scenario.User{
			{Name: "operator", Tokens: []scenario.Token{{Project: "cn-north-4"}}, AccessKeys: []scenario.AccessKey{{}}},
			{Name: "reader", Role: scenario.Reader, AccessKeys: []scenario.AccessKey{{Access: "READER", Secret: "reads"}}},
		},
		Graphs: graphs,
	}
}

// tokenUpgrade upgrades with a token and returns the job. It is for tests whose clock differs
// from the SDK's, so that signatures would be refused.
func tokenUpgrade(t *testing.T, fake *fakeserver.Running, graph, version string) string {
	t.Helper()
	f := fake.Fixtures()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost,
		fake.URL+"/v2/"+f.ProjectID+"/graphs/"+graph+"/upgrade", strings.NewReader(`{"upgrade_version":"`+version+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", f.Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := fake.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var body struct {
		JobID string `json:"job_id"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("expected 200 with a job, got %s (%v)", answer.Status, err)
	}
	return body.JobID
}
