package evidence

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestWriteDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "report")
	log, closer, err := CreateExchangeLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	run := resulttest.Run(t)
	for _, c := range run.Cases {
		for _, x := range c.Exchanges {
			if err := log.Append(x); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	more := File{"more.txt", func(w io.Writer, r result.Run) error { _, err := io.WriteString(w, r.Headline); return err }}
	if err := WriteDir(dir, run, more); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{result.SumsFile, result.HARFile, result.ExchangesFile, result.JUnitFile, "more.txt", result.PageFile, result.ResultsFile, result.SummaryFile}) {
		t.Errorf("files: %v", got)
	}
	sums, err := os.ReadFile(filepath.Join(dir, result.SumsFile))
	if err != nil || strings.Count(string(sums), "\n") != 7 {
		t.Errorf("sums: %s, %v", sums, err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || fmt.Sprintf("%x", sha256.Sum256(text)) != sum {
			t.Errorf("%s: the sum %s is not that of the file, %v", name, sum, err)
		}
	}
	read, err := ReadDir(dir)
	if err != nil || !reflect.DeepEqual(resulttest.Stable(read), resulttest.Stable(run)) || string(read.Cases[3].Exchanges[0].Answer.Body) != `{"job_id":"j1"}` {
		t.Errorf("%v: got %+v", err, read)
	}
	if err := os.Remove(filepath.Join(dir, result.ExchangesFile)); err != nil {
		t.Fatal(err)
	}
	if read, err := ReadDir(dir); !errors.Is(err, os.ErrNotExist) || read.Headline != run.Headline {
		t.Errorf("without exchanges: %v, %q", err, read.Headline)
	}
}

func TestWriteDirKeepsTheOldFileWhereTheNewOneFails(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad")
	if err := os.WriteFile(bad, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, result.SumsFile), []byte("of an earlier run"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := WriteDir(dir, resulttest.Run(t), File{"bad", func(w io.Writer, _ result.Run) error {
		_, _ = io.WriteString(w, "new")
		return errors.New("no ink")
	}}, File{"good", func(io.Writer, result.Run) error { return nil }})
	if err == nil || err.Error() != bad+": no ink" {
		t.Errorf("expected an error that names the file, got %v", err)
	}
	if kept, _ := os.ReadFile(bad); string(kept) != "old" {
		t.Errorf("expected the old file, got %q", kept)
	}
	if got := names(t, dir); !slices.Equal(got, []string{"bad", result.HARFile, "good", result.JUnitFile, result.PageFile, result.ResultsFile, result.SummaryFile}) {
		t.Errorf("files: %v", got)
	}
	if err := WriteDir(filepath.Join(bad, "below"), result.Run{}); err == nil || !strings.Contains(err.Error(), bad) {
		t.Errorf("expected an error that names the directory, got %v", err)
	}
}

func TestClaimRemovesTheResultsOfAnEarlierRun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteDir(dir, resulttest.Run(t)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := claimed(dir, false); err == nil || !strings.Contains(err.Error(), "holds an earlier run (results.json); set another --output, or --force") {
		t.Errorf("expected a refusal, got %v", err)
	}
	_, closer, err := claimed(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); !slices.Equal(got, []string{result.ExchangesFile, "mine.txt"}) {
		t.Errorf("files: %v", got)
	}
}

// claimed creates the log of exchanges in a folder that it has claimed.
func claimed(dir string, force bool) (*ExchangeLog, io.Closer, error) {
	claim, err := Output{Folder: dir, Force: force}.Claim()
	if err == nil {
		err = claim.Clear()
	}
	if err != nil {
		return nil, nil, err
	}
	return CreateExchangeLog(dir)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// Nothing is written through a link or into a named pipe.
func TestOutputIsOnlyWrittenToFiles(t *testing.T) {
	for _, kind := range []struct {
		name, says string
		make       func(path, elsewhere string) error
	}{
		{"a link", "got a link", func(path, elsewhere string) error { return os.Symlink(elsewhere, path) }},
		{"a named pipe", "got a named pipe", func(path, _ string) error { return syscall.Mkfifo(path, 0o600) }},
		{"a folder", "got a folder", func(path, _ string) error { return os.Mkdir(path, 0o700) }},
	} {
		for _, name := range []string{result.ExchangesFile, result.ResultsFile, result.PageFile, "." + result.PageFile + ".partial", result.SumsFile} {
			t.Run(kind.name+" "+name, func(t *testing.T) {
				dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "mine")
				if err := os.WriteFile(elsewhere, []byte("mine"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := kind.make(filepath.Join(dir, name), elsewhere); err != nil {
					t.Fatal(err)
				}
				err := WriteDir(dir, resulttest.Run(t))
				if name == result.ExchangesFile {
					_, _, err = claimed(dir, true)
				}
				if err == nil || !strings.Contains(err.Error(), kind.says) {
					t.Errorf("expected an error that says %q, got %v", kind.says, err)
				}
				if text, err := os.ReadFile(elsewhere); err != nil || string(text) != "mine" {
					t.Errorf("expected the file elsewhere untouched, got %q, %v", text, err)
				}
			})
		}
	}
}
