package secrets_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/secrets"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// far is longer than the part of a stream in which all spellings are found.
var far = strings.Repeat("the quick brown fox\n", 60<<10)

// stream returns the names of the credentials in a text that comes in pieces.
func stream(r *rand.Rand, text string, credentials ...secrets.Credential) []string {
	s := secrets.NewStream(credentials...)
	for len(text) > 0 {
		n := 1 + r.IntN(min(len(text), 40<<10))
		_, _ = s.Write([]byte(text[:n])) // it does not fail
		text = text[n:]
		if r.IntN(20) == 0 {
			s.Names()
		}
	}
	return s.Names()
}

// In the usual spellings a credential is found wherever it is, whatever is written beside it.
func TestStreamsFindUsualSpellingsAnywhere(t *testing.T) {
	usual := []string{
		"as it is", "percent-encoding of punctuation", "percent-encoding in lower case", "percent-encoding", "base64", "base64 of URLs",
		"base64 of more", "hexadecimal", "hexadecimal in upper case",
	}
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 6))
	for _, w := range spelt.Ways {
		if !slices.Contains(usual, w.Name) {
			continue
		}
		usual = slices.DeleteFunc(usual, func(name string) bool { return name == w.Name })
		for range 3 {
			for _, token := range []string{spelt.Token(r), `S3c"r+t!`} {
				text := far[:len(far)-r.IntN(20)] + w.Write(r, token) + far[r.IntN(20):40<<10]
				credential := secrets.Credential{Secret: secrets.Secret{Name: "TOKEN", Text: token}}
				if names := stream(r, text, credential); !slices.Equal(names, []string{"TOKEN"}) {
					t.Errorf("seed %d: %q, %s: expected it to be found, got %q", seed, token, w.Name, names)
				}
			}
		}
	}
	if len(usual) > 0 {
		t.Errorf("expected spellings called %q", usual)
	}
}

// In the first MiB it is found in all of them.
func TestStreamsFindAllSpellingsAtFirst(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range 40 {
		token := spelt.Token(r)
		written, how := spelt.Random(r, token)
		if len(written) > 1<<10 {
			continue // could be split where it is not seen
		}
		credential := secrets.Credential{Secret: secrets.Secret{Name: "TOKEN", Text: token}}
		text := far[:r.IntN(1<<16)] + written + far[:r.IntN(1<<16)]
		if i%8 == 0 { // at the end
			text = far[:1<<20-len(written)-10] + written + far
		}
		if names := stream(r, text, credential); !slices.Equal(names, []string{"TOKEN"}) {
			t.Errorf("seed %d: %q, %s: expected it to be found, got %q", seed, token, how, names)
		}
	}
}

// Each of several is found, also after others.
func TestStreamsFindEach(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	var all []secrets.Credential
	text := far
	var want []string
	for _, name := range []string{"A", "B", "C", "D"} {
		token := spelt.Token(r)
		all, want = append(all, secrets.Credential{Secret: secrets.Secret{Name: name, Text: token}}), append(want, name)
		text += token + far[:30<<10]
	}
	if names := stream(r, text, all...); !slices.Equal(names, want) {
		t.Errorf("expected %q, got %q", want, names)
	}
	if names := stream(r, strings.Repeat(far, 2), all...); len(names) > 0 {
		t.Errorf("expected none, got %q", names)
	}
}

// A part of a text has no part of a credential that is at its border.
func TestCleanPart(t *testing.T) {
	const token = "c2f1a9d07b6e4835aa55"
	text := "before " + token + " after"
	found := setOf("TOKEN", token).Find("first", text)
	start, end := len("before "), len("before "+token)
	for i := range text {
		for j := i + 1; j <= len(text); j++ {
			want := text[i:j]
			if i < end && start < j {
				want = text[min(i, start):start] + "$TOKEN" + text[end:max(j, end)]
			}
			if got := found.CleanPart(1, i, j); got != want {
				t.Errorf("from %d to %d: expected %q, got %q", i, j, want, got)
			}
		}
	}
}
