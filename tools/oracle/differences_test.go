package oracle

import (
	"strings"
	"testing"
)

// Where the two validators differ, and why contract is right. The test fails for a row in which
// they agree: move it to requests or answers.

var requestDifferences = []struct {
	requestCase
	why string
}{
	{requestCase{"member doubled", post(`{"upgrade_version":"1.1.7","upgrade_version":"1.1.8"}`), false},
		"RFC 8259, section 4: names should be unique; the other one sees a map, in which they are"},
	{requestCase{"not UTF-8", post(`{"upgrade_version":"1.1.8","a":"` + "\xff" + `"}`), false},
		"RFC 8259, section 8.1: JSON is UTF-8; the other one's decoder puts U+FFFD in its place"},
	{requestCase{"101 lists in one another", post(`{"upgrade_version":"1.1.8","a":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + `}`), false},
		"RFC 8259, section 9, lets a parser set a limit; the contract says that a service may"},
	{requestCase{"letter case of what is optional", post(`{"upgrade_version":"1.1.8","FORCE_UPGRADE":true}`), false},
		"no schema forbids it; the contract advises against taking it for force_upgrade"},
	{requestCase{"malformed signature", request{"POST", upgradePath, js, goodBody, []string{"Authorization", "x"}}, false},
		"x-pattern is an extension of ours"},
	{requestCase{"token twice", request{"POST", upgradePath, js, goodBody, []string{"X-Auth-Token", "a", "X-Auth-Token", "b"}}, false},
		"which of them counts is nobody's to guess"},
	{requestCase{"escaped letter", request{"POST", "/v2/p/graphs/g/%75pgrade", js, goodBody, token}, true},
		"RFC 3986, section 6.2.2.2: %75 is u"},
	{requestCase{"repeated slash", request{"POST", "//v2/p/graphs/g/upgrade", js, goodBody, token}, false},
		"an empty segment is a segment"},
	{requestCase{"slash at the end", request{"POST", upgradePath + "/", js, goodBody, token}, false},
		"likewise"},
}

var answerDifferences = []struct {
	answerCase
	why string
}{
	{answerCase{"null", "POST", upgradePath, 200, js, `null`, false}, "null is no object, and carries no job_id"},
	{answerCase{"nothing", "POST", upgradePath, 200, js, ``, false}, "an answer of type application/json is JSON; the other one passes over an empty body"},
	{answerCase{"member doubled", "POST", upgradePath, 200, js, `{"job_id":"1","job_id":"2"}`, false}, "which of them is the job is nobody's to guess"},
	{answerCase{"not UTF-8", "POST", upgradePath, 200, js, `{"job_id":"` + "\xff" + `"}`, false}, "RFC 8259, section 8.1"},
	{answerCase{"202", "POST", upgradePath, 202, js, refusal, false}, "`default` documents refusals; a success that is not documented is none (decision 8)"},
	{answerCase{"stack trace", "POST", upgradePath, 500, js, `{"error_code":"GES.8011","error_msg":"x\n\tat com.example.Graph.upgrade(Graph.java:42)"}`, false}, "no schema sees it; answer.no-stack-trace does"},
}

func TestRequestDifferences(t *testing.T) {
	c, v := load(t), other(t)
	for _, test := range requestDifferences {
		t.Run(test.name, func(t *testing.T) {
			ours, problems := test.ours(c)
			theirs, reasons := askAboutRequest(t, v, test.request)
			if ours != test.valid {
				t.Errorf("want %v (%s), we say %v: %v", test.valid, test.why, ours, problems)
			}
			if theirs == test.valid {
				t.Errorf("no difference by now: they say %v, too: %v", theirs, reasons)
			}
		})
	}
}

func TestAnswerDifferences(t *testing.T) {
	c, v := load(t), other(t)
	for _, test := range answerDifferences {
		t.Run(test.name, func(t *testing.T) {
			ours, problems := test.ours(t, c)
			theirs, reasons := test.theirs(t, v)
			if ours != test.valid {
				t.Errorf("want %v (%s), we say %v: %v", test.valid, test.why, ours, problems)
			}
			if theirs == test.valid {
				t.Errorf("no difference by now: they say %v, too: %v", theirs, reasons)
			}
		})
	}
}
