package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
)

var (
	readmePath = repository("README.md")
	// guides are the pages whose examples the tests run.
	guides = []string{readmePath, repository("docs", "fake.md")}
	// A fenced block, with the comment before it that says what the tests do with it.
	blockPattern      = regexp.MustCompile("(?s)(?:<!-- ([^\n]*) -->)?\n```(\\w+)\n(.*?\n)```\n")
	linkPattern       = regexp.MustCompile(`\]\(([^)#]+)(?:#[^)]*)?\)`)
	flagPattern       = regexp.MustCompile(`--([a-z][a-z-]*)`)
	listedFlagPattern = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?--([a-z][a-z-]*)`)
	variable          = regexp.MustCompile(`GESCONFORM_[A-Z_]*[A-Z]`)
	figurePattern     = regexp.MustCompile(`\d+ defects:(?:\s+[a-z ]+\d+,?)+`)
	// What differs from run to run.
	fleeting = regexp.MustCompile(`127\.0\.0\.1:\d+|seed \d+|[0-9.]+s$`)
	digits   = regexp.MustCompile(`\d+`)
)

type block struct{ note, language, text string }

func readme(t *testing.T) (text string, blocks []block) {
	t.Helper()
	return guide(t, readmePath)
}

func guide(t *testing.T, path string) (text string, blocks []block) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range blockPattern.FindAllStringSubmatch(string(data), -1) {
		blocks = append(blocks, block{m[1], m[2], m[3]})
	}
	return string(data), blocks
}

// TestReadmeNames checks that the files, flags and variables in the guides exist.
func TestReadmeNames(t *testing.T) {
	t.Parallel()
	known := []string{"GESCONFORM_UPDATE"}
	for _, o := range config.Options {
		known = append(known, o.Env())
	}
	flags := flagsOfTheCommand(t)
	for _, path := range guides {
		text, _ := guide(t, path)
		for _, m := range linkPattern.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil && !strings.HasPrefix(m[1], "#") {
				t.Errorf("%s links to %s: %v", path, m[1], err)
			}
		}
		for _, m := range flagPattern.FindAllStringSubmatch(text, -1) {
			if !flags[m[1]] {
				t.Errorf("%s names the flag --%s, which no command has", path, m[1])
			}
		}
		for _, name := range variable.FindAllString(text, -1) {
			if !slices.Contains(known, name) {
				t.Errorf("%s names the variable %s, which nothing reads", path, name)
			}
		}
	}
}

// flagsOfTheCommand returns the flags in the help texts of the subcommands.
func flagsOfTheCommand(t *testing.T) map[string]bool {
	t.Helper()
	help := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), command(t), append(args, "--help")...).Output()
		if err != nil {
			t.Fatalf("gesconform %q --help: %v", args, err)
		}
		return string(out)
	}
	_, list, _ := strings.Cut(help(), "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	flags := map[string]bool{}
	for line := range strings.Lines(list) {
		for _, m := range listedFlagPattern.FindAllStringSubmatch(help(strings.Fields(line)[0]), -1) {
			flags[m[1]] = true
		}
	}
	return flags
}

// TestReadmeFigures checks that the README has the figures of the kill matrix.
func TestReadmeFigures(t *testing.T) {
	matrix, err := os.ReadFile(repository("docs", "kill-matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	now := figurePattern.Find(matrix)
	text, _ := readme(t)
	old := figurePattern.FindString(text)
	if now == nil || old == "" {
		t.Fatalf("expected the figures in docs/kill-matrix.md and README.md, got %q and %q", now, old)
	}
	if strings.Join(strings.Fields(old), " ") != string(now) {
		compareReadme(t, strings.Replace(text, old, string(now), 1))
	}
}

// compareReadme fails if the README is not want; GESCONFORM_UPDATE=1 rewrites it.
func compareReadme(t *testing.T, want string) {
	t.Helper()
	compareFile(t, readmePath, []byte(want))
}

// TestReadmeCode builds and runs the guides' Go code in a separate module, as a user would,
// each block in its own package.
func TestReadmeCode(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module; the whole test runs without -short")
	}
	t.Parallel()
	root, err := filepath.Abs(repository())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	code := map[string][]byte{}
	for _, path := range guides {
		_, blocks := guide(t, path)
		for i, b := range blocks {
			if b.language == "go" && !strings.HasPrefix(b.note, "not run by the tests: ") {
				code[filepath.Join(fmt.Sprintf("%s%d", strings.ToLower(strings.TrimSuffix(filepath.Base(path), ".md")), i), "yours_test.go")] = []byte(b.text)
			}
		}
	}
	if len(code) != 3 {
		t.Fatalf("expected three blocks of Go code in the guides, got %d", len(code))
	}
	module, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	module = append(bytes.Replace(module, []byte("module github.com/gesconform/gesconform\n"), []byte("module example.com/yours\n"), 1),
		"\nrequire github.com/gesconform/gesconform v0.0.0\nreplace github.com/gesconform/gesconform => "+root+"\n"...)
	code["go.mod"], code["go.sum"] = module, sums
	for name, data := range code {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	formatted, err := exec.CommandContext(t.Context(), "gofmt", "-l", dir).Output()
	if err != nil || len(formatted) > 0 {
		t.Errorf("gofmt: %v: Go code of a guide is not formatted: %s", err, formatted)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", "./...")
	test.Dir = dir
	test.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("Go code of the guides: %v\n%s", err, out)
	}
}

// TestReadmeRecipes runs the guides' shell blocks. A fake replaces the real deployment that
// some of them judge.
func TestReadmeRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command; the whole test runs without -short")
	}
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	bin, dir := filepath.Dir(command(t)), t.TempDir()
	judgeReal, token := standIn(t)
	var blocks []block
	for _, path := range guides {
		_, more := guide(t, path)
		blocks = append(blocks, more...)
	}
	deployment := "set -euo pipefail\n" // the blocks that judge one, in one shell
	for _, b := range blocks {
		switch {
		case b.language != "sh" || strings.HasPrefix(b.note, "not run by the tests: "):
		case b.note == "run by the tests: against the fake":
			deployment += judgeReal.Replace(b.text)
		case strings.HasPrefix(b.note, "run by the tests"):
			out := runScript(t, bash, bin, dir, b.text, "")
			if _, want, found := strings.Cut(b.note, "prints "); found && !strings.Contains(out, strings.Trim(want, `"`)) {
				t.Errorf("expected %s\n%s\n%s", want, b.text, out)
			}
		default:
			t.Errorf("a shell block does not say whether the tests run it: %q", b.text)
		}
	}
	runScript(t, bash, bin, dir, deployment, token+"\n")
	if _, err := os.Stat(filepath.Join(dir, "report", "results.json")); err != nil {
		t.Errorf("the recipe with --output: %v", err)
	}
}

// standIn starts a fake, and returns its token and a replacer that puts its values in place
// of those of the real deployment.
func standIn(t *testing.T) (*strings.Replacer, string) {
	t.Helper()
	fake := fakeserver.Start(t)
	f := fake.Fixtures()
	return strings.NewReplacer(
		"https://ges.cn-north-4.myhuaweicloud.com", fake.URL, "0123456789abcdef0123456789abcdef", f.ProjectID,
		"53205529-026b-455a-9e07-228fae4b12b9", f.GraphID, "ges_c5de", f.GraphName,
	), f.Token
}

func runScript(t *testing.T, bash, bin, dir, script, input string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bash, "-c", script)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(input)
	cmd.WaitDelay = time.Second
	cmd.Env = []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + dir}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// TestReadmeSamples checks that the sample output in the README is what the command prints. A
// line … stands for any number of lines, and … at the end of a line for the rest of it.
func TestReadmeSamples(t *testing.T) {
	text, blocks := readme(t)
	want := text
	for _, b := range blocks {
		if b.language != "text" {
			continue
		}
		flags, found := strings.CutPrefix(b.note, "output of: gesconform run")
		if !found {
			t.Errorf("a sample does not say what it is the output of: %q", b.text)
			continue
		}
		_, defect, _ := strings.Cut(flags, "--defect ")
		want = strings.Replace(want, b.text, sample(t, b.text, outputOfRun(t, defect)), 1)
	}
	if want != text {
		compareReadme(t, want)
	}
}

// outputOfRun returns the output of `gesconform run` against the embedded fake or, as the
// README shows, against one with a defect.
func outputOfRun(t *testing.T, defect string) string {
	t.Helper()
	dir := t.TempDir()
	run := exec.CommandContext(t.Context(), command(t), "run")
	if defect != "" {
		d, err := fakeserver.LookupDefect(defect)
		if err != nil {
			t.Fatal(err)
		}
		fake := fakeserver.Start(t, fakeserver.WithDefect(d))
		var env bytes.Buffer
		if err := fake.Fixtures().WriteEnv(&env, fake.URL); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "fake.env")
		if err := os.WriteFile(file, env.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		run = exec.CommandContext(t.Context(), "sh", "-c", `set -a; . "$0"; exec "$1" run --risk destructive`, file, command(t))
	}
	run.Dir, run.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	out, err := run.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && defect != "") {
		t.Errorf("gesconform run: %v\n%s", err, out)
	}
	return string(out)
}

// sample returns an updated sample, with the lines of the output that match the old ones
// except for digits.
func sample(t *testing.T, old, output string) string {
	t.Helper()
	lines := strings.Split(output, "\n")
	var b strings.Builder
	for line := range strings.Lines(old) {
		line = strings.TrimSuffix(line, "\n")
		shown, cut := strings.CutSuffix(line, "…")
		i := slices.IndexFunc(lines, func(l string) bool {
			l, s := digits.ReplaceAllString(l, "0"), digits.ReplaceAllString(shown, "0")
			return l == s || cut && strings.HasPrefix(l, s)
		})
		switch {
		case line == "" || line == "…":
		case i < 0:
			t.Errorf("README shows a line that `gesconform run` does not print:\n%s", line)
		case steady(lines[i]) != steady(shown) && !(cut && strings.HasPrefix(steady(lines[i]), steady(shown))):
			line = lines[i]
			if cut {
				line = string([]rune(line)[:min(len([]rune(line)), len([]rune(shown)))]) + "…"
			}
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// steady removes what differs from run to run from a line.
func steady(line string) string { return fleeting.ReplaceAllString(line, "") }
