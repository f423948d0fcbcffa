package independent_test

import (
	"fmt"
	"strings"
	"time"
)

// lenient accepts malformed versions, and normalises them.
func lenient(fix func(string) string) func(*knobs) {
	return func(k *knobs) {
		k.formed = func(v string) bool { return threeOrFour.MatchString(fix(v)) }
		k.later = func(a, b string) bool { return laterByPart(fix(a), b) }
		k.installs = fix
	}
}

const olderOnly = "what hides the offered version is sent where it would be taken on"

var wrongVersions = []row{
	{name: "equal", turn: compared(func(a, b string) bool { return a == b || laterByPart(a, b) }), foundFrom: guarded, why: graphFirst},
	{name: "any", turn: compared(func(a, b string) bool { return true }), foundFrom: guarded, why: graphFirst},
	{name: "any other", turn: compared(func(a, b string) bool { return a != b }), foundFrom: oneUpgrade, why: olderSent},
	{name: "none", turn: compared(func(a, b string) bool { return false }), foundFrom: oneUpgrade, why: hidden},
	{name: "as strings", turn: both(compared(func(a, b string) bool { return a > b }), func(k *knobs) { k.version = "1.0.9" }), foundFrom: oneUpgrade, why: hidden},
	{name: "as strings, a step later", turn: compared(func(a, b string) bool { return a > b }), foundFrom: oneUpgrade, why: olderSent},
	{name: "as strings, older", turn: both(compared(func(a, b string) bool { return a > b }), func(k *knobs) {
		k.version = "1.0.10"
		k.given = []string{"1.0.11", "1.0.12", "1.0.13"}
	}), foundFrom: oneUpgrade, why: olderSent},
	{name: "by the last part", turn: both(compared(func(a, b string) bool { return lastPart(a) > lastPart(b) }), func(k *knobs) { k.given = []string{"1.2.0", "1.3.0"} }), foundFrom: oneUpgrade, why: hidden},
	{name: "by the last part, patches", turn: compared(func(a, b string) bool { return lastPart(a) > lastPart(b) }), foundFrom: oneUpgrade, why: "the versions on offer and the older ones that can be made differ in the last part alone"},
	{name: "digits run together", turn: compared(func(a, b string) bool { return digits(a) > digits(b) }), foundFrom: oneUpgrade, why: olderSent},
	{name: "more parts are later", turn: compared(func(a, b string) bool { return laterByPart(a, b) || strings.HasPrefix(a, b+".") }), foundFrom: oneUpgrade, why: olderSent},
	{name: "by the first part", turn: compared(func(a, b string) bool { return a[0] > b[0] }), foundFrom: oneUpgrade, why: hidden},
	{name: "as a decimal", turn: both(compared(func(a, b string) bool { return decimal(a) > decimal(b) }), func(k *knobs) { k.version = "1.0.9" }), foundFrom: oneUpgrade, why: hidden},
	{name: "longer is later", turn: compared(func(a, b string) bool { return len(a) > len(b) || laterByPart(a, b) }), foundFrom: oneUpgrade, why: "no older version that is longer can be made"},
	{name: "trimmed", turn: lenient(strings.TrimSpace), should: "upgrade.version-trimmed"},
	{name: "v before", turn: lenient(func(s string) string { return strings.TrimPrefix(s, "v") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "suffix", turn: lenient(func(s string) string { v, _, _ := strings.Cut(s, "-"); return v }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "no form at all", turn: func(k *knobs) { k.formed = func(string) bool { return true } }, foundFrom: oneUpgrade, why: olderOnly},
	{name: "no form, as strings", turn: func(k *knobs) {
		k.formed = func(string) bool { return true }
		k.later = func(a, b string) bool { return a > b }
	}, foundFrom: oneUpgrade, why: unsafe},
	{name: "another is installed", turn: func(k *knobs) { k.installs = func(string) string { return latest } }, foundFrom: oneUpgrade, why: hidden},
	{name: "the next patch is installed", turn: func(k *knobs) { k.installs = func(v string) string { return v + ".1" } }, foundFrom: oneUpgrade, why: hidden},
	{name: "nothing is installed", turn: func(k *knobs) { k.versionLag = time.Hour }, foundFrom: oneUpgrade, why: hidden},
}

func compared(later func(a, b string) bool) func(*knobs) { return func(k *knobs) { k.later = later } }

func lastPart(v string) int {
	n := 0
	_, _ = fmt.Sscan(v[strings.LastIndex(v, ".")+1:], &n)
	return n
}

func digits(v string) int {
	n := 0
	_, _ = fmt.Sscan(strings.ReplaceAll(v, ".", ""), &n)
	return n
}

func decimal(v string) float64 {
	f := 0.0
	_, _ = fmt.Sscan("0."+strings.ReplaceAll(v, ".", ""), &f)
	return f
}
