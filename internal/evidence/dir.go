// Package evidence reads and writes the output folder of a run: the exchanges as they
// happen, the results and reports when it has ended, and their checksums.
package evidence

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// A File is a report and its file name.
type File struct {
	Name  string
	Write func(io.Writer, result.Run) error
}

// results returns the files that are written when a run has ended.
func results() []File {
	return []File{{result.ResultsFile, result.WriteJSON}, {result.JUnitFile, report.WriteJUnit}, {result.PageFile, report.WriteHTML}, {result.SummaryFile, report.WriteMarkdown}, {result.HARFile, report.WriteHAR}}
}

// WriteDir writes results.json, junit.xml, report.html, summary.md, exchanges.har and more
// to a directory, which it creates if necessary. Each file is replaced atomically, and if
// one fails the others are still written. They are written concurrently, since none of
// them changes the run. Then SHA256SUMS gets their digests and that of exchanges.jsonl,
// for `sha256sum -c`. Errors name the file.
func WriteDir(dir string, run result.Run, more ...File) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	during := []File{{Name: result.PlanFile}, {Name: result.ExchangesFile}} // were written during the run
	files := slices.Concat(during, results(), more)
	failed := make([]error, len(files)) // in the order of the files
	sums := make([]string, len(files))
	var all sync.WaitGroup
	for i, f := range files {
		all.Go(func() {
			path := filepath.Join(dir, f.Name)
			if f.Write == nil {
				sums[i], failed[i] = sumOfFile(path)
				return
			}
			digest := sha256.New()
			failed[i] = safefile.Write(path, forOthers, func(w io.Writer) error { return f.Write(io.MultiWriter(w, digest), run) })
			sums[i] = sumLine(path, digest.Sum(nil))
		})
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return errors.Join(err, safefile.Remove(filepath.Join(dir, result.SumsFile))) // of an earlier run
	}
	return WriteFile(dir, result.SumsFile, []byte(strings.Join(sums, "")))
}

// WriteResults writes only results.json to the directory of a run.
func WriteResults(dir string, run result.Run) error {
	return safefile.Write(filepath.Join(dir, result.ResultsFile), forOthers, func(w io.Writer) error { return result.WriteJSON(w, run) })
}

// WriteFile atomically writes a file to the directory of a run.
func WriteFile(dir, name string, text []byte) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	return safefile.Write(filepath.Join(dir, name), forOthers, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// sumOfFile returns a file's line of SHA256SUMS, or "" if there is no such file.
func sumOfFile(path string) (string, error) {
	digest, err := digestOf(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("%s: %w", result.SumsFile, err)
	}
	return sumLine(path, digest), nil
}

func sumLine(path string, digest []byte) string {
	return fmt.Sprintf("%x  %s\n", digest, filepath.Base(path))
}

// forOthers is the mode of the files: reports are redacted and meant to be shared. The umask
// may take away from it.
const forOthers = 0o644

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as the files in it: for others to read
		return unwritable(dir, err)
	}
	return nil
}

// CreateExchangeLog creates an empty exchanges.jsonl in a directory, which it creates if
// necessary. There must be none: Claim says so, and removes an earlier one. The caller closes
// the file when the run has ended.
func CreateExchangeLog(dir string) (*ExchangeLog, io.Closer, error) {
	if err := makeDir(dir); err != nil {
		return nil, nil, err
	}
	f, err := safefile.Create(filepath.Join(dir, result.ExchangesFile), forOthers)
	if errors.Is(err, os.ErrExist) {
		err = fmt.Errorf("%w; another run may be writing to the same folder", err)
	}
	if err != nil {
		return nil, nil, unwritable(dir, err)
	}
	return NewExchangeLog(f), f, nil
}

// CreateMade creates an empty made.jsonl in the directory of a run. The caller closes it.
func CreateMade(dir string) (io.WriteCloser, error) {
	f, err := safefile.Create(filepath.Join(dir, result.MadeFile), forOthers)
	if err != nil {
		return nil, unwritable(dir, err)
	}
	return f, nil
}

// ReadDir reads results.json and exchanges.jsonl of an earlier run. If only the exchanges
// cannot be read, it returns the run with the error.
func ReadDir(dir string) (result.Run, error) {
	path := filepath.Join(dir, result.ResultsFile)
	results, err := safefile.Read(path, mostResults)
	if err != nil {
		return result.Run{}, err
	}
	run, err := result.ReadJSON(bytes.NewReader(results))
	if err != nil {
		return result.Run{}, fmt.Errorf("%s: %w", path, err)
	}
	path = filepath.Join(dir, result.ExchangesFile)
	f, err := safefile.Open(path)
	if err != nil {
		return run, err
	}
	exchanges, err := ReadExchanges(f)
	if err = errors.Join(err, f.Close(), run.Attach(exchanges)); err != nil {
		return run, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}
