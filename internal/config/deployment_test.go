package config_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/conformancetest"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// A Deployment gives the same configuration as the corresponding flags.
func TestDeployment(t *testing.T) {
	t.Parallel()
	d := config.Deployment{
		URL: "http://127.0.0.1:1", ProjectID: "p", GraphID: "g", Token: "t", ReadonlyToken: "r", ExpiredToken: "e",
		StoppedGraphID: "s", ForeignGraphID: "f", UpgradeVersions: []string{"2.2.9", "2.2.10"}, Risk: conformancetest.Guarded,
		MaxUpgrades: 3, ConfirmGraph: "name", Options: map[string]string{"request-timeout": "5s", "keep-going": "true"},
	}
	want := config.Default()
	want.Endpoint, want.ProjectID, want.GraphID, want.Token, want.ReadonlyToken, want.ExpiredToken = d.URL, "p", "g", "t", "r", "e"
	want.StoppedGraphID, want.ForeignGraphID, want.UpgradeVersions, want.Risk = "s", "f", d.UpgradeVersions, cases.Guarded
	want.MaxUpgrades, want.ConfirmGraph, want.RequestTimeout, want.KeepGoing = 3, "name", 5*time.Second, true
	if got, err := d.Config(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v\ngot      %+v, %v", want, got, err)
	}
	if got, err := (&config.Deployment{}).Config(); err != nil || !reflect.DeepEqual(got, config.Default()) {
		t.Errorf("expected the default configuration, got %+v, %v", got, err)
	}
}

func TestDeploymentsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		deployment config.Deployment
		want       string
	}{
		{config.Deployment{Risk: "high"}, "risk: expected inert, guarded or destructive"},
		{config.Deployment{UpgradeVersions: []string{"2.2.10", "2.2.9"}}, "upgrade-version: expected an ascending list"},
		{config.Deployment{Options: map[string]string{"speed": "high"}}, `"speed"`},
		{config.Deployment{Options: map[string]string{"label-filter": "body"}}, "go test -run"},
		{config.Deployment{Options: map[string]string{"output": "report"}}, "output"},
		{config.Deployment{Token: "MARKED-1", Options: map[string]string{"token": "MARKED-2"}}, "token"},
		{config.Deployment{Options: map[string]string{"request-timeout": "soon"}}, "request-timeout: expected a duration"},
	} {
		_, err := tt.deployment.Config()
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "MARKED") {
			t.Errorf("%+v: expected %q, got %v", tt.deployment.Options, tt.want, err)
		}
	}
}
