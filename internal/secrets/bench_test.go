package secrets_test

import (
	"encoding/base64"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// BenchmarkFind looks for a token of 5 KB, as IAM gives them, in a usual answer, and in 1 MiB
// that is made to take long. The floor replaces the token as it is and in eleven spellings, with one
// strings.Replacer: what finds those and no other.
func BenchmarkFind(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	token := spelt.Token(r)
	for len(token) < 5000 {
		token += spelt.Token(r)
	}
	filled := func(s string) string { return strings.Repeat(s, 1<<20/len(s)) }
	words := strings.Repeat("the quick brown fox jumps over the lazy dog 0123456789 ", 20)
	base64Of := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	set := setOf("TOKEN", token, "READONLY", spelt.Token(r), "PASSWORD", `S3c"r+t!`)
	var pairs []string
	for _, w := range spelt.Ways[:12] {
		pairs = append(pairs, w.Write(r, token), "$TOKEN")
	}
	floor := strings.NewReplacer(pairs...)
	for _, tt := range []struct{ name, text string }{
		{"usual", `{"error_code":"GES.0047","error_msg":"graph 53205529-026b-455a-9e07-228fae4b12b9 of project 0123456789abcdef0123456789abcdef is unknown"}`},
		{"header", "application/json; charset=utf-8"},
		{"words", filled(words)},
		{"base64", filled(base64Of(words))},
		{"base64-thrice", filled(base64Of(base64Of(base64Of(words))))},
		{"hexadecimal", filled(hex.EncodeToString([]byte(hex.EncodeToString([]byte(words)))))},
		{"escapes", filled(`\u0025252541&amp;amp;#38;`)},
		{"parts-of-the-token", filled(token[:2000] + "." + token[1000:1100])},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(int64(len(tt.text)))
			b.ReportAllocs()
			for b.Loop() {
				set.Find(tt.text).Clean()
			}
		})
		b.Run(tt.name+"-floor", func(b *testing.B) {
			b.SetBytes(int64(len(tt.text)))
			for b.Loop() {
				floor.Replace(tt.text)
			}
		})
	}
}
