package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/gesconform/gesconform/internal/evidence"
	keep "github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/selftest/inprocess"
	"github.com/gesconform/gesconform/internal/session"
)

// Whatever a service sends too much of: what is kept of an answer, and the files, have the length
// that is said at most, and the record gives the same verdicts as the answers gave when they came.
func TestHostileServicesAreJudgedFromTheirRecord(t *testing.T) {
	suite, filter := inprocess.Load(t), "upgrade.media-type"
	if os.Getenv(inprocess.TestAll) != "" {
		filter += " || lifecycle || unknown-graph"
	}
	for _, how := range hostiles(longBody) {
		t.Run(how.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			var first result.Run
			synctest.Test(t, func(t *testing.T) {
				network := inprocess.Listen()
				fake := build(t)
				c := serve(t, network, hostileServer(fake, how), fake.Fixtures())
				c.Dial, c.Output, c.LabelFilter = network.Dial, dir, filter
				modes[len(modes)-1].configure(&c)
				var err error
				first, err = run.Run(context.Background(), run.Options{Options: session.Options{Contract: suite.Contract, Config: c}, Out: io.Discard})
				if lost, isLost := errors.AsType[*run.WriteError](err); isLost {
					t.Fatal(lost)
				}
			})
			checkKept(t, dir)
			again, err := evidence.Judge(t.Context(), evidence.JudgeOptions{Contract: suite.Contract, Out: io.Discard}, dir)
			if again.Headline != first.Headline || again.Headline == "" {
				t.Errorf("expected %q from the record, got %q, %v", first.Headline, again.Headline, err)
			}
			if ended := first.Ending(nil); fmt.Sprint(err) != fmt.Sprint(ended) {
				t.Errorf("expected the error %v from the record, got %v", ended, err)
			}
		})
	}
}

// checkKept checks the lengths of the files of a run and of what they keep of each answer.
func checkKept(t *testing.T, dir string) {
	t.Helper()
	for name, most := range map[string]int64{
		result.ExchangesFile: keep.ExchangesFile, result.HARFile: keep.HARFile, result.PageFile: keep.PageFile,
		result.JUnitFile: keep.JUnitFile, result.ResultsFile: keep.ResultsFile, result.SummaryFile: keep.SummaryFile,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Size() > most || info.Size() == 0 {
			t.Errorf("%s: expected a file of at most %d bytes, got %v, %v", name, most, info, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, result.ExchangesFile))
	if err != nil {
		t.Fatal(err)
	}
	exchanges, err := evidence.ReadExchanges(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := range exchanges {
		x := &exchanges[i]
		if x.Answer == nil {
			continue
		}
		header := 0
		for name, values := range x.Answer.Header {
			for _, v := range values {
				header += len(name) + len(v)
			}
		}
		if n := len(x.Answer.Body); n > keep.KeptBody || header > keep.KeptHeader {
			t.Errorf("exchange %d: expected at most %d bytes of the body and %d of the header, got %d and %d", x.Sequence, keep.KeptBody, keep.KeptHeader, n, header)
		}
	}
}
