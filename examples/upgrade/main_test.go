package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/gen"
)

// The error must tell how the upgrade ended, and the requests must keep to the contract.
func TestUpgrade(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		version string // "" for one that is later
		job     scenario.Upgrade
		defect  string
		want    []string // in the error; nil for none
	}{
		{name: "succeeds", job: scenario.Upgrade{Takes: 5 * time.Millisecond}},
		{name: "is refused", version: "1.0.0", want: []string{"start the upgrade", "400", "GES.7036"}},
		{name: "fails", job: scenario.Upgrade{Fails: "The new version did not start."}, want: []string{"ended as failed: The new version did not start."}},
		{name: "names no job", defect: "job-id-missing", want: []string{"expected a job_id, got none"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := scenario.Default()
			s.Upgrades = []scenario.Upgrade{tt.job}
			options := []fakeserver.Option{fakeserver.WithScenario(s)}
			if tt.defect != "" {
				defect, err := fakeserver.LookupDefect(tt.defect)
				if err != nil {
					t.Fatal(err)
				}
				options = append(options, fakeserver.WithDefect(defect))
			}
			ges := fakeserver.Start(t, options...)
			f := ges.Fixtures()
			client, err := newClient(ges.URL, f.Token)
			if err != nil {
				t.Fatal(err)
			}
			generated := client.ClientInterface.(*gen.Client)
			sender := generated.Client.(*http.Client)
			sender.Transport = &contract.Transport{Report: func(j contract.Judgement) {
				for _, problem := range j.Request {
					t.Errorf("%s %s: %s", j.Method, j.Path, problem)
				}
			}}
			u := upgrade{project: f.ProjectID, graph: f.GraphID, version: tt.version, interval: time.Millisecond}
			if u.version == "" {
				u.version = f.Versions[0]
			}
			err = u.run(t.Context(), client)
			if (err != nil) != (tt.want != nil) {
				t.Fatalf("expected %q, got %v", tt.want, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("expected %q, got %v", want, err)
				}
			}
		})
	}
}
