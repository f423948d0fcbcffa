package clients

import (
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// withDefect returns a stage whose fake has a defect.
func withDefect(t *testing.T, name string) *stage {
	t.Helper()
	defect, err := fakeserver.LookupDefect(name)
	if err != nil {
		t.Fatal(err)
	}
	fake := start(t, fakeserver.WithDefect(defect))
	f := fake.Fixtures()
	return &stage{newSDK(t, fake, own(f)), fake, f}
}

// TestWhatTheSDKTakesForASuccess documents how the SDK reports invalid acceptances: any status
// below 400 is a success, and a missing job id is a nil pointer.
func TestWhatTheSDKTakesForASuccess(t *testing.T) {
	t.Parallel()
	const none, some = false, true
	for name, test := range map[string]struct {
		status int
		job    bool
	}{
		"job-id-missing":            {200, none},
		"job-id-null":               {200, none},
		"job-id-camel-case":         {200, none},
		"job-id-wrapped":            {200, none},
		"job-id-empty":              {200, some}, // a pointer to ""
		"accepted-empty-body":       {200, none},
		"accepted-null-body":        {200, none},
		"accepted-error-body":       {200, none}, // the error is invisible
		"accepted-text-plain":       {200, some},
		"accepted-no-content-type":  {200, some},
		"accepted-duplicate-member": {200, some}, // the last one counts
		"accepted-invalid-utf8":     {200, some},
		"accepted-trailing-garbage": {200, some},
		"accepted-202":              {202, some},
		"accepted-204":              {204, none},
		"accepted-302":              {302, none}, // not followed
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withDefect(t, name)
			answer, err := s.upgrade(s.GraphID, s.Versions[0])
			if err != nil {
				t.Fatalf("expected what the SDK takes for a success, got %v", err)
			}
			if answer.HttpStatusCode != test.status || (answer.JobId != nil) != test.job {
				t.Errorf("expected status %d, a job id: %t, got %d, %v", test.status, test.job, answer.HttpStatusCode, answer)
			}
		})
	}
}

// TestRefusalsThatTheSDKTakesForASuccess documents that the SDK reports a refusal with a status
// below 400 as a success.
func TestRefusalsThatTheSDKTakesForASuccess(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"error-200": 200, "error-302": 302} {
		s := withDefect(t, name)
		answer, err := s.upgrade(s.GraphID, fakeserver.DefaultVersion)
		if err != nil || answer.HttpStatusCode != status || answer.JobId != nil {
			t.Errorf("%s: expected a success without a job, got %v, %v", name, answer, err)
		}
	}
}

// TestWhatTheSDKCannotRead documents what the caller gets if the SDK cannot parse the body: for
// an acceptance an error with the status 200, for a refusal an error without a code whose
// message is the body.
func TestWhatTheSDKCannotRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		lawful  bool // whether the upgrade is valid
		status  int
		code    string
		message string // a part of the error's message
	}{
		"job-id-number":          {true, 200, "", "JobId"},
		"job-id-array":           {true, 200, "", "JobId"},
		"accepted-array-body":    {true, 200, "", "expect {"},
		"accepted-broken-json":   {true, 200, "", ""},
		"accepted-html-page":     {true, 200, "", ""},
		"error-code-missing":     {false, 400, "", `{"error_msg":`},
		"error-code-null":        {false, 400, "", `"error_code":null`},
		"error-code-number":      {false, 400, "", `"error_code":7016`},
		"error-msg-missing":      {false, 400, "", `{"error_code":"GES.7036"}`},
		"error-msg-empty":        {false, 400, "", `"error_msg":""`},
		"error-camel-case":       {false, 400, "", `"errorCode":"GES.7036"`},
		"error-empty-body":       {false, 400, "", ""},
		"error-array-body":       {false, 400, "", "[]"},
		"error-html-page":        {false, 400, "", "<html>"},
		"error-wrapped":          {false, 400, "GES.7036", "The target version"}, // read anyway
		"error-text-plain-type":  {false, 400, "GES.7036", "The target version"}, // read anyway, too
		"error-duplicate-member": {false, 400, "GES.7036", "The target version"},
		"error-code-sentence":    {false, 400, "InvalidParameter", "The target version"},
		"error-code-lower-case":  {false, 400, "ges.7016", "The target version"},
		"error-500":              {false, 500, "GES.7036", "The target version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := withDefect(t, name)
			version := fakeserver.DefaultVersion
			if test.lawful {
				version = s.Versions[0]
			}
			_, err := s.upgrade(s.GraphID, version)
			refusal := expectRefusal(t, err, test.status, test.code)
			if !strings.Contains(refusal.ErrorMessage, test.message) {
				t.Errorf("expected a message with %q, got %q", test.message, refusal.ErrorMessage)
			}
		})
	}
}

// TestTokensInTheSDK documents that the SDK does not support tokens: AddHeaders sends a token in
// addition to the signature, and with the caller's own Authorization header there is no
// signature, but no project in the path either.
func TestTokensInTheSDK(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario.Default())
	upgrade := func(headers map[string]string) error {
		invoker := s.UpgradeGraph2Invoker(&model.UpgradeGraph2Request{
			GraphId: s.GraphID, Body: &model.UpgradeGraphReq{UpgradeVersion: s.Versions[0]},
		})
		invoker.AddHeaders(headers)
		return second(invoker.Invoke())
	}
	if err := upgrade(map[string]string{"X-Auth-Token": s.Token}); err != nil {
		t.Errorf("token and signature: expected a job, got %v", err)
	}
	err := upgrade(map[string]string{"X-Auth-Token": s.Token, "Authorization": ""})
	expectRefusal(t, err, 400, "GES.0001")
	journal := s.fake.Journal(0)
	if last := journal[len(journal)-1]; !strings.Contains(last.URL, "/v2/%7Bproject_id%7D/graphs/") {
		t.Errorf("expected the path without a project, got %s", last.URL)
	}
}
