package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A packed is a file in an archive.
type packed struct {
	mode os.FileMode
	made time.Time
	text string
}

// TestRelease checks the content and the digest of each archive.
func TestRelease(t *testing.T) {
	files, err := published()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{sumsFile, "ci.sh"}
	for _, p := range released {
		name := archiveName(fixed(), p)
		names = append(names, name)
		got := unpack(t, name, files[name])
		if want := []string{"LICENSE", "README.md", p.command()}; !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
			t.Errorf("%s: expected %q, got %q", name, want, slices.Sorted(maps.Keys(got)))
		}
		command := got[p.command()]
		if command.mode.Perm() != 0o755 || !command.made.Equal(fixed().made) {
			t.Errorf("%s: expected a command with mode 0755 of %v, got %v of %v", name, fixed().made, command.mode, command.made)
		}
		if want, err := prebuilt(t.Context(), fixed(), p); err != nil || command.text != string(want) {
			t.Errorf("%s: expected the command for %s (%v)", name, p, err)
		}
		if want := contents(t, repository, "LICENSE"); got["LICENSE"].text != want {
			t.Errorf("%s: expected the licence", name)
		}
	}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, slices.Sorted(slices.Values(names))) {
		t.Errorf("expected the files %q, got %q", names, got)
	}
	for _, name := range names[1:] {
		if line := fmt.Sprintf("%x  %s\n", sha256.Sum256(files[name]), name); !strings.Contains(string(files[sumsFile]), line) {
			t.Errorf("expected %q in %s", line, sumsFile)
		}
	}
}

func unpack(t *testing.T, name string, archive []byte) map[string]packed {
	t.Helper()
	files := map[string]packed{}
	if strings.HasSuffix(name, ".zip") {
		r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range r.File {
			text, err := r.Open(f.Name)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			files[f.Name] = packed{f.Mode(), f.Modified, all(t, text)}
		}
		return files
	}
	r, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return untar(t, r)
}

// untar reads the files of an archive or a layer.
func untar(t *testing.T, r io.Reader) map[string]packed {
	t.Helper()
	files := map[string]packed{}
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if header.Uid != 0 || header.Gid != 0 || header.Uname != "" {
			t.Errorf("%s: expected it to belong to 0:0, got %d:%d %q", header.Name, header.Uid, header.Gid, header.Uname)
		}
		files[header.Name] = packed{header.FileInfo().Mode(), header.ModTime, all(t, archive)}
	}
}

func all(t *testing.T, r io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReleaseIsRepeatable makes a release of what all tests share, and of what is built once more
// in another environment, and expects the same bytes.
func TestReleaseIsRepeatable(t *testing.T) {
	if _, err := native(); err != nil { // before the environment is another
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-gcflags=-N")
	var sums []string
	for _, build := range []builder{prebuilt, compile} {
		out := t.TempDir()
		if err := release(t.Context(), build, fixed(), []platform{here}, out); err != nil {
			t.Fatal(err)
		}
		sums = append(sums, contents(t, out, sumsFile))
	}
	if sums[0] != sums[1] {
		t.Errorf("expected the same digests, got\n%s\nand\n%s", sums[0], sums[1])
	}
}

func TestEditionIsTheCommit(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_COMMITTER_DATE=2026-11-23T12:00:00Z",
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args[0], err, text)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "")
	if _, err := editionOf(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "SOURCE_DATE_EPOCH") {
		t.Errorf("without git: expected an error that names SOURCE_DATE_EPOCH, got %v", err)
	}
	git("init", "-q")
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	git("add", "file")
	git("commit", "-q", "-m", "one")
	git("tag", "-m", "a tag is not the name of a revision", "v0.1.0")
	clean, err := editionOf(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := fixed().made; !clean.made.Equal(want) || len(clean.revision) != 40 {
		t.Errorf("expected the commit's time %v and its 40 digits, got %v and %q", want, clean.made, clean.revision)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("two"), 0o600); err != nil {
		t.Fatal(err)
	}
	for epoch, want := range map[string]time.Time{"": fixed().made, "1700000000": time.Unix(1700000000, 0), "0": earliest} {
		t.Setenv("SOURCE_DATE_EPOCH", epoch)
		e, err := editionOf(t.Context(), dir)
		if err != nil || !e.made.Equal(want) || e.revision != clean.revision+"-dirty" {
			t.Errorf("SOURCE_DATE_EPOCH=%s: expected %v and %s-dirty, got %v and %s (%v)", epoch, want, clean.revision, e.made, e.revision, err)
		}
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := editionOf(t.Context(), dir); err == nil || !strings.Contains(err.Error(), `got "yesterday"`) {
		t.Errorf("expected an error that quotes it, got %v", err)
	}
}

func TestRunRefusesWrongUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"publish"}, {"release", "image"}} {
		if err := run(t.Context(), repository, t.TempDir(), args); err == nil || !strings.Contains(err.Error(), "expected release or image") {
			t.Errorf("%q: expected an error, got %v", args, err)
		}
	}
}
