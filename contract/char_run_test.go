package contract

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPatternsThatAreRuns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		`^[A-Za-z0-9]{1,64}$`: true, `^[0-9]{3}$`: true, `^[a-z]{2,}$`: true, `^[0-9a-f]+$`: true, `^\d+$`: true, `^[a-z]*$`: true, `\A[ab]{1,2}\z`: true,
		`^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$`: false, `[a-z]{2}`: false, `^[a-z]{2}`: false, `^[^a]{1,2}$`: false, `^[a-zé]{1,2}$`: false,
		`(?i)^[a-z]+$`: false, `(?m)^[a-z]+$`: false, `^[a-z]*?x$`: false, `^abc$`: false, `^$`: false, `[`: false,
	} {
		if got := charRunOf(pattern) != nil; got != want {
			t.Errorf("%s: got %t, expected %t", pattern, got, want)
		}
	}
}

// A charRun matches what its pattern does by package regexp.
func TestRunsMatchAsRegexpsDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		class := rapid.SampledFrom([]string{`[A-Za-z0-9]`, `[a-c_.-]`, `\d`, `\w`, `[\x00-\x7f]`, `(?i:[ab])`}).Draw(t, "class")
		least := rapid.IntRange(0, 3).Draw(t, "least")
		times := rapid.SampledFrom([]string{"+", fmt.Sprintf("{%d}", least+2), fmt.Sprintf("{%d,}", least), fmt.Sprintf("{%d,%d}", least, least+2)}).Draw(t, "times")
		pattern := "^" + class + times + "$"
		run := charRunOf(pattern)
		if run == nil {
			t.Fatalf("%s: expected a run", pattern)
		}
		// One character over and over, which most classes have, and maybe others behind it.
		one := rapid.SampledFrom([]string{"a", "b", "7", "_", "-", "\n", "é", "\u212a", "\ufffd", "\xff"})
		text := strings.Repeat(one.Draw(t, "one"), rapid.IntRange(0, 7).Draw(t, "often")) +
			strings.Join(rapid.SliceOfN(one, 0, 2).Draw(t, "behind"), "")
		if got, want := run.matches(text), regexp.MustCompile(pattern).MatchString(text); got != want {
			t.Fatalf("%s on %q: got %t, expected %t", pattern, text, got, want)
		}
	})
}
