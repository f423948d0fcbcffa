package fakeserver_test

import (
	_ "embed"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// moreOperations are two operations that the shipped contract does not have. The fake
// answers them with 501 unless they are added to the contract.
//
//go:embed testdata/more-operations.yaml
var moreOperations string

// withMore returns the shipped contract with moreOperations.
func withMore(t *testing.T) *contract.Contract {
	t.Helper()
	before, after, found := strings.Cut(string(gesconform.OpenAPI), "\n# What holds for every operation.")
	if !found {
		t.Fatal("expected the place in the contract after the operations")
	}
	document, err := contract.Parse("more.yaml", []byte(before+"\n"+moreOperations+after))
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// Requests for an added operation are refused according to the contract, or else answered
// by the operation's handler.
func TestAddedOperation(t *testing.T) {
	t.Parallel()
	var seen []string
	answer := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			seen = append(seen, r.PathValue("graph_id"))
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, body)
		}
	}
	server := fakeserver.New(
		fakeserver.WithContract(withMore(t)),
		fakeserver.WithOperation("listBackups", answer(`{"backup_count":0}`)),
		fakeserver.WithOperation("showQuotas", answer(`{}`)),
		fakeserver.WithFault(scenario.Fault{Match: scenario.Match{Operation: "showQuotas", Calls: []int{2}}, Answer: &scenario.Answer{Status: 503}}),
	)
	f := server.Fixtures()
	for _, r := range []request{
		{name: "backups", path: "/v2/{p}/graphs/{g}/backups", want: "OK"},
		{name: "no token", path: "/v2/{p}/graphs/{g}/backups", header: header("X-Auth-Token"), want: "Unauthorized APIGW.0301"},
		{name: "unknown graph", path: "/v2/{p}/graphs/none/backups", want: "Not Found GES.0047"},
		{name: "other project's graph", path: "/v2/{p}/graphs/{foreign}/backups", want: "Not Found GES.0047"},
		{name: "quotas", path: "/v2/{p}/graphs/quotas", want: "OK"},
		{name: "quotas, with a fault", path: "/v2/{p}/graphs/quotas", want: "Service Unavailable APIGW.0613"},
		{name: "quotas of another project", path: "/v2/0123456789abcdef/graphs/quotas", want: "Bad Request GES.0016"},
		{name: "a graph, as before", path: "/v2/{p}/graphs/{g}", want: "OK"},
	} {
		r.method = http.MethodGet
		if got := r.send(server, f); outcome(got) != r.want {
			t.Errorf("%s: expected %q, got %q: %s", r.name, r.want, outcome(got), got.Body)
		}
	}
	if want := []string{f.GraphID, ""}; strings.Join(seen, ",") != strings.Join(want, ",") {
		t.Errorf("expected the handlers to see only what is not refused, %q, got %q", want, seen)
	}
	for _, x := range server.Journal(0) {
		if x.Operation == "" || len(x.Judgement.Answer) > 0 {
			t.Errorf("expected an operation, and nothing wrong with the answer, got %q and %v", x.Operation, x.Judgement.Answer)
		}
	}
}

func TestOperationsThatNobodyServes(t *testing.T) {
	t.Parallel()
	server := fakeserver.New(fakeserver.WithContract(withMore(t)))
	got := request{method: http.MethodGet, path: "/v2/{p}/graphs/quotas"}.send(server, server.Fixtures())
	if got.Code != http.StatusNotImplemented || !strings.Contains(got.Body.String(), "it implements upgradeGraph, showGraph, showJob and listJobs") {
		t.Errorf("expected 501 and a list of what is implemented, got %d %s", got.Code, got.Body)
	}
	_, err := fakeserver.Build(fakeserver.WithOperation("listBackup", http.NotFoundHandler()), fakeserver.WithContract(withMore(t)))
	if want := `serve operation "listBackup": expected an operation of the contract, did you mean "listBackups"?`; err == nil || err.Error() != want {
		t.Errorf("expected %q, got %v", want, err)
	}
}
