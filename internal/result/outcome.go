package result

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/judge"
)

// messageBytes is the maximum length of the error_msg in an Outcome.
const messageBytes = 300

// read sets the fields of a case that follow from its exchanges. What a client was answered is no
// outcome of its own.
func (c *Case) read() {
	decides := c.decisive()
	for at := range c.Exchanges {
		x := &c.Exchanges[at]
		c.Sequences = append(c.Sequences, x.Sequence)
		if c.Client != nil {
			continue
		}
		c.Duration += x.Duration
		if at == decides {
			c.Outcome = &Outcome{Status: x.Status(), Code: x.Code(), Message: beginning(x.JSON().Member("error_msg").String())}
			if x.Failure != nil {
				c.Outcome.Failure = x.Failure.Kind
			}
		}
		if x.Answer != nil {
			if id := x.Answer.Header.Get(judge.RequestID); id != "" {
				c.RequestIDs = append(c.RequestIDs, id)
			}
		}
	}
	if c.Client != nil {
		c.Duration = c.Client.Duration
	}
}

// decisive returns the index of the exchange that decided the rule under test, or -1.
func (c *Case) decisive() int {
	for _, f := range c.Findings {
		if f.Requirement == c.Requirement && f.Exchange < len(c.Exchanges) {
			return f.Exchange
		}
	}
	return -1
}

// beginning returns the first messageBytes bytes of a message, in whole characters.
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

// String describes the outcome in one line.
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

// StatusText returns the status with its reason phrase, such as "404 Not Found".
func (o *Outcome) StatusText() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", o.Status, http.StatusText(o.Status)))
}

// certificatesOf returns the digests of the endpoint's certificates, in the order in
// which the exchanges saw them.
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
