package values

import (
	"regexp"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Texts for a pattern have it, and the length that was asked for.
func TestTexts(t *testing.T) {
	for _, test := range []struct {
		pattern string
		n       int
		want    string // "" if there is none of that length
	}{
		{`^[a-z]{2,4}$`, 3, "abc"},
		{`^[a-z]{2,4}$`, 5, ""},
		{`^(cat|horse)$`, 5, "horse"},
		{`^(cat|horse)$`, 4, ""},
		{`^(ab|cde)+$`, 5, "abcde"},
		{`^(ab|cde)+$`, 1, ""},
		{`^\d{3}-\d{4}$`, 8, "123-5678"},
		{`^v\d+(\.\d+){2}$`, 6, "v2.4.6"},
		{`^v\d+(\.\d+){2}$`, 8, "v2.4.678"},
		{`^[^a-z]*$`, 4, "1234"},
		{`^[\x{1F600}-\x{1F64F}]{2}$`, 2, "😀😀"},
		{`^$`, 0, ""},
		{`(?i)^AbC$`, 3, "ABC"},
		{`^[a-z]{0,500}$`, 500, ""},
		{`^(a{1,200}b){1,3}$`, 600, ""},
	} {
		src := New("client")
		re := regexp.MustCompile(test.pattern)
		made := src.textsOf(re, max(test.n, 10))
		if !made.has(test.n) {
			if test.want != "" {
				t.Errorf("%s: no text of %d characters, want %q", test.pattern, test.n, test.want)
			}
			continue
		}
		got := made.text(test.n)
		if test.want != "" && got != test.want || utf8.RuneCountInString(got) != test.n || !re.MatchString(got) {
			t.Errorf("%s: %d characters: want %q, got %q", test.pattern, test.n, test.want, got)
		}
	}
}

// patternText draws a pattern.
func patternText(t *rapid.T, depth int) string {
	atoms := []string{"a", "xyz", "[a-f]", `\d`, "[^a-z]", ".", `\.`, "é", `[\x{10000}-\x{10FFFF}]`}
	if depth == 0 {
		return rapid.SampledFrom(atoms).Draw(t, "atom")
	}
	sub := func() string { return patternText(t, depth-1) }
	switch rapid.IntRange(0, 4).Draw(t, "kind") {
	case 0:
		return sub() + sub()
	case 1:
		return "(" + sub() + "|" + sub() + ")"
	case 2:
		return "(?:" + sub() + ")" + rapid.SampledFrom([]string{"*", "+", "?", "{2}", "{1,3}", "{2,}"}).Draw(t, "times")
	default:
		return sub()
	}
}

func TestDrawnPatterns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		re := regexp.MustCompile("^" + patternText(t, 3) + "$")
		made := New("client").textsOf(re, 20)
		for n := range 20 {
			if !made.has(n) {
				continue
			}
			if got := made.text(n); utf8.RuneCountInString(got) != n || !re.MatchString(got) {
				t.Fatalf("%s: %d characters: got %q", re, n, got)
			}
		}
		if made.shortest(0) < 0 {
			t.Fatalf("%s: no text at all", re)
		}
	})
}

// Whatever a pattern is, texts are made of it in bounded work, and they have it.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{`^[a-z]{2,8}$`, `((a{1,9}){1,9}){1,9}`, `(a|b)*c+`, `^(\w+\s?){1,5}$`, `\bx\b`, `[^\x00-\x{10FFFF}]`, `(?s).*`} {
		f.Add(seed, 9)
	}
	f.Fuzz(func(t *testing.T, pattern string, n int) {
		re, err := regexp.Compile(pattern)
		if err != nil || len(pattern) > 200 || n < 0 || n > 50 {
			return
		}
		made := New("client").textsOf(re, 50)
		if made.has(n) {
			if got := made.text(n); utf8.ValidString(got) && utf8.RuneCountInString(got) != n {
				t.Errorf("%s: want %d characters, got %q", pattern, n, got)
			}
		}
	})
}
