package evidence_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// files are the files of a run by name.
type files map[string][]byte

// A mutation changes a file of a folder. n is any number, other is another run. It reports whether
// there was something to change.
type mutation struct {
	name   string
	change func(folder string, all files, file string, n int, other files) bool
}

// ofText is a mutation of the text of a file.
func ofText(name string, change func(text []byte, n int) []byte) mutation {
	return mutation{name, func(_ string, all files, file string, n int, _ files) bool {
		changed := change(all[file], n)
		if bytes.Equal(changed, all[file]) {
			return false
		}
		all[file] = changed
		return true
	}}
}

// ofLines is a mutation of the lines of a file.
func ofLines(name string, change func(lines []string, at int) []string) mutation {
	return ofText(name, func(text []byte, n int) []byte {
		lines := strings.SplitAfter(string(text), "\n")
		return []byte(strings.Join(change(lines, n%len(lines)), ""))
	})
}

// inPlace is a mutation that puts something else in the place of a file.
func inPlace(name string, put func(path string) error) mutation {
	return mutation{name, func(folder string, all files, file string, _ int, _ files) bool {
		delete(all, file)
		return put(filepath.Join(folder, file)) == nil
	}}
}

var mutations = []mutation{
	{"dropped", func(_ string, all files, file string, _ int, _ files) bool { delete(all, file); return true }},
	{"another file of the run", func(_ string, all files, file string, n int, _ files) bool {
		names := slices.Sorted(maps.Keys(all))
		from := names[n%len(names)]
		all[file] = all[from]
		return from != file
	}},
	{"another run's", func(_ string, all files, file string, _ int, other files) bool {
		all[file] = other[file]
		return other[file] != nil
	}},
	ofText("empty", func([]byte, int) []byte { return nil }),
	ofText("cut", func(text []byte, n int) []byte { return text[:n%max(1, len(text))] }),
	ofText("a byte changed", func(text []byte, n int) []byte {
		changed := slices.Clone(text)
		if len(changed) > 0 {
			changed[n%len(changed)] ^= 1
		}
		return changed
	}),
	ofText("a byte order mark", func(text []byte, _ int) []byte { return append([]byte("\xef\xbb\xbf"), text...) }),
	ofText("CRLF", func(text []byte, _ int) []byte { return bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")) }),
	ofText("compressed", func(text []byte, _ int) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(text) // to memory
		_ = w.Close()
		return b.Bytes()
	}),
	ofText("a huge line", func(text []byte, _ int) []byte { return append(bytes.Repeat([]byte("["), 1<<20), text...) }),
	ofText("more at the end", func(text []byte, n int) []byte {
		return append(slices.Clone(text), []string{"{}", "{}\n", "\x00", "null\n", "]", "<!-- -->"}[n%6]...)
	}),
	ofLines("a line dropped", func(lines []string, at int) []string { return slices.Delete(lines, at, at+1) }),
	ofLines("a line twice", func(lines []string, at int) []string { return slices.Insert(lines, at, lines[at]) }),
	ofLines("two lines swapped", func(lines []string, at int) []string {
		next := (at + 1) % len(lines)
		lines[at], lines[next] = lines[next], lines[at]
		return lines
	}),
	ofText("a value of JSON", func(text []byte, n int) []byte { return restructured(text, n/10, n%10) }),
	ofText("a value of JSON twice", func(text []byte, n int) []byte { return restructured(restructured(text, n/10, n%10), n/7, n%9+1) }),
	inPlace("a named pipe", func(path string) error { return syscall.Mkfifo(path, 0o600) }),
	inPlace("a folder", func(path string) error { return os.Mkdir(path, 0o700) }),
	inPlace("a link to a device", func(path string) error { return os.Symlink("/dev/zero", path) }),
	inPlace("a link to nothing", func(path string) error { return os.Symlink(path, path) }),
}

// What becomes of SHA256SUMS: those who forge a file may make it anew.
const (
	sumsKept = iota
	sumsAnew
	sumsGone
	waysOfSums
)

// reports follow from the exchanges, and any change shows.
var reports = []string{result.ResultsFile, result.JUnitFile, result.PageFile, result.SummaryFile, result.HARFile}

// A forger changes folders.
type forger struct {
	contract *contract.Contract
	runs     []recordedRun // one deviates, one conforms
}

type recordedRun struct {
	files    files
	headline string
	err      error
}

func newForger(t testing.TB) *forger {
	c, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	f := &forger{contract: c}
	for _, name := range []string{"unknown-graph-500", ""} {
		folder, headline, err := runOf(t, c, name)
		r := recordedRun{files: files{}, headline: headline, err: err}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if r.files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
		f.runs = append(f.runs, r)
	}
	return f
}

// runOf runs a few cases against a fake with a defect, or none.
func runOf(t testing.TB, c *contract.Contract, defect string) (folder, headline string, ending error) {
	var options []fakeserver.Option
	if defect != "" {
		d, err := fakeserver.LookupDefect(defect)
		if err != nil {
			t.Fatal(err)
		}
		options = append(options, fakeserver.WithDefect(d))
	}
	fake := fakeserver.New(options...)
	server := httptest.NewServer(fake)
	defer server.Close()
	cfg, fixtures := config.Default(), fake.Fixtures()
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = server.URL, fixtures.ProjectID, fixtures.GraphID, fixtures.Token
	cfg.LabelFilter, cfg.Output = "showGraph && (valid || unknown-graph)", t.TempDir()
	r, err := run.Run(context.Background(), run.Options{Options: session.Options{Contract: c, Config: cfg}, Out: io.Discard})
	if deviates := errors.Is(err, result.ErrDeviates); deviates != (defect != "") || err != nil && !deviates {
		t.Fatalf("expected a run that deviates only with a defect, got %v with %q", err, defect)
	}
	return cfg.Output, r.Headline, err
}

// forge changes a file of a run, and makes sure that what judge and merge say is an error, or what
// the exchanges of the run give.
func (f *forger) forge(t *testing.T, m mutation, which, file, n, sums int, merge bool) {
	t.Helper()
	original, other := f.runs[which%len(f.runs)], f.runs[(which+1)%len(f.runs)]
	all := maps.Clone(original.files)
	names := slices.Sorted(maps.Keys(all))
	name := names[file%len(names)]
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if !m.change(folder, all, name, n, other.files) {
		return
	}
	switch {
	case name == result.SumsFile:
	case sums == sumsGone:
		delete(all, result.SumsFile)
	case sums == sumsAnew:
		all[result.SumsFile] = sumsOf(all)
	}
	for name, text := range all {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var got result.Run
	var err error
	verdict := "judge"
	if merge {
		var matrix *result.Targets
		matrix, err = evidence.Merge(t.Context(), evidence.MergeOptions{Contract: f.contract, Folders: []string{folder}, Output: t.TempDir(), Out: io.Discard})
		verdict = "merge"
		if matrix != nil && len(matrix.Targets) == 1 {
			got.Headline = matrix.Targets[0].Headline
		}
	} else {
		got, err = evidence.Judge(t.Context(), evidence.JudgeOptions{Contract: f.contract, Out: io.Discard}, folder)
	}
	if err == nil && (original.err != nil || got.Headline != original.headline) {
		t.Errorf("%s of %s, %s (n %d, sums %d): %s said %q, expected an error or %q", name, original.headline, m.name, n, sums, verdict, got.Headline, original.headline)
	}
	if text, there := all[name]; there && !bytes.Equal(text, original.files[name]) && slices.Contains(reports, name) && (err == nil || errors.Is(err, result.ErrDeviates)) {
		t.Errorf("%s, %s (n %d, sums %d): %s said %v, expected that the file was changed", name, m.name, n, sums, verdict, err)
	}
	if err != nil && (strings.TrimSpace(err.Error()) == "" || strings.Contains(err.Error(), "runtime error")) {
		t.Errorf("%s, %s (n %d, sums %d): expected a sentence, got %q", name, m.name, n, sums, err)
	}
}

func sumsOf(all files) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name != result.SumsFile {
			fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(all[name]), name)
		}
	}
	return b.Bytes()
}

// Every way to spoil a file ends with an error, or with what the exchanges give.
func TestSpoiledFolders(t *testing.T) {
	f := newForger(t)
	at := 0
	for which := range f.runs {
		for file := range len(f.runs[which].files) {
			for _, m := range mutations {
				for sums := range waysOfSums {
					at++
					if os.Getenv("GESCONFORM_TEST_ALL") == "" && at%7 != 0 {
						continue
					}
					f.forge(t, m, which, file, at*7919, sums, at%5 == 0)
				}
			}
		}
	}
}

// However the files of a run are changed, neither judge nor merge panics, and neither gives a
// verdict that the exchanges do not give.
func FuzzFolderOfARun(f *testing.F) {
	forger := newForger(f)
	for i := range mutations {
		f.Add(uint8(i), uint8(i), uint8(i), uint16(7*i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, how, which, file uint8, n uint16, sums uint8) {
		forger.forge(t, mutations[int(how)%len(mutations)], int(which), int(file), int(n), int(sums)%waysOfSums, how%8 == 0)
	})
}

// restructured changes the nth node of a JSON text, or of one line of such texts.
func restructured(text []byte, n, how int) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	at := 0
	if len(lines) > 1 && json.Valid([]byte(lines[0])) { // a document for each line
		at = n % (len(lines) - 1)
	} else {
		lines = []string{string(text)}
	}
	var v any
	decoder := json.NewDecoder(strings.NewReader(lines[at]))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return text
	}
	count := 0
	v, _ = changeNode(v, n, how, &count)
	var b bytes.Buffer
	if json.NewEncoder(&b).Encode(v) != nil {
		return text
	}
	lines[at] = b.String()
	return []byte(strings.Join(lines, ""))
}

// changeNode changes the nth value below v: it is removed, or has another type or value.
func changeNode(v any, n, how int, count *int) (changed any, remove bool) {
	if *count++; *count == n+1 {
		return []any{nil, nil, "", "x", json.Number("-1"), json.Number("1e9"), true, []any{}, []any{nil}, map[string]any{}}[how%10], how%10 == 0
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if changed, remove := changeNode(v[name], n, how, count); remove {
				delete(v, name)
			} else {
				v[name] = changed
			}
		}
	case []any:
		for i := 0; i < len(v); i++ {
			changed, remove := changeNode(v[i], n, how, count)
			if remove {
				return slices.Delete(v, i, i+1), false
			}
			v[i] = changed
		}
	}
	return v, false
}
