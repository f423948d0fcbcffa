package judge

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// RequestID is the header with the id that the gateway or the service gave the request.
const RequestID = "X-Request-Id"

// byWhomever are the aspects that bind whoever answers, a gateway or a proxy, too.
var byWhomever = []contract.Aspect{contract.AspectNoStackTrace, contract.AspectHeaderOnce, contract.AspectHeadWithoutBody}

// headerProblems returns what is wrong with an answer's headers beside its body, and with
// what follows its head.
func headerProblems(x *exchange.Exchange) []contract.Problem {
	var problems []contract.Problem
	add := func(aspect contract.Aspect, name, format string, args ...any) {
		problems = append(problems, contract.Problem{In: contract.InHeader, Name: name, Keyword: string(aspect), Aspect: aspect, Message: fmt.Sprintf(format, args...)})
	}
	if x.AfterHead != nil && *x.AfterHead != "" {
		problems = append(problems, contract.Problem{
			In: contract.InBody, Keyword: string(contract.AspectHeadWithoutBody), Aspect: contract.AspectHeadWithoutBody,
			Message: fmt.Sprintf("expected no body in answer to HEAD, got %d bytes: %.100q", len(*x.AfterHead), *x.AfterHead),
		})
	}
	if coding := unaskedCoding(x); coding != "" {
		add(contract.AspectContentCoding, "Content-Encoding", "expected none, for the request had Accept-Encoding: %s; got %.100q", x.Request.Header.Get("Accept-Encoding"), coding)
	}
	if charset := wrongCharset(x.Answer); charset != "" {
		add(contract.AspectCharset, "Content-Type", "expected utf-8 or no charset, for the body is UTF-8; got charset %.100q", charset)
	}
	if inBody := x.JSON().Member("request_id").String(); inBody != "" {
		for _, inHeader := range x.Answer.Header.Values(RequestID) {
			if !strings.EqualFold(inHeader, inBody) {
				add(contract.AspectRequestID, RequestID, "expected the request_id of the body, %.100q, got %.100q", inBody, inHeader)
			}
		}
	}
	return problems
}

// unaskedCoding returns the first content coding of an answer that the request's
// Accept-Encoding does not list. Without that header, any is acceptable (RFC 9110, section
// 12.5.3).
func unaskedCoding(x *exchange.Exchange) string {
	accepted := tokens(x.Request.Header.Values("Accept-Encoding"))
	for _, coding := range tokens(x.Answer.Header.Values("Content-Encoding")) {
		if len(accepted) > 0 && coding != "identity" && !slices.Contains(accepted, coding) && !slices.Contains(accepted, "*") {
			return coding
		}
	}
	return ""
}

// tokens returns the items of a list in a header, in lower case and without parameters.
func tokens(values []string) []string {
	var all []string
	for _, item := range strings.Split(strings.Join(values, ","), ",") {
		token, _, _ := strings.Cut(item, ";")
		if token = strings.ToLower(strings.TrimSpace(token)); token != "" {
			all = append(all, token)
		}
	}
	return all
}

// wrongCharset returns the charset that an answer's Content-Type names, if its body cannot be
// in it. Most charsets have the characters of ASCII in the same places.
func wrongCharset(a *contract.Answer) string {
	_, parameters, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
	charset := strings.ToLower(parameters["charset"])
	if err != nil || charset == "" || charset == "utf-8" || charset == "utf8" || len(a.Body) == 0 || a.Encoding() == "" {
		return "" // a body that is not UTF-8 is reported as such
	}
	wide := slices.ContainsFunc([]string{"utf-16", "utf-32", "utf16", "utf32", "ucs-", "iso-10646"}, func(s string) bool { return strings.HasPrefix(charset, s) })
	if a.Encoding() == contract.ASCII && !wide {
		return ""
	}
	return charset
}

// upheldHeaders returns the aspects of an answer's headers that there was something to judge
// in.
func upheldHeaders(s Subject, x *exchange.Exchange) []contract.Aspect {
	held := []contract.Aspect{contract.AspectHeaderOnce}
	if x.Request.Method == http.MethodHead {
		if x.AfterHead != nil {
			held = append(held, contract.AspectHeadWithoutBody)
		}
		return held
	}
	if s.Front {
		return held
	}
	if len(x.Answer.Body) > 0 {
		held = append(held, contract.AspectCharset, contract.AspectContentCoding)
	}
	return append(held, contract.AspectRequestID)
}
