package ges_test

import (
	"testing"

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
	} {
		if got := ges.Older(tt.version, tt.way); got != tt.want {
			t.Errorf("%s of %s: expected %q, got %q", tt.way, tt.version, tt.want, got)
		}
	}
}
