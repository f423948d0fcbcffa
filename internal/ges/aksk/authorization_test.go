package aksk_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/ges/aksk"
)

var signature = strings.Repeat("0123456789abcdef", 4)

func TestParseAuthorization(t *testing.T) {
	want := aksk.Authorization{Access: "AK", SignedHeaders: []string{"host", "x-sdk-date"}, Signature: signature}
	access, headers, sign := "Access=AK", "SignedHeaders=host;x-sdk-date", "Signature="+signature
	for _, fields := range []string{
		access + ", " + headers + ", " + sign,
		access + "," + headers + "," + sign,
		sign + ",\t" + access + " ,  " + headers,
		headers + ", " + sign + ", " + access,
	} {
		got, err := aksk.ParseAuthorization(aksk.Scheme + " " + fields)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: expected %+v, got %+v, %v", fields, want, got, err)
		}
	}
	if got, want := want.Value(), aksk.Scheme+" "+access+", "+headers+", "+sign; got != want {
		t.Errorf("expected %s, got %s", want, got)
	}
	// An access key may contain an equals sign, since nothing forbids it.
	if a, err := aksk.ParseAuthorization(aksk.Scheme + " Access=A=K=, " + headers + ", " + sign); err != nil || a.Access != "A=K=" {
		t.Errorf("expected access key %q, got %q, %v", "A=K=", a.Access, err)
	}
}

func TestParseAuthorizationRefuses(t *testing.T) {
	const scheme = aksk.Scheme + " "
	good := "Access=AK, SignedHeaders=host;x-sdk-date, Signature=" + signature
	with := func(old, changed string) string {
		if !strings.Contains(scheme+good, old) {
			t.Fatalf("expected %q in %q", old, scheme+good)
		}
		return strings.Replace(scheme+good, old, changed, 1)
	}
	for _, test := range []struct{ name, value, want string }{
		{"empty", "", `expected the scheme "SDK-HMAC-SHA256"`},
		{"scheme only", aksk.Scheme, "expected the scheme"},
		{"no fields", scheme, "got 1"},
		{"other scheme", "Bearer SECRET", "expected the scheme"},
		{"scheme in lower case", strings.ToLower(scheme) + good, "expected the scheme"},
		{"derived scheme", "V11-HMAC-SHA256 " + good, "expected the scheme"},
		{"too long", with("AK", strings.Repeat("A", 8<<10)), "expected at most 8192 bytes, got"},
		{"field missing", with("Access=AK, ", ""), "got 2"},
		{"field too many", with("Access=AK", "Access=AK, Access=AK"), "got 4"},
		{"field twice", with("Access=AK", "Signature="+signature), `got "Signature" twice`},
		{"other field", with("Access=", "Credential="), `got "Credential"`},
		{"field in lower case", with("Access=", "access="), `got "access"`},
		{"blank in a field", with("Access=AK", "Access =AK"), `got "Access "`},
		{"no equals sign", with("Access=AK", "SECRET"), "without an equals sign"},
		{"empty access key", with("AK", ""), "visible ASCII"},
		{"access key with a blank", with("AK", "A SECRET"), "visible ASCII"},
		{"access key beyond ASCII", with("AK", "é"), "visible ASCII"},
		{"no signed headers", with("host;x-sdk-date", ""), `got ""`},
		{"empty signed header", with("host;", "host;;"), `got ""`},
		{"semicolon at the end", with("x-sdk-date", "x-sdk-date;"), `got ""`},
		{"signed header in capitals", with("host", "Host"), `got "Host"`},
		{"no token", with("host", "ho st"), `got "ho st"`},
		{"not sorted", with("host;x-sdk-date", "x-sdk-date;host"), `got "x-sdk-date" before "host"`},
		{"same header twice", with("host", "host;host"), `got "host" before "host"`},
		{"its own header", with("host", "authorization;host"), `got "authorization"`},
		{"empty signature", with(signature, ""), "64 lower-case hex digits"},
		{"short signature", with(signature, signature[1:]), "got 63 bytes"},
		{"long signature", with(signature, signature+"0"), "got 65 bytes"},
		{"capitals in the signature", with(signature, strings.ToUpper(signature)), "64 lower-case hex digits"},
		{"no hex", with(signature, "g"+signature[1:]), "64 lower-case hex digits"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := aksk.ParseAuthorization(test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "authorization: expected ") {
				t.Fatalf("expected an error with %q, got %v", test.want, err)
			}
			if strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), signature[10:20]) {
				t.Errorf("expected an error without the value, got %v", err)
			}
			if !reflect.DeepEqual(a, aksk.Authorization{}) {
				t.Errorf("expected no authorization beside an error, got %+v", a)
			}
		})
	}
}
