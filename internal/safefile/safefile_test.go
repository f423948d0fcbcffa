package safefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// What is no file is neither read nor written to, and what it leads to stays as it is.
func TestOnlyFiles(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(
		os.WriteFile(at("mine"), []byte("mine"), 0o600), os.Symlink(at("mine"), at("link")), syscall.Mkfifo(at("pipe"), 0o600), os.Mkdir(at("folder"), 0o700), os.Symlink(at("none"), at("dangling")),
		os.Symlink("/dev/null", at("device")),
	); err != nil {
		t.Fatal(err)
	}
	put := func(w io.Writer) error { _, err := io.WriteString(w, "new"); return err }
	for name, want := range map[string]string{"link": "a link", "pipe": "a named pipe", "folder": "a folder", "dangling": "a link", "device": "a link"} {
		_, unappended := Append(at(name), 0o600)
		for what, err := range map[string]error{"write": Write(at(name), 0o600, put), "append": unappended, "remove": Remove(at(name))} {
			if err == nil || !strings.Contains(err.Error(), "got "+want) {
				t.Errorf("%s %s: expected an error that says %q, got %v", what, name, want, err)
			}
		}
	}
	for name, want := range map[string]string{"pipe": "a named pipe", "folder": "a folder", "device": "a device"} {
		if _, err := Read(at(name), 10); err == nil || !strings.Contains(err.Error(), "expected a file, got "+want) {
			t.Errorf("read %s: expected an error that says %q, got %v", name, want, err)
		}
	}
	if text, err := Read(at("link"), 10); err != nil || string(text) != "mine" {
		t.Errorf("expected the file untouched, and read through a link, got %q, %v", text, err)
	}
}

func TestWriteIsAllOrNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(Partial(path), []byte("of a process that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }); err != nil {
		t.Fatal(err)
	}
	bad := errors.New("bad")
	if err := Write(path, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "ha"); return errors.Join(err, bad) }); !errors.Is(err, bad) || !strings.Contains(err.Error(), path) {
		t.Errorf("expected the error with the path, got %v", err)
	}
	if text, err := Read(path, 5); err != nil || string(text) != "whole" {
		t.Errorf("expected the whole file, got %q, %v", text, err)
	}
	if _, err := os.Stat(Partial(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("expected no partial file, got %v", err)
	}
	if _, err := Read(path, 4); err == nil || !strings.Contains(err.Error(), "expected at most") {
		t.Errorf("expected an error for a file that is too large, got %v", err)
	}
}
