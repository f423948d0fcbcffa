package contract_test

import (
	"encoding/base64"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/selftest/spelt"
)

// Whatever carries a credential and however a text spells it, nobody can read it afterwards, be it in
// one text or in two that belong together.
func TestRedactLeavesNoSpelling(t *testing.T) {
	document := load(t)
	seed := spelt.Seed()
	r := rand.New(rand.NewPCG(seed, 8))
	for range 400 {
		secret := spelt.Token(r)
		name, value := "X-Auth-Token", secret
		switch r.IntN(6) {
		case 0:
			name, value = "Authorization", "Bearer "+secret
		case 1:
			name, value = "Authorization", "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host, Signature="+secret
		case 2:
			name, value = "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("me:"+secret))
		case 3:
			name, value = "Cookie", "lang=en; session="+secret
		case 4:
			name, value = "Set-Cookie", "session="+secret+"; Path=/"
		}
		written, how := spelt.Random(r, secret)
		one, other := "it is "+written+", is it not", `{"member":"`
		if r.IntN(4) == 0 {
			at := 1 + r.IntN(len(secret)-1)
			how, one, other = "in two texts", "a "+secret[:at], `{"b":"`+secret[at:]
		}
		document.Redact([]http.Header{{"Content-Type": {"a/b"}}, {name: {value}}}, &one, &other)
		if read, usable := spelt.Usable(one+" . "+other, secret); usable || !strings.Contains(one+other, "[redacted]") {
			t.Errorf("seed %d: %s: %q, %s: got %q and %q, which say %q", seed, name, secret, how, one, other, read)
		}
	}
}

// What is no secret in a header stays: the key's name, the scheme, other words.
func TestRedactKeepsTheRest(t *testing.T) {
	const signature = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	text := "SDK-HMAC-SHA256 Access=PLANTEDACCESS, SignedHeaders=host;x-sdk-date, Signature=" + signature + " of 2.2.9 in lang=english-words"
	want := strings.Replace(text, signature, "[redacted]", 1)
	load(t).Redact([]http.Header{{
		"Authorization": {"SDK-HMAC-SHA256 Access=PLANTEDACCESS, SignedHeaders=x-sdk-date, Signature=" + signature}, "Cookie": {"lang=en; flag"},
	}}, &text)
	if text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	text = want
	load(t).Redact([]http.Header{{"Content-Type": {want}}}, &text)
	if text != want {
		t.Errorf("without credentials: got %q", text)
	}
}
