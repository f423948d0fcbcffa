package evidence

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/result"
)

// What is read here was written by others: by another machine, an archive, or a person with an
// editor.

// openFile opens a file for reading. Reading a named pipe or a device could take for ever.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: expected a file, got %s", path, kindOf(info.Mode()))
	}
	return os.Open(path)
}

// kinds name what is no file.
var kinds = []struct {
	bit  fs.FileMode
	name string
}{
	{fs.ModeDir, "a folder"}, {fs.ModeSymlink, "a link"}, {fs.ModeNamedPipe, "a named pipe"},
	{fs.ModeSocket, "a socket"}, {fs.ModeDevice, "a device"},
}

func kindOf(mode fs.FileMode) string {
	for _, k := range kinds {
		if mode&k.bit != 0 {
			return k.name
		}
	}
	return "something else"
}

func readFile(path string) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(f)
	return text, errors.Join(err, f.Close())
}

// sumsOf returns the digests in a folder's SHA256SUMS by file name, and nil if there is none.
func sumsOf(dir string) (map[string]string, error) {
	path := filepath.Join(dir, result.SumsFile)
	text, err := readFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	sums := map[string]string{}
	number := 0
	for line := range strings.Lines(string(text)) {
		number++
		digest, name, found := strings.Cut(strings.TrimRight(line, "\r\n"), "  ")
		if !found || len(digest) != 2*sha256.Size || name == "" || name != filepath.Base(name) {
			return nil, fmt.Errorf("%s:%d: expected a sha256, two spaces and the name of a file in the folder, got %.80q", path, number, line)
		}
		sums[name] = digest
	}
	return sums, nil
}

// CheckSums compares the directory of a run with its SHA256SUMS, if there is one. The error
// names the first file that differs, or that a run writes and that has no digest.
func CheckSums(dir string) error {
	sums, err := sumsOf(dir)
	if err != nil || sums == nil {
		return err
	}
	written := []string{result.PlanFile, result.ExchangesFile, result.ChangesFile}
	for _, f := range results() {
		written = append(written, f.Name)
	}
	for name := range sums {
		written = append(written, name)
	}
	slices.Sort(written)
	for _, name := range slices.Compact(written) {
		path := filepath.Join(dir, name)
		text, err := readFile(path)
		if errors.Is(err, os.ErrNotExist) && sums[name] == "" {
			continue
		}
		if err != nil {
			return err
		}
		switch got := fmt.Sprintf("%x", sha256.Sum256(text)); sums[name] {
		case got:
		case "":
			return fmt.Errorf("%s: expected its digest in %s, got none; the file was added after the run", path, result.SumsFile)
		default:
			return fmt.Errorf("%s: expected sha256 %s, got %s; the file was changed after the run", path, sums[name], got)
		}
	}
	return nil
}

// unsummed says that a run that has ended has no SHA256SUMS, or "".
func unsummed(dir string, ended bool) string {
	if _, err := os.Stat(filepath.Join(dir, result.SumsFile)); !ended || !errors.Is(err, os.ErrNotExist) {
		return ""
	}
	return fmt.Sprintf("%s has no %s, so nothing shows whether its reports were changed; the verdict is that of its exchanges", dir, result.SumsFile)
}

// A difference is a writer that looks for where a text parts from the one that is written.
type difference struct {
	text []byte // the text
	at   int    // how much of it is the same so far
	rest []byte // a little of what was written instead
	lost bool   // it differs
}

const shown = 200 // bytes of a difference

// Write implements io.Writer.
func (d *difference) Write(p []byte) (int, error) {
	rest := p
	if !d.lost {
		n := 0
		for n < len(p) && d.at+n < len(d.text) && p[n] == d.text[d.at+n] {
			n++
		}
		d.at, rest = d.at+n, p[n:]
		d.lost = len(rest) > 0
	}
	if d.lost && len(d.rest) < shown {
		d.rest = append(d.rest, rest[:min(len(rest), shown)]...)
	}
	return len(p), nil
}

// found returns the line in which the texts part, and what both have there, from a little
// before; ok is false if they are the same.
func (d *difference) found() (line int, want, got []byte, ok bool) {
	if !d.lost && d.at == len(d.text) {
		return 0, nil, nil, false
	}
	const before = 40
	start := max(bytes.LastIndexByte(d.text[:d.at], '\n')+1, d.at-before)
	same := d.text[start:d.at]
	return bytes.Count(d.text[:d.at], []byte("\n")) + 1, firstLine(same, d.rest), firstLine(same, d.text[d.at:]), true
}

func firstLine(a, b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return bytes.TrimSpace(slices.Concat(a, line))
}

// folderName makes a name that is a folder's on any system of what somebody else has chosen.
func folderName(name string) string {
	name = strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-.")
	if stem, _, _ := strings.Cut(name, "."); reservedNames[stem] {
		name = "target-" + name
	}
	return cmp.Or(name, "target")
}

// reservedNames are the names of devices on Windows, with any extension.
var reservedNames = func() map[string]bool {
	names := map[string]bool{"con": true, "prn": true, "aux": true, "nul": true}
	for n := range 10 {
		names[fmt.Sprintf("com%d", n)], names[fmt.Sprintf("lpt%d", n)] = true, true
	}
	return names
}()
