package config_test

import (
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/config"
)

// Credentials go over HTTP without TLS to this machine only, unless the user allows more.
func TestPlainHTTPBeyondLoopbackIsRefused(t *testing.T) {
	for endpoint, refused := range map[string]bool{
		"http://127.0.0.1:8080":        false,
		"http://127.8.9.10":            false,
		"http://[::1]:8080/base":       false,
		"http://localhost:8080":        false,
		"https://ges.example.com":      false,
		"HTTPS://ges.example.com":      false,
		"http://ges.example.com":       true,
		"HTTP://ges.example.com":       true,
		"http://10.0.0.1:8080":         true,
		"http://[fe80::1]":             true,
		"http://0.0.0.0:8080":          true, // any address of this machine, or of another
		"http://localhost.example.com": true,
		"http://127.0.0.1.example.com": true,
		"http://localhost.:80":         true,
	} {
		for name, set := range map[string]func(*config.Config){
			"token":      func(c *config.Config) { c.Token = "a-token" },
			"login":      func(c *config.Config) { c.Login.AuthURL = "https://iam.example.com/v3" },
			"access key": func(c *config.Config) { c.AccessKey, c.SecretKey = "k", "s" },
		} {
			c := config.Default()
			c.Endpoint, c.ProjectID, c.GraphID = endpoint, "p", "g"
			set(&c)
			err := c.Check()
			if (err != nil) != refused || refused && (!strings.Contains(err.Error(), "set --allow-http") || strings.Contains(err.Error(), "a-token")) {
				t.Errorf("%s with a %s: expected a refusal that names --allow-http: %t, got %v", endpoint, name, refused, err)
			}
			if said := strings.Contains(strings.Join(c.Cautions(), " "), "--allow-http"); said {
				t.Errorf("%s: expected no caution without the flag, got %q", endpoint, c.Cautions())
			}
			c.AllowHTTP = true
			if err := c.Check(); err != nil {
				t.Errorf("%s with a %s and --allow-http: %v", endpoint, name, err)
			}
			if said := strings.Contains(strings.Join(c.Cautions(), " "), "--allow-http"); said != refused {
				t.Errorf("%s: with the flag, a caution: got %t, want %t", endpoint, said, refused)
			}
		}
	}
}

// A Go test allows it like any other option; a variable of the environment does not.
func TestAllowHTTPIsSpelledOut(t *testing.T) {
	d := config.Deployment{URL: "http://ges.example.com", ProjectID: "p", GraphID: "g", Token: "t"}
	c, err := d.Config()
	if err == nil {
		err = c.Complete()
	}
	if err == nil || !strings.Contains(err.Error(), "--allow-http") {
		t.Errorf("without the option: got %v", err)
	}
	d.Options = map[string]string{"allow-http": "true"}
	if c, err = d.Config(); err == nil {
		err = c.Complete()
	}
	if err != nil {
		t.Errorf("with the option: %v", err)
	}
	c = config.Default()
	_, err = config.FromEnvironment(&c, []string{"GESCONFORM_ENDPOINT=http://ges.example.com", "GESCONFORM_ALLOW_HTTP=true"}, nil)
	if err == nil || !strings.Contains(err.Error(), "gesconform run --allow-http") {
		t.Errorf("from the environment: got %v", err)
	}
}
