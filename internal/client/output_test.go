package client_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/secrets"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

const kept = limits.PrintedFirst + limits.PrintedLast

func credential(name, text string) secrets.Credential {
	return secrets.Credential{Secret: secrets.Secret{Name: name, Text: text}}
}

// inPieces writes a text in pieces of any length.
func inPieces(r *rand.Rand, o *client.Output, text string) {
	for len(text) > 0 {
		n := 1 + r.IntN(min(len(text), 1<<r.IntN(20)))
		_, _ = o.Write([]byte(text[:n])) // it does not fail
		text = text[n:]
	}
}

func TestOutputKeepsBeginningAndEnd(t *testing.T) {
	lines := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "line %d\n", i)
		}
		return b.String()[:n]
	}
	for _, n := range []int{0, 1, limits.PrintedFirst, kept - 1, kept, kept + 1, 2*kept + 1, 5 << 20} {
		r := rand.New(rand.NewPCG(uint64(n), 1))
		o := client.NewOutput(credential("TOKEN", spelt.Token(r)))
		text := lines(n)
		inPieces(r, o, text)
		want := text
		if n > kept {
			want = text[:limits.PrintedFirst] + fmt.Sprintf("\n… %d bytes are left out …\n", n-kept) + text[n-limits.PrintedLast:]
		}
		if got := o.Text(); got != want || o.Printed() != int64(n) || len(o.Leaked()) != 0 {
			t.Errorf("%d bytes: expected the beginning and the end, got %d bytes (%.100q), %d printed, %q", n, len(got), got, o.Printed(), o.Leaked())
		}
	}
}

func TestOutputIsUTF8(t *testing.T) {
	r := rand.New(rand.NewPCG(spelt.Seed(), 2))
	for _, n := range []int{10, kept, 3 * kept} {
		binary := make([]byte, n)
		for i := range binary {
			binary[i] = byte(r.UintN(256))
		}
		for _, text := range []string{string(binary), "p" + strings.Repeat("ä", n/2), strings.Repeat("€", n/3), strings.Repeat("\xff", n)} {
			o := client.NewOutput()
			inPieces(r, o, text)
			if got := o.Text(); !utf8.ValidString(got) || len(got) > 3*kept+100 {
				t.Errorf("%.10q: expected UTF-8, got %d bytes", text, len(got))
			}
		}
	}
}

// Wherever a credential stands in what a client prints, in however many writes, nothing of use is
// left of it, and it is named: in each spelling in the first MiB, and in the usual ones behind it.
func TestOutputHasNoCredentials(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 3))
	usual := slices.DeleteFunc(slices.Clone(spelt.Ways), func(w spelt.Way) bool {
		return !slices.Contains([]string{"as it is", "percent-encoding of punctuation", "percent-encoding in lower case", "percent-encoding",
			"base64", "base64 of URLs", "base64 of more", "hexadecimal", "hexadecimal in upper case"}, w.Name)
	})
	if len(usual) != 9 {
		t.Fatalf("expected nine usual spellings, got %d", len(usual))
	}
	far := strings.Repeat("the quick brown fox\n", 60<<10) // more than a MiB
	for i := range 80 {
		token := spelt.Token(r)
		written, how := spelt.Random(r, token)
		length := r.IntN(3 * kept)
		before := ""
		if i%4 == 0 {
			w := usual[i/4%len(usual)]
			written, how, before = w.Write(r, token), w.Name+", far behind", far
		}
		at := r.IntN(length + 1)
		if i%3 == 0 { // at a border
			at = []int{limits.PrintedFirst, max(0, length-limits.PrintedLast), length}[r.IntN(3)] - r.IntN(len(written)+2)
			at = min(max(0, at), length)
		}
		text := before + strings.Repeat(". ", at/2) + " " + written + " " + strings.Repeat(" .", (length-at)/2)
		o := client.NewOutput(credential("OTHER", "another-token/of-0123456789"), credential("TOKEN", token))
		inPieces(r, o, text)
		got, leaked := strings.NewReplacer(". ", "", " .", "", "the quick brown fox\n", "").Replace(o.Text()), o.Leaked()
		if read, usable := spelt.Usable(got, token); usable {
			t.Errorf("seed %d: %q, %s, at %d of %d: got %q, which says %q", seed, token, how, at, length, got, read)
		}
		if !slices.Equal(leaked, []string{"TOKEN"}) {
			t.Errorf("seed %d: %q, %s, at %d of %d: expected it to be named, got %q", seed, token, how, at, length, leaked)
		}
		if t.Failed() {
			return
		}
	}
}

// No half of a credential is left where the text is cut.
func TestOutputIsNotCutWithinACredential(t *testing.T) {
	const token = "c2f1a9d07b6e4835aa55c2f1a9d07b6e"
	for at := range len(token) + 2 {
		for _, border := range []int{limits.PrintedFirst, 3*kept - limits.PrintedLast} {
			text := []byte(strings.Repeat(".", 3*kept))
			copy(text[border-at:], token)
			o := client.NewOutput(credential("TOKEN", token))
			_, _ = o.Write(text) // it does not fail
			got := o.Text()
			for i := range len(token) - 4 {
				if strings.Contains(got, token[i:i+4]) {
					t.Fatalf("%d bytes before %d: expected nothing of it, got %q", at, border, strings.Trim(got, "."))
				}
			}
			if leaked := o.Leaked(); !slices.Equal(leaked, []string{"TOKEN"}) {
				t.Errorf("%d bytes before %d: expected it to be named, got %q", at, border, leaked)
			}
		}
	}
}

// A signature is known once it has arrived. What the client prints of it before or afterwards counts.
func TestOutputLearns(t *testing.T) {
	const signature = "9f2c41a9d07b6e4835aa55c2f1a9d07b6e9f2c41a9d07b6e4835aa55c2f1a9d0"
	far := strings.Repeat("the quick brown fox\n", 100<<10)
	for _, text := range [][2]string{{signature, ""}, {"", signature}, {signature + far, ""}, {"", far + signature}, {"", far + signature + far}, {far, signature}} {
		o := client.NewOutput(credential("TOKEN", "another-token/of-0123456789"))
		_, _ = o.Write([]byte(text[0])) // it does not fail
		o.Learn(credential("SIGNATURE", signature))
		_, _ = o.Write([]byte(text[1]))
		if got := o.Text(); strings.Contains(got, signature) || !slices.Equal(o.Leaked(), []string{"SIGNATURE"}) {
			t.Errorf("%d and %d bytes: expected it to be named and removed, got %q", len(text[0]), len(text[1]), o.Leaked())
		}
	}
}

func FuzzOutput(f *testing.F) {
	f.Add(uint64(1), []byte("before "), []byte(" after"), uint32(0))
	f.Add(uint64(2), []byte("%"), []byte(`\u003d"}`), uint32(limits.PrintedFirst-10))
	f.Add(uint64(3), []byte{0xff}, []byte{0xc3}, uint32(kept))
	f.Fuzz(func(t *testing.T, seed uint64, before, after []byte, offset uint32) {
		r := rand.New(rand.NewPCG(seed, 4))
		token := spelt.Token(r)
		o := client.NewOutput(credential("TOKEN", token))
		inPieces(r, o, strings.Repeat(".", int(offset%(2<<20)))+string(before)+" "+token+" "+string(bytes.Repeat(after, 1+r.IntN(100))))
		got := o.Text()
		if strings.Contains(got, token) || !utf8.ValidString(got) || !slices.Equal(o.Leaked(), []string{"TOKEN"}) {
			t.Errorf("%q: expected it to be named and removed, got %q, %.200q", token, o.Leaked(), strings.Trim(got, "."))
		}
	})
}

// BenchmarkOutput has a client print 100 MB.
func BenchmarkOutput(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 5))
	token, secret := spelt.Token(r), spelt.Token(r)
	random := make([]byte, 64<<10)
	for i := range random {
		random[i] = byte(r.UintN(256))
	}
	for _, tt := range []struct{ name, text string }{
		{"words", strings.Repeat("the quick brown fox jumps over the lazy dog 0123456789\n", 1000)},
		{"binary", string(random)},
		{"zeros", strings.Repeat("\x00", 64<<10)},
		{"base64", strings.Repeat("dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wcyBvdmVyIHRoZSBsYXp5IGRvZyAw", 1000)},
		{"parts-of-the-token", strings.Repeat(token[:14]+"****\n", 3000)},
		{"the-token", strings.Repeat(token+"\n", 1000)},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.SetBytes(100 << 20)
			for b.Loop() {
				o := client.NewOutput(credential("TOKEN", token), credential("SECRET_KEY", secret))
				for o.Printed() < 100<<20 {
					_, _ = o.Write([]byte(tt.text)) // it does not fail
				}
				o.Text()
			}
		})
	}
}
