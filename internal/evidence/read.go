package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// What is read here was written by others: by another machine, an archive, or a person with an
// editor.

// What is larger than this is not read, so that no folder takes all memory. What runs write is far
// smaller.
const (
	mostSums      = 1 << 20
	mostPlan      = 64 << 20
	mostMatrix    = 64 << 20
	mostResults   = 256 << 20
	mostExchanges = 512 << 20
	mostLine      = 16 << 20 // of exchanges.jsonl: an answer of 1 MiB, each byte of it escaped
	mostReport    = 2 << 30
)

// isFolder returns an error if something else is to be judged, such as a report or an archive.
func isFolder(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: expected the folder of a run, got something else", path)
	}
	return err
}

// digestOf returns the SHA-256 digest of a file.
func digestOf(path string) ([]byte, error) {
	f, err := safefile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, safefile.Limit(f, path, mostReport)); err != nil {
		return nil, err
	}
	return digest.Sum(nil), nil
}

// ReadHead reads results.json of a folder, without what follows from the exchanges.
func ReadHead(folder string) (result.Run, error) {
	path := filepath.Join(folder, result.ResultsFile)
	f, err := safefile.Open(path)
	if err != nil {
		return result.Run{}, err
	}
	defer f.Close() // it was only read
	run, err := result.ReadHead(safefile.Limit(f, path, mostResults))
	if err != nil {
		return result.Run{}, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

// sumsOf returns the digests in a folder's SHA256SUMS by file name, and nil if there is none.
func sumsOf(dir string) (map[string]string, error) {
	path := filepath.Join(dir, result.SumsFile)
	text, err := safefile.Read(path, mostSums)
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
		if sums[name] != "" {
			return nil, fmt.Errorf("%s:%d: expected each file once, got %s again", path, number, name)
		}
		sums[name] = strings.ToLower(digest)
	}
	return sums, nil
}

// checkSums compares the directory of a run with its SHA256SUMS, if there is one. The error
// names the first file that differs, or that a run writes and that has no digest.
func checkSums(ctx context.Context, dir string) error {
	sums, err := sumsOf(dir)
	if err != nil || sums == nil {
		return err
	}
	written := slices.DeleteFunc(slices.Clone(ofRun), func(name string) bool {
		return name == result.SumsFile || name == result.MadeFile // which cleaning up goes on writing
	})
	for name := range sums {
		written = append(written, name)
	}
	slices.Sort(written)
	for _, name := range slices.Compact(written) {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(dir, name)
		digest, err := digestOf(path)
		if errors.Is(err, os.ErrNotExist) && sums[name] == "" {
			continue
		}
		if err != nil {
			return err
		}
		switch got := hex.EncodeToString(digest); sums[name] {
		case got:
		case "":
			return fmt.Errorf("%s: expected its digest in %s, got none; the file was added after the run", path, result.SumsFile)
		default:
			return fmt.Errorf("%s: expected sha256 %s, got %s; the file was changed after the run", path, sums[name], got)
		}
	}
	return nil
}

// A difference is a writer that looks for where a text parts from the one that is written.
type difference struct {
	text *bufio.Reader
	line int    // the number of lines that are the same
	same []byte // what is the same of the next one
	rest []byte // a little of what was written instead
	lost bool   // it differs
	err  error  // of reading the text
}

const shown = 200 // bytes of a difference

// Write implements io.Writer.
func (d *difference) Write(p []byte) (int, error) {
	written := len(p)
	for len(p) > 0 && !d.lost {
		text, err := d.text.Peek(min(len(p), 4096))
		if err != nil && !errors.Is(err, io.EOF) {
			d.err = err
			return 0, err
		}
		n := 0
		for n < len(text) && text[n] == p[n] {
			n++
		}
		d.pass(p[:n])
		_, _ = d.text.Discard(n) // they were peeked at
		p, d.lost = p[n:], n < len(text) || err != nil && n < len(p)
	}
	if d.lost && len(d.rest) < shown {
		d.rest = append(d.rest, p[:min(len(p), shown)]...)
	}
	return written, nil
}

// pass counts what is the same.
func (d *difference) pass(same []byte) {
	const before = 40
	d.line += bytes.Count(same, []byte("\n"))
	if at := bytes.LastIndexByte(same, '\n'); at >= 0 {
		d.same, same = d.same[:0], same[at+1:]
	}
	d.same = append(d.same, same[max(0, len(same)-before):]...)
	d.same = d.same[max(0, len(d.same)-before):]
}

// found returns the line in which the texts part, and what both have there, from a little
// before; ok is false if they are the same.
func (d *difference) found() (line int, want, got []byte, ok bool) {
	text, _ := d.text.Peek(shown) // "" if it ends earlier
	if !d.lost && len(text) == 0 {
		return 0, nil, nil, false
	}
	return d.line + 1, firstLine(d.same, d.rest), firstLine(d.same, text), true
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
