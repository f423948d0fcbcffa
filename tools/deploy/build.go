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

// A platform is an operating system and an architecture to build for.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

// command is the name of the binary.
func (p platform) command() string {
	if p.os == "windows" {
		return "gesconform.exe"
	}
	return "gesconform"
}

// An edition is the source of a build. Builds of the same edition are identical byte for byte,
// on any machine and at any time.
type edition struct {
	source   string // the folder of the main module
	version  string
	revision string    // the commit, followed by -dirty if files differ from it
	made     time.Time // the modification time of all files in archives and images
}

// earliest is the earliest time that the zip format can represent.
var earliest = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// editionOf reads the edition of a folder from git. SOURCE_DATE_EPOCH
// (https://reproducible-builds.org/specs/source-date-epoch/) sets its time; it is required
// outside a git repository.
func editionOf(ctx context.Context, source string) (edition, error) {
	e := edition{source: source, version: config.ToolVersion}
	revision, err := output(ctx, source, "git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
	seconds := os.Getenv("SOURCE_DATE_EPOCH")
	if err != nil && seconds == "" {
		return edition{}, fmt.Errorf("get the time of the source: %w; without git, set SOURCE_DATE_EPOCH", err)
	}
	e.revision = revision
	if seconds == "" {
		if seconds, err = output(ctx, source, "git", "log", "-1", "--format=%ct"); err != nil {
			return edition{}, fmt.Errorf("get the time of the source: %w", err)
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

// output returns what a command prints, without white space around it.
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

// A builder builds the command of an edition for a platform.
type builder func(ctx context.Context, e edition, p platform) ([]byte, error)

// compile is a builder. The binary is static, and does not depend on paths, the time or settings
// of the machine that builds it.
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
