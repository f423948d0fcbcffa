package report

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/conformance/judge"
	"github.com/gesconform/gesconform/contract"
)

// messageBytes is how much of an error_msg an outcome keeps.
const messageBytes = 300

// requestIDHeader is what the gateway and the service number an answer with.
const requestIDHeader = "X-Request-Id"

// An asked exchange is what Summarise finds out about one: the operation, which
// need not be the one that its case is about, and the answer's error code.
type asked struct{ operation, code string }

// read completes a case by its exchanges.
func (c *Case) read(document *contract.Contract, errors errorReader) {
	decides := c.decisive()
	for at := range c.Exchanges {
		x := &c.Exchanges[at]
		c.Sequences = append(c.Sequences, x.Sequence)
		c.Duration += x.Duration
		code, message := errors.of(x)
		c.asked = append(c.asked, asked{operationOf(document, x), code})
		if at == decides {
			c.Outcome = &Outcome{Status: x.Status(), Code: code, Message: message}
			if x.Failure != nil {
				c.Outcome.Failure = x.Failure.Kind
			}
		}
		if x.Answer != nil {
			if id := x.Answer.Header.Get(requestIDHeader); id != "" {
				c.RequestIDs = append(c.RequestIDs, id)
			}
		}
	}
}

// decisive is the index of the exchange by which the rule under test was
// decided; -1 if none was.
func (c *Case) decisive() int {
	for _, f := range c.Findings {
		if f.Requirement == c.Requirement && f.Exchange < len(c.Exchanges) {
			return f.Exchange
		}
	}
	return -1
}

// An errorReader reads the bodies of refusals, each once: most are alike.
type errorReader map[string]struct{ code, message string }

// of is the error code of an answer, and its message as far as an outcome keeps
// it.
func (r errorReader) of(x *judge.Exchange) (code, message string) {
	if x.Answer == nil || len(x.Answer.Body) == 0 {
		return "", ""
	}
	known, ok := r[string(x.Answer.Body)]
	if !ok {
		body, _ := contract.ReadJSON(x.Answer.Body)
		known.code, known.message = body.Member("error_code").String(), beginning(body.Member("error_msg").String())
		r[string(x.Answer.Body)] = known
	}
	return known.code, known.message
}

// beginning is as much of a message as an outcome keeps.
func beginning(message string) string {
	if len(message) <= messageBytes {
		return message
	}
	end := messageBytes
	for end > 0 && !utf8.RuneStart(message[end]) {
		end--
	}
	return message[:end]
}

// String says in a line what came.
func (o *Outcome) String() string {
	if o == nil {
		return ""
	}
	var parts []string
	if o.Status > 0 {
		parts = append(parts, statusText(o.Status))
	}
	for _, s := range []string{string(o.Failure), o.Code, o.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// statusText writes a status with the phrase that belongs to it.
func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// certificatesOf lists the digests of the certificates that the endpoint showed,
// in the order of the exchanges.
func certificatesOf(cases []Case) []string {
	type seen struct {
		sequence int
		digest   string
	}
	var all []seen
	for i := range cases {
		for j := range cases[i].Exchanges {
			x := &cases[i].Exchanges[j]
			known := slices.IndexFunc(all, func(s seen) bool { return s.digest == x.Certificate })
			switch {
			case x.Certificate == "":
			case known < 0:
				all = append(all, seen{x.Sequence, x.Certificate})
			default:
				all[known].sequence = min(all[known].sequence, x.Sequence)
			}
		}
	}
	slices.SortFunc(all, func(a, b seen) int { return cmp.Compare(a.sequence, b.sequence) })
	var digests []string
	for _, s := range all {
		digests = append(digests, s.digest)
	}
	return digests
}
