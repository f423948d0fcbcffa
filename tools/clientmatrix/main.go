// Command clientmatrix installs the clients of examples/clients, each in a copy of its folder, has
// `gesconform client` judge them, and writes what came of it into docs/clients.md:
//
//	clientmatrix [flags] [NAME…]
//
// It ends with 0 if each client was judged and deviates exactly where its expect.yaml says so, with 1
// if one does not, and with 2 if one could not be judged.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

func main() {
	m := matrix{stdout: os.Stdout, stderr: os.Stderr, recipes: recipes}
	flag.StringVar(&m.repository, "repository", "../..", "the `folder` of the repository")
	// Go takes what is in a folder with this underscore for no packages of the repository.
	flag.StringVar(&m.installed, "installed", "../../dist/_clients", "the `folder` to install into")
	flag.StringVar(&m.command, "gesconform", "", "the `command` to judge with, instead of one that is built from the repository")
	flag.StringVar(&m.timeout, "scenario-timeout", "", "pass --scenario-timeout; the guide is then left as it is")
	flag.IntVar(&m.atOnce, "at-once", 4, "how many clients to judge at once; most of the time, each waits")
	flag.BoolVar(&m.without, "without-missing", false, "leave out the clients whose language is not installed, instead of failing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := m.run(ctx, flag.Args())
	stop()
	os.Exit(status)
}

// A matrix judges clients.
type matrix struct {
	repository, installed string
	command               string // gesconform
	timeout               string
	without               bool
	atOnce                int
	recipes               []recipe
	stdout, stderr        io.Writer
}

// run judges the named clients, or all of them, and returns the exit status.
func (m *matrix) run(ctx context.Context, names []string) int {
	chosen, err := m.choose(names)
	if err == nil {
		m.repository, err = filepath.Abs(m.repository)
	}
	if err == nil {
		m.installed, err = filepath.Abs(m.installed)
	}
	if err == nil {
		err = m.build(ctx)
	}
	if err != nil {
		fmt.Fprintln(m.stderr, "clientmatrix:", err)
		return 2
	}
	worst := m.judgeAll(ctx, chosen)
	if m.timeout == "" && ctx.Err() == nil {
		if err := writeGuide(m.repository, m.recipes); err != nil {
			fmt.Fprintln(m.stderr, "clientmatrix:", err)
			return 2
		}
	}
	return worst
}

// judgeAll judges clients, and returns the worst exit status.
func (m *matrix) judgeAll(ctx context.Context, chosen []recipe) (worst int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	places := make(chan struct{}, max(1, m.atOnce))
	for _, r := range chosen {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			status, came := m.judge(ctx, r)
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(m.stdout, "%-24s %s\n", r.name, came)
			worst = max(worst, status)
		})
	}
	all.Wait()
	return worst
}

// choose returns the recipes with these names, or all.
func (m *matrix) choose(names []string) ([]recipe, error) {
	if len(names) == 0 {
		return m.recipes, nil
	}
	var chosen []recipe
	for _, name := range names {
		i := slices.IndexFunc(m.recipes, func(r recipe) bool { return r.name == name })
		if i < 0 {
			return nil, fmt.Errorf("expected the name of a client, got %q; there are %s", name, m.names())
		}
		chosen = append(chosen, m.recipes[i])
	}
	return chosen, nil
}

func (m *matrix) names() string {
	var all []string
	for _, r := range m.recipes {
		all = append(all, r.name)
	}
	return strings.Join(all, ", ")
}

// judge installs a client and has it judged. It returns the exit status, and what came of it.
func (m *matrix) judge(ctx context.Context, r recipe) (status int, came string) {
	if missing := r.missing(); missing != "" {
		if !m.without {
			status = 2
		}
		return status, fmt.Sprintf("not judged: %s is not installed", missing)
	}
	folder, err := m.install(ctx, &r)
	if err == nil {
		status, err = m.client(ctx, &r, folder)
	}
	var s *summary
	if err == nil {
		s, err = summarise(filepath.Join(folder, "report"))
	}
	if err == nil && m.timeout == "" && status < 2 {
		err = s.write(m.repository, r.name)
	}
	switch {
	case err != nil:
		return 2, fmt.Sprintf("not judged: %v", err)
	case status == 0 && len(s.Gone) > 0:
		return 1, fmt.Sprintf("%s; expect.yaml has what was not found: %s", s.Headline, strings.Join(s.Gone, "; "))
	case status == 0:
		return 0, s.Headline + ", as expected"
	}
	return min(status, 2), fmt.Sprintf("%s; see %s", s.Headline, filepath.Join(folder, "report.txt"))
}
