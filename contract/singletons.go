package contract

import (
	"fmt"
	"net/textproto"
)

// singletons are the header fields that an answer may carry once at most, because their
// definitions allow no list: a sender must not generate any of them twice, not even with the
// same value (RFC 9110, section 5.3). Set-Cookie, which is not a list either, is the exception
// that the section names.
var singletons = []string{
	"Age", "Content-Length", "Content-Location", "Content-Range", "Content-Type", "Date", "ETag", "Expires", "Last-Modified", "Location", "Retry-After",
}

func repeatedHeaders(a *Answer) []Problem {
	var problems []Problem
	for _, name := range singletons {
		if values := a.Header[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 1 {
			problems = append(problems, Problem{
				In: InHeader, Name: name, Keyword: "header-once", Aspect: AspectHeaderOnce,
				Message: fmt.Sprintf("expected the header once, got it %d times: %.200q", len(values), values),
			})
		}
	}
	return problems
}
