package ges

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// The ways in which a version is derived from a graph's current one. None is later.
const (
	OlderPatch    = "older-patch"        // the last part is one less
	OlderMinor    = "older-minor"        // the second part is one less
	OlderMajor    = "older-major"        // the first part is one less
	OlderLonger   = "older-longer"       // the first part is one less, the others have more digits
	OlderDigits   = "older-digits"       // earlier as numbers, later as a string
	OlderFewer    = "older-part-fewer"   // without the last part
	OlderMore     = "older-part-more"    // the last part is one less, and another follows
	OlderWidePart = "older-wide-part"    // the last part but one is one less, the last has the most digits that a part may have
	OlderWide     = "older-wide-parts"   // the first part is one less, all others have the most digits
	ZeroVersion   = "older-zero"         // 0.0.1
	EqualMore     = "equal-part-more"    // another part follows, which is 0
	EqualPadded   = "equal-padded"       // the last part has a 0 before it
	EqualPadFirst = "equal-padded-first" // the first part has a 0 before it
)

var derivations = map[string]func(v contract.Version) string{
	OlderPatch:  func(v contract.Version) string { return lowered(v, len(v)-1) },
	OlderMinor:  func(v contract.Version) string { return lowered(v, 1) },
	OlderMajor:  func(v contract.Version) string { return lowered(v, 0) },
	OlderLonger: func(v contract.Version) string { return loweredThen(v, 0, 99) },
	OlderDigits: earlierLaterAsText,
	OlderFewer: func(v contract.Version) string {
		return v[:len(v)-1].String()
	},
	OlderMore: func(v contract.Version) string {
		if patch := lowered(v, len(v)-1); patch != "" {
			return patch + ".9"
		}
		return ""
	},
	OlderWidePart: func(v contract.Version) string { return loweredThen(v, len(v)-2, widest) },
	OlderWide: func(v contract.Version) string {
		if len(v) < 3 {
			return "" // the same as OlderWidePart
		}
		return loweredThen(v, 0, widest)
	},
	ZeroVersion:   func(contract.Version) string { return "0.0.1" },
	EqualMore:     func(v contract.Version) string { return v.String() + ".0" },
	EqualPadded:   func(v contract.Version) string { return padded(v, len(v)-1) },
	EqualPadFirst: func(v contract.Version) string { return padded(v, 0) },
}

// widest is the greatest number that a part of a version may be.
const widest = 999999999

// form is the form of a version. It is that of the contract, which the tests compare.
var form = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$`)

// IsDerived reports whether a name is that of a way in which Older derives versions.
func IsDerived(way string) bool { return derivations[way] != nil }

// Older returns a version that is not later than version, derived from it in the given way, or
// "" if there is none.
func Older(version, way string) string {
	v, err := contract.ParseVersion(version)
	if err != nil || !IsDerived(way) {
		return ""
	}
	derived := derivations[way](v)
	same := !contract.Later(version, derived)
	if !form.MatchString(derived) || derived == version || contract.Later(derived, version) || same != strings.HasPrefix(way, "equal-") {
		return ""
	}
	return derived
}

// NearestOlder returns a version that is older than version, the nearest that can be derived,
// or "" if there is none.
func NearestOlder(version string) string {
	for _, way := range []string{OlderPatch, OlderMinor, OlderMajor, ZeroVersion} {
		if older := Older(version, way); older != "" {
			return older
		}
	}
	return ""
}

// lowered returns v with one less in a part, or "" if that cannot be.
func lowered(v contract.Version, i int) string {
	if i < 0 || i >= len(v) || v[i] == 0 {
		return ""
	}
	w := slices.Clone(v)
	w[i]--
	return w.String()
}

// loweredThen returns v with one less in a part that others follow, and n in those.
func loweredThen(v contract.Version, i int, n uint64) string {
	if i < 0 || i+1 >= len(v) || v[i] == 0 {
		return ""
	}
	w := slices.Clone(v)
	w[i]--
	for after := i + 1; after < len(w); after++ {
		w[after] = n
	}
	return w.String()
}

// earlierLaterAsText returns v with 9 for a part of more digits.
func earlierLaterAsText(v contract.Version) string {
	for i := len(v) - 1; i >= 0; i-- {
		if v[i] >= 10 && strconv.FormatUint(v[i], 10)[0] < '9' {
			w := slices.Clone(v)
			w[i] = 9
			return w.String()
		}
	}
	return ""
}

// padded returns v with a 0 before a part.
func padded(v contract.Version, i int) string {
	parts := strings.Split(v.String(), ".")
	parts[i] = "0" + parts[i]
	return strings.Join(parts, ".")
}
