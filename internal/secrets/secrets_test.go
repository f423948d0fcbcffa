package secrets_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/secrets"
	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

func setOf(named ...string) *secrets.Set {
	var all []secrets.Credential
	for i := 0; i < len(named); i += 2 {
		all = append(all, secrets.Credential{Secret: secrets.Secret{Name: named[i], Text: named[i+1]}})
	}
	return secrets.New(all...)
}

// Whatever a token is like and in whichever ways it is written one after the other, it is found,
// and nothing of use is left.
func TestTokensAreFoundInRandomSpellings(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 800 {
		token := spelt.Token(r)
		written, how := spelt.Random(r, token)
		if i < len(spelt.Ways) { // each at least once
			written, how = spelt.Ways[i].Write(r, token), spelt.Ways[i].Name
		}
		check(t, seed, token, how, "before "+written+" after")
		if utf8.ValidString(written) {
			inJSON, _ := json.Marshal("before " + written + " after") // a string can always be marshalled
			check(t, seed, token, how+", in JSON", string(inJSON))
		}
		if t.Failed() {
			return
		}
	}
}

func check(t *testing.T, seed uint64, token, how string, texts ...string) {
	t.Helper()
	found := setOf("OTHER", "another-token/of-0123456789", "TOKEN", token).Find(texts...)
	clean := strings.Join(found.Clean(), "\n")
	for i := range texts { // for the message
		texts[i] = strings.Trim(texts[i], ". ")
	}
	if !slices.Equal(found.Names(), []string{"TOKEN"}) {
		t.Errorf("seed %d: %q, %s: expected it to be found in %q, got %q", seed, token, how, texts, found.Names())
	}
	if read, usable := spelt.Usable(clean, token); usable {
		t.Errorf("seed %d: %q, %s: expected it to be removed from %q, got %q, which says %q", seed, token, how, texts, clean, read)
	}
	if !strings.Contains(clean, "$TOKEN") && !json.Valid([]byte(texts[0])) { // in JSON there may be a 0
		t.Errorf("seed %d: %q, %s: expected its name in %q, got %q", seed, token, how, texts, clean)
	}
}

// A token that is split has been disclosed, too. What is JSON stays JSON with the same members.
func TestTokensAreFoundInParts(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 2))
	for range 300 {
		token := spelt.Token(r)
		at := 1 + r.IntN(len(token)-1)
		check(t, seed, token, "two texts", "a: "+token[:at]+".", "b: "+token[at:]+".")
		body, err := json.Marshal(map[string]any{"one": token[:at], "other": map[string]string{"two": token[at:]}, "more": []string{"x"}})
		if err != nil {
			t.Fatal(err)
		}
		found := setOf("TOKEN", token).Find(string(body))
		clean := found.Clean()[0]
		var members map[string]any
		if err := json.Unmarshal([]byte(clean), &members); err != nil || len(members) != 3 || !slices.Equal(found.Names(), []string{"TOKEN"}) {
			t.Errorf("seed %d: %q: expected three members and a token, got %s, %q, %v", seed, token, clean, found.Names(), err)
		}
		if strings.Contains(clean, token[:at]) && strings.Contains(clean, token[at:]) {
			t.Errorf("seed %d: %q: expected a part less, got %s", seed, token, clean)
		}
	}
}

// What is removed leaves JSON what it was, whatever says the token: names, strings, lists.
func TestJSONStaysJSON(t *testing.T) {
	const token = "a1b2c3d4e5f6a7b8c9d0"
	numbers, letters := make([]int, len(token)), strings.Split(token, "")
	for i := range token {
		numbers[i] = int(token[i])
	}
	for name, v := range map[string]any{
		"names": map[string]int{token: 1, strings.ToUpper(token): 2}, "numbers": numbers, "letters": letters,
		"escaped": `a\` + token, "in JSON": fmt.Sprintf(`{"a":%q}`, token), "parts": map[string]int{token[:10]: 1, token[10:]: 2},
	} {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		found := setOf("TOKEN", token).Find(string(text))
		if clean := found.Clean()[0]; !json.Valid([]byte(clean)) || len(found.Names()) != 1 || clean == string(text) {
			t.Errorf("%s: expected JSON without the token, got %s, %q", name, clean, found.Names())
		}
	}
	if clean := setOf("TOKEN", "12345678901234567890").Find(`{"a":12345678901234567890}`).Clean()[0]; clean != `{"a":0}` {
		t.Errorf("expected a number, got %s", clean)
	}
}

// What is not of use to anybody is no leak, and what could be any text is not touched.
func TestWhatIsNoCredential(t *testing.T) {
	for _, tt := range []struct {
		secret, text string
		removed      bool
	}{
		{"test", "this is a test", false},
		{"aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaa", false},
		{"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000", false},
		{"password", "the password is wrong", true}, // a word: removed, but it need not be the secret
		{"20261127", "on 20261127", true},
		{"GraphEngine1", "graph engine 1", false},
		{"GraphEngine1", "graphengine1, GraphEngine", false},
		{"planted-security-token", "X-Security-Token", false},
		{"the-security-token-1", "the security token is wrong", false},
		{"PLANTED-token/with+signs=01", "PLANTED-readonly/with+signs=02", false},
		{"c2f1a9d07b6e4835", "the token c2f1a9d0… is unknown", false},
		{"c2f1a9d07b6e4835", "c2f1****4835", false},
		{"c2f1a9d07b6e4835aa55", "c2f1a9d07b6e48", false},
		{"c2f1a9d07b6e4835aa55c2f1a9d07b6e", "c2f1a9d07b6e4835aa55 and so on", true}, // a large part
	} {
		found := setOf("S", tt.secret).Find(tt.text)
		if clean := found.Clean()[0]; len(found.Names()) != 0 || (clean != tt.text) != tt.removed {
			t.Errorf("%q in %q: expected no leak, got %q and %q", tt.secret, tt.text, found.Names(), clean)
		}
	}
}

// Short or plain credentials are found as they are, in each encoding.
func TestShortCredentials(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 3))
	for _, secret := range []string{`S3c"r+t!`, "pässwörd-ключ"} {
		for _, w := range spelt.Ways {
			if w.First && w.Name != "backwards" || secret[0] == 'p' && !w.Deep && !strings.Contains(w.Name, "percent") {
				continue // the others write bytes, and not characters
			}
			text := `before ` + w.Write(r, secret) + ` after`
			found := setOf("S", secret).Find(text)
			if len(found.Names()) != 1 || found.Clean()[0] == text {
				t.Errorf("%s: expected it to be found in %q, got %q", w.Name, text, found.Clean())
			}
		}
	}
}

// What a token is called depends on which of the near ones it is.
func TestNearTokensHaveTheirNames(t *testing.T) {
	const token = "MIIE-token/with+signs=0001=="
	near := []secrets.Secret{{Name: "TAMPERED", Text: "MIIE-token/witA+signs=0001=="}, {Name: "LONGER", Text: token + "0"}, {Name: "SHORTER", Text: token[:len(token)-1]}}
	s := secrets.New(secrets.Credential{Secret: secrets.Secret{Name: "TOKEN", Text: token}, Near: near})
	for _, one := range append(near, secrets.Secret{Name: "TOKEN", Text: token}) {
		found := s.Find("a " + one.Text + " b")
		if clean := found.Clean()[0]; clean != "a $"+one.Name+" b" || !slices.Equal(found.Names(), []string{one.Name}) {
			t.Errorf("%s: got %q, %q", one.Name, clean, found.Names())
		}
	}
}

// A text is looked at in pieces, and may be cut in the middle of a credential.
func TestLongAndCutTexts(t *testing.T) {
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 4))
	for range 20 {
		token := spelt.Token(r)
		written, how := spelt.Random(r, token)
		check(t, seed, token, how, strings.Repeat(". ", max(8<<10-r.IntN(len(written)+500), 0))+written+strings.Repeat(" .", r.IntN(9<<10)))
	}
	long := spelt.Token(r)
	for len(long) < 60<<10 {
		long += spelt.Token(r)
	}
	check(t, seed, long, "longer than a piece", "before "+long+" after")
	for _, secret := range []string{"c2f1a9d07b6e4835aa55", "S3c\"r+t!!"} {
		if clean := setOf("S", secret).FindCut("before " + secret[:8]).Clean()[0]; clean == "before "+secret[:8] || !strings.HasPrefix(clean, "before $S") {
			t.Errorf("%q: got %q", secret, clean)
		}
		if clean := setOf("S", secret).Find("before " + secret[:8]).Clean()[0]; clean != "before "+secret[:8] {
			t.Errorf("%q that is not cut: got %q", secret, clean)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add(uint64(1), "before ", " after", false)
	f.Add(uint64(2), `{"a":"%`, `\u003d"}`, true)
	f.Add(uint64(3), "&#", ";&", true)
	f.Fuzz(func(t *testing.T, seed uint64, before, after string, cut bool) {
		r := rand.New(rand.NewPCG(seed, 5))
		token := spelt.Token(r)
		s := setOf("TOKEN", token, "SHORT", `S3c"r+t!`)
		find := s.Find
		if cut {
			find = s.FindCut
		}
		for _, clean := range find(before, token+after).Clean() {
			if read, usable := spelt.Usable(clean, token); usable && len(before)+len(after) < 200 {
				t.Errorf("%q is left in %q, which says %q", token, clean, read)
			}
		}
		written, how := spelt.Random(r, token)
		found := find("a " + written + " b" + strings.Repeat(" ", 8))
		if len(found.Names()) != 1 {
			t.Errorf("%q, %s: not found in %q", token, how, written)
		}
	})
}
