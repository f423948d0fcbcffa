package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// missing returns the first program that is needed and not there, or "".
func (r *recipe) missing() string {
	for _, program := range r.needs {
		if _, err := exec.LookPath(program); err != nil {
			return program
		}
	}
	return ""
}

// build builds the command, unless there is one.
func (m *matrix) build(ctx context.Context) error {
	if m.command != "" {
		return nil
	}
	m.command = filepath.Join(m.installed, "gesconform")
	return m.execute(ctx, m.repository, []string{"go", "build", "-o", m.command, "./cmd/gesconform"})
}

// install installs a client in a new copy of its folder, and returns that.
func (m *matrix) install(ctx context.Context, r *recipe) (folder string, err error) {
	source := filepath.Join(m.repository, filepath.FromSlash(r.path()))
	folder = filepath.Join(m.installed, r.name)
	document, err := os.ReadFile(filepath.Join(m.repository, "openapi.yaml"))
	if err == nil {
		err = os.RemoveAll(folder)
	}
	if err == nil {
		err = os.CopyFS(folder, os.DirFS(source))
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "openapi.yaml"), document, 0o600)
	}
	if err != nil {
		return "", fmt.Errorf("install %s: %w", r.name, err)
	}
	for _, step := range r.install {
		args := make([]string, len(step))
		for i, arg := range step {
			args[i] = os.Expand(arg, func(name string) string { return map[string]string{"SOURCE": source, "COPY": folder}[name] })
		}
		if err := m.execute(ctx, folder, args); err != nil {
			return "", fmt.Errorf("install %s: %w", r.name, err)
		}
	}
	return folder, nil
}

// execute runs a program, whose output is only shown if it fails.
func (m *matrix) execute(ctx context.Context, folder string, args []string) error {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return nil
}

// client has a client judged, and returns the exit status of `gesconform client`. The report is
// folder/report, and what was printed is beside it.
func (m *matrix) client(ctx context.Context, r *recipe, folder string) (status int, err error) {
	args := []string{"client", "--strict", "--output", "report"}
	expect := filepath.Join(m.repository, filepath.FromSlash(r.path()), "expect.yaml")
	if _, err := os.Stat(expect); err == nil {
		args = append(args, "--expect", "expect.yaml")
	}
	if r.start > 0 {
		args = append(args, "--start-timeout", r.start.String())
	}
	if m.timeout != "" {
		args = append(args, "--scenario-timeout", m.timeout)
	}
	out, err := os.Create(filepath.Join(folder, "report.txt"))
	if err != nil {
		return 2, err
	}
	command := exec.CommandContext(ctx, m.command, append(append(args, "--"), r.command...)...)
	command.Dir, command.Stdout, command.Stderr = folder, out, out
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it ends what it has started
	home := filepath.Join(m.installed, "home")                                    // SDKs write an id there
	command.Env = append(os.Environ(), "HOME="+home)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return 2, err
	}
	err = errors.Join(command.Run(), out.Close())
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 {
		return exit.ExitCode(), nil
	}
	return 0, err
}
