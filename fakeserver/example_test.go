package fakeserver_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// A scope takes the place of the *testing.T that a test would use.
type scope struct{ cleanups []func() }

func (*scope) Helper()                   {}
func (s *scope) Cleanup(f func())        { s.cleanups = append(s.cleanups, f) }
func (*scope) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (s *scope) close() {
	for _, f := range s.cleanups {
		f()
	}
}

// upgrade asks a server to upgrade the graph of its fixtures, as a client would.
func upgrade(server *fakeserver.Running, body string) (*http.Response, error) {
	f := server.Fixtures()
	url := server.URL + "/v2/" + f.ProjectID + "/graphs/" + f.GraphID + "/upgrade"
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Auth-Token", f.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := server.Client().Do(request)
	if err != nil {
		return nil, err
	}
	return response, response.Body.Close()
}

func ExampleStart() {
	t := &scope{} // in a test, its *testing.T
	defer t.close()

	server := fakeserver.Start(t)
	response, err := upgrade(server, `{"upgrade_version":"2.2.9"}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(response.Status)
	// Output: 200 OK
}

// A graph is busy for an hour, and its upgrade has to wait. The test does not: it advances
// the clock.
func ExampleServer_Advance() {
	t := &scope{}
	defer t.close()

	busy := scenario.Default()
	busy.Graphs[0].Tasks = []scenario.Task{{Name: "PageRank", Takes: time.Hour}}
	busy.Upgrades = []scenario.Upgrade{{Takes: 20 * time.Minute}}
	server := fakeserver.Start(t, fakeserver.WithScenario(busy))
	if _, err := upgrade(server, `{"upgrade_version":"2.2.9"}`); err != nil {
		fmt.Println(err)
		return
	}
	show := func() { fmt.Println(server.Jobs(1)[0].Status, server.Graphs()[0].Version) }
	show()
	server.Advance(65 * time.Minute)
	show()
	server.Advance(15 * time.Minute)
	show()
	// Output:
	// pending 2.2.8
	// running 2.2.8
	// success 2.2.9
}

// An upgrade fails, and the graph keeps its version.
func ExampleWithScenario() {
	t := &scope{}
	defer t.close()

	failing := scenario.Default()
	failing.Upgrades = []scenario.Upgrade{{Fails: "no space left"}}
	server := fakeserver.Start(t, fakeserver.WithScenario(failing))
	if _, err := upgrade(server, `{"upgrade_version":"2.2.9"}`); err != nil {
		fmt.Println(err)
		return
	}
	job := server.Jobs(1)[0]
	fmt.Println(job.Status, job.Reason, server.Graphs()[0].Version)
	// Output: failed no space left 2.2.8
}

// The answer to the first upgrade is lost, but the upgrade takes place. A client that
// simply tries again is refused.
func ExampleWithFault() {
	t := &scope{}
	defer t.close()

	server := fakeserver.Start(t, fakeserver.WithFault(scenario.Fault{
		Match:  scenario.Match{Operation: "upgradeGraph", Calls: []int{1}},
		After:  true,
		Answer: &scenario.Answer{Status: http.StatusGatewayTimeout},
	}))
	for range 2 {
		response, err := upgrade(server, `{"upgrade_version":"2.2.9"}`)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(response.Status)
	}
	// Output:
	// 504 Gateway Timeout
	// 400 Bad Request
}

// The journal judges a client's requests by the contract.
func ExampleServer_Journal() {
	t := &scope{}
	defer t.close()

	server := fakeserver.Start(t)
	if _, err := upgrade(server, `{"upgrade_version":2.2,"force_upgrade":"yes"}`); err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range server.Journal(0) {
		fmt.Println(x.Operation, x.Status, x.Condition)
		for _, problem := range x.Judgement.Request {
			fmt.Println(problem.Pointer, problem.Message)
		}
	}
	// Output:
	// upgradeGraph 400 scalar-type
	// /upgrade_version expected a string, got a number
	// /force_upgrade expected a boolean, got a string
}

// Answers vary as the contract allows. The seed makes the variations repeatable.
func ExampleWithVariations() {
	t := &scope{}
	defer t.close()

	server := fakeserver.Start(t, fakeserver.WithVariations(7, "charset", "member-order"))
	for range 3 {
		response, err := upgrade(server, `{}`)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(response.Status, response.Header.Get("X-Fake-Variation"))
	}
	// Output:
	// 400 Bad Request seed=7; request=1; member-order
	// 400 Bad Request seed=7; request=2; charset
	// 400 Bad Request seed=7; request=3; member-order
}

// A defect is a violation of the contract that a client may meet: here, a 200 without a
// job_id.
func ExampleWithDefect() {
	t := &scope{}
	defer t.close()

	defect, err := fakeserver.LookupDefect("job-id-missing")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := fakeserver.Start(t, fakeserver.WithDefect(defect))
	if _, err := upgrade(server, `{"upgrade_version":"2.2.9"}`); err != nil {
		fmt.Println(err)
		return
	}
	for _, problem := range server.Journal(0)[0].Judgement.Answer {
		fmt.Println(problem.Message)
	}
	// Output: expected the member "job_id"
}
