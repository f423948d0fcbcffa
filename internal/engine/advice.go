package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/printable"
)

// failureFault says why a first request has no answer, and what to do about that. What was not
// sent at all, for lack of a token for example, is no fault of the endpoint.
func failureFault(doing string, x *exchange.Exchange) error {
	if x.Failure.Kind == exchange.NotSent {
		return errors.New(x.Failure.Message)
	}
	advice := cmp.Or(x.Failure.Advice, "check --endpoint and the network")
	if x.Proxy != "" && !strings.Contains(x.Failure.Message, "proxy") {
		advice += fmt.Sprintf("; the request went through the proxy %s", x.Proxy)
	}
	return fmt.Errorf("%s, %s %s: %s; %s", doing, x.Request.Method, x.URL, x.Failure.Message, advice)
}

// plainToTLS is how servers tell a client that speaks HTTP without TLS to a port with TLS.
var plainToTLS = [][]byte{[]byte("HTTP request to an HTTPS server"), []byte("plain HTTP request was sent to HTTPS port"), []byte("speaking plain HTTP to an SSL-enabled")}

// misdirected says that an answer does not come from the endpoint, but from a proxy or from the TLS
// of its port, and what to do about that; "" if it may.
func misdirected(x *exchange.Exchange) string {
	got := inShort(x)
	for _, says := range plainToTLS {
		if x.Status() == http.StatusBadRequest && bytes.Contains(x.Answer.Body, says) {
			return fmt.Sprintf("the port speaks TLS (%s); set --endpoint %s", got, otherScheme(x))
		}
	}
	switch by := cmp.Or(x.Proxy, "in between"); {
	case x.Status() == http.StatusProxyAuthRequired:
		return fmt.Sprintf("the proxy %s asks for credentials (%s); put its user and password into HTTP_PROXY, http://USER:PASSWORD@HOST:PORT", by, got)
	case x.Proxy != "" && x.Code() == "" && x.Status() >= http.StatusBadRequest && !looksLikeJSON(x.Answer):
		return fmt.Sprintf("the answer (%s) seems to be that of the proxy %s; check --endpoint, or set NO_PROXY if it can be reached without", got, by)
	}
	return ""
}

// otherScheme returns the endpoint of an exchange with https.
func otherScheme(x *exchange.Exchange) string {
	_, rest, _ := strings.Cut(strings.TrimSuffix(x.URL, x.Request.Path), "://")
	return "https://" + rest
}

// afterRedirect says where a redirect leads, and what to do about that.
func afterRedirect(x *exchange.Exchange) string {
	to := x.Answer.Header.Get("Location")
	target, err := url.Parse(to)
	if to == "" || err != nil || target.Host == "" {
		return "; check --endpoint"
	}
	where := printable.Line(printable.URL(to))
	if base, found := strings.CutSuffix(where, x.Request.Path); found {
		return fmt.Sprintf("; set --endpoint %.200s", base)
	}
	return fmt.Sprintf("; it leads to %.200s, perhaps the login of a network or a proxy: check --endpoint and the network", where)
}

// looksLike says what an answer is instead of one of the service, if that shows.
func looksLike(x *exchange.Exchange) string {
	switch body := bytes.ToLower(bytes.TrimSpace(x.Answer.Body)); {
	case len(body) == 0:
		return ", it is empty"
	case bytes.HasPrefix(body, []byte("<!doctype html")), bytes.HasPrefix(body, []byte("<html")), strings.Contains(x.Answer.Header.Get("Content-Type"), "html"):
		return ", it is a web page, perhaps the login of a network or a proxy"
	}
	return ""
}

// throughProxy names the proxy that a request went through, as something to check.
func throughProxy(x *exchange.Exchange) string {
	if x.Proxy == "" {
		return ""
	}
	return " and the proxy " + x.Proxy
}
