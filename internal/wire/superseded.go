package wire

import (
	"net/http/httptrace"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
)

// OnSuperseded has a function called with each exchange whose request the client sends again by
// itself, before Send returns the one that takes its place. It must be called before Send.
func (t *Client) OnSuperseded(keep func(exchange.Exchange)) { t.superseded = keep }

// supersede prepares an exchange for sending its request again. What came of it so far is kept, as
// an exchange of its own.
func (t *Client) supersede(x *exchange.Exchange, why string) {
	if t.superseded != nil {
		before := *x
		before.Superseded = why
		t.superseded(before)
	}
	x.Sequence = int(t.sequence.Add(1))
	x.Attempt++
	x.Answer, x.Failure, x.Leaked, x.AfterHead, x.Certificate, x.Duration = nil, nil, nil, nil, "", 0
}

// supersedeTries does the same for each time that net/http has sent the request again: it does so
// if a connection that it used before turns out to be closed.
func (t *Client) supersedeTries(x *exchange.Exchange, sent *tries) {
	started := x.Started
	for _, took := range sent.failed() {
		x.Duration = took
		x.Failure = &exchange.Failure{Kind: exchange.Dropped, Message: "the connection ended without an answer"}
		t.supersede(x, "sent again by net/http, because the server may have closed the connection in the same moment")
		x.Started = started.Add(took)
	}
}

// tries are the times that net/http has sent a request.
type tries struct {
	mu    sync.Mutex
	first time.Time
	all   []try
}

type try struct {
	began time.Duration // after the first
	wrote bool
}

// begin notes that the request has got a connection.
func (s *tries) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 {
		s.first = time.Now()
	}
	s.all = append(s.all, try{began: time.Since(s.first)})
}

// wrote notes that the request was written.
func (s *tries) wrote(info httptrace.WroteRequestInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.all); n > 0 && info.Err == nil {
		s.all[n-1].wrote = true
	}
}

// failed returns how long each try took that was written, apart from the last one.
func (s *tries) failed() (all []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; i < len(s.all); i++ {
		if s.all[i-1].wrote {
			all = append(all, s.all[i].began-s.all[i-1].began)
		}
	}
	return all
}
