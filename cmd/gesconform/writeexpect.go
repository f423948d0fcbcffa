package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
)

// thenWriteExpect makes judge write the deviations that it finds to a new file, as a list of known
// deviations for a person to complete. It looks first whether there is such a file. namesOf returns
// what they may name.
func thenWriteExpect(path string, namesOf func(run result.Run) (result.Names, error), judge func() (result.Run, error)) func() (result.Run, error) {
	return func() (result.Run, error) {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return result.Run{}, fmt.Errorf("write-expect: %w", exists(path, err))
		}
		found, verdict := judge()
		if found.SchemaVersion == 0 { // there is no result, or a shard had nothing to do
			return found, verdict
		}
		if verdict != nil && !errors.Is(verdict, result.ErrDeviates) && !errors.Is(verdict, run.ErrChanged) {
			return found, verdict // it could not be judged, and the error says why
		}
		var b bytes.Buffer
		known, err := namesOf(found)
		if err == nil {
			err = result.WriteExpectations(&b, found, known)
		}
		if err == nil {
			err = writeNew(path, b.Bytes())
		}
		if err != nil {
			return found, &run.WriteError{Err: fmt.Errorf("write-expect: %w", err), Verdict: verdict}
		}
		return found, verdict
	}
}

// namesIn returns what an expectation of a run may name.
func namesIn(c *contract.Contract) func(result.Run) (result.Names, error) {
	return func(found result.Run) (result.Names, error) {
		if found.Document != nil {
			return run.NamesAgain(c, &found)
		}
		if found.Client == nil {
			return result.NamesOf(c)
		}
		all, err := client.Scenarios(c)
		return namesOf(c, all), err
	}
}

// writeNew writes a file that does not exist yet.
func writeNew(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as the folders of reports
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // has no secrets, and is for others to read
	if err != nil {
		return exists(path, err)
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// exists says that there is something at path, unless err, which is of looking there or of creating
// it, says something else.
func exists(path string, err error) error {
	if err == nil || errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("expected a file that does not exist yet, got %s, which is not overwritten", path)
	}
	return err
}
