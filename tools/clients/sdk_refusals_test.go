package clients

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// A stage is a fake and an SDK client with the operator's credentials.
type stage struct {
	sdk
	fake *fakeserver.Running
	fakeserver.Fixtures
}

func (s stage) as(t *testing.T, c credentials) sdk {
	t.Helper()
	return newSDK(t, s.fake, c)
}

// second returns its second argument: the error of a call whose result does not matter.
func second[T any](_ T, err error) error { return err }

const unknownID = "00000000-0000-4000-8000-000000000000"

// A refused is a call that is refused, with the expected error.
type refused struct {
	status int
	code   string
	act    func(*testing.T, *stage) error
}

// upgradeTo upgrades the graph in the fixtures to a version.
func upgradeTo(version string) func(*testing.T, *stage) error {
	return func(_ *testing.T, s *stage) error { return second(s.upgrade(s.GraphID, version)) }
}

var refusals = map[string]refused{
	"unknown graph, upgraded": {404, "GES.0047", func(_ *testing.T, s *stage) error {
		return second(s.upgrade(unknownID, s.Versions[0]))
	}},
	"unknown graph, shown": {404, "GES.0047", func(_ *testing.T, s *stage) error {
		return second(s.ShowGraph2(&model.ShowGraph2Request{GraphId: unknownID}))
	}},
	"unknown graph, its job": {404, "GES.0047", func(_ *testing.T, s *stage) error {
		return second(s.ShowJob2(&model.ShowJob2Request{GraphId: unknownID, JobId: "1"}))
	}},
	"foreign graph, upgraded": {404, "GES.0047", func(_ *testing.T, s *stage) error {
		return second(s.upgrade(s.ForeignGraphID, s.Versions[0]))
	}},
	"foreign graph, shown": {404, "GES.0047", func(_ *testing.T, s *stage) error {
		return second(s.ShowGraph2(&model.ShowGraph2Request{GraphId: s.ForeignGraphID}))
	}},
	"other project, upgraded": {400, "GES.0016", func(t *testing.T, s *stage) error {
		return second(s.as(t, s.elsewhere()).upgrade(s.GraphID, s.Versions[0]))
	}},
	"other project, listed": {400, "GES.0016", func(t *testing.T, s *stage) error {
		return second(s.as(t, s.elsewhere()).ListGraphs2(&model.ListGraphs2Request{}))
	}},
	"other project, its jobs": {400, "GES.0016", func(t *testing.T, s *stage) error {
		return second(s.as(t, s.elsewhere()).ListJobs2(&model.ListJobs2Request{}))
	}},
	"stopped graph": {400, "GES.7003", func(_ *testing.T, s *stage) error {
		return second(s.upgrade(s.StoppedGraphID, s.Versions[0]))
	}},
	"upgrade under way": {400, "GES.7001", func(t *testing.T, s *stage) error {
		s.mustUpgrade(t, s.GraphID, s.Versions[0], false)
		return second(s.upgrade(s.GraphID, s.Versions[1]))
	}},
	"upgrade under way, forced": {400, "GES.7001", func(t *testing.T, s *stage) error {
		s.mustUpgrade(t, s.GraphID, s.Versions[0], false)
		return second(s.forceUpgrade(s.GraphID, s.Versions[1], true))
	}},
	"earlier version":    {400, "GES.7036", upgradeTo("2.2.7")},
	"earlier by numbers": {400, "GES.7036", upgradeTo("2.1.99")},
	"equal version":      {400, "GES.7036", upgradeTo(fakeserver.DefaultVersion)},
	"malformed version":  {400, "GES.0001", upgradeTo("the latest")},
	"version in words":   {400, "GES.0001", upgradeTo("2.2.8-beta")},
	"empty version":      {400, "GES.7050", upgradeTo("")},
	"version not offered": {400, "GES.0001", func(t *testing.T, s *stage) error {
		scenario := deployment(scenario.Graph{Name: "ges_demo"})
		scenario.Versions = []string{"2.2.9", "2.4.4"}
		other := newStage(t, scenario)
		*s.answered = http.Header{}
		return second(other.upgrade(other.GraphID, "2.2.10"))
	}},
	"missing body": {400, "GES.7016", func(_ *testing.T, s *stage) error {
		return second(s.UpgradeGraph2(&model.UpgradeGraph2Request{GraphId: s.GraphID}))
	}},
	"graph id left out": {404, "APIGW.0101", func(_ *testing.T, s *stage) error {
		return second(s.upgrade("", s.Versions[0]))
	}},
	"graph id with a slash": {404, "APIGW.0101", func(_ *testing.T, s *stage) error {
		return second(s.upgrade("a/b", s.Versions[0])) // the SDK does not escape it
	}},
	"graph id with a space": {400, "GES.0001", func(_ *testing.T, s *stage) error {
		return second(s.upgrade("a b+c", s.Versions[0]))
	}},
	"unknown job": {400, "GES.7007", func(_ *testing.T, s *stage) error {
		return second(s.ShowJob2(&model.ShowJob2Request{GraphId: s.GraphID, JobId: unknownID + "000168232"}))
	}},
	"job of another graph": {400, "GES.7007", func(t *testing.T, s *stage) error {
		job := s.mustUpgrade(t, s.GraphID, s.Versions[0], false)
		return second(s.ShowJob2(&model.ShowJob2Request{GraphId: s.StoppedGraphID, JobId: job}))
	}},
}

// TestRefusals checks that the SDK reports every documented refusal with its status and code.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range refusals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario.Default())
			refusal := expectRefusal(t, test.act(t, s), test.status, test.code)
			if refusal.ErrorMessage == "" {
				t.Error("expected a message, got none")
			}
			if s.answered.Get("Date") != "" { // empty if another client sent the request
				s.expectRequestID(t, refusal)
			}
		})
	}
}

func newStage(t *testing.T, sc *scenario.Scenario, options ...fakeserver.Option) *stage {
	t.Helper()
	fake := start(t, append([]fakeserver.Option{fakeserver.WithScenario(sc), fakeserver.WithUpgradeTimes(time.Minute)}, options...)...)
	f := fake.Fixtures()
	return &stage{newSDK(t, fake, own(f)), fake, f}
}

// elsewhere returns the operator's credentials with a project that they do not belong to.
func (s stage) elsewhere() credentials {
	c := own(s.Fixtures)
	c.project = strings.Repeat("0", 32)
	return c
}

// TestEveryState checks that an upgrade is refused in every state except running, with the code
// for the state, and that the graph is shown in that state.
func TestEveryState(t *testing.T) {
	t.Parallel()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	var graphs []scenario.Graph
	for i, state := range document.GraphStates() {
		graphs = append(graphs, scenario.Graph{
			Name: "ges_" + state.Name, ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i), Status: state.Name,
		})
	}
	s := newStage(t, deployment(graphs...))
	for i, state := range document.GraphStates() {
		status, code := http.StatusBadRequest, state.Code
		if state.Name == "deleted" {
			status = http.StatusNotFound
		}
		_, err := s.upgrade(graphs[i].ID, s.Versions[0])
		if state.Name == "running" {
			if err != nil {
				t.Errorf("running: expected an upgrade, got %v", err)
			}
			continue
		}
		t.Log(state.Name)
		s.expectRequestID(t, expectRefusal(t, err, status, code))
		if state.Name == "deleted" {
			_, err := s.ShowGraph2(&model.ShowGraph2Request{GraphId: graphs[i].ID})
			expectRefusal(t, err, status, code)
			continue
		}
		s.expectGraph(t, graphs[i].ID, state.Status, fakeserver.DefaultVersion)
	}
}

// TestReaderMayNotUpgrade checks the refusal of a read-only access key.
func TestReaderMayNotUpgrade(t *testing.T) {
	t.Parallel()
	s := newStage(t, deployment(scenario.Graph{Name: "ges_demo"}))
	reader := s.as(t, credentials{access: "READER", secret: "reads", project: s.ProjectID})
	reader.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion)
	_, err := reader.upgrade(s.GraphID, s.Versions[0])
	reader.expectRequestID(t, expectRefusal(t, err, http.StatusForbidden, "GES.7041"))
	reader.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion)
}

// TestBadSignatures checks that the gateway refuses bad signatures, with a request id and the
// documented message.
func TestBadSignatures(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario.Default())
	show := func(c sdk, message string) {
		t.Helper()
		_, err := c.ShowGraph2(&model.ShowGraph2Request{GraphId: s.GraphID})
		refusal := expectRefusal(t, err, http.StatusUnauthorized, "APIGW.0301")
		c.expectRequestID(t, refusal)
		if full := "Incorrect IAM authentication information: " + message; !strings.HasPrefix(refusal.ErrorMessage, full) {
			t.Errorf("expected a message like %q, got %q", full, refusal.ErrorMessage)
		}
	}
	show(s.as(t, credentials{access: "NOBODY", secret: "any", project: s.ProjectID}), "ak NOBODY not exist")

	wrong := own(s.Fixtures)
	wrong.secret = "guessed"
	for range 4 {
		show(s.as(t, wrong), "verify aksk signature fail, canonicalRequest:GET|/v2/"+s.ProjectID)
	}
	s.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion) // a success resets the count of bad signatures
	for range 5 {
		show(s.as(t, wrong), "verify aksk signature fail, canonicalRequest:GET|/v2/"+s.ProjectID)
	}
	const locked = "AK access failed to reach the limit,forbidden."
	show(s.sdk, locked)
	s.fake.Advance(5*time.Minute - time.Second)
	show(s.sdk, locked)
	s.fake.Advance(time.Second)
	s.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion)
}

// TestClockSkew checks that a signature more than 15 minutes old is refused. The margins are
// needed because the SDK signs whole seconds of a running clock.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for ahead, refused := range map[time.Duration]bool{14 * time.Minute: false, 16 * time.Minute: true, -16 * time.Minute: true} {
		s := newStage(t, scenario.Default(), fakeserver.WithClock(func() time.Time { return time.Now().Add(ahead) }))
		if !refused {
			s.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion)
			continue
		}
		_, err := s.upgrade(s.GraphID, s.Versions[0])
		s.expectRequestID(t, expectRefusal(t, err, http.StatusUnauthorized, "APIGW.0301"))
	}
}

// TestAdvanceIsNoSkew checks that advancing the fake's clock, to see an upgrade end, does not
// invalidate the signatures of clients, whose clocks are unchanged.
func TestAdvanceIsNoSkew(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario.Default())
	s.fake.Advance(5 * time.Hour)
	s.expectGraph(t, s.GraphID, "200", fakeserver.DefaultVersion)
}
