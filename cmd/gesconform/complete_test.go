package main

import (
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/report"
)

// offered returns what a shell would offer after the words, and the directive.
func offered(t *testing.T, words ...string) (values []string, directive string) {
	t.Helper()
	c := call(t, nil, append([]string{"__complete"}, words...)...)
	lines := strings.Split(strings.TrimSuffix(c.stdout, "\n"), "\n")
	if c.status != exitConforms || len(lines) == 0 {
		t.Fatalf("%q: status %d: %s", words, c.status, c.stderr)
	}
	return lines[:len(lines)-1], lines[len(lines)-1]
}

// The directives of cobra.
const (
	alsoFiles = ":0"
	noFiles   = ":4"
	onlyDirs  = ":16"
)

func TestCompletion(t *testing.T) {
	t.Parallel()
	for line, tt := range map[string]struct {
		values    []string // some of them
		directive string
	}{
		"run --risk ":                         {[]string{"inert", "guarded", "destructive"}, noFiles},
		"run --risk d":                        {[]string{"destructive"}, noFiles},
		"run --risk=d":                        {[]string{"destructive"}, noFiles},
		"run --format ":                       {report.Formats(false), noFiles},
		"merge --format ":                     {report.Formats(true), noFiles},
		"judge --format j":                    {[]string{"json", "junit"}, noFiles},
		"run --require ":                      {[]string{"all-must", "all-must:any"}, alsoFiles},
		"run --label-filter upgrade.target-l": {[]string{"upgrade.target-later"}, noFiles},
		"run --label-filter body&&!lifecy":    {[]string{"body&&!lifecycle"}, noFiles},
		"cases --label-filter (MUST||SHOU":    {[]string{"(MUST||SHOULD"}, noFiles},
		"fake --defect older-version-acc":     {[]string{"older-version-accepted"}, noFiles},
		"fake --spec ":                        {nil, alsoFiles},
		"fake --scenario ":                    {[]string{"states"}, alsoFiles},
		"fake --print-scenario ":              {[]string{"states"}, noFiles},
		"fake --vary ":                        {[]string{"all", "slow"}, noFiles},
		"fake --vary slow,mess":               {[]string{"slow,messages"}, noFiles},
		"fake --without showGraph,showJ":      {[]string{"showGraph,showJob"}, noFiles},
		"run --expect ":                       {nil, alsoFiles},
		"run --output ":                       {nil, onlyDirs},
		"run --token ":                        {nil, noFiles},
		"run ":                                {nil, noFiles},
		"judge ":                              {nil, onlyDirs},
		"clean ":                              {nil, onlyDirs},
		"merge --output o ":                   {nil, onlyDirs},
		"run --ri":                            {[]string{"--risk\tthe highest risk that a request may have: inert, guarded or destructive (starts upgrades)"}, noFiles},
		"ver":                                 {[]string{"version\tPrint the versions of the command, of its contract and of Go, and the commit"}, noFiles},
		"completion ":                         {[]string{"bash\tGenerate the autocompletion script for bash"}, noFiles},
	} {
		values, directive := offered(t, strings.Split(line, " ")...)
		if directive != tt.directive {
			t.Errorf("%q: expected the directive %s, got %s", line, tt.directive, directive)
		}
		for _, want := range tt.values {
			if !slices.Contains(values, want) {
				t.Errorf("%q: expected %q, got %q", line, want, values)
			}
		}
		if len(tt.values) == 0 && len(values) > 0 {
			t.Errorf("%q: expected nothing, got %q", line, values)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if c := call(t, nil, "completion", shell); c.status != exitConforms || !strings.Contains(c.stdout, "gesconform") || c.stderr != "" {
			t.Errorf("%s: status %d: %s", shell, c.status, c.stderr)
		}
	}
}

// Every flag with a value completes what it should, and no entry is for a flag that is gone.
func TestEveryFlagIsCompleted(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, cmd := range newRoot(nil, io.Discard, io.Discard).Commands() {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			used[f.Name] = true
			if _, completed := cmd.GetFlagCompletionFunc(f.Name); !completed && f.NoOptDefVal == "" {
				t.Errorf("%s --%s is not completed", cmd.Name(), f.Name)
			}
		})
	}
	for name := range completions {
		if !used[name] {
			t.Errorf("there is no flag --%s", name)
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	of := func(settings ...debug.BuildSetting) string {
		var text strings.Builder
		v := versionOf(&debug.BuildInfo{Settings: settings}, c)
		if err := v.print(&text); err != nil {
			t.Fatal(err)
		}
		return text.String()
	}
	revision, when := debug.BuildSetting{Key: "vcs.revision", Value: "0123abc"}, debug.BuildSetting{Key: "vcs.time", Value: "2026-11-24T04:00:00Z"}
	for want, got := range map[string]string{
		"commit:   0123abc, 2026-11-24T04:00:00Z\n":                                             of(revision, when, debug.BuildSetting{Key: "vcs.modified", Value: "false"}),
		"commit:   0123abc, with changes, 2026-11-24T04:00:00Z\n":                               of(revision, when, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
		"commit:   unknown, built outside a checkout or with -buildvcs=false\n":                 of(),
		"contract: openapi.yaml " + c.Version() + ", sha256 " + c.SHA256() + "\ngo:       go1.": call(t, nil, "version").stdout,
		`"version": "` + config.ToolVersion + `"`:                                               call(t, nil, "version", "--json").stdout,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %q, got %s", want, got)
		}
	}
	if c := call(t, nil, "--version"); c.stdout != "gesconform version "+config.ToolVersion+"\n" {
		t.Errorf("got %q", c.stdout)
	}
}
