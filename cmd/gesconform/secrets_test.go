package main

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/wire"
)

// markedForms are the ways in which a marked credential could be written.
func markedForms() map[string]string {
	all := map[string]string{}
	for name, secret := range map[string]string{"token": markedToken, "readonly": markedReadonly, "expired": markedExpired, "tampered": wire.Tampered(markedToken)} {
		all[name] = secret
		all[name+" in base64"] = strings.TrimRight(base64.StdEncoding.EncodeToString([]byte(secret)), "=")
		all[name+" in base64 of URLs"] = strings.TrimRight(base64.URLEncoding.EncodeToString([]byte(secret)), "=")
		all[name+" in a query"] = url.QueryEscape(secret)
		all[name+" in a path"] = url.PathEscape(secret)
		all[name+" in JSON of PHP"] = strings.ReplaceAll(secret, "/", `\/`)
	}
	return all
}

// A parrot shows the named graph, and answers all else with what it was sent,
// in the header and in the body, in one form after the other.
func parrot(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	token := r.Header.Get("X-Auth-Token")
	for name, values := range r.Header {
		for _, v := range values {
			w.Header().Add("X-Echo-"+name, v)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Base64", base64.StdEncoding.EncodeToString([]byte(token)))
	if r.Method == http.MethodGet && r.URL.Path == "/v2/0123456789abcdef0123456789abcdef/graphs/53205529-026b-455a-9e07-228fae4b12b9" && token == markedToken {
		_, _ = io.WriteString(w, `{"graph":{"id":"53205529-026b-455a-9e07-228fae4b12b9","name":"n","status":"200","data_store_version":"2.2.8"}}`)
		return
	}
	w.WriteHeader(http.StatusNotFound)
	echo, _ := json.Marshal(map[string]any{
		"error_code": token, "error_msg": r.Header, "body": string(body), "query": url.QueryEscape(token), "path": url.PathEscape(token),
		"base64": base64.StdEncoding.EncodeToString([]byte(token)), "base64url": base64.RawURLEncoding.EncodeToString([]byte(token)),
	})
	_, _ = w.Write(echo)
	_, _ = io.WriteString(w, strings.ReplaceAll(token, "/", `\/`))
}

func TestCredentialsAreNowhere(t *testing.T) {
	dir := t.TempDir()
	summary := filepath.Join(dir, "step-summary")
	c := call(t, []string{"GITHUB_STEP_SUMMARY=" + summary}, judging(serverOf(t, parrot), "--github", "--verbose", "--risk", "destructive", "--keep-going", "--upgrade-version", "2.2.9", "--output", dir)...)
	if c.status != exitDeviates {
		t.Fatalf("expected status 1, got %d: %s", c.status, c.stderr)
	}
	if !strings.Contains(c.stdout, "answer.no-credentials") || !strings.Contains(c.stdout, "$GESCONFORM_TOKEN") {
		t.Error("the leak was not found, or no token was redacted: the test shows little")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("expected files, got %q, %v", files, err)
	}
	texts := map[string]string{"stdout": c.stdout, "stderr": c.stderr}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(file)] = string(text)
		texts[filepath.Base(file)+" as a browser reads it"] = html.UnescapeString(string(text))
	}
	for name, text := range texts {
		for form, written := range markedForms() {
			if i := strings.Index(text, written); i >= 0 {
				t.Errorf("%s carries the %s: …%q…", name, form, text[max(0, i-60):min(len(text), i+60)])
			}
		}
	}
}
