package evidence

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestExchangesSurviveTheLog(t *testing.T) {
	full := *resulttest.Filled[exchange.Exchange](t)
	bare := exchange.Exchange{Failure: &exchange.Failure{Kind: exchange.Dropped, Message: "EOF"}}
	binary := resulttest.Exchange(2, "b", 200, "\xff\x00<&>")
	binary.Request.Body = []byte{}
	binary.Answer.Header["X-Latin"] = []string{"caf\xe9", "a"}
	want := []exchange.Exchange{full, bare, binary, resulttest.Exchange(4, "<&>\u2028", 400, "line\nfeed")}
	whole := want[0].Answer.Abridged // with valid values where they are checked
	whole.Encoding, whole.JSON = contract.UTF8, "{}"
	var b bytes.Buffer
	log := NewExchangeLog(&b)
	for _, x := range want {
		if err := log.Append(x); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != len(want) {
		t.Fatalf("expected %d lines, got\n%s", len(want), b.String())
	}
	for i, line := range lines {
		if i == 0 { // Filled, with a valid value where the schema is restrictive
			line = strings.Replace(line, `"kind":"x"`, `"kind":"cut"`, 1)
		}
		if err := resulttest.Validate(t, "/$defs/exchange", []byte(line)); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
	for i := range want {
		want[i].Operation = "" // not stored, since it follows from the contract
	}
	got, err := ReadExchanges(bytes.NewReader(b.Bytes()))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v: expected %+v\ngot %+v", err, want, got)
	}
	if s := b.String(); !strings.Contains(s, `"<&>`) || !strings.Contains(s, `{"base64":"/wA8Jj4="}`) {
		t.Errorf("expected text as it is, and other bytes in base64, got\n%s", s)
	}
}

func TestReadExchangesOfAKilledRun(t *testing.T) {
	var b bytes.Buffer
	log := NewExchangeLog(&b)
	for i := range 3 {
		if err := log.Append(resulttest.Exchange(i, "a", 200, "{}")); err != nil {
			t.Fatal(err)
		}
	}
	cut, err := ReadExchanges(bytes.NewReader(b.Bytes()[:b.Len()-10]))
	if len(cut) != 2 || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("expected 2 exchanges and an unexpected EOF in line 3, got %d, %v", len(cut), err)
	}
	broken, err := ReadExchanges(strings.NewReader(`{"answer":{"status":200}}` + "\n\nnonsense\n{}\n"))
	if len(broken) != 1 || err == nil || errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("expected 1 exchange and an error of line 3, got %d, %v", len(broken), err)
	}
	if none, err := ReadExchanges(strings.NewReader("{}\n")); len(none) != 0 || err == nil || !strings.Contains(err.Error(), "line 1: expected an answer or a failure, got neither") {
		t.Errorf("expected an error of line 1, got %d, %v", len(none), err)
	}
}

// A slowWriter writes each line in two pieces, and counts flushes.
type slowWriter struct {
	bytes.Buffer
	flushes int
	full    error
}

func (w *slowWriter) Write(p []byte) (int, error) {
	if w.full != nil {
		return 0, w.full
	}
	half := len(p) / 2
	_, _ = w.Buffer.Write(p[:half])
	_, _ = w.Buffer.Write(p[half:])
	return len(p), nil
}

func (w *slowWriter) Flush() error { w.flushes++; return nil }

func TestExchangeLogIsSafeForConcurrentUse(t *testing.T) {
	w := &slowWriter{}
	log := NewExchangeLog(w)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			if err := log.Append(resulttest.Exchange(i, "a", 200, strings.Repeat("x", 1000))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got, err := ReadExchanges(&w.Buffer); err != nil || len(got) != 50 || w.flushes != 50 {
		t.Errorf("expected 50 exchanges and flushes, got %d and %d, %v", len(got), w.flushes, err)
	}
}

func TestExchangeLogStaysClosedAfterAnError(t *testing.T) {
	w := &slowWriter{full: errors.New("disk full")}
	log := NewExchangeLog(w)
	first := log.Append(resulttest.Exchange(5, "a/b", 200, ""))
	w.full = nil
	second := log.Append(resulttest.Exchange(6, "a/c", 200, ""))
	if first == nil || first.Error() != "log exchange 5 of case a/b: disk full" || second == nil || w.Len() != 0 {
		t.Errorf("got %v, then %v, and %d bytes", first, second, w.Len())
	}
}

func TestSchemaAgreesWithTheTypes(t *testing.T) {
	resulttest.CheckTypes(t, map[string]reflect.Type{
		"exchange": reflect.TypeFor[exchangeRecord](),
		"request":  reflect.TypeFor[requestRecord](),
		"answer":   reflect.TypeFor[answerRecord](),
		"abridged": reflect.TypeFor[contract.Abridged](),
		"problem":  reflect.TypeFor[contract.Problem](),
	})
}
