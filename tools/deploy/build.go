package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/config"
)

// A platform is what a binary is made for.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// command is the name of the binary.
func (p platform) command() string {
	if p.os == "windows" {
		return "gesconform.exe"
	}
	return "gesconform"
}

// An edition is the source that artefacts are made of. The same edition gives
// the same bytes, whoever makes them and when.
type edition struct {
	source   string // the folder of the main module
	version  string
	revision string    // the commit, with -dirty after it where files differ from it
	made     time.Time // the time of everything in the artefacts
}

// earliest is the first time that an archive in zip format knows.
var earliest = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// editionOf asks git about a folder. SOURCE_DATE_EPOCH, the custom of
// reproducible builds, says the time where it is set, and has to where git
// knows nothing.
func editionOf(ctx context.Context, source string) (edition, error) {
	e := edition{source: source, version: config.ToolVersion}
	revision, err := output(ctx, source, "git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if err != nil && seconds == "" {
		return edition{}, fmt.Errorf("tell the time of the source: %w; set SOURCE_DATE_EPOCH where there is no git", err)
	}
	e.revision = revision
	if seconds == "" {
		if seconds, err = output(ctx, source, "git", "log", "-1", "--format=%ct"); err != nil {
			return edition{}, fmt.Errorf("tell the time of the source: %w", err)
		}
	}
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return edition{}, fmt.Errorf("tell the time of the source: expected seconds since 1970, got %q", seconds)
	}
	if e.made = time.Unix(unix, 0).UTC(); e.made.Before(earliest) {
		e.made = earliest
	}
	return e, nil
}

// output is what a command prints, without white space around it.
func output(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	text, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return strings.TrimSpace(string(text)), nil
}

// A builder makes the binary of an edition for a platform.
type builder func(ctx context.Context, e edition, p platform) ([]byte, error)

// compile is the builder: a static binary in which no path, no time and no
// setting of the machine that makes it is found.
func compile(ctx context.Context, e edition, p platform) ([]byte, error) {
	dir, err := os.MkdirTemp("", "gesconform-build-")
	if err != nil {
		return nil, fmt.Errorf("build for %s: %w", p, err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := dir + string(os.PathSeparator) + p.command()
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "./cmd/gesconform")
	cmd.Dir = e.source
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0",
		"GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off", "GOFLAGS=-mod=readonly", "GOWORK=off")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build for %s: %w\n%s", p, err, text)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("build for %s: %w", p, err)
	}
	return binary, nil
}
