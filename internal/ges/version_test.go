package ges_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

func TestOlder(t *testing.T) {
	for _, tt := range []struct{ version, way, want string }{
		{"1.1.8", ges.OlderPatch, "1.1.7"},
		{"1.1.0", ges.OlderPatch, ""},
		{"1.1.8", ges.OlderMinor, "1.0.8"},
		{"2", ges.OlderMinor, ""},
		{"2.1.8", ges.OlderMajor, "1.1.8"},
		{"0.1.8", ges.OlderMajor, ""},
		{"2.1.8", ges.OlderLonger, "1.99.99"},
		{"2", ges.OlderLonger, ""},
		{"1.1.10", ges.OlderDigits, "1.1.9"},
		{"1.1.99", ges.OlderDigits, ""}, // 1.1.9 would be earlier as a string, too
		{"1.1.8", ges.OlderDigits, ""},
		{"1.1.8", ges.ZeroVersion, "0.0.1"},
		{"0.0.1", ges.ZeroVersion, ""},
		{"no version", ges.OlderPatch, ""},
		{"1.1.8", "previous", ""},

		{"2.2.9", ges.OlderFewer, "2.2"},
		{"2.2.9.1", ges.OlderFewer, "2.2.9"},
		{"2.2.0", ges.OlderFewer, ""}, // the same version
		{"2.2", ges.OlderFewer, ""},   // one part is no version
		{"2.2.9", ges.OlderMore, "2.2.8.9"},
		{"2.2", ges.OlderMore, "2.1.9"},
		{"2.2.0", ges.OlderMore, ""},
		{"2.2.9.1", ges.OlderMore, ""}, // five parts are no version
		{"2.2.9", ges.OlderWidePart, "2.1.999999999"},
		{"2.2.9.1", ges.OlderWidePart, "2.2.8.999999999"},
		{"2.2", ges.OlderWidePart, "1.999999999"},
		{"2.0.9", ges.OlderWidePart, ""},
		{"2.2.9", ges.OlderWide, "1.999999999.999999999"},
		{"2.2.9.1", ges.OlderWide, "1.999999999.999999999.999999999"},
		{"2.2", ges.OlderWide, ""},
		{"0.2.9", ges.OlderWide, ""},

		{"2.2.9", ges.EqualMore, "2.2.9.0"},
		{"2.2", ges.EqualMore, "2.2.0"},
		{"2.2.9.1", ges.EqualMore, ""},
		{"2.2.9", ges.EqualPadded, "2.2.09"},
		{"2.2.0", ges.EqualPadded, "2.2.00"},
		{"2.2.999999999", ges.EqualPadded, ""}, // ten digits are no part
		{"2.2.9", ges.EqualPadFirst, "02.2.9"},
		{"0.2.9.1", ges.EqualPadFirst, "00.2.9.1"},
		{"2", ges.EqualPadFirst, ""},
	} {
		if got := ges.Older(tt.version, tt.way); got != tt.want {
			t.Errorf("%s of %s: expected %q, got %q", tt.way, tt.version, tt.want, got)
		}
	}
}

func TestNearestOlder(t *testing.T) {
	for version, want := range map[string]string{"2.2.9": "2.2.8", "2.2.0": "2.1.0", "2.0.0": "1.0.0", "0.0.2": "0.0.1", "0.0.1": "0.0.0", "0.0.0": "", "junk": ""} {
		if got := ges.NearestOlder(version); got != want {
			t.Errorf("%s: expected %q, got %q", version, want, got)
		}
	}
}

// Whatever the graph's version is, what is derived from it is valid and not later, so that it
// must be refused.
func TestDerivedVersionsAreValidAndNotLater(t *testing.T) {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	form := c.Operation(ges.UpgradeGraph).Body.Schema().Property("upgrade_version").Pattern
	ways := []string{
		ges.OlderPatch, ges.OlderMinor, ges.OlderMajor, ges.OlderLonger, ges.OlderDigits, ges.OlderFewer, ges.OlderMore,
		ges.OlderWidePart, ges.OlderWide, ges.ZeroVersion, ges.EqualMore, ges.EqualPadded, ges.EqualPadFirst,
	}
	rapid.Check(t, func(t *rapid.T) {
		version := contract.Version(rapid.SliceOfN(rapid.Uint64Range(0, 999999999), 1, 5).Draw(t, "version")).String()
		for _, way := range ways {
			derived := ges.Older(version, way)
			if derived == "" {
				continue
			}
			if !form.MatchString(derived) || contract.Later(derived, version) || derived == version {
				t.Errorf("%s of %s: expected a version that is spelled otherwise and not later, got %s", way, version, derived)
			}
			if older := contract.Later(version, derived); older == strings.HasPrefix(way, "equal-") {
				t.Errorf("%s of %s: got %s, older: %t", way, version, derived, older)
			}
		}
	})
}
