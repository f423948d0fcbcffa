package main

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
)

// full returns complete arguments with the given value for one flag.
func full(name, value string) []string { return runArgs("http://127.0.0.1:1", "--"+name, value) }

// without returns complete arguments except for one flag.
func without(name string) []string {
	args := runArgs("http://127.0.0.1:1")
	i := slices.Index(args, "--"+name)
	return slices.Delete(args, i, i+2)
}

var misuses = []struct {
	name    string
	environ []string
	args    []string
	want    []string
}{
	{name: "unknown command", args: []string{"rum"}, want: []string{`unknown command "rum", did you mean "run"?`}},
	{name: "unknown command, like no other", args: []string{"zzz"}, want: []string{"unknown command \"zzz\"; `gesconform --help` lists them"}},
	{name: "unknown flag", args: []string{"run", "--graphid", "g"}, want: []string{"unknown flag --graphid, did you mean --graph-id?"}},
	{name: "unknown flag of cases", args: []string{"cases", "--xml"}, want: []string{"--xml", "gesconform cases --help"}},
	{name: "unknown short flag", args: []string{"run", "-x"}, want: []string{"-x", "--help"}},
	{name: "argument", args: []string{"run", "http://127.0.0.1:1"}, want: []string{"http://127.0.0.1:1"}},
	{name: "flag without value", args: []string{"run", "--graph-id"}, want: []string{"--graph-id: expected a value, got none"}},
	{name: "empty endpoint", args: []string{"run", "--endpoint", ""}, want: []string{"endpoint", "got an empty one"}},
	{name: "empty endpoint, equals", args: []string{"run", "--endpoint="}, want: []string{"endpoint", "got an empty one"}},
	{name: "empty endpoint variable", environ: []string{"GESCONFORM_ENDPOINT="}, args: []string{"run"}, want: []string{"GESCONFORM_ENDPOINT"}},
	{name: "endpoint without scheme", args: runArgs("ges.example.com"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint without host", args: runArgs("https://"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint of another scheme", args: runArgs("ftp://ges.example.com"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint with a bad port", args: runArgs("http://127.0.0.1:port"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint with a port out of range", args: runArgs("http://127.0.0.1:99999"), want: []string{"with a port from 1 to 65535", "99999"}},
	{name: "endpoint with control characters", args: runArgs("http://127.0.0.1\x1b[31m"), want: []string{"endpoint: expected https://HOST[:PORT], got a control character (U+001B) in it"}},
	{name: "endpoint with a password", args: runArgs("http://user:MARKED-password@127.0.0.1"), want: []string{"no user or password"}},
	{name: "endpoint with a query", args: runArgs("http://127.0.0.1/?token=MARKED-query"), want: []string{"no query"}},
	{name: "endpoint with a fragment", args: runArgs("http://127.0.0.1/#a"), want: []string{"no query and no fragment"}},
	{name: "endpoint without TLS elsewhere", args: runArgs("http://ges.example.com:8080"), want: []string{"ges.example.com:8080 is not a loopback address", "https://", "--allow-http"}},
	{name: "endpoint without TLS elsewhere, allowed by a variable", environ: []string{"GESCONFORM_ALLOW_HTTP=true"}, args: runArgs("http://ges.example.com"), want: []string{"GESCONFORM_ALLOW_HTTP", "gesconform run --allow-http"}},
	{name: "no project", args: without("project-id"), want: []string{"project-id: is missing", "--project-id", "GESCONFORM_PROJECT_ID"}},
	{name: "no graph", args: without("graph-id"), want: []string{"graph-id: is missing", "GESCONFORM_GRAPH_ID"}},
	{name: "no token", args: without("token"), want: []string{"token: is missing", "GESCONFORM_TOKEN"}},
	{name: "token with a line break", args: full("token", "MARKED-a\nb"), want: []string{"token: expected the value alone, got a line break in it"}},
	{name: "graph without endpoint", args: []string{"run", "--graph-id", "g"}, want: []string{"graph-id", "--endpoint"}},
	{name: "project and graph without endpoint", args: []string{"run", "--graph-id", "g", "--project-id", "p"}, want: []string{"gesconform: endpoint and token: are missing; set --endpoint https://HOST or GESCONFORM_ENDPOINT; --token or ", "; or omit --project-id --graph-id to judge the fake server\n"}},
	{name: "token without endpoint", args: []string{"run", "--token", "MARKED-t"}, want: []string{"token", "--endpoint"}},
	{name: "CA file without endpoint", args: []string{"run", "--ca-file", "../../LICENSE"}, want: []string{"ca-file", "--endpoint"}},
	{name: "no such CA file", args: full("ca-file", "testdata/no-such.pem"), want: []string{"ca-file: expected a PEM file with certificates, got ", "testdata/no-such.pem"}},
	{name: "CA file without certificates", args: full("ca-file", "../../LICENSE"), want: []string{"ca-file: expected PEM certificates", `"../../LICENSE", got none`}},
	{name: "CA file of a variable", environ: []string{"GESCONFORM_CA_FILE=testdata/no-such.pem"}, args: runArgs("http://127.0.0.1:1"), want: []string{"ca-file: expected a PEM file", "testdata/no-such.pem"}},
	{name: "bad risk", args: full("risk", "high"), want: []string{"inert, guarded or destructive", `"high"`, "--risk: "}},
	{name: "bad versions", args: full("upgrade-version", "latest"), want: []string{"2.2.17", `"latest"`}},
	{name: "versions that descend", args: full("upgrade-version", "1.0.10,1.0.9"), want: []string{"ascending", "1.0.9 after 1.0.10"}},
	{name: "the same version twice", args: full("upgrade-version", "1.0.9,1.0.9"), want: []string{"ascending"}},
	{name: "time without unit", args: full("request-timeout", "30"), want: []string{"request-timeout"}},
	{name: "response time 0", args: full("max-response-time", "0"), want: []string{"max-response-time: expected a duration above 0", `"0"`}},
	{name: "negative response time", args: full("max-response-time", "-1s"), want: []string{"max-response-time: expected a duration above 0", `"-1s"`}},
	{name: "response time without unit", args: full("max-response-time", "200"), want: []string{"max-response-time: expected a duration above 0 such as 500ms", `"200"`}},
	{name: "no time", args: full("request-timeout", "0s"), want: []string{"request-timeout: expected a duration above 0"}},
	{name: "negative time", args: full("job-timeout", "-1s"), want: []string{"job-timeout: expected a duration above 0"}},
	{name: "no concurrency", args: full("concurrency", "0"), want: []string{"concurrency: expected 1 to 1000"}},
	{name: "much concurrency", args: full("concurrency", "100000"), want: []string{"concurrency: expected 1 to 1000"}},
	{name: "negative upgrades", args: full("max-upgrades", "-2"), want: []string{"max-upgrades: expected 0 or more"}},
	{name: "bad seed", args: full("seed", "x"), want: []string{"seed", "whole number"}},
	{name: "bad switch", args: full("strict=maybe", ""), want: []string{"strict", "true or false"}},
	{name: "filter that selects nothing", args: full("label-filter", "nothing-has-this"), want: []string{"label-filter", "selects none of", "gesconform cases"}},
	{name: "filter with bad syntax", args: full("label-filter", "body &&"), want: []string{"label-filter", "Ginkgo"}},
	{name: "filter with bad syntax, cases", args: []string{"cases", "--label-filter", "(body"}, want: []string{"label-filter", "Ginkgo"}},
	{name: "filter that selects nothing, cases", args: []string{"cases", "--label-filter", "nothing-has-this"}, want: []string{"selects none of"}},
	{name: "no such contract", args: full("contract", "testdata/no-such.yaml"), want: []string{"testdata/no-such.yaml"}},
	{name: "no such contract, cases", args: []string{"cases", "--contract", "testdata/no-such.yaml"}, want: []string{"testdata/no-such.yaml"}},
	{name: "contract that is no contract", args: full("contract", "main.go"), want: []string{"main"}},
	{name: "contract without what a run needs", args: []string{"run", "--contract", "../../internal/cases/testdata/second.yaml"}, want: []string{"members.version and members.state of the resource", "--contract"}},
	{name: "guard lowered by a variable", environ: []string{"GESCONFORM_RISK=destructive"}, args: runArgs("https://ges.example.com"), want: []string{"GESCONFORM_RISK", "loopback", "--risk"}},
	{name: "unknown defect", args: []string{"fake", "--defect", "older-version-acceptd"}, want: []string{"older-version-acceptd", "older-version-accepted"}},
	{name: "bad address", args: []string{"fake", "--addr", "nowhere"}, want: []string{"nowhere", "--addr"}},
	{name: "certificate without key", args: []string{"fake", "--tls-cert", "cert.pem"}, want: []string{`serve HTTPS: expected --tls-key with --tls-cert, got --tls-cert "cert.pem" alone`}},
	{name: "key without certificate", args: []string{"fake", "--tls-key", "key.pem"}, want: []string{`serve HTTPS: expected --tls-cert with --tls-key, got --tls-key "key.pem" alone`}},
	{name: "two certificates", args: []string{"fake", "--tls-self-signed", "testdata/no-such-folder/ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem"}, want: []string{"serve HTTPS: expected either --tls-self-signed or --tls-cert", "got both"}},
	{name: "a made certificate and a key", args: []string{"fake", "--tls-self-signed", "testdata/no-such-folder/ca.pem", "--tls-key", "key.pem"}, want: []string{"got both"}},
	{name: "certificate without name", args: []string{"fake", "--tls-cert", "", "--tls-key", "key.pem"}, want: []string{"--tls-cert: expected a value, got an empty one"}},
	{name: "CA file to write without name", args: []string{"fake", "--tls-self-signed", ""}, want: []string{"--tls-self-signed: expected a value, got an empty one"}},
	{name: "no such certificate", args: []string{"fake", "--tls-cert", "testdata/no-such.pem", "--tls-key", "key.pem"}, want: []string{`load certificate: expected a certificate in "testdata/no-such.pem" and its key in "key.pem", got: `}},
	{name: "certificate that is none", args: []string{"fake", "--tls-cert", "../../LICENSE", "--tls-key", "../../LICENSE"}, want: []string{"load certificate: expected a certificate in \"../../LICENSE\"", "PEM"}},
	{name: "CA file that cannot be", args: []string{"fake", "--tls-self-signed", "testdata/no-such-folder/ca.pem"}, want: []string{"write CA file", "testdata/no-such-folder"}},
	{name: "env file that cannot be", args: []string{"fake", "--env-file", "testdata/no-such-folder/fake.env"}, want: []string{"env file"}},
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, tt := range misuses {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := call(t, tt.environ, tt.args...)
			if c.status != exitNotJudged {
				t.Errorf("expected status 2, got %d: %s", c.status, c.stderr)
			}
			if tt.name == "contract that is no contract" {
				plainContract(t, c)
				return
			}
			oneSentence(t, c, tt.want...)
		})
	}
}

// plainContract is like oneSentence, but for an error that names a Go file, which oneSentence
// would take for a stack trace.
func plainContract(t *testing.T, c outcome) {
	t.Helper()
	if strings.Count(c.stderr, "\n") != 1 || strings.Contains(c.stderr, "panic") {
		t.Errorf("expected one line, got %q", c.stderr)
	}
}

func TestUnknownVariablesAreNamed(t *testing.T) {
	t.Parallel()
	c := call(t, []string{"GESCONFORM_GRAPHID=g", "GESCONFORM_TOKENS=" + markedToken}, "run", "--endpoint", "http://127.0.0.1:1")
	for _, want := range []string{
		"warning: GESCONFORM_GRAPHID is unknown; did you mean GESCONFORM_GRAPH_ID?\n",
		"warning: GESCONFORM_TOKENS is unknown; did you mean GESCONFORM_TOKEN?\n",
	} {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q in %q", want, c.stderr)
		}
	}
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d", c.status)
	}
	plain(t, c)
}

// Each flag of run has a variable, which it overrides: an invalid value of a variable is
// only an error if the flag is not set.
func TestFlagsBeatVariables(t *testing.T) {
	t.Parallel()
	for _, o := range config.Options {
		switch o.Name {
		case "endpoint":
			continue
		case "upgrade-version", "risk", "max-upgrades", "request-timeout", "max-response-time", "job-timeout", "concurrency", "rate", "max-requests", "seed", "strict", "keep-going", "confirm-foreign-graph":
		default:
			continue // takes any text
		}
		bad := []string{o.Env() + "=no-such", "GESCONFORM_ENDPOINT=http://127.0.0.1:1"}
		c := call(t, bad, "run")
		oneSentence(t, c, o.Env())
		if c.status != exitNotJudged {
			t.Errorf("%s: expected status 2, got %d", o.Env(), c.status)
		}
		cfg := config.Default()
		c = call(t, bad, "run", "--"+o.Name+"="+o.Get(&cfg))
		if strings.Contains(c.stderr, o.Env()) {
			t.Errorf("--%s does not beat its variable: %s", o.Name, c.stderr)
		}
	}
}

// Flags that are no options of a target have variables, too.
func TestCommandFlagsHaveVariables(t *testing.T) {
	dry := call(t, []string{"GESCONFORM_DRY_RUN=true"}, "run")
	if dry.status != exitConforms || strings.Contains(dry.stdout, "\nconforms") || !strings.Contains(dry.stdout, "curl -sS") || dry.stderr != "" {
		t.Errorf("GESCONFORM_DRY_RUN: status %d: %.200s %s", dry.status, dry.stdout, dry.stderr)
	}
	beaten := call(t, []string{"GESCONFORM_DRY_RUN=true", "GESCONFORM_VERBOSE="}, "run", "--dry-run=false")
	if beaten.status != exitConforms || !strings.Contains(beaten.stdout, "\nconforms") {
		t.Errorf("the flag does not beat it: status %d: %.200s", beaten.status, beaten.stdout)
	}
	for _, bad := range []string{"GESCONFORM_VERBOSE=perhaps", "GESCONFORM_CONTRACT=no-such.yaml"} {
		name, value, _ := strings.Cut(bad, "=")
		c := call(t, []string{bad}, "run")
		if c.status != exitNotJudged || !strings.Contains(c.stderr, value) {
			t.Errorf("%s: status %d: %s", name, c.status, c.stderr)
		}
	}
	flags := newRoot(nil, io.Discard, io.Discard).Commands()
	for _, cmd := range flags {
		if cmd.Name() != "run" {
			continue
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			known := slices.Contains(config.CommandFlags, f.Name) || f.Name == "help"
			if !known && !slices.ContainsFunc(config.Options, func(o *config.Option) bool { return o.Name == f.Name }) {
				t.Errorf("--%s has no variable", f.Name)
			}
		})
	}
}

func TestHelpNamesEveryFlagAndNoSecret(t *testing.T) {
	t.Parallel()
	environ := []string{"GESCONFORM_TOKEN=" + markedToken, "GESCONFORM_ENDPOINT=http://127.0.0.1:1"}
	c := call(t, environ, "run", "--help")
	for _, o := range config.Options {
		if !strings.Contains(c.stdout, "--"+o.Name+" ") {
			t.Errorf("help does not name --%s", o.Name)
		}
	}
	if c.status != exitConforms || c.stderr != "" {
		t.Errorf("status %d, %q", c.status, c.stderr)
	}
	plain(t, c)
}

func TestShowsUTF8(t *testing.T) {
	for locale, want := range map[string]bool{
		"": true, "en_GB.UTF-8": true, "C.utf8": true, "de_DE.utf-8@euro": true,
		"C": false, "POSIX": false, "en_GB.ISO-8859-1": false, "zh_CN.GB18030": false,
	} {
		if got := showsUTF8(locale); got != want {
			t.Errorf("%q: expected %t, got %t", locale, want, got)
		}
	}
}
