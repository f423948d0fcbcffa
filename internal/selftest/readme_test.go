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
)

// What the comment before a block says. CONTRIBUTING.md explains them.
const (
	notRun       = "not run by the tests: "
	ownShell     = "run by the tests"
	onDeployment = "run by the tests: against a deployment"
	variablesSet = ", whose variables are set"
	outputOf     = "output of: gesconform "
)

var (
	figurePattern = regexp.MustCompile(`\d+ defects:(?:\s+[a-z\s]+\d+,?)+`)
	outputPattern = regexp.MustCompile(`--output (\S+)`)
	// What differs from run to run.
	fleeting = regexp.MustCompile(`127\.0\.0\.1:\d+|seed \d+|[0-9.]+s$`)
	digits   = regexp.MustCompile(`\d+`)
)

// deployed reports whether a block judges a deployment, which a fake replaces.
func (b block) deployed() bool {
	return b.note == onDeployment || b.note == onDeployment+variablesSet
}

// TestReadmeFigures checks that the README has the figures of the kill matrix.
func TestReadmeFigures(t *testing.T) {
	matrix, err := os.ReadFile(repository("docs", "kill-matrix.md"))
	if err != nil {
		t.Fatal(err)
	}
	now := figurePattern.Find(matrix)
	readme := readGuide(t, repository("README.md"))
	old := figurePattern.FindString(readme.text)
	if now == nil || old == "" {
		t.Fatalf("expected the figures in docs/kill-matrix.md and README.md, got %q and %q", now, old)
	}
	if strings.Join(strings.Fields(old), " ") != string(now) {
		compareFile(t, readme.path(), []byte(strings.Replace(readme.text, old, string(now), 1)))
	}
}

// TestGuideCode builds and runs the guides' Go code in a module of its own, as a user would:
// each block is a file, all in one package, so that only one program is linked.
func TestGuideCode(t *testing.T) {
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
	for _, g := range readGuides(t) {
		for i, b := range g.blocks {
			if b.language == "go" && b.note == "" {
				code[fmt.Sprintf("%s_%d_test.go", strings.TrimSuffix(filepath.Base(g.name), ".md"), i)] = []byte(b.text)
			}
		}
	}
	if len(code) == 0 {
		t.Fatal("expected Go code in the guides, got none")
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
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	formatted, err := exec.CommandContext(t.Context(), "gofmt", "-l", dir).Output()
	if err != nil || len(formatted) > 0 {
		t.Errorf("gofmt: %v: Go code of a guide is not formatted: %s", err, formatted)
	}
	test := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", ".")
	test.Dir = dir
	test.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := test.CombinedOutput(); err != nil {
		t.Errorf("Go code of the guides: %v\n%s", err, out)
	}
}

// TestGuideRecipes runs the guides' shell blocks. A fake replaces the deployment that some of
// them judge; these blocks of a guide share a shell, and all others have one of their own.
func TestGuideRecipes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the command; the whole test runs without -short")
	}
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	bin := filepath.Dir(command(t))
	for _, g := range readGuides(t) {
		var onFake []block
		for _, b := range g.blocks {
			switch {
			case b.deployed():
				onFake = append(onFake, b)
			case strings.HasPrefix(b.note, ownShell):
				t.Run(filepath.Base(g.name), func(t *testing.T) {
					t.Parallel()
					s := shell{bash: bash, bin: bin, dir: t.TempDir()}
					out := s.run(t, b.text)
					if _, want, found := strings.Cut(b.note, "prints "); found && !strings.Contains(out, strings.Trim(want, `"`)) {
						t.Errorf("expected %s\n%s\n%s", want, b.text, out)
					}
				})
			}
		}
		if onFake != nil {
			t.Run(filepath.Base(g.name), func(t *testing.T) {
				t.Parallel()
				runRecipes(t, shell{bash: bash, bin: bin, dir: t.TempDir()}, onFake)
			})
		}
	}
}

// runRecipes runs the blocks of a guide that judge a deployment, with the values of a fake in
// place of those of the deployment.
func runRecipes(t *testing.T, s shell, blocks []block) {
	t.Helper()
	fake := fakeserver.Start(t)
	f := fake.Fixtures()
	s.input = f.Token + "\n"
	script := "set -euo pipefail\n"
	for _, b := range blocks {
		script += strings.NewReplacer(
			"https://ges.cn-north-4.myhuaweicloud.com", fake.URL, "0123456789abcdef0123456789abcdef", f.ProjectID,
			"53205529-026b-455a-9e07-228fae4b12b9", f.GraphID, "ges_c5de", f.GraphName,
		).Replace(b.text)
		if strings.HasSuffix(b.note, variablesSet) {
			s.env = []string{
				"GESCONFORM_ENDPOINT=" + fake.URL, "GESCONFORM_PROJECT_ID=" + f.ProjectID, "GESCONFORM_GRAPH_ID=" + f.GraphID, "GESCONFORM_TOKEN=" + f.Token,
			}
		}
	}
	s.run(t, script)
	for _, m := range outputPattern.FindAllStringSubmatch(script, -1) {
		if files, err := os.ReadDir(filepath.Join(s.dir, m[1])); err != nil || len(files) == 0 {
			t.Errorf("%s: expected files, got %v, %v", m[0], files, err)
		}
	}
}

// A shell runs scripts in a folder, with the command in its PATH.
type shell struct {
	bash, bin, dir string
	env            []string
	input          string
}

// run returns what a script prints.
func (s shell) run(t *testing.T, script string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, s.bash, "-c", script)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(s.input)
	cmd.WaitDelay = time.Second
	cmd.Env = append([]string{"PATH=" + s.bin + string(os.PathListSeparator) + os.Getenv("PATH"), "HOME=" + s.dir}, s.env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s\n%s", err, script, out)
	}
	return string(out)
}

// TestGuideSamples checks that the sample output in the guides is what the command prints. A
// line … stands for any number of lines, and … at the end of a line for the rest of it.
func TestGuideSamples(t *testing.T) {
	outputs := map[string]string{} // by the command, and the defect
	for _, g := range readGuides(t) {
		want := g.text
		for _, b := range g.blocks {
			call, found := strings.CutPrefix(b.note, outputOf)
			if b.language != "text" || !found {
				continue
			}
			if _, done := outputs[call]; !done {
				args, against, _ := strings.Cut(call, ", against")
				_, defect, _ := strings.Cut(against, "--defect ")
				outputs[call] = outputOfCommand(t, strings.Fields(args), defect)
			}
			want = strings.Replace(want, b.text, sample(t, g.name, b.text, outputs[call]), 1)
		}
		if want != g.text {
			compareFile(t, g.path(), []byte(want))
		}
	}
	if len(outputs) == 0 {
		t.Error("expected sample output in the guides, got none")
	}
}

// outputOfCommand returns the output of `gesconform` with arguments against the embedded fake or, as
// the guides show of `gesconform run`, against one with a defect.
func outputOfCommand(t *testing.T, args []string, defect string) string {
	t.Helper()
	dir := t.TempDir()
	run := exec.CommandContext(t.Context(), command(t), args...)
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
	if exit := (*exec.ExitError)(nil); err != nil && !(errors.As(err, &exit) && (defect != "" || args[0] != "run")) {
		t.Errorf("gesconform %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// sample returns an updated sample, with the lines of the output that match the old ones
// except for digits.
func sample(t *testing.T, guide, old, output string) string {
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
			t.Errorf("%s shows a line that `gesconform` does not print:\n%s", guide, line)
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
