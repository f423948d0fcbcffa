package contract_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gesconform/gesconform/contract"
)

func TestLater(t *testing.T) {
	for _, test := range []struct {
		target, current string
		want            bool
	}{
		{"1.1.10", "1.1.9", true}, {"1.1.9", "1.1.10", false}, {"1.1.9", "1.1.9", false}, {"2.0.0", "1.99.99", true},
		{"1.1", "1.1.0", false}, {"1.1.0", "1.1", false}, {"1.1.1", "1.1", true}, {"01.1", "1.1", false}, {"4294967295", "1", true},
		{"", "1.1", false}, {"1.1", "", false}, {"x", "1", false}, {"1.x", "1", false}, {"2", "x", false}, {"1..2", "1", false},
		{".2", "1", false}, {"2.", "1", false}, {"+2", "1", false}, {"-2", "1", false}, {"2 ", "1", false}, {"2_0", "1", false}, {"0x2", "1", false},
		{"٢", "1", false}, {"2.0.0-rc", "1", false}, {"4294967296", "1", false}, {"2.0.0.0.0.0.0.0", "1", true}, {"2.0.0.0.0.0.0.0.0", "1", false},
		{strings.Repeat("9", 1<<20), "1", false}, {strings.Repeat(".", 1<<20), "1", false},
	} {
		if got := contract.Later(test.target, test.current); got != test.want {
			t.Errorf("%.20s later than %s: got %v", test.target, test.current, got)
		}
	}
}

func TestParseVersion(t *testing.T) {
	for _, s := range []string{"1.1.8", "0", "1.2.3.4.5.6.7.8"} {
		if v, err := contract.ParseVersion(s); err != nil || v.String() != s {
			t.Errorf("%s: got %v, %v", s, v, err)
		}
	}
	_, err := contract.ParseVersion(strings.Repeat("x", 1<<20))
	if err == nil || len(err.Error()) > 400 {
		t.Errorf("got %.100v", err)
	}
}

func TestVersionsAreInTotalOrder(t *testing.T) {
	part := rapid.OneOf(rapid.Uint64Range(0, 3), rapid.SampledFrom([]uint64{9, 10, 99, 100, math.MaxUint32}))
	version := rapid.Custom(func(t *rapid.T) contract.Version { return rapid.SliceOfN(part, 1, 8).Draw(t, "parts") })
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		if a.Compare(b) != -b.Compare(a) {
			t.Errorf("%v and %v: %d and %d", a, b, a.Compare(b), b.Compare(a))
		}
		if a.Compare(slices.Clone(a)) != 0 || a.Compare(append(slices.Clone(a), 0)) != 0 {
			t.Errorf("%v is not equal to itself, or to itself with a further 0", a)
		}
		if a.Compare(b) <= 0 && b.Compare(c) <= 0 && a.Compare(c) > 0 {
			t.Errorf("%v <= %v <= %v", a, b, c)
		}
		// The same order, computed in another way: pad the versions and compare slices.
		long := func(v contract.Version) []uint64 { return append(slices.Clone(v), make([]uint64, 8-len(v))...) }
		if want := slices.Compare(long(a), long(b)); a.Compare(b) != want {
			t.Errorf("%v and %v: got %d, want %d", a, b, a.Compare(b), want)
		}
		read, err := contract.ParseVersion(a.String())
		if err != nil || read.Compare(a) != 0 {
			t.Errorf("%v reads as %v, %v", a, read, err)
		}
		if contract.Later(a.String(), b.String()) != (a.Compare(b) > 0) {
			t.Errorf("%v later than %v", a, b)
		}
	})
}

func TestJunkIsNeverLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		junk := rapid.StringMatching(`[0-9.]*[^0-9.][0-9.]*`).Draw(t, "junk")
		if contract.Later(junk, "0") || contract.Later("9", junk) {
			t.Errorf("%q counts as a version", junk)
		}
	})
}
