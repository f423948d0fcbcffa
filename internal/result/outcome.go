package result

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
)

// messageBytes is how much of an error_msg an outcome keeps.
const messageBytes = 300

// requestIDHeader is what the gateway and the service number an answer with.
const requestIDHeader = "X-Request-Id"

// An asked exchange is what Summarise finds out about one: the operation, which
// need not be the one that its case is about, and the answer's error code.
type asked struct{ operation, code string }

// read completes a case by its exchanges.
func (c *Case) read(r *reader) {
	decides := c.decisive()
	for at := range c.Exchanges {
		x := &c.Exchanges[at]
		c.Sequences = append(c.Sequences, x.Sequence)
		c.Duration += x.Duration
		said := r.errorOf(x)
		c.asked = append(c.asked, asked{r.operationOf(x), said.code})
		if at == decides {
			c.Outcome = &Outcome{Status: x.Status(), Code: said.code, Message: said.message}
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

// A reader finds out what exchanges are about. Most paths and most refusals are
// alike, and are read once.
type reader struct {
	contract   *contract.Contract
	operations map[place]string
	errors     map[string]refusal
}

type place struct{ method, path string }

// A refusal is what an answer says in its body.
type refusal struct{ code, message string }

func newReader(c *contract.Contract) *reader {
	return &reader{c, map[place]string{}, map[string]refusal{}}
}

// operationOf names the operation that an exchange asked for; "" if there is none.
func (r *reader) operationOf(x *exchange.Exchange) string {
	at := place{x.Request.Method, x.Request.Path}
	id, ok := r.operations[at]
	if !ok {
		if op, _, _ := r.contract.Find(at.method, at.path); op != nil {
			id = op.ID
		}
		r.operations[at] = id
	}
	return id
}

// errorOf reads the error code of an answer, and its message as far as an outcome
// keeps it.
func (r *reader) errorOf(x *exchange.Exchange) refusal {
	if x.Answer == nil || len(x.Answer.Body) == 0 {
		return refusal{}
	}
	known, ok := r.errors[string(x.Answer.Body)]
	if !ok {
		body, _ := contract.ReadJSON(x.Answer.Body)
		known = refusal{body.Member("error_code").String(), beginning(body.Member("error_msg").String())}
		r.errors[string(x.Answer.Body)] = known
	}
	return known
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
		parts = append(parts, o.StatusText())
	}
	for _, s := range []string{string(o.Failure), o.Code, o.Message} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// StatusText is the status with the phrase that belongs to it.
func (o *Outcome) StatusText() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", o.Status, http.StatusText(o.Status)))
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
