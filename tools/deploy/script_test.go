package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/internal/config"
)

// published returns the files of a release for all platforms, by name. Packing takes a second, so
// all tests share it.
var published = sync.OnceValues(func() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "gesconform-release-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := release(context.Background(), prebuilt, fixed(), released, dir); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	all, err := os.ReadDir(dir)
	for _, f := range all {
		text, unread := os.ReadFile(filepath.Join(dir, f.Name()))
		files[f.Name()] = text
		err = errors.Join(err, unread)
	}
	return files, err
})

// serve serves a release under the same paths as GitHub. It returns its URL and its folder, in
// which a test may change files.
func serve(t *testing.T) (folder, address string) {
	t.Helper()
	files, err := published()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	folder = filepath.Join(root, "v"+config.ToolVersion)
	for name, text := range files {
		if err := write(filepath.Join(folder, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.FileServer(http.Dir(root)))
	t.Cleanup(server.Close)
	return folder, server.URL
}

// shellEnv has the variables that are in the environment of every script.
func shellEnv(t *testing.T, more ...string) []string {
	t.Helper()
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()}, more...)
}

// pretending returns a PATH that begins with a uname for another platform.
func pretending(t *testing.T, system, machine string) string {
	t.Helper()
	dir := t.TempDir()
	text := "#!/bin/sh\ncase $1 in -s) echo '" + system + "' ;; -m) echo '" + machine + "' ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "uname"), []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func scriptPath(t *testing.T) string {
	t.Helper()
	return absolute(t, filepath.Join(repository, script))
}

func TestInstalledReleaseRuns(t *testing.T) {
	_, address := serve(t)
	for _, shell := range []string{"sh", "bash"} {
		for _, version := range []string{config.ToolVersion, "v" + config.ToolVersion} {
			t.Run(shell+" "+version, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "a folder", "that is not there yet")
				env := shellEnv(t, "GESCONFORM_RELEASES="+address, "GESCONFORM_VERSION="+version)
				if got := finish(t, t.TempDir(), env, shell, scriptPath(t), "install", dir); got.status != 0 {
					t.Fatalf("expected status 0, got %d: %s", got.status, got.stderr)
				}
				got := finish(t, t.TempDir(), nil, filepath.Join(dir, here.command()), "--version")
				if got.status != 0 || !strings.Contains(got.stdout, config.ToolVersion) {
					t.Errorf("expected version %s of what is installed, got status %d and %q", config.ToolVersion, got.status, got.stdout)
				}
			})
		}
	}
}

// TestInstallKnowsEveryPlatform checks that the script chooses the right archive of a release for
// the output of uname.
func TestInstallKnowsEveryPlatform(t *testing.T) {
	_, address := serve(t)
	for _, row := range []struct {
		system, machine string
		want            platform
	}{
		{"Linux", "x86_64", platform{"linux", "amd64"}},
		{"Linux", "aarch64", platform{"linux", "arm64"}},
		{"Darwin", "x86_64", platform{"darwin", "amd64"}},
		{"Darwin", "arm64", platform{"darwin", "arm64"}},
		{"MINGW64_NT-10.0-20348", "x86_64", platform{"windows", "amd64"}},
		{"MSYS_NT-10.0-26100", "aarch64", platform{"windows", "amd64"}},
	} {
		t.Run(row.system+" "+row.machine, func(t *testing.T) {
			dir := t.TempDir()
			env := shellEnv(t, "GESCONFORM_RELEASES="+address, "GESCONFORM_VERSION="+config.ToolVersion, pretending(t, row.system, row.machine))
			if got := finish(t, dir, env, "sh", scriptPath(t), "install", dir); got.status != 0 {
				t.Fatalf("expected status 0, got %d: %s", got.status, got.stderr)
			}
			want, err := prebuilt(t.Context(), fixed(), row.want)
			if err != nil {
				t.Fatal(err)
			}
			if contents(t, dir, row.want.command()) != string(want) {
				t.Errorf("expected the command for %s", row.want)
			}
		})
	}
}

func TestInstallRefuses(t *testing.T) {
	archive := archiveName(fixed(), here)
	for _, row := range []struct {
		name  string
		spoil func(t *testing.T, folder string)
		env   []string
		says  string
	}{
		{name: "an archive that was changed", says: archive + ": expected SHA-256 ", spoil: func(t *testing.T, folder string) {
			rewrite(t, filepath.Join(folder, archive), func(text string) string { return text + "\n" })
		}},
		{name: "an archive without a digest", says: sumsFile + " does not name " + archive, spoil: func(t *testing.T, folder string) {
			rewrite(t, filepath.Join(folder, sumsFile), func(text string) string { return strings.ReplaceAll(text, archive, archive+".old") })
		}},
		{name: "a missing archive", says: "could not get http://", spoil: func(t *testing.T, folder string) {
			remove(t, filepath.Join(folder, archive))
		}},
		{name: "missing digests", says: "/SHA256SUMS", spoil: func(t *testing.T, folder string) {
			remove(t, filepath.Join(folder, sumsFile))
		}},
		{name: "an unknown release", says: "could not get", env: []string{"GESCONFORM_VERSION=9.9.9"}},
		{name: "an unknown system", says: "there is no release for SunOS", env: []string{pretending(t, "SunOS", "x86_64")}},
		{name: "an unknown machine", says: "there is no release for Linux on s390x", env: []string{pretending(t, "Linux", "s390x")}},
		{name: "no version", says: `GESCONFORM_VERSION, got ""`, env: []string{"GESCONFORM_VERSION="}},
		{name: "a version that is a path", says: `GESCONFORM_VERSION, got "0/../0.1.0"`, env: []string{"GESCONFORM_VERSION=0/../0.1.0"}},
		{name: "releases in clear text", says: "expected an https:// address", env: []string{"GESCONFORM_RELEASES=http://mirror.example"}},
		{name: "another host named like this one", says: "expected an https:// address", env: []string{"GESCONFORM_RELEASES=http://127.0.0.1.mirror.example/"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			folder, address := serve(t)
			if row.spoil != nil {
				row.spoil(t, folder)
			}
			dir := t.TempDir()
			env := append(shellEnv(t, "GESCONFORM_RELEASES="+address, "GESCONFORM_VERSION="+config.ToolVersion), row.env...)
			got := finish(t, t.TempDir(), env, "sh", scriptPath(t), "install", dir)
			if got.status != 2 || !strings.Contains(got.stderr, row.says) {
				t.Errorf("expected status 2 and %q, got %d and %q", row.says, got.status, got.stderr)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("expected nothing to be installed, got %v (%v)", left, err)
			}
		})
	}
}

func TestScriptRefusesWrongUsage(t *testing.T) {
	for _, args := range [][]string{{}, {"remove"}, {"install"}} {
		got := finish(t, t.TempDir(), shellEnv(t), "sh", append([]string{scriptPath(t)}, args...)...)
		if got.status != 2 || !strings.HasPrefix(got.stderr, "gesconform: ") {
			t.Errorf("%q: expected status 2 and a sentence, got %d and %q", args, got.status, got.stderr)
		}
	}
}

func rewrite(t *testing.T, path string, change func(string) string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(change(contents(t, path))), 0o600); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}
