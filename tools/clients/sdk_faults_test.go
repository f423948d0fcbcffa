package clients

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/invoker/retry"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// troubled returns a stage whose upgrades have a fault.
func troubled(t *testing.T, fault scenario.Fault, timeout time.Duration) *stage {
	t.Helper()
	fault.Match.Operation = "upgradeGraph"
	fake := start(t, fakeserver.WithFault(fault), fakeserver.WithUpgradeTimes(time.Minute))
	f := fake.Fixtures()
	return &stage{newSDKWithTimeout(t, fake, own(f), timeout), fake, f}
}

// expectJobs checks how many jobs the fake has.
func (s stage) expectJobs(t *testing.T, want int) {
	t.Helper()
	if jobs := s.fake.Jobs(10); len(jobs) != want {
		t.Errorf("expected %d jobs, got %v", want, jobs)
	}
}

// expectRequests checks how many requests the fake has answered in total, because the SDK must
// not send an upgrade twice. A request whose client has disconnected counts when the fake
// notices.
func (s stage) expectRequests(t *testing.T, want int) {
	t.Helper()
	changed, stop := s.fake.Watch()
	defer stop()
	for len(s.fake.Journal(0)) < want {
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatalf("expected %d requests, got %v", want, s.fake.Journal(0))
		}
	}
	if got := s.fake.Journal(0); len(got) != want {
		t.Errorf("expected %d requests, got %v", want, got)
	}
}

// TestAnswersOfTheGateway checks how the SDK reports failures of the gateway. It neither retries
// nor returns Retry-After.
func TestAnswersOfTheGateway(t *testing.T) {
	t.Parallel()
	const throttled = "The throttling threshold has been reached: policy user over ratelimit,limit:2,time:1 second"
	for name, test := range map[string]struct {
		answer     scenario.Answer
		code       string
		message    string // a prefix of it
		retryAfter string
	}{
		"429": {
			scenario.Answer{Status: 429, Code: "APIGW.0308", Message: throttled, RetryAfter: new(1500 * time.Millisecond)},
			"APIGW.0308", throttled, "2",
		},
		"429, its usual code": {scenario.Answer{Status: 429, RetryAfter: new(time.Second)}, "APIGW.0308", "", "1"},
		"503":                 {scenario.Answer{Status: 503, Code: "APIGW.0613", RetryAfter: new(time.Minute)}, "APIGW.0613", "", "60"},
		"503, its usual code": {scenario.Answer{Status: 503}, "APIGW.0613", "", ""},
		"500 of the service":  {scenario.Answer{Status: 500, Code: "GES.7006"}, "GES.7006", "", ""},
		"504":                 {scenario.Answer{Status: 504, Message: "Backend timeout"}, "APIGW.0201", "Backend timeout", ""},
		"502, a page":         {scenario.Answer{Status: 502, Page: true}, "", "<html>", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := troubled(t, scenario.Fault{Answer: &test.answer}, time.Minute)
			_, err := s.upgrade(s.GraphID, s.Versions[0])
			refusal := expectRefusal(t, err, test.answer.Status, test.code)
			s.expectRequestID(t, refusal)
			if refusal.ErrorMessage == "" || !strings.HasPrefix(refusal.ErrorMessage, test.message) {
				t.Errorf("expected a message like %q, got %q", test.message, refusal.ErrorMessage)
			}
			if got := s.answered.Get("Retry-After"); got != test.retryAfter {
				t.Errorf("expected Retry-After %q, got %q", test.retryAfter, got)
			}
			s.expectRequests(t, 1)
			s.expectJobs(t, 0)
		})
	}
}

// TestBrokenConnections checks that the SDK reports a broken connection with another type of
// error, and sends an upgrade only once.
func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault scenario.Fault
		jobs  int
	}{
		"reset":                  {scenario.Fault{Break: scenario.Reset}, 0},
		"reset after acceptance": {scenario.Fault{Break: scenario.Reset, After: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := troubled(t, test.fault, time.Minute)
			_, err := s.upgrade(s.GraphID, s.Versions[0])
			var broken *url.Error
			if !errors.As(err, &broken) || broken.Timeout() {
				t.Errorf("expected a *url.Error, got %T: %v", err, err)
			}
			s.expectRequests(t, 1)
			s.expectJobs(t, test.jobs)
		})
	}
}

// TestHang checks that the client's timeout ends a request without an answer.
func TestHang(t *testing.T) {
	t.Parallel()
	s := troubled(t, scenario.Fault{Break: scenario.Hang}, 50*time.Millisecond)
	_, err := s.upgrade(s.GraphID, s.Versions[0])
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("expected a timeout, got %T: %v", err, err)
	}
	s.expectRequests(t, 1)
	s.expectJobs(t, 0)
}

// TestTruncatedAnswers cuts the body of an acceptance and of a refusal. For the refusal, the SDK
// loses the status.
func TestTruncatedAnswers(t *testing.T) {
	t.Parallel()
	t.Run("acceptance", func(t *testing.T) {
		t.Parallel()
		s := troubled(t, scenario.Fault{Break: scenario.Truncate}, time.Minute)
		_, err := s.upgrade(s.GraphID, s.Versions[0])
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("expected %v, got %T: %v", io.ErrUnexpectedEOF, err, err)
		}
		s.expectRequests(t, 1)
		s.expectJobs(t, 1)
	})
	t.Run("refusal", func(t *testing.T) {
		t.Parallel()
		fault := scenario.Fault{Break: scenario.Truncate, Answer: &scenario.Answer{Status: 503}}
		s := troubled(t, fault, time.Minute)
		_, err := s.upgrade(s.GraphID, s.Versions[0])
		refusal := expectRefusal(t, err, 0, "")
		if refusal.ErrorMessage != io.ErrUnexpectedEOF.Error() {
			t.Errorf("expected the message %q, got %q", io.ErrUnexpectedEOF, refusal.ErrorMessage)
		}
	})
}

// TestGone stops the server.
func TestGone(t *testing.T) {
	t.Parallel()
	var s *stage
	t.Run("while it runs", func(t *testing.T) {
		s = newStage(t, scenario.Default())
	})
	_, err := s.ShowGraph2(&model.ShowGraph2Request{GraphId: s.GraphID})
	var refusal *sdkerr.ServiceResponseError
	var gone *url.Error
	if !errors.As(err, &gone) || errors.As(err, &refusal) {
		t.Errorf("expected a *url.Error, got %T: %v", err, err)
	}
}

// TestRetries checks that the SDK retries if it is told to.
func TestRetries(t *testing.T) {
	t.Parallel()
	s := troubled(t, scenario.Fault{Match: scenario.Match{Calls: []int{1, 2}}, Answer: &scenario.Answer{Status: 503}}, time.Minute)
	invoker := s.UpgradeGraph2Invoker(&model.UpgradeGraph2Request{
		GraphId: s.GraphID, Body: &model.UpgradeGraphReq{UpgradeVersion: s.Versions[0]},
	})
	invoker.WithRetry(3, func(_ any, err error) bool {
		var refusal *sdkerr.ServiceResponseError
		return errors.As(err, &refusal) && refusal.StatusCode == http.StatusServiceUnavailable
	}, retry.None{})
	answer, err := invoker.Invoke()
	if err != nil || text(answer.JobId) == "" {
		t.Errorf("expected a job at the third time, got %v, %v", answer, err)
	}
	s.expectRequests(t, 3)
	s.expectJobs(t, 1)
}
