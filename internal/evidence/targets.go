package evidence

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/safefile"
)

// WriteTargets writes matrix.json, matrix.html and matrix.md to a directory, which it
// creates if necessary. Each file is replaced atomically.
func WriteTargets(dir string, targets *result.Targets) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	var failed error
	for _, file := range []struct {
		name  string
		write func(io.Writer, *result.Targets) error
	}{{result.MatrixFile, result.WriteTargetsJSON}, {result.MatrixPageFile, report.WriteTargetsHTML}, {result.MatrixSummaryFile, report.WriteTargetsMarkdown}} {
		failed = errors.Join(failed, safefile.Write(filepath.Join(dir, file.name), forOthers, func(w io.Writer) error { return file.write(w, targets) }))
	}
	return failed
}

// ReadTargets reads the matrix.json of a directory.
func ReadTargets(dir string) (*result.Targets, error) {
	path := filepath.Join(dir, result.MatrixFile)
	text, err := safefile.Read(path, mostMatrix)
	if err != nil {
		return nil, err
	}
	targets, err := result.ReadTargetsJSON(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return targets, nil
}
