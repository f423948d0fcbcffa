package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// receive reads and records an answer.
func (t *Client) receive(ctx context.Context, x *exchange.Exchange, response *http.Response, heard *headConn) {
	redactor := t.redactor.Load()
	defer response.Body.Close()
	t.noteConnection(response)
	var body []byte
	var err error
	if response.StatusCode != http.StatusSwitchingProtocols { // no body follows, but another protocol, whose reads have no time limit
		body, err = io.ReadAll(io.LimitReader(response.Body, maxAnswerBody+1))
	}
	x.Duration = time.Since(x.Started)
	body = decoded(response.Header, body)
	after := ""
	if heard != nil {
		after = heard.afterHead()
		clean := redactor.text(after)
		x.AfterHead = &clean
	}
	x.Leaked = redactor.found(withTrailer(response), string(body)+after)
	if len(body) > maxAnswerBody {
		body, err = body[:keptOfLongBody], errTooLong
	}
	x.Certificate = certificateOf(response, heard)
	clean := redactor.text(string(body))
	if err != nil {
		clean = redactor.end(clean)
	}
	x.Answer = &contract.Answer{Status: response.StatusCode, Header: redactor.header(response.Header), Body: []byte(clean)}
	if err != nil {
		x.Failure = t.failure(ctx, err, x.Answer, true)
	}
}

// withTrailer returns the header of an answer with what its trailer has beside it.
func withTrailer(r *http.Response) http.Header {
	if len(r.Trailer) == 0 {
		return r.Header
	}
	all := r.Header.Clone()
	for name, values := range r.Trailer {
		all["Trailer "+name] = values
	}
	return all
}

// certificateOf returns the digest of the endpoint's certificate, or "" without TLS.
func certificateOf(r *http.Response, heard *headConn) string {
	state := r.TLS
	if heard != nil && heard.state != nil {
		state = heard.state
	}
	if state == nil || len(state.PeerCertificates) == 0 {
		return ""
	}
	digest := sha256.Sum256(state.PeerCertificates[0].Raw)
	return hex.EncodeToString(digest[:])
}
