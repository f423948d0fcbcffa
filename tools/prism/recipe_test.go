// Package prism runs the recipe of docs/any-document.md: a server of another make, Prism, is judged by
// a document that has nothing of ours.
package prism

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const guide = "../../docs/any-document.md"

// blocks returns the guide's blocks that are checked here, by language and in their order.
func blocks(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(guide)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, m := range regexp.MustCompile("(?s)<!-- checked by tools/prism/recipe_test.go -->\n```(\\w+)\n(.*?\n)```\n").FindAllStringSubmatch(string(text), -1) {
		all[m[1]] = append(all[m[1]], m[2])
	}
	if len(all["yaml"]) != 1 || len(all["sh"]) < 3 || len(all["text"]) != 1 {
		t.Fatalf("%s: expected a document, three recipes and a sample of output, got %d, %d and %d", guide, len(all["yaml"]), len(all["sh"]), len(all["text"]))
	}
	return all
}

// installed returns the path of Prism, which npm installs.
func installed(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("there is no npm")
	}
	path, err := filepath.Abs("node_modules/.bin/prism")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		if out, err := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			t.Fatalf("npm ci: %v\n%s", err, out)
		}
	}
	return path
}

// built builds the command, and returns its folder.
func built(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", folder, "./cmd/gesconform")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return folder
}

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

func TestRecipe(t *testing.T) {
	all := blocks(t)
	mock, bin, port, folder := installed(t), built(t), freePort(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "books.yaml"), []byte(all["yaml"][0]), 0o600); err != nil {
		t.Fatal(err)
	}
	outputs := make([]string, len(all["sh"]))
	for i, script := range all["sh"] {
		script = strings.NewReplacer("npx @stoplight/prism-cli@5.14.2", mock, "4010", port).Replace(script)
		var status int
		outputs[i], status = shell(t, folder, bin, script)
		if deviates := strings.Contains(script, "gesconform run"); deviates != (status == 1) || status > 1 {
			t.Fatalf("status %d of\n%s\n%s", status, script, outputs[i])
		}
	}
	for i, wants := range [][]string{{"listBooks, GET /books\n", "needs --credential key="}, inOrder(all["text"][0]), {"\n  inert        GET /books: plain\n", "\nclause:   books.yaml:", "\nlawful:   200\n"}} {
		rest := ofHowMany.ReplaceAllString(outputs[i], " of N ")
		for _, want := range wants {
			_, after, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("recipe %d: expected %q in\n%s", i+1, want, outputs[i])
				continue
			}
			rest = after
		}
	}
	for _, name := range []string{"report.html", "results.json", "junit.xml"} {
		if _, err := os.Stat(filepath.Join(folder, "report", name)); err != nil {
			t.Error(err)
		}
	}
}

// ofHowMany is how many requirements there are, which is not what the sample is about.
var ofHowMany = regexp.MustCompile(` of \d+ `)

// inOrder returns the lines of a sample of output; a line … stands for any others.
func inOrder(sample string) []string {
	var lines []string
	for line := range strings.Lines(sample) {
		if line = strings.TrimSuffix(line, "\n"); line != "…" {
			lines = append(lines, ofHowMany.ReplaceAllString(line, " of N "))
		}
	}
	return lines
}

// shell runs a script in a process group of its own, all of which ends with it.
func shell(t *testing.T, folder, bin, script string) (output string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := os.Create(filepath.Join(t.TempDir(), "output")) // a pipe would be held open by what the script has started
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, out, out
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	end := func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Cancel = end
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = end() }() // what the script has left running
	err = cmd.Wait()
	text, readErr := os.ReadFile(out.Name())
	if readErr != nil || ctx.Err() != nil {
		t.Fatalf("%v, %v\n%s", readErr, ctx.Err(), text)
	}
	if err != nil && cmd.ProcessState.ExitCode() < 0 {
		t.Fatalf("%v\n%s", err, text)
	}
	return string(text), cmd.ProcessState.ExitCode()
}
