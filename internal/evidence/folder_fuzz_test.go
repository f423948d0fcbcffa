package evidence_test

import (
	"bytes"
	"context"
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
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/session"
)

// However the structure of a run's files is changed, neither judge nor merge panics, and neither
// gives a verdict that the exchanges do not give.
func FuzzFolderOfARun(f *testing.F) {
	c, err := contract.Default()
	if err != nil {
		f.Fatal(err)
	}
	folder := deviatingRun(f, c)
	names := []string{result.ResultsFile, result.PlanFile, result.ExchangesFile}
	texts := make([]string, len(names))
	for i, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			f.Fatal(err)
		}
		texts[i] = string(text)
	}
	for i := range 12 {
		f.Add(uint8(i), uint16(7*i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, file uint8, node uint16, how uint8) {
		which := int(file) % len(names)
		changed, ok := restructured(texts[which], int(node), int(how))
		if !ok {
			return
		}
		dir := t.TempDir()
		for i, name := range names {
			text := texts[i]
			if i == which {
				text = changed
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var bad error
		if how%8 > 0 { // merge also writes, which takes longer
			_, bad = evidence.Judge(t.Context(), evidence.JudgeOptions{Contract: c, Out: io.Discard}, dir)
		} else {
			_, bad = evidence.Merge(t.Context(), evidence.MergeOptions{Contract: c, Folders: []string{dir}, Output: t.TempDir(), Out: io.Discard})
		}
		if bad == nil {
			t.Errorf("expected an error or that the target deviates, got neither after %s", difference(texts[which], changed))
		}
	})
}

// deviatingRun returns the folder of a run that has found a deviation, without its SHA256SUMS.
func deviatingRun(f *testing.F, c *contract.Contract) string {
	defect, err := fakeserver.LookupDefect("unknown-graph-500")
	if err != nil {
		f.Fatal(err)
	}
	fake := fakeserver.New(fakeserver.WithDefect(defect))
	server := httptest.NewServer(fake)
	defer server.Close()
	cfg, fixtures := config.Default(), fake.Fixtures()
	cfg.Endpoint, cfg.ProjectID, cfg.GraphID, cfg.Token = server.URL, fixtures.ProjectID, fixtures.GraphID, fixtures.Token
	cfg.LabelFilter, cfg.Output = "showGraph && (valid || unknown-graph)", f.TempDir()
	_, err = run.Run(context.Background(), run.Options{Options: session.Options{Contract: c, Config: cfg}, Out: io.Discard})
	if !errors.Is(err, result.ErrDeviates) {
		f.Fatalf("expected a run that deviates, got %v", err)
	}
	return cfg.Output
}

// restructured changes the nth node of a JSON text, or of one line of such texts.
func restructured(text string, n, how int) (string, bool) {
	lines := strings.SplitAfter(text, "\n")
	at := 0
	if json.Valid([]byte(lines[0])) { // a document for each line
		at = n % (len(lines) - 1)
	} else {
		lines = []string{text}
	}
	var v any
	decoder := json.NewDecoder(strings.NewReader(lines[at]))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil {
		return "", false
	}
	count := 0
	v, _ = changeNode(v, n, how, &count)
	var b bytes.Buffer
	if json.NewEncoder(&b).Encode(v) != nil {
		return "", false
	}
	lines[at] = b.String()
	return strings.Join(lines, ""), true
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

func difference(a, b string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("%.60q became %.60q", a[i:], b[i:])
		}
	}
	return "a shorter text"
}
