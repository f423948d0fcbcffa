package ges

import (
	"slices"
	"strconv"

	"github.com/gesconform/gesconform/contract"
)

// The ways in which a version is older than a graph's current one.
const (
	OlderPatch  = "older-patch"  // the last part is one less
	OlderMinor  = "older-minor"  // the second part is one less
	OlderMajor  = "older-major"  // the first part is one less
	OlderLonger = "older-longer" // the first part is one less, the others have more digits
	OlderDigits = "older-digits" // earlier as numbers, later as a string
	ZeroVersion = "older-zero"   // 0.0.1
)

// IsOlder reports whether a name is that of a way in which Older derives versions.
func IsOlder(way string) bool {
	return slices.Contains([]string{OlderPatch, OlderMinor, OlderMajor, OlderLonger, OlderDigits, ZeroVersion}, way)
}

// Older returns a version that is older than version in the given way, or "" if there is
// none.
func Older(version, way string) string {
	v, err := contract.ParseVersion(version)
	if err != nil {
		return ""
	}
	lower := func(i int) string {
		if i < 0 || i >= len(v) || v[i] == 0 {
			return ""
		}
		w := slices.Clone(v)
		w[i]--
		return w.String()
	}
	switch way {
	case OlderPatch:
		return lower(len(v) - 1)
	case OlderMinor:
		return lower(1)
	case OlderMajor:
		return lower(0)
	case OlderLonger:
		if len(v) > 1 && v[0] > 0 {
			w := slices.Repeat(contract.Version{99}, len(v))
			w[0] = v[0] - 1
			return w.String()
		}
	case ZeroVersion:
		if zero := "0.0.1"; contract.Later(version, zero) {
			return zero
		}
	case OlderDigits:
		for i := len(v) - 1; i >= 0; i-- {
			if v[i] >= 10 && strconv.FormatUint(v[i], 10)[0] < '9' {
				w := slices.Clone(v)
				w[i] = 9
				return w.String()
			}
		}
	}
	return ""
}
