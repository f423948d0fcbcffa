package client

import (
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// noHTTP is what is wrong with what the server refuses by itself.
var noHTTP = contract.Problem{In: contract.InMethod, Keyword: "syntax", Message: "expected a request as RFC 9112 has it, got something else"}

// refuse records a request that is no HTTP, by its first line: a client that sends nothing else has not
// sent nothing.
func (g *stage) refuse(elsewhere bool, request []byte) {
	a := &arrival{elsewhere: elsewhere, began: time.Now(), host: strings.TrimPrefix(g.endpoint.URL, "http://"), ended: make(chan struct{}), noHTTP: true}
	a.writer.at = a.began
	if request[0] < ' ' { // most likely a TLS handshake
		a.method = "(TLS)"
	} else {
		line, _, _ := strings.Cut(string(request), "\r\n")
		if len(line) > longestLine {
			line = line[:longestLine] + "…"
		}
		a.method, a.target, _ = strings.Cut(strings.ToValidUTF8(line, "?"), " ")
		if at := strings.LastIndex(a.target, " HTTP/"); at >= 0 {
			a.target = a.target[:at]
		}
	}
	close(a.ended)
	g.keep(a)
	g.noteAnswered()
}

// refusedAnswer is what came back.
func (a *arrival) refusedAnswer() (*contract.Answer, *exchange.Failure) {
	if a.target == "" {
		return nil, &exchange.Failure{Kind: exchange.Dropped, Message: "the connection was closed, since it was no HTTP"}
	}
	return &contract.Answer{Status: http.StatusBadRequest, Header: http.Header{"Connection": {"close"}}}, nil
}
