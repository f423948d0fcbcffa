package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
)

// An exchangeRecord is a line of exchanges.jsonl.
type exchangeRecord struct {
	Sequence    int                `json:"sequence"`
	Case        string             `json:"case"`
	Aim         string             `json:"aim"`
	Risk        string             `json:"risk"`
	Attempt     int                `json:"attempt"`
	Started     time.Time          `json:"started"`
	Duration    time.Duration      `json:"duration_ns"`
	URL         string             `json:"url"`
	Request     requestRecord      `json:"request"`
	Answer      *answerRecord      `json:"answer,omitempty"`
	Failure     *exchange.Failure  `json:"failure,omitempty"`
	Proxy       string             `json:"proxy,omitempty"`
	Certificate string             `json:"certificate,omitempty"`
	SetAside    string             `json:"set_aside,omitempty"`
	Superseded  string             `json:"superseded,omitempty"`
	AfterHead   *text              `json:"after_head,omitempty"`
	Problems    []contract.Problem `json:"problems,omitempty"`
	Leaked      []string           `json:"leaked,omitempty"`
}

type requestRecord struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Header map[string][]text `json:"header,omitempty"`
	Body   *text             `json:"body,omitempty"`
}

type answerRecord struct {
	Status   int                `json:"status"`
	Header   map[string][]text  `json:"header,omitempty"`
	Body     *text              `json:"body,omitempty"`
	Abridged *contract.Abridged `json:"abridged,omitempty"`
}

// text need not be UTF-8.
type text = cases.Text

func textOf(body []byte) *text {
	if body == nil {
		return nil
	}
	t := text(body)
	return &t
}

func bytesOf(t *text) []byte {
	if t == nil {
		return nil
	}
	return []byte(*t)
}

func headerRecord(h http.Header) map[string][]text {
	if h == nil {
		return nil
	}
	record := make(map[string][]text, len(h))
	for name, values := range h {
		record[name] = make([]text, len(values))
		for i, v := range values {
			record[name][i] = text(v)
		}
	}
	return record
}

func headerOf(record map[string][]text) http.Header {
	if record == nil {
		return nil
	}
	h := make(http.Header, len(record))
	for name, values := range record {
		h[name] = make([]string, len(values))
		for i, v := range values {
			h[name][i] = string(v)
		}
	}
	return h
}

func recordOf(x exchange.Exchange) exchangeRecord {
	record := exchangeRecord{
		Sequence: x.Sequence, Case: x.Case, Aim: x.Aim, Risk: x.Risk, Attempt: x.Attempt,
		Started: x.Started, Duration: x.Duration, URL: x.URL, Failure: x.Failure, Proxy: x.Proxy, Certificate: x.Certificate, SetAside: x.SetAside, Superseded: x.Superseded, AfterHead: (*text)(x.AfterHead), Problems: x.Problems, Leaked: x.Leaked,
		Request: requestRecord{
			Method: x.Request.Method, Path: x.Request.Path,
			Header: headerRecord(x.Request.Header), Body: textOf(x.Request.Body),
		},
	}
	if x.Answer != nil {
		record.Answer = &answerRecord{
			Status: x.Answer.Status, Header: headerRecord(x.Answer.Header), Body: textOf(x.Answer.Body), Abridged: x.Answer.Abridged,
		}
	}
	return record
}

// check returns an error if no run can have written the record.
func (r *exchangeRecord) check() error {
	if r.Answer == nil && r.Failure == nil {
		return errors.New("expected an answer or a failure, got neither")
	}
	if r.Superseded != "" && r.Failure == nil && r.Answer.Status != http.StatusUnauthorized {
		return fmt.Errorf("superseded: expected a failure or status 401, which are followed by the same request, got status %d", r.Answer.Status)
	}
	if r.Answer != nil && r.Answer.Abridged != nil {
		return r.Answer.Abridged.Check(bytesOf(r.Answer.Body))
	}
	return nil
}

func (r *exchangeRecord) exchange() exchange.Exchange {
	x := exchange.Exchange{
		Sequence: r.Sequence, Case: r.Case, Aim: r.Aim, Risk: r.Risk, Attempt: r.Attempt,
		Started: r.Started, Duration: r.Duration, URL: r.URL, Failure: r.Failure, Proxy: r.Proxy, Certificate: r.Certificate, SetAside: r.SetAside, Superseded: r.Superseded, AfterHead: (*string)(r.AfterHead), Problems: r.Problems, Leaked: r.Leaked,
		Request: contract.Request{
			Method: r.Request.Method, Path: r.Request.Path,
			Header: headerOf(r.Request.Header), Body: bytesOf(r.Request.Body),
		},
	}
	if r.Answer != nil {
		x.Answer = &contract.Answer{
			Status: r.Answer.Status, Header: headerOf(r.Answer.Header), Body: bytesOf(r.Answer.Body), Abridged: r.Answer.Abridged,
		}
	}
	return x
}

// An ExchangeLog writes exchanges as they happen, one JSON document per line. It may be used
// by several goroutines.
type ExchangeLog struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

// NewExchangeLog returns a log that appends to w. If w has a method Flush() error, it is
// called after each line.
func NewExchangeLog(w io.Writer) *ExchangeLog { return &ExchangeLog{w: w} }

// Append writes one exchange. Each line is one call of Write, so that only the last line of
// a killed run can be incomplete. After an error, nothing else is written, since it would
// follow an incomplete line.
func (l *ExchangeLog) Append(x exchange.Exchange) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(recordOf(x)); err != nil {
		return fmt.Errorf("log exchange %d of case %s: %w", x.Sequence, x.Case, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		_, l.err = l.w.Write(line.Bytes())
	}
	if f, ok := l.w.(interface{ Flush() error }); ok && l.err == nil {
		l.err = f.Flush()
	}
	if l.err != nil {
		return fmt.Errorf("log exchange %d of case %s: %w", x.Sequence, x.Case, l.err)
	}
	return nil
}

// ReadExchanges reads what an ExchangeLog wrote. If the last line is incomplete, as after a
// killed run, it returns the exchanges before it with an error that wraps
// io.ErrUnexpectedEOF.
func ReadExchanges(r io.Reader) ([]exchange.Exchange, error) {
	var exchanges []exchange.Exchange
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return exchanges, fmt.Errorf("read exchanges: line %d: %w", number, err)
		}
		if len(bytes.TrimSpace(line)) > 0 {
			var record exchangeRecord
			if bad := json.Unmarshal(line, &record); bad != nil {
				if err != nil {
					bad = io.ErrUnexpectedEOF
				}
				return exchanges, fmt.Errorf("read exchanges: line %d: %w", number, bad)
			}
			if bad := record.check(); bad != nil {
				return exchanges, fmt.Errorf("read exchanges: line %d: %w", number, bad)
			}
			exchanges = append(exchanges, record.exchange())
		}
		if err != nil {
			return exchanges, nil
		}
	}
}

// readLine reads a line of at most mostLine bytes, with its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > mostLine {
			return nil, fmt.Errorf("expected at most %d MiB, got more", mostLine>>20)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}
