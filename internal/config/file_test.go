package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// found reads a text as a gesconform.yaml that is found by itself.
func found(t *testing.T, text string) (*config.File, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(config.FileName, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.FindFile()
}

// named reads a text as a file that --config names.
func named(t *testing.T, text string, environ ...string) (*config.File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "own.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := config.ReadFile(path, environ)
	if err == nil {
		f.Name = "own.yaml"
	}
	return f, err
}

// A checkout must not send a credential elsewhere, run a program, change whom to trust or lower a
// guard. What a file may set is listed, so that a new option is decided about.
func TestWhatAFoundFileMaySet(t *testing.T) {
	may := []string{
		"project-id", "graph-id", "stopped-graph-id", "foreign-graph-id", "upgrade-version", "request-timeout", "max-response-time", "job-timeout",
		"recovery-timeout", "max-requests", "concurrency", "seed", "until", "label-filter", "strict", "only-documented", "require", "ticket", "output", "operation", "time", "max-places", "spec",
		"contract", "expect", "baseline", "fail-on-change", "parallel", "verbose", "github", "quiet", "format",
	}
	names := slices.Clone(config.CommandFlags)
	for _, o := range config.Options {
		names = append(names, o.Name)
	}
	for _, name := range names {
		value := given[name].value
		if value == "" {
			value = map[config.Kind]string{config.Switch: "true", config.Number: "7"}[config.KindOf(name)]
		}
		if value == "" {
			value = "text"
		}
		_, err := found(t, "\n"+name+": "+value+"\n")
		switch {
		case slices.Contains(may, name):
			if err != nil {
				t.Errorf("%s: expected that a found file may set it, got %v", name, err)
			}
		case err == nil:
			t.Errorf("%s: expected that a found file may not set it", name)
		case !strings.HasPrefix(err.Error(), "gesconform.yaml:2: "+name+": ") || !strings.Contains(err.Error(), "; set "):
			t.Errorf("%s: expected the line, the name and what to do, got %v", name, err)
		case strings.Contains(err.Error(), value) && name != "token" && len(value) > 4:
			t.Errorf("%s: the error shows the value: %v", name, err)
		}
	}
}

// A file that the user names may say where to go and with what, but lowers no guard either. A
// secret is never written into it.
func TestWhatANamedFileMaySet(t *testing.T) {
	for _, o := range config.Options {
		value := given[o.Name].value
		if o.Secret {
			if _, err := named(t, o.Name+": MARKED"); err == nil || !strings.Contains(err.Error(), "expected a variable") || strings.Contains(err.Error(), "MARKED") {
				t.Errorf("%s: expected that no secret may be in the file, got %v", o.Name, err)
			}
			value = "$MINE"
		}
		f, err := named(t, o.Name+": "+value, "MINE="+given[o.Name].value)
		switch {
		case o.LowersGuard && (err == nil || !strings.Contains(err.Error(), ":1: "+o.Name+": lowers a guard, which no file may; set gesconform run --"+o.Name)):
			t.Errorf("%s: expected that it must be a flag, got %v", o.Name, err)
		case o.LowersGuard:
		case err != nil:
			t.Errorf("%s: %v", o.Name, err)
		default:
			c := config.Default()
			if _, err := config.Settle(&c, nil, f, nil); err != nil || !given[o.Name].want(&c) {
				t.Errorf("%s: expected that the file sets it, got %+v, %v", o.Name, c, err)
			}
		}
	}
}

// Each way in which the text of a file can be wrong has a sentence with the line.
func TestWrongFiles(t *testing.T) {
	for text, want := range map[string]string{
		"strict: yes":                     "1: strict: expected true or false, got text",
		"strict: 1":                       "1: strict: expected true or false, got a number",
		"# a\nseed: 'x'":                  "2: seed: expected a whole number, got text",
		"concurrency: 1.5":                "1: concurrency: expected a whole number, got a number",
		"ticket: true":                    "1: ticket: expected text, got true or false",
		"ticket:":                         "1: ticket: expected a value, got nothing",
		"ticket: [a]":                     "1: ticket: expected a value, got a list",
		"ticket: {a: b}":                  "1: ticket: expected a value, got a mapping",
		"ticket: $HOME":                   "1: ticket: expected a value, got the variable $HOME, which a file that is found by itself may not read; set GESCONFORM_TICKET",
		"ticket: a\n token:MARKED":        "1: ticket: expected a value on one line; the next line has no space after its colon",
		"request-timeout: 30":             `1: request-timeout: expected a duration such as 30s or 5m, got "30"`,
		"strct: true":                     `1: unknown key "strct", did you mean "strict"?`,
		"upgrade_version: 1.2.3":          `1: unknown key "upgrade_version", did you mean "upgrade-version"?`,
		"strict: true\nstrict: true":      `2: the key "strict" appears twice`,
		"- strict":                        "1: expected a mapping with ",
		"strict":                          "1: expected a mapping with ",
		"strict: true\n---\nstrict: true": "2: expected one document, got another after it",
		"strict: &a true":                 "1: expected no anchors and no aliases",
		"ticket: \"\xff\"":                "1: expected text in UTF-8, got the byte 0xff",
		"ticket: a\x00":                   "1: expected text, got the control character U+0000",
		strings.Repeat("#", 1<<20) + "\nstrict: x": "1: expected at most 1048576 bytes, got more",
		"output: ../elsewhere":                     `1: output: expected a path below this folder, got "../elsewhere"; set --output`,
		"expect: /etc/known.yaml":                  `1: expect: expected a path below this folder, got "/etc/known.yaml"; set --expect`,
		"require: ../ids":                          `1: require: expected a path below this folder, got "../ids"; set --require`,
	} {
		_, err := found(t, text)
		if err == nil || !strings.HasPrefix(err.Error(), "gesconform.yaml:"+want) {
			t.Errorf("%.60q: expected %q, got %v", text, want, err)
		}
		if err != nil && strings.Contains(err.Error(), "MARKED") {
			t.Errorf("%.60q: the error shows the value: %v", text, err)
		}
	}
}

func TestFilesThatAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"\ufeff":                                "",
		"# nothing\r\n\r\n  # yet":              "",
		"\ufeffstrict: true\r\nticket: a b\r\n": "strict ticket",
		"require: all-must:any\noutput: a/b":    "output require",
	} {
		f, err := found(t, text)
		if err != nil || strings.Join(f.Sets(), " ") != want {
			t.Errorf("%q: expected the settings %q, got %q, %v", text, want, f.Sets(), err)
		}
	}
	t.Chdir(t.TempDir())
	if f, err := config.FindFile(); f != nil || err != nil {
		t.Errorf("in a folder without the file: got %+v, %v", f, err)
	}
	if f, err := named(t, "token: $NONE"); err == nil || !strings.HasSuffix(err.Error(), ":1: token: the variable $NONE is not set") {
		t.Errorf("without the variable: got %+v, %v", f, err)
	}
	if _, err := named(t, "seed: 1\nrequest-timeout: $A", "A=MARKED"); err == nil || !strings.HasSuffix(err.Error(), ":2: request-timeout: the value of the variable $A cannot be used") {
		t.Errorf("with a variable that is wrong: got %v", err)
	}
	if _, err := config.ReadFile("none.yaml", nil); err == nil || !strings.Contains(err.Error(), "none.yaml") {
		t.Errorf("no such file: got %v", err)
	}
	if _, err := config.ReadFile("", nil); err == nil || err.Error() != "config: expected the name of a file, got none" {
		t.Errorf("no name: got %v", err)
	}
}

// What is no file is not read, which could take for ever, and a link does not lead out of the folder.
func TestWhatIsNoFile(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "other.yaml")
	if err := os.WriteFile(outside, []byte("strict: true"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		make func() error
		want string // "" if it is read
	}{
		"a folder":               {func() error { return os.Mkdir(config.FileName, 0o700) }, "expected a file, got a folder"},
		"a pipe":                 {func() error { return syscall.Mkfifo(config.FileName, 0o600) }, "expected a file, got a pipe or a device"},
		"a device":               {func() error { return os.Symlink("/dev/zero", config.FileName) }, "expected a file of this folder, got a link to /dev/zero"},
		"a link that is outside": {func() error { return os.Symlink(outside, config.FileName) }, "expected a file of this folder, got a link to "},
		"a link to nothing":      {func() error { return os.Symlink("none", config.FileName) }, "got a link that leads nowhere"},
		"a link to itself":       {func() error { return os.Symlink(config.FileName, config.FileName) }, "got a link that leads nowhere"},
		"another ending":         {func() error { return os.WriteFile("gesconform.yml", nil, 0o600) }, "gesconform.yml: expected the name gesconform.yaml; rename the file"},
		"a link to a link, as Kubernetes makes them": {func() error {
			return firstError(os.Mkdir("..1", 0o700), os.WriteFile("..1/gesconform.yaml", []byte("strict: true"), 0o600), os.Symlink("..1", "..data"), os.Symlink("..data/gesconform.yaml", config.FileName))
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := tt.make(); err != nil {
				t.Fatal(err)
			}
			f, err := config.FindFile()
			if tt.want == "" {
				if err != nil || len(f.Sets()) != 1 {
					t.Errorf("expected that it is read, got %+v, %v", f, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("expected %q, got %v", tt.want, err)
			}
		})
	}
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// Flag before variable before file before default; and who names one way to get credentials, or
// one place to go, does not get another one from the file.
func TestSettle(t *testing.T) {
	f, err := named(t, "endpoint: https://file.example.com\ntoken: $T\nticket: file\nseed: 7\njob-timeout: 2m", "T=of-the-file")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		environ []string
		flags   map[string]string
		want    func(*config.Config) bool
	}{
		"file": {nil, nil, func(c *config.Config) bool {
			return c.Ticket == "file" && c.Seed == 7 && c.JobTimeout == 2*time.Minute && c.Endpoint == "https://file.example.com" && c.Token == "of-the-file"
		}},
		"variable":       {[]string{"GESCONFORM_TICKET=variable"}, nil, func(c *config.Config) bool { return c.Ticket == "variable" && c.Seed == 7 }},
		"empty variable": {[]string{"GESCONFORM_TICKET="}, nil, func(c *config.Config) bool { return c.Ticket == "file" }},
		"flag":           {[]string{"GESCONFORM_TICKET=variable"}, map[string]string{"ticket": "flag"}, func(c *config.Config) bool { return c.Ticket == "flag" }},
		"region":         {[]string{"GESCONFORM_REGION=cn-north-4"}, nil, func(c *config.Config) bool { return c.Endpoint == "https://ges.cn-north-4.myhuaweicloud.com" }},
		"access key":     {[]string{"GESCONFORM_ACCESS_KEY=a", "GESCONFORM_SECRET_KEY=s"}, nil, func(c *config.Config) bool { return c.Token == "" && c.Signs() }},
		"token file":     {nil, map[string]string{"token-file": "a"}, func(c *config.Config) bool { return c.Token == "" && c.TokenFile == "a" }},
		"other tools":    {[]string{"HW_ACCESS_KEY=a", "HW_SECRET_KEY=s"}, nil, func(c *config.Config) bool { return c.Token == "of-the-file" && c.AccessKey == "" }},
	} {
		c, set := config.Default(), map[string]bool{}
		for _, o := range config.Options {
			if v := tt.flags[o.Name]; v != "" {
				set[o.Name] = true
				if err := o.Set(&c, v); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := config.Settle(&c, tt.environ, f, set); err != nil || !tt.want(&c) {
			t.Errorf("%s: got %+v, %v", name, c, err)
		}
	}
	c := config.Default()
	if _, err := config.Settle(&c, []string{"GESCONFORM_RISK=destructive"}, f, nil); err == nil || !strings.Contains(err.Error(), "GESCONFORM_RISK lowers a guard") {
		t.Errorf("expected that the file's endpoint counts for the guards, got %v", err)
	}
}

// With a targets file, a configuration file says what neither flags, variables nor the targets
// say, and nothing about a target.
func TestFileWithTargets(t *testing.T) {
	f, err := found(t, "graph-id: mine\nticket: file\nconcurrency: 3\nseed: 7\noutput: out\n")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "targets.yaml")
	text := "defaults: {concurrency: 4}\ntargets: [{name: a, endpoint: 'https://a.example.com', project-id: p, graph-id: g, token: $T}]"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := config.Default()
	targets, err := config.LoadTargets(path, &flags, map[string]bool{}, f, []string{"T=t", "GESCONFORM_SEED=8"})
	if err != nil {
		t.Fatal(err)
	}
	if c := targets.Targets[0].Config; c.Ticket != "file" || c.Concurrency != 4 || c.Seed != 8 || c.GraphID != "g" || targets.Output != "out" {
		t.Errorf("got %+v, output %q", c, targets.Output)
	}
	if want := "gesconform.yaml:1: graph-id is ignored with --targets"; len(targets.Warnings) != 1 || !strings.HasPrefix(targets.Warnings[0], want) {
		t.Errorf("expected the warning %q, got %q", want, targets.Warnings)
	}
}

// `go test` reads the file that a variable names, and finds none.
func TestFileOf(t *testing.T) {
	if _, err := found(t, "strict: true"); err != nil {
		t.Fatal(err)
	}
	if f, err := config.FileOf(nil); f != nil || err != nil {
		t.Errorf("expected no file, got %+v, %v", f, err)
	}
	f, err := config.FileOf([]string{"GESCONFORM_CONFIG=" + config.FileName})
	if err != nil || f.Found || len(f.Sets()) != 1 {
		t.Errorf("expected the named file, got %+v, %v", f, err)
	}
}
