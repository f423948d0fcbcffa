package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// marked are credentials that no output may carry.
const (
	markedToken    = "MARKED-token/with+signs=0001"
	markedReadonly = "MARKED-readonly/with+signs=0002"
	markedExpired  = "MARKED-expired/with+signs=0003"
)

// called is what became of a call of the command.
type called struct {
	status         int
	stdout, stderr string
}

// call runs the command in this process. It fails the test where the command
// does not come to an end by itself.
func call(t *testing.T, environ []string, args ...string) called {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	status := execute(ctx, args, environ, &stdout, &stderr)
	if ctx.Err() != nil {
		t.Fatalf("gesconform %q did not end", args)
	}
	return called{status, stdout.String(), stderr.String()}
}

// judging are arguments that judge an endpoint with marked credentials.
func judging(endpoint string, more ...string) []string {
	return append([]string{
		"run", "--endpoint", endpoint, "--project-id", "0123456789abcdef0123456789abcdef", "--graph-id", "53205529-026b-455a-9e07-228fae4b12b9",
		"--token", markedToken, "--readonly-token", markedReadonly, "--expired-token", markedExpired, "--request-timeout", "300ms", "--job-timeout", "300ms",
	}, more...)
}

// oneSentence makes sure that the standard error is one line that says what is
// wrong, holds what is wanted, and gives nothing away.
func oneSentence(t *testing.T, c called, wanted ...string) {
	t.Helper()
	if strings.Count(c.stderr, "\n") != 1 || !strings.HasSuffix(c.stderr, "\n") || !strings.HasPrefix(c.stderr, "gesconform: ") {
		t.Errorf("expected one line of standard error, got %q", c.stderr)
	}
	for _, want := range wanted {
		if !strings.Contains(c.stderr, want) {
			t.Errorf("expected %q in the standard error %q", want, c.stderr)
		}
	}
	if len(c.stderr) > 600 {
		t.Errorf("the sentence is %d bytes long", len(c.stderr))
	}
	plain(t, c)
}

// plain makes sure that nothing in the output is a stack, a control character or
// a credential.
func plain(t *testing.T, c called) {
	t.Helper()
	for name, text := range map[string]string{"stdout": c.stdout, "stderr": c.stderr} {
		for _, bad := range []string{"panic", "goroutine ", "runtime error", ".go:", "MARKED-", "\x1b", "\x00", "\r"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s holds %q: %.300q", name, bad, text)
			}
		}
	}
}

// full are arguments that could judge, but for one flag's value.
func full(name, value string) []string { return judging("http://127.0.0.1:1", "--"+name, value) }

// without are arguments that could judge, but for one flag that is missing.
func without(name string) []string {
	args := judging("http://127.0.0.1:1")
	i := slices.Index(args, "--"+name)
	return slices.Delete(args, i, i+2)
}

var misuses = []struct {
	name    string
	environ []string
	args    []string
	want    []string
}{
	{name: "unknown command", args: []string{"rum"}, want: []string{`"rum"`, "gesconform"}},
	{name: "unknown flag", args: []string{"run", "--graphid", "g"}, want: []string{"--graphid", "gesconform run --help"}},
	{name: "unknown flag of cases", args: []string{"cases", "--xml"}, want: []string{"--xml", "gesconform cases --help"}},
	{name: "unknown short flag", args: []string{"run", "-q"}, want: []string{"-q", "--help"}},
	{name: "argument", args: []string{"run", "http://127.0.0.1:1"}, want: []string{"http://127.0.0.1:1"}},
	{name: "flag without value", args: []string{"run", "--graph-id"}, want: []string{"graph-id", "--help"}},
	{name: "empty endpoint", args: []string{"run", "--endpoint", ""}, want: []string{"endpoint", "is empty"}},
	{name: "empty endpoint, equals", args: []string{"run", "--endpoint="}, want: []string{"endpoint", "is empty"}},
	{name: "empty endpoint variable", environ: []string{"GESCONFORM_ENDPOINT="}, args: []string{"run"}, want: []string{"GESCONFORM_ENDPOINT"}},
	{name: "endpoint without scheme", args: judging("ges.example.com"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint without host", args: judging("https://"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint of another scheme", args: judging("ftp://ges.example.com"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint with a bad port", args: judging("http://127.0.0.1:port"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint with a port out of range", args: judging("http://127.0.0.1:99999"), want: []string{"--endpoint"}},
	{name: "endpoint with control characters", args: judging("http://127.0.0.1\x1b[31m"), want: []string{"endpoint: expected http://HOST"}},
	{name: "endpoint with a password", args: judging("http://user:MARKED-password@127.0.0.1"), want: []string{"no user or password"}},
	{name: "endpoint with a query", args: judging("http://127.0.0.1/?token=MARKED-query"), want: []string{"no query"}},
	{name: "endpoint with a fragment", args: judging("http://127.0.0.1/#a"), want: []string{"no query and no fragment"}},
	{name: "no project", args: without("project-id"), want: []string{"project-id: is missing", "--project-id", "GESCONFORM_PROJECT_ID"}},
	{name: "no graph", args: without("graph-id"), want: []string{"graph-id: is missing", "GESCONFORM_GRAPH_ID"}},
	{name: "no token", args: without("token"), want: []string{"token: is missing", "GESCONFORM_TOKEN"}},
	{name: "token with a line break", args: full("token", "MARKED-a\nb"), want: []string{"token: holds a control character"}},
	{name: "graph without endpoint", args: []string{"run", "--graph-id", "g"}, want: []string{"graph-id", "--endpoint"}},
	{name: "token without endpoint", args: []string{"run", "--token", "MARKED-t"}, want: []string{"token", "--endpoint"}},
	{name: "CA file without endpoint", args: []string{"run", "--ca-file", "../../LICENSE"}, want: []string{"ca-file", "--endpoint"}},
	{name: "no such CA file", args: full("ca-file", "testdata/no-such.pem"), want: []string{"ca-file: read certificates: expected a file in PEM, got: ", "testdata/no-such.pem"}},
	{name: "CA file without certificates", args: full("ca-file", "../../LICENSE"), want: []string{"ca-file: read certificates: expected certificates in PEM", `"../../LICENSE", got none`}},
	{name: "CA file of a variable", environ: []string{"GESCONFORM_CA_FILE=testdata/no-such.pem"}, args: judging("http://127.0.0.1:1"), want: []string{"ca-file: read certificates", "testdata/no-such.pem"}},
	{name: "bad risk", args: full("risk", "high"), want: []string{"inert, guarded or destructive", `"high"`, "--help"}},
	{name: "bad versions", args: full("upgrade-version", "latest"), want: []string{"2.2.17", `"latest"`}},
	{name: "versions that descend", args: full("upgrade-version", "1.0.10,1.0.9"), want: []string{"ascending", "1.0.9 after 1.0.10"}},
	{name: "the same version twice", args: full("upgrade-version", "1.0.9,1.0.9"), want: []string{"ascending"}},
	{name: "time without unit", args: full("request-timeout", "30"), want: []string{"request-timeout"}},
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
	{name: "contract without what a run needs", args: []string{"run", "--contract", "../../conformance/cases/testdata/second.yaml"}, want: []string{"showGraph", "--contract"}},
	{name: "guard lowered by a variable", environ: []string{"GESCONFORM_RISK=destructive"}, args: judging("https://ges.example.com"), want: []string{"GESCONFORM_RISK", "loopback", "--risk"}},
	{name: "unknown defect", args: []string{"fake", "--defect", "older-version-acceptd"}, want: []string{"older-version-acceptd", "older-version-accepted"}},
	{name: "bad address", args: []string{"fake", "--addr", "nowhere"}, want: []string{"nowhere", "--addr"}},
	{name: "certificate without key", args: []string{"fake", "--tls-cert", "cert.pem"}, want: []string{`serve HTTPS: expected --tls-key with --tls-cert, got --tls-cert "cert.pem" alone`}},
	{name: "key without certificate", args: []string{"fake", "--tls-key", "key.pem"}, want: []string{`serve HTTPS: expected --tls-cert with --tls-key, got --tls-key "key.pem" alone`}},
	{name: "two certificates", args: []string{"fake", "--tls-self-signed", "testdata/no-such-folder/ca.pem", "--tls-cert", "cert.pem", "--tls-key", "key.pem"}, want: []string{"serve HTTPS: expected either --tls-self-signed or --tls-cert", "got both"}},
	{name: "a made certificate and a key", args: []string{"fake", "--tls-self-signed", "testdata/no-such-folder/ca.pem", "--tls-key", "key.pem"}, want: []string{"got both"}},
	{name: "certificate without name", args: []string{"fake", "--tls-cert", "", "--tls-key", "key.pem"}, want: []string{"tls-cert: expected a file's name, got \"\""}},
	{name: "CA file to write without name", args: []string{"fake", "--tls-self-signed", ""}, want: []string{"tls-self-signed: expected a file's name, got \"\""}},
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

// plainContract is for sentences that name a Go file, which is no stack.
func plainContract(t *testing.T, c called) {
	t.Helper()
	if strings.Count(c.stderr, "\n") != 1 || strings.Contains(c.stderr, "panic") {
		t.Errorf("expected one line, got %q", c.stderr)
	}
}

func TestUnknownVariablesAreNamed(t *testing.T) {
	t.Parallel()
	c := call(t, []string{"GESCONFORM_GRAPHID=g", "GESCONFORM_TOKENS=" + markedToken}, "run", "--endpoint", "http://127.0.0.1:1")
	for _, want := range []string{
		"warning: GESCONFORM_GRAPHID is not read; the nearest that is: GESCONFORM_GRAPH_ID\n",
		"warning: GESCONFORM_TOKENS is not read; the nearest that is: GESCONFORM_TOKEN\n",
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
