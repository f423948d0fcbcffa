package config_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// given has a value for each option, and what the configuration then contains.
var given = map[string]struct {
	value string
	want  func(*config.Config) bool
}{
	"endpoint":              {"http://127.0.0.1:1", func(c *config.Config) bool { return c.Endpoint == "http://127.0.0.1:1" }},
	"region":                {"cn-north-4", func(c *config.Config) bool { return c.Region == "cn-north-4" }},
	"ca-file":               {"ca.pem", func(c *config.Config) bool { return c.CAFile == "ca.pem" }},
	"client-cert":           {"cert.pem", func(c *config.Config) bool { return c.ClientCert == "cert.pem" }},
	"client-key":            {"key.pem", func(c *config.Config) bool { return c.ClientKey == "key.pem" }},
	"insecure":              {"true", func(c *config.Config) bool { return c.Insecure }},
	"allow-http":            {"true", func(c *config.Config) bool { return c.AllowHTTP }},
	"project-id":            {"p", func(c *config.Config) bool { return c.ProjectID == "p" }},
	"graph-id":              {"g", func(c *config.Config) bool { return c.GraphID == "g" }},
	"absent-graph-id":       {"no-such", func(c *config.Config) bool { return c.AbsentGraphID == "no-such" }},
	"token":                 {"t", func(c *config.Config) bool { return c.Token == "t" }},
	"token-file":            {"token.txt", func(c *config.Config) bool { return c.TokenFile == "token.txt" }},
	"token-command":         {"echo t", func(c *config.Config) bool { return c.TokenCommand == "echo t" }},
	"access-key":            {"a", func(c *config.Config) bool { return c.AccessKey == "a" }},
	"secret-key":            {"k", func(c *config.Config) bool { return c.SecretKey == "k" }},
	"security-token":        {"st", func(c *config.Config) bool { return c.SecurityToken == "st" }},
	"readonly-token":        {"r", func(c *config.Config) bool { return c.ReadonlyToken == "r" }},
	"expired-token":         {"e", func(c *config.Config) bool { return c.ExpiredToken == "e" }},
	"stopped-graph-id":      {"s", func(c *config.Config) bool { return c.StoppedGraphID == "s" }},
	"foreign-graph-id":      {"f", func(c *config.Config) bool { return c.ForeignGraphID == "f" }},
	"upgrade-version":       {"1.0.9, 1.0.10", func(c *config.Config) bool { return slices.Equal(c.UpgradeVersions, []string{"1.0.9", "1.0.10"}) }},
	"risk":                  {"guarded", func(c *config.Config) bool { return c.Risk == cases.Guarded }},
	"max-upgrades":          {"4", func(c *config.Config) bool { return c.MaxUpgrades == 4 }},
	"confirm-graph":         {"name", func(c *config.Config) bool { return c.ConfirmGraph == "name" }},
	"confirm-foreign-graph": {"true", func(c *config.Config) bool { return c.ConfirmForeignGraph }},
	"keep-going":            {"true", func(c *config.Config) bool { return c.KeepGoing }},
	"recovery-timeout":      {"9s", func(c *config.Config) bool { return c.RecoveryTimeout == 9*time.Second }},
	"request-timeout":       {"7s", func(c *config.Config) bool { return c.RequestTimeout == 7*time.Second }},
	"job-timeout":           {"8m", func(c *config.Config) bool { return c.JobTimeout == 8*time.Minute }},
	"rate":                  {"2.5", func(c *config.Config) bool { return c.Rate == 2.5 }},
	"max-requests":          {"77", func(c *config.Config) bool { return c.MaxRequests == 77 }},
	"concurrency":           {"3", func(c *config.Config) bool { return c.Concurrency == 3 }},
	"seed":                  {"-5", func(c *config.Config) bool { return c.Seed == -5 }},
	"label-filter":          {"body", func(c *config.Config) bool { return c.LabelFilter == "body" }},
	"max-response-time":     {"250ms", func(c *config.Config) bool { return c.MaxResponseTime == 250*time.Millisecond }},
	"strict":                {"true", func(c *config.Config) bool { return c.Strict }},
	"only-documented":       {"true", func(c *config.Config) bool { return c.OnlyDocumented }},
	"require":               {"all-must", func(c *config.Config) bool { return c.Require == "all-must" }},
	"until":                 {"2026-11-24T04:00:00+08:00", func(c *config.Config) bool { return c.Until.Equal(time.Date(2026, 11, 23, 20, 0, 0, 0, time.UTC)) }},
	"ticket":                {"CHG-1", func(c *config.Config) bool { return c.Ticket == "CHG-1" }},
	"output":                {"folder", func(c *config.Config) bool { return c.Output == "folder" }},
	"header": {"X-Tenant:acme", func(c *config.Config) bool {
		return slices.Equal(c.Document.Headers, []config.Named{{Name: "X-Tenant", Value: "acme"}})
	}},
	"query": {"v=2", func(c *config.Config) bool {
		return slices.Equal(c.Document.Queries, []config.Named{{Name: "v", Value: "2"}})
	}},
	"cookie": {"lang=en", func(c *config.Config) bool {
		return slices.Equal(c.Document.Cookies, []config.Named{{Name: "lang", Value: "en"}})
	}},
	"credential": {"key=k-1=2", func(c *config.Config) bool {
		return slices.Equal(c.Document.Credentials, []config.Named{{Name: "key", Value: "k-1=2"}})
	}},
	"fixture": {"petId=7!", func(c *config.Config) bool {
		return slices.Equal(c.Document.Fixtures, []config.Fixture{{Name: "petId", Value: "7", Free: true}})
	}},
	"fixtures":   {"ids.yaml", func(c *config.Config) bool { return c.Document.FixturesFile == "ids.yaml" }},
	"operation":  {"list*", func(c *config.Config) bool { return slices.Equal(c.Document.Operations, []string{"list*"}) }},
	"max-places": {"7", func(c *config.Config) bool { return c.Document.MaxPlaces == 7 }},
	"time":       {"60s", func(c *config.Config) bool { return c.Document.Time == time.Minute }},
}

func TestEveryOptionIsReadFromItsVariable(t *testing.T) {
	names := map[string]bool{}
	for _, o := range config.Options {
		g, known := given[o.Name]
		if !known {
			t.Errorf("no value for the option %s in this test", o.Name)
			continue
		}
		names[o.Name] = true
		if want := "GESCONFORM_" + strings.ToUpper(strings.ReplaceAll(o.Name, "-", "_")); o.Env() != want {
			t.Errorf("%s: got the variable %s, expected %s", o.Name, o.Env(), want)
		}
		fromFlag, fromVariable := config.Default(), config.Default()
		if err := o.Set(&fromFlag, g.value); err != nil || !g.want(&fromFlag) {
			t.Errorf("%s: set to %q: %v", o.Name, g.value, err)
		}
		set := map[string]bool{}
		if warnings, err := config.FromEnvironment(&fromVariable, []string{o.Env() + "=" + g.value}, set); err != nil || len(warnings) > 0 || !set[o.Name] {
			t.Errorf("%s=%s: %v, warnings %q, set %v", o.Env(), g.value, err, warnings, set)
		}
		if !reflect.DeepEqual(fromFlag, fromVariable) {
			t.Errorf("%s: expected the same from the flag and the variable, got %+v and %+v", o.Name, fromFlag, fromVariable)
		}
		kept := config.Default()
		before := kept
		if _, err := config.FromEnvironment(&kept, []string{o.Env() + "=" + g.value}, map[string]bool{o.Name: true}); err != nil || !reflect.DeepEqual(kept, before) {
			t.Errorf("%s: expected the flag to override the variable, got %+v, %v", o.Name, kept, err)
		}
		if shown := o.Get(&fromFlag); o.Secret != (strings.HasSuffix(o.Name, "token") || slices.Contains([]string{"secret-key", "header", "query", "cookie", "credential"}, o.Name)) || o.Secret && shown != "" {
			t.Errorf("%s: secret %t, shown as %q", o.Name, o.Secret, shown)
		}
	}
	for name := range given {
		if !names[name] {
			t.Errorf("expected the option %s, which is promised, got none", name)
		}
	}
}

func TestWhatLowersAGuardMustBeAFlagElsewhere(t *testing.T) {
	for _, o := range config.Options {
		value := given[o.Name].value
		for endpoint, loopback := range map[string]bool{
			"http://127.0.0.1:8080": true, "https://localhost": true, "http://[::1]:1": true, "http://127.9.9.9": true,
			"https://ges.example.com": false, "http://127.0.0.1.example.com": false, "http://10.0.0.1": false, "http://localhost.example.com": false,
			"http://0.0.0.0": false, "http://127.0.0.1@example.com": false, "http://example.com/127.0.0.1": false, "http://example.com#@localhost": false,
		} {
			if o.Name == "endpoint" {
				continue
			}
			refused := o.LowersGuard && !loopback
			for name, environ := range map[string][]string{
				"endpoint as a variable": {o.Env() + "=" + value, "GESCONFORM_ENDPOINT=" + endpoint},
				"endpoint as a flag":     {o.Env() + "=" + value},
			} {
				c, flags := config.Default(), map[string]bool{}
				if len(environ) == 1 {
					c.Endpoint, flags["endpoint"] = endpoint, true
				}
				_, err := config.FromEnvironment(&c, environ, flags)
				if (err != nil) != refused {
					t.Errorf("%s, %s %s: expected refused %t, got %v", o.Env(), name, endpoint, refused, err)
				}
				if err != nil && (!strings.Contains(err.Error(), o.Env()) || !strings.Contains(err.Error(), "--"+o.Name)) {
					t.Errorf("%s: expected an error that says what to do, got %v", o.Env(), err)
				}
				if refused && !reflect.DeepEqual(o.Get(&c), o.Get(ptr(config.Default()))) {
					t.Errorf("%s: expected a refused variable to have no effect", o.Env())
				}
			}
		}
	}
	for _, name := range []string{"risk", "max-upgrades", "confirm-graph", "confirm-foreign-graph", "keep-going", "rate", "insecure", "absent-graph-id", "allow-http", "fixture", "fixtures"} {
		i := slices.IndexFunc(config.Options, func(o *config.Option) bool { return o.Name == name })
		if !config.Options[i].LowersGuard {
			t.Errorf("%s: expected an option that does not lower a guard", name)
		}
	}
}

func ptr[T any](v T) *T { return &v }

func TestEnvironmentRules(t *testing.T) {
	for _, tt := range []struct {
		name     string
		environ  []string
		flags    []string
		warnings []string // parts of each
		err      string
	}{
		{name: "nothing", environ: []string{"PATH=/bin", "GES=1", "gesconform_risk=destructive"}},
		{name: "empty counts as unset", environ: []string{"GESCONFORM_RISK=", "GESCONFORM_SEED=", "GESCONFORM_TOKEN="}},
		{name: "empty endpoint", environ: []string{"GESCONFORM_ENDPOINT="}, err: "GESCONFORM_ENDPOINT: expected the URL of a deployment, got an empty one"},
		{name: "empty endpoint, flag given", environ: []string{"GESCONFORM_ENDPOINT="}, flags: []string{"endpoint"}},
		{name: "unknown", environ: []string{"GESCONFORM_GRAPHID=g", "GESCONFORM_TOKENS=s3cret-value"}, warnings: []string{"GESCONFORM_GRAPHID is unknown; did you mean GESCONFORM_GRAPH_ID?", "GESCONFORM_TOKENS is unknown; did you mean GESCONFORM_TOKEN?"}},
		{name: "unknown, like no other", environ: []string{"GESCONFORM_ZZZ=1"}, warnings: []string{"GESCONFORM_ZZZ is unknown; `gesconform run --help` lists the flags"}},
		{name: "read by tests", environ: []string{"GESCONFORM_UPDATE=1"}},
		{name: "bad risk", environ: []string{"GESCONFORM_RISK=high"}, err: `GESCONFORM_RISK: expected inert, guarded or destructive, got "high"`},
		{name: "bad number", environ: []string{"GESCONFORM_CONCURRENCY=many"}, err: "GESCONFORM_CONCURRENCY: expected a whole number"},
		{name: "bad switch", environ: []string{"GESCONFORM_STRICT=maybe"}, err: "expected true or false"},
		{name: "bad time", environ: []string{"GESCONFORM_JOB_TIMEOUT=10"}, err: "GESCONFORM_JOB_TIMEOUT"},
		{name: "bad versions", environ: []string{"GESCONFORM_UPGRADE_VERSION=1.0.9,1.0.8"}, err: "expected an ascending list, got 1.0.8 after 1.0.9"},
		{name: "the last one counts", environ: []string{"GESCONFORM_RISK=high", "GESCONFORM_RISK=inert"}},
	} {
		c, flags := config.Default(), map[string]bool{}
		for _, f := range tt.flags {
			flags[f] = true
		}
		warnings, err := config.FromEnvironment(&c, tt.environ, flags)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: expected error %q, got %v", tt.name, tt.err, err)
		}
		if len(warnings) != len(tt.warnings) {
			t.Errorf("%s: warnings %q", tt.name, warnings)
			continue
		}
		for i, want := range tt.warnings {
			if !strings.Contains(warnings[i], want) || strings.Contains(warnings[i], "s3cret") {
				t.Errorf("%s: expected warning %q, got %q", tt.name, want, warnings[i])
			}
		}
	}
}

func TestUpgradesAllowed(t *testing.T) {
	for _, tt := range []struct {
		risk     cases.Risk
		endpoint string
		max      int
		want     int
	}{
		{cases.Inert, "http://127.0.0.1", 3, 0},
		{cases.Guarded, "http://127.0.0.1", 3, 0},
		{cases.Destructive, "http://127.0.0.1", -1, 2},
		{cases.Destructive, "http://127.0.0.1", 0, 0},
		{cases.Destructive, "https://ges.example.com", -1, 1},
		{cases.Destructive, "https://ges.example.com", 5, 5},
	} {
		c := config.Default()
		c.Risk, c.Endpoint, c.MaxUpgrades, c.UpgradeVersions = tt.risk, tt.endpoint, tt.max, []string{"1.0.1", "1.0.2"}
		if got := c.Upgrades(); got != tt.want {
			t.Errorf("%+v: got %d", tt, got)
		}
	}
}

// The access key in the variables of other tools is used if there are no other credentials
// and it is complete.
func TestKeysOfOtherTools(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		want    string
	}{
		"the SDKs'":            {[]string{"HUAWEICLOUD_SDK_AK=a", "HUAWEICLOUD_SDK_SK=s"}, "a s "},
		"temporary":            {[]string{"HUAWEICLOUD_SDK_AK=a", "HUAWEICLOUD_SDK_SK=s", "HUAWEICLOUD_SDK_SECURITY_TOKEN=t"}, "a s t"},
		"Terraform's":          {[]string{"HW_ACCESS_KEY=a", "HW_SECRET_KEY=s", "HW_SECURITY_TOKEN=t"}, "a s t"},
		"the SDKs' come first": {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "HUAWEICLOUD_SDK_AK=a", "HUAWEICLOUD_SDK_SK=s"}, "a s "},
		"half":                 {[]string{"HUAWEICLOUD_SDK_AK=a", "HW_SECRET_KEY=s"}, "  "},
		"ours beats them":      {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "GESCONFORM_ACCESS_KEY=a", "GESCONFORM_SECRET_KEY=s"}, "a s "},
		"ours by half":         {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "GESCONFORM_ACCESS_KEY=a"}, "a  "},
		"a login beats them":   {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "OS_AUTH_URL=http://127.0.0.1:1/v3", "OS_USERNAME=u", "OS_PASSWORD=p"}, "  "},
		"half a login":         {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "OS_AUTH_URL=http://127.0.0.1:1/v3", "OS_USERNAME=u"}, "b c "},
		"a token beats them":   {[]string{"HW_ACCESS_KEY=b", "HW_SECRET_KEY=c", "GESCONFORM_TOKEN=t"}, "  "},
	} {
		c := config.Default()
		if _, err := config.FromEnvironment(&c, tt.environ, nil); err != nil {
			t.Fatal(err)
		}
		if got := c.AccessKey + " " + c.SecretKey + " " + c.SecurityToken; got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestCredentialsMustBeWhole(t *testing.T) {
	for name, tt := range map[string]struct{ token, access, secret, want string }{
		"none":       {"", "", "", "token: is missing; set --token or GESCONFORM_TOKEN, --token-file or --token-command, OS_AUTH_URL and the variables of a login, or an access key in GESCONFORM_ACCESS_KEY and GESCONFORM_SECRET_KEY"},
		"no secret":  {"", "a", "", "secret-key: is missing; set GESCONFORM_SECRET_KEY, which goes with the access key"},
		"no access":  {"", "", "s", "access-key: is missing; set --access-key or GESCONFORM_ACCESS_KEY, which goes with the secret key"},
		"whole":      {"", "a", "s", ""},
		"token":      {"t", "", "", ""},
		"token wins": {"t", "a", "", ""},
		"line break": {"", "a", "s\n", "secret-key: expected the value alone, got a line break after it"},
	} {
		c := config.Default()
		c.Endpoint, c.ProjectID, c.GraphID, c.Token, c.AccessKey, c.SecretKey = "http://127.0.0.1:1", "p", "g", tt.token, tt.access, tt.secret
		got := ""
		if err := c.Check(); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestRegion(t *testing.T) {
	for _, tt := range []struct{ region, endpoint, want, problem string }{
		{"cn-north-4", "", "https://ges.cn-north-4.myhuaweicloud.com", ""},
		{"ap-southeast-3", "", "https://ges.ap-southeast-3.myhuaweicloud.com", ""},
		{"eu-west-101", "", "https://ges.eu-west-101.myhuaweicloud.eu", ""},
		{"cn-north-4", "https://ges.example.com", "https://ges.example.com", `region: expected either --region or --endpoint, got "cn-north-4" and "https://ges.example.com"`},
		{"cn-north-4.example.com/x", "", "", `GESCONFORM_REGION: expected a name such as cn-north-4`},
		{"CN", "", "", `GESCONFORM_REGION: expected a name such as cn-north-4`},
	} {
		c := config.Default()
		c.ProjectID, c.GraphID, c.Token = "p", "g", "t"
		environ := []string{"GESCONFORM_REGION=" + tt.region}
		if tt.endpoint != "" {
			environ = append(environ, "GESCONFORM_ENDPOINT="+tt.endpoint)
		}
		_, err := config.FromEnvironment(&c, environ, nil)
		if err == nil {
			err = c.Check()
		}
		if problem := fmt.Sprint(err); tt.problem == "" && err != nil || !strings.Contains(problem, tt.problem) || c.Endpoint != tt.want {
			t.Errorf("%s, %q: got %q, %v", tt.region, tt.endpoint, c.Endpoint, err)
		}
	}
	// A region is not a loopback address, so variables that lower a guard are refused.
	c := config.Default()
	if _, err := config.FromEnvironment(&c, []string{"GESCONFORM_REGION=cn-north-4", "GESCONFORM_RISK=destructive"}, nil); err == nil {
		t.Error("expected an error for GESCONFORM_RISK with a region, got none")
	}
}
