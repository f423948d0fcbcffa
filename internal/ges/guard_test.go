package ges_test

import (
	"testing"

	"github.com/gesconform/gesconform/internal/ges"
)

// This tests Guardable with examples. The tests of package engine check the requests that it
// allows, without using it.
func TestGuardable(t *testing.T) {
	const v = ges.VersionPlaceholder
	for body, want := range map[string]bool{
		`{"upgrade_version":"` + v + `"}`:                            true,
		`{"upgrade_version":"` + v + `","force_upgrade":false}`:      true,
		`{"upgrade_version":"` + v + `","note":0}`:                   true,
		`{"upgrade_version":{"value":"` + v + `"}}`:                  false,
		`{"UPGRADE_VERSION":"` + v + `"}`:                            false,
		`upgrade_version=` + v:                                       false,
		``:                                                           false,
		`{}`:                                                         false,
		`{"upgrade_version":"1.0.5"}`:                                false,
		`{"upgrade_version":"` + v + `0"}`:                           false,
		`{"upgrade_version":"0` + v + `"}`:                           false,
		`{"upgrade_version":"` + v + `.0"}`:                          false,
		`{"upgrade_version":"` + v + v + `"}`:                        false,
		`{"upgrade_version":"` + v + `-hotfix"}`:                     false,
		`{"upgrade_version":"latest","note":"` + v + `"}`:            false,
		`{"upgrade_version":"` + v + `","upgrade_version":"latest"}`: false,
		`{"upgrade_version":"` + v + `","note":" ` + v + `0"}`:       false,
		`{"upgrade_version":"` + v + `","note":"٢"}`:                 false,
		`{"upgrade_version":"` + v + ` "}`:                           false,
		`{"upgrade_version":"` + v + `' OR '0'='0"}`:                 false,
		`{"upgrade_version":"` + v + `","note":"${older_version}"}`:  false,
		`{"upgrade_version":"${` + v + `}"}`:                         false,
		`{"upgrade_version":"` + v + `","force_upgrade":true}`:       false,
		`{"upgrade_version":"` + v + `","force_upgrade":"no"}`:       false,
		`{"upgrade_version":"` + v + `","interrupt":true}`:           false,
	} {
		if got := ges.Guardable(body); got != want {
			t.Errorf("%s: expected %t, got %t", body, want, got)
		}
	}
}
