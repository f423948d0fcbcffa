package config_test

import (
	"testing"

	"github.com/gesconform/gesconform/internal/config"
)

// What people paste as an endpoint, and what they are told.
func TestEndpointFaults(t *testing.T) {
	t.Parallel()
	const form = "endpoint: expected http://HOST[:PORT] or https://HOST[:PORT]"
	const version = "endpoint: expected the address without the path of the API, which begins with /v2 and is added to it, got "
	for _, tt := range []struct{ endpoint, want string }{
		{"https://ges.example.com", ""},
		{"HTTPS://ges.example.com/", ""},
		{"https://gateway.example.com/ges/stage", ""},
		{"http://[::1]:8080", ""},
		{"http://LOCALHOST:8080", ""},
		{"", "endpoint: is missing; set --endpoint https://HOST or GESCONFORM_ENDPOINT"},
		{"ges.example.com", form + `, got "ges.example.com", which has no scheme; set --endpoint https://ges.example.com`},
		{"ges.example.com:443/x", form + `, got "ges.example.com:443/x", which has no scheme; set --endpoint https://ges.example.com:443/x`},
		{"localhost:8080", form + `, got "localhost:8080", which has no scheme; set --endpoint http://localhost:8080`},
		{"//ges.example.com", form + `, got "//ges.example.com", which has no scheme; set --endpoint https://ges.example.com`},
		{"me:secret@ges.example.com", "endpoint: expected https://HOST[:PORT], got a text without a scheme (not shown)"},
		{"ftp://ges.example.com", form + `, got the scheme "ftp"`},
		{"htps://ges.example.com", form + `, got the scheme "htps"`},
		{"https://", form + `, got "https://"`},
		{"https://:443", form + `, got "https://:443"`},
		{"https:// ges.example.com", "endpoint: expected https://HOST[:PORT], got a blank in it"},
		{" https://ges.example.com", "endpoint: expected https://HOST[:PORT], got a blank before it"},
		{"https://ges.example.com ", "endpoint: expected https://HOST[:PORT], got a blank after it"},
		{"https://ges.example.com\n", "endpoint: expected https://HOST[:PORT], got a line break after it"},
		{"https://ges.example.com\u00a0", "endpoint: expected https://HOST[:PORT], got a blank (U+00A0) after it"},
		{"https://ges.example\u200b.com", "endpoint: expected https://HOST[:PORT], got an invisible character (U+200B) in it"},
		{"\ufeffhttps://ges.example.com", "endpoint: expected https://HOST[:PORT], got a byte order mark (U+FEFF) before it"},
		{`"https://ges.example.com"`, "endpoint: expected https://HOST[:PORT], got quotes around it"},
		{"“https://ges.example.com”", "endpoint: expected https://HOST[:PORT], got quotes around it"},
		{"https://ges.example.com\xff", "endpoint: expected https://HOST[:PORT], got bytes that are not UTF-8"},
		{"  ", "endpoint: expected https://HOST[:PORT], got only blanks"},
		{"https://me:secret@ges.example.com", "endpoint: expected no user or password in the URL; set --token, or --credential beside --spec"},
		{"https://me:s%ecret@ges.example.com", "endpoint: expected no user or password in the URL; set --token, or --credential beside --spec"},
		{"https://ges.example.com:port", form + ` with a port from 1 to 65535, got "https://ges.example.com:port"`},
		{"https://ges.example.com:0", form + ` with a port from 1 to 65535, got "https://ges.example.com:0"`},
		{"https://ges.example.com:99999", form + ` with a port from 1 to 65535, got "https://ges.example.com:99999"`},
		{"https://ges.example.com?token=secret", `endpoint: expected no query and no fragment, got "https://ges.example.com"`},
		{"https://ges.example.com#a", `endpoint: expected no query and no fragment, got "https://ges.example.com"`},
		{"https://ges.example.com/v2", version + `"https://ges.example.com/v2"; set --endpoint https://ges.example.com`},
		{"https://ges.example.com/v2/", version + `"https://ges.example.com/v2/"; set --endpoint https://ges.example.com`},
		{"https://gw.example.com/a/v2/p/graphs/g/upgrade", version + `"https://gw.example.com/a/v2/p/graphs/g/upgrade"; set --endpoint https://gw.example.com/a`},
	} {
		c := complete()
		c.Endpoint = tt.endpoint
		saysExactly(t, tt.endpoint, c.Check(), tt.want)
	}
}

func complete() config.Config {
	c := config.Default()
	c.Endpoint, c.ProjectID, c.GraphID, c.Token = "https://ges.example.com", "p", "g", "t"
	return c
}

func saysExactly(t *testing.T, name string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if got != want {
		t.Errorf("%q:\n got %s\nwant %s", name, got, want)
	}
}

// All that is missing, and all that is wrong, is said at once.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	const aToken = "--token or GESCONFORM_TOKEN, --token-file or --token-command, OS_AUTH_URL and the variables of a login, or an access key in GESCONFORM_ACCESS_KEY and GESCONFORM_SECRET_KEY"
	for name, tt := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"nothing": {func(*config.Config) {}, ""},
		"token":   {func(c *config.Config) { c.Token = "" }, "token: is missing; set " + aToken},
		"all": {
			func(c *config.Config) { *c = config.Default() },
			"endpoint, project-id, graph-id and token: are missing; set --endpoint https://HOST or GESCONFORM_ENDPOINT; --project-id or GESCONFORM_PROJECT_ID; --graph-id or GESCONFORM_GRAPH_ID; " + aToken,
		},
		"all but the endpoint": {
			func(c *config.Config) { c.ProjectID, c.GraphID, c.Token = "", "", "" },
			"project-id, graph-id and token: are missing; set --project-id or GESCONFORM_PROJECT_ID; --graph-id or GESCONFORM_GRAPH_ID; " + aToken,
		},
		"graph and secret key": {
			func(c *config.Config) { c.GraphID, c.Token, c.AccessKey = "", "", "a" },
			"graph-id and secret-key: are missing; set --graph-id or GESCONFORM_GRAPH_ID; GESCONFORM_SECRET_KEY, which goes with the access key",
		},
		"an endpoint without a scheme, and no project": {
			func(c *config.Config) { c.Endpoint, c.ProjectID = "ges", "" },
			`endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got "ges", which has no scheme; set --endpoint https://ges; project-id: is missing; set --project-id or GESCONFORM_PROJECT_ID`,
		},
		"limits":                {func(c *config.Config) { c.RequestTimeout, c.Concurrency = 0, 0 }, "request-timeout: expected a duration above 0, got 0s; concurrency: expected 1 to 1000, got 0"},
		"blank after an id":     {func(c *config.Config) { c.GraphID = "g " }, "graph-id: expected an id and nothing else, got a blank after it"},
		"quotes around an id":   {func(c *config.Config) { c.ProjectID = `"p"` }, "project-id: expected an id and nothing else, got quotes around it"},
		"a path as an id":       {func(c *config.Config) { c.GraphID = "graphs/g" }, `graph-id: expected an id, got one with '/' in it: "graphs/g"`},
		"a placeholder":         {func(c *config.Config) { c.StoppedGraphID = "<graph>" }, `stopped-graph-id: expected an id, got one with '<' in it: "<graph>"`},
		"a token of two words":  {func(c *config.Config) { c.Token = "X-Auth-Token: secret" }, "token: expected the value alone, got a blank in it"},
		"a token with a mark":   {func(c *config.Config) { c.ReadonlyToken = "\ufeffsecret" }, "readonly-token: expected the value alone, got a byte order mark (U+FEFF) before it"},
		"a token in quotes":     {func(c *config.Config) { c.Token = "'secret'" }, "token: expected the value alone, got quotes around it"},
		"a flag as a token":     {func(c *config.Config) { c.Token = "--graph-id" }, "token: expected a value, got the flag --graph-id"},
		"a token on two lines":  {func(c *config.Config) { c.ExpiredToken = "se\ncret" }, "expired-token: expected the value alone, got a line break in it"},
		"a token with a bell":   {func(c *config.Config) { c.Token = "se\acret" }, "token: expected the value alone, got a control character (U+0007) in it"},
		"two secrets":           {func(c *config.Config) { c.Token, c.SecurityToken = " secret", "secret\t" }, "token: expected the value alone, got a blank before it; security-token: expected the value alone, got a tab after it"},
		"a certificate, no key": {func(c *config.Config) { c.ClientCert, c.Rate = "c.pem", -2 }, `rate: expected 0 or more requests per second, got -2; client-cert: expected --client-key with it, got --client-cert "c.pem" alone`},
	} {
		c := complete()
		tt.change(&c)
		saysExactly(t, name, c.Check(), tt.want)
	}
}

// All variables that are wrong, and all that lower a guard, are said at once.
func TestAllVariablesAtOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		environ []string
		want    string
	}{
		{
			[]string{"GESCONFORM_ENDPOINT=https://ges.example.com", "GESCONFORM_RISK=destructive"},
			"GESCONFORM_RISK lowers a guard and is only read for an endpoint on a loopback address; set gesconform run --risk instead",
		},
		{
			[]string{"GESCONFORM_ENDPOINT=https://ges.example.com", "GESCONFORM_RISK=destructive", "GESCONFORM_SEED=x", "GESCONFORM_MAX_UPGRADES=3", "GESCONFORM_INSECURE=true"},
			`GESCONFORM_SEED: expected a whole number, got "x"; GESCONFORM_INSECURE, GESCONFORM_RISK and GESCONFORM_MAX_UPGRADES lower a guard and are only read for an endpoint on a loopback address; set gesconform run --insecure --risk --max-upgrades instead`,
		},
		{[]string{"GESCONFORM_ENDPOINT=http://LOCALHOST:1", "GESCONFORM_RISK=guarded"}, ""},
		{[]string{"GESCONFORM_ENDPOINT=http://localhost.example.com", "GESCONFORM_RISK=guarded"}, "GESCONFORM_RISK lowers a guard and is only read for an endpoint on a loopback address; set gesconform run --risk instead"},
	} {
		c := config.Default()
		_, err := config.FromEnvironment(&c, tt.environ, nil)
		saysExactly(t, tt.environ[0], err, tt.want)
	}
}
