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
	"github.com/gesconform/gesconform/internal/limits"
)

// receive reads and records an answer. All of it is searched for credentials, and then cut.
func (t *Client) receive(ctx context.Context, redactor *redactor, x *exchange.Exchange, response *http.Response, heard *headConn) {
	defer response.Body.Close()
	t.noteConnection(response)
	var body []byte
	var err error
	if response.StatusCode != http.StatusSwitchingProtocols { // no body follows, but another protocol, whose reads have no time limit
		body, err = io.ReadAll(io.LimitReader(response.Body, limits.ReadBody+1))
	}
	x.Duration = time.Since(x.Started)
	body = decoded(response.Header, body)
	after := ""
	if heard != nil {
		after = heard.afterHead()
	}
	if len(body) > limits.ReadBody {
		err = errTooLong
	}
	texts := redactor.textsOf(response.Header)
	inHeader := len(texts)
	texts = append(append(texts, redactor.textsOf(response.Trailer)...), response.Status, after, string(body))
	clean, leaked := redactor.clean(err != nil, texts...)
	if heard != nil {
		after = clean[len(clean)-2]
		x.AfterHead = &after
	}
	x.Leaked, x.Certificate = leaked, certificateOf(response, heard)
	kept := clean[len(clean)-1]
	if len(body) > limits.ReadBody {
		kept = kept[:min(limits.ReadBody, len(kept))]
	}
	x.Answer = &contract.Answer{Status: response.StatusCode, Header: t.sharedValues(redactor.headerOf(response.Header, clean[:inHeader])), Body: []byte(kept)}
	if err != nil {
		x.Failure = t.failure(ctx, redactor, err, x.Answer, true)
	}
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
