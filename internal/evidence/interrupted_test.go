package evidence_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/evidence"
)

// A cutContext ends when it has been asked a number of times whether it has.
type cutContext struct {
	context.Context
	left *atomic.Int64
}

func (c *cutContext) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// Wherever judge and merge are interrupted, they end without a verdict.
func TestInterruptedAnywhere(t *testing.T) {
	f := newForger(t)
	folder := t.TempDir()
	for name, text := range f.runs[0].files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, do := range map[string]func(ctx context.Context) error{
		"judge": func(ctx context.Context) error {
			_, err := evidence.Judge(ctx, evidence.JudgeOptions{Contract: f.contract, Out: io.Discard}, folder)
			return err
		},
		"merge": func(ctx context.Context) error {
			_, err := evidence.Merge(ctx, evidence.MergeOptions{Contract: f.contract, Folders: []string{folder}, Output: t.TempDir(), Out: io.Discard})
			return err
		},
	} {
		const most = 1000 // more often than it is asked for a small run
		asked := 0
		for ; asked < most; asked += 1 + asked/8 {
			var left atomic.Int64
			left.Store(int64(asked))
			err := do(&cutContext{t.Context(), &left})
			if left.Load() >= 0 {
				break // it ended before
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, interrupted after %d: got %v", name, asked, err)
			}
		}
		if asked < 10 || asked >= most {
			t.Errorf("%s: expected to be asked often, got %d", name, asked)
		}
	}
}
