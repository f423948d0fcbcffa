package main

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
)

// What no message may have: words of Go and of its libraries, and a prefix twice.
var (
	notASentence  = regexp.MustCompile(`arg\(s\)|invalid argument|invalid syntax|strconv\.|%!|<nil>|dial tcp|lookup |context deadline|context canceled|x509:|tls: |net/http:|EOF|unknown shorthand|flag needs`)
	doubledPrefix = regexp.MustCompile(`(?:^|[ ;])([\w-]+): ([\w-]+): `)
)

// faultOf returns what is wrong with a message, or "".
func faultOf(message string) string {
	if found := notASentence.FindString(message); found != "" {
		return fmt.Sprintf("has %q", found)
	}
	for _, m := range doubledPrefix.FindAllStringSubmatch(message, -1) {
		if m[1] == m[2] {
			return fmt.Sprintf("has %q twice", m[1])
		}
	}
	return ""
}

// pastes are what people give as a value by mistake.
var pastes = []string{
	"", " ", "x", " x", "x ", "x\n", "\tx", "x y", `"x"`, "'x'", "“x”", "\ufeffx", "x\u00a0", "x\u200by", "x\x1b[31m", "\xff", "-1", "0", "1.5", "1e400", "99999999999999999999",
	"true", "yes", "30", "-1s", "2026-01-01", "/no/such", ".", "{graph_id}", "<id>", "$TOKEN", "--graph-id", "https://x/v2/y", "a,b", "2.2.9,2.2.8", "1/0", "NaN",
}

// Whatever value a flag, or a variable, has, the message is one line in plain words that names it.
func TestWrongValuesAreSaidInSentences(t *testing.T) {
	t.Parallel()
	operands := map[string][]string{"clean": {"."}, "judge": {"."}, "merge": {"."}}
	for _, cmd := range newRoot(nil, io.Discard, io.Discard).Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			for _, paste := range pastes {
				says(t, fmt.Sprintf("%s --%s=%q", cmd.Name(), f.Name, paste), parse(append([]string{cmd.Name(), "--" + f.Name + "=" + paste}, operands[cmd.Name()]...)...), f.Name)
			}
		})
	}
	for _, o := range config.Options {
		for _, paste := range pastes {
			c := config.Default()
			c.ProjectID, c.GraphID, c.Token = "p", "g", "t"
			environ := []string{"GESCONFORM_ENDPOINT=http://127.0.0.1:1", o.Env() + "=" + paste}
			_, err := config.FromEnvironment(&c, environ, nil)
			if err == nil {
				err = c.Check()
			}
			says(t, fmt.Sprintf("%s=%q", o.Env(), paste), err, "")
			if err != nil && o.Secret && len(paste) > 3 && strings.Contains(err.Error(), strings.Trim(paste, "-")) && paste != "--graph-id" {
				t.Errorf("%s=%q: %s shows the value", o.Env(), paste, err)
			}
		}
	}
}

// parse parses flags without running the command.
func parse(args ...string) error {
	root := newRoot(nil, io.Discard, io.Discard)
	for _, cmd := range root.Commands() {
		cmd.RunE = func(*cobra.Command, []string) error { return nil }
		cmd.Run = nil
	}
	root.SetArgs(args)
	return root.Execute()
}

// says makes sure that an error, if there is one, is a sentence that names something.
func says(t *testing.T, what string, err error, name string) {
	t.Helper()
	if err == nil {
		return
	}
	text := err.Error()
	if fault := faultOf(text); fault != "" || !strings.Contains(text, name) || strings.ContainsAny(text, "\n\x1b\ufeff\u200b") || len(text) > 500 {
		t.Errorf("%s: %q %s", what, text, fault)
	}
}

// wrongArguments are what each command is told about wrong arguments and flags.
var wrongArguments = map[string]string{
	"run x":                   "run: expected no arguments, got \"x\"; `gesconform run --help` lists the flags",
	"run http://me:pw@host":   "run: expected no arguments, got one with an @ (not shown); `gesconform run --help` lists the flags",
	"run --strict false":      `run: expected no arguments, got "false"; the value of a switch follows an equals sign: --SWITCH=false`,
	"run -- --strict":         "run: expected no arguments, got \"--strict\"; `gesconform run --help` lists the flags",
	"run a b c d e":           "run: expected no arguments, got \"a\", \"b\", \"c\", and 2 more; `gesconform run --help` lists the flags",
	"fake x":                  "fake: expected no arguments, got \"x\"; `gesconform fake --help` lists the flags",
	"cases x":                 "cases: expected no arguments, got \"x\"; `gesconform cases --help` lists the flags",
	"judge":                   "judge: expected DIR, got none; usage: gesconform judge DIR",
	"judge a b":               `judge: expected one DIR, got 2: "a", "b"`,
	"judge no-such-folder":    `judge: expected the output folder of a run, got "no-such-folder", which does not exist`,
	"judge main.go":           `judge: expected the output folder of a run, got the file "main.go"; its folder is "."`,
	"merge --output o . none": `merge: expected the output folder of a run, got "none", which does not exist`,
	"merge":                   "merge: expected DIR…, got none; usage: gesconform merge --output OUT DIR…",
	"merge a":                 `merge: expected the output folder of a run, got "a", which does not exist`,
	"rum":                     `unknown command "rum", did you mean "run"?`,
	"help rum":                `unknown command "rum", did you mean "run"?`,
	"help judge x":            "unknown command \"x\"; `gesconform --help` lists them",
	"--colour":                "unknown flag --colour; `gesconform --help` lists the flags",
	"run --graphid g":         "unknown flag --graphid, did you mean --graph-id?",
	"run --GRAPH_ID g":        "unknown flag --GRAPH_ID, did you mean --graph-id?",
	"run -risk guarded":       "unknown flag -risk, did you mean --risk?",
	"run -z":                  "unknown flag -z; `gesconform run --help` lists the flags",
	"run --=x":                "expected a flag such as --endpoint, got \"--=x\"; `gesconform run --help` lists the flags",
	"run --graph-id":          "--graph-id: expected a value, got none",
	"run --output --strict":   "--output: expected a value, got the flag --strict",
	"run --plan=":             "--plan: expected a value, got an empty one; omit the flag if it is not meant",
	"run --targets=":          "--targets: expected a value, got an empty one; omit the flag if it is not meant",
	"run --require=":          "--require: expected a value, got an empty one; omit the flag if it is not meant",
	"fake --defect=":          "--defect: expected a value, got an empty one; omit the flag if it is not meant",
	"judge --output= a":       "--output: expected a value, got an empty one; omit the flag if it is not meant",
	"run --strict=maybe":      `--strict: expected true or false, got "maybe"`,
	"run --parallel x":        `--parallel: expected a whole number, got "x"`,
	"run --upgrade-version x": `--upgrade-version: expected versions such as 2.2.17, got "x"`,
	"run --fail-on-change":    "fail-on-change: expected --baseline DIR with it, got none",
	"fake --upgrade-time 5":   `--upgrade-time: expected a duration such as 2s or 5m, got "5"`,
	"fake --journal-bytes 1k": `--journal-bytes: expected a whole number, got "1k"`,
	`fake --vary a"b`:         `--vary: expected comma-separated names, got "a\"b"`,
}

func TestWrongArgumentsAreSaidInSentences(t *testing.T) {
	t.Parallel()
	for _, line := range slices.Sorted(maps.Keys(wrongArguments)) {
		c := call(t, nil, strings.Fields(line)...)
		if want := "gesconform: " + wrongArguments[line] + "\n"; c.status != exitNotJudged || c.stderr != want {
			t.Errorf("%s: status %d\n got %swant %s", line, c.status, c.stderr, want)
		}
	}
}
