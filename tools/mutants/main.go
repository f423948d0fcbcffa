// Mutants breaks the code that decides verdicts and keeps deployments safe, in one place at a
// time, or in two that guard against the same, and fails unless the test that is named for it notices. The tree is not touched: the
// broken file is given to the compiler in an overlay.
//
// An argument selects the mutants whose names match it as a regular expression.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// limit is how long a test may take. One that takes longer has noticed: it waits for something
// that the mutant has taken away.
const limit = 3 * time.Minute

func main() {
	pattern := ""
	if len(os.Args) > 1 {
		pattern = os.Args[1]
	}
	if err := run(pattern); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(pattern string) error {
	wanted, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	w := workshop{root: root, dir: temporary}
	selected := slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return !wanted.MatchString(m.name) })
	if len(selected) == 0 {
		return fmt.Errorf("no mutant matches %q", pattern)
	}
	if err := w.soundTests(selected); err != nil {
		return err
	}
	counts := map[string]int{}
	var mu sync.Mutex
	var workers sync.WaitGroup
	work := make(chan mutant)
	for i := range runtime.GOMAXPROCS(0) {
		w := workshop{root: root, dir: filepath.Join(temporary, strconv.Itoa(i))}
		if err := os.Mkdir(w.dir, 0o700); err != nil {
			return err
		}
		workers.Go(func() {
			for m := range work {
				outcome := "equivalent"
				if m.equivalent == "" {
					outcome = w.try(m)
				}
				mu.Lock()
				counts[outcome]++
				fmt.Printf("%-10s %s\n", outcome, m.name)
				mu.Unlock()
			}
		})
	}
	for _, m := range selected {
		work <- m
	}
	close(work)
	workers.Wait()
	fmt.Printf("%d mutants: %d noticed, %d equivalent\n", len(selected), counts["noticed"], counts["equivalent"])
	if bad := len(selected) - counts["noticed"] - counts["equivalent"]; bad > 0 {
		return fmt.Errorf("%d mutants survived or could not be tried", bad)
	}
	return nil
}

// A workshop builds and runs tests.
type workshop struct {
	root string // of the module whose code is broken
	dir  string // for overlays and binaries
}

// soundTests checks that the tests exist and pass as long as nothing is broken.
func (w workshop) soundTests(some []mutant) error {
	tests := map[string][]string{} // by package
	for _, m := range some {
		if pkg, test := m.test(); m.equivalent == "" && !slices.Contains(tests[pkg], test) {
			tests[pkg] = append(tests[pkg], test)
		}
	}
	for pkg, names := range tests {
		if err := w.build(pkg, ""); err != nil {
			return err
		}
		for _, name := range names {
			if out, passed := w.test(pkg, name); !passed || bytes.Contains(out, []byte("no tests to run")) {
				return fmt.Errorf("%s.%s: expected it to pass with nothing broken, got:\n%s", pkg, name, out)
			}
		}
	}
	return nil
}

// try says what becomes of a mutant.
func (w workshop) try(m mutant) string {
	overlay, replaced := filepath.Join(w.dir, "overlay.json"), map[string]string{}
	for i, c := range m.changes() {
		broken, err := c.apply(w.root)
		if err != nil {
			return err.Error()
		}
		copied := filepath.Join(w.dir, fmt.Sprintf("broken%d.go", i))
		if err := os.WriteFile(copied, broken, 0o600); err != nil {
			return err.Error()
		}
		replaced[filepath.Join(w.root, c.file)] = copied
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": replaced})
	if err := errors.Join(err, os.WriteFile(overlay, replace, 0o600)); err != nil {
		return err.Error()
	}
	pkg, test := m.test()
	if err := w.build(pkg, overlay); err != nil {
		return err.Error()
	}
	if _, passed := w.test(pkg, test); passed {
		return "survived"
	}
	return "noticed"
}

// build compiles the tests of a package.
func (w workshop) build(pkg, overlay string) error {
	args := []string{"test", "-c", "-vet=off", "-o", filepath.Join(w.dir, "test"), "./" + pkg}
	if overlay != "" {
		args = slices.Insert(args, 1, "-overlay="+overlay)
	}
	goCommand := os.Getenv("GO")
	if goCommand == "" {
		goCommand = "go"
	}
	cmd := exec.CommandContext(context.Background(), goCommand, args...)
	cmd.Dir = w.root
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("does not compile: %s", out)
	}
	return nil
}

// test runs a test of the package that was built last.
func (w workshop) test(pkg, name string) (out []byte, passed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	args := []string{"-test.run=^" + strings.ReplaceAll(name, "/", "$/^") + "$", "-test.failfast"}
	if w.drawsValues(pkg) {
		args = append(args, "-rapid.nofailfile") // the tree stays as it is
	}
	cmd := exec.CommandContext(ctx, filepath.Join(w.dir, "test"), args...)
	cmd.Dir = filepath.Join(w.root, pkg)
	out, err := cmd.CombinedOutput()
	return out, err == nil
}

// drawsValues reports whether a package has tests with pgregory.net/rapid, which writes what it
// has drawn to the package's testdata if a test fails.
func (w workshop) drawsValues(pkg string) bool {
	files, _ := filepath.Glob(filepath.Join(w.root, pkg, "*_test.go")) // the pattern is sound
	return slices.ContainsFunc(files, func(file string) bool {
		text, _ := os.ReadFile(file) // what cannot be read has not been compiled
		return bytes.Contains(text, []byte(`"pgregory.net/rapid"`))
	})
}

// A mutant is the code with one mistake in it.
type mutant struct {
	name string
	file string
	old  string // occurs once in the file
	new  string
	and  *change // in another file, which would hide the mistake
	// by is the package and the name of the test that notices, or of a part of it.
	by string
	// equivalent says why no test can notice, because nothing that anybody sees changes.
	equivalent string
}

// A change is a part of a mutant.
type change struct{ file, old, new string }

func (m *mutant) changes() []change {
	all := []change{{m.file, m.old, m.new}}
	if m.and != nil {
		all = append(all, *m.and)
	}
	return all
}

func (m *mutant) test() (pkg, name string) {
	pkg, name, _ = strings.Cut(m.by, ".")
	return pkg, name
}

// apply returns the file with the mistake in it.
func (c *change) apply(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, c.file))
	if err != nil {
		return nil, err
	}
	if n := bytes.Count(text, []byte(c.old)); n != 1 {
		return nil, fmt.Errorf("expected once in %s, got %d times: %q", c.file, n, c.old)
	}
	return bytes.Replace(text, []byte(c.old), []byte(c.new), 1), nil
}
