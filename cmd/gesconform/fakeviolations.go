package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/fakeadmin"
	"github.com/gesconform/gesconform/internal/printable"
)

const (
	violationBurst = 20                     // lines that may come at once, and after that
	violationPause = time.Second            // one in this time
	violationLooks = 250 * time.Millisecond // at least so long between two looks into the journal
	violationMost  = 200                    // exchanges that are judged in one look
	longestLine    = 400                    // characters
)

// A violationPrinter says on the terminal of the fake what requests break the contract: one line for each way
// in which one does, with the clause. A line that comes again is counted, and a flood is cut.
type violationPrinter struct {
	w        io.Writer
	contract *contract.Contract
	now      func() time.Time

	times     map[string]int // by the line
	allowed   float64        // lines that may be printed now
	refilled  time.Time
	leftOut   int
	unread    uint64
	violating int
}

func newViolationPrinter(w io.Writer, document *contract.Contract, now func() time.Time) *violationPrinter {
	return &violationPrinter{w: w, contract: document, now: now, times: map[string]int{}, allowed: violationBurst, refilled: now()}
}

// watch says what comes into the journal of a fake until the context ends. It looks seldom enough to leave
// a fake under load its time.
func (v *violationPrinter) watch(ctx context.Context, fake *fakeserver.Server, changes <-chan struct{}) {
	after := uint64(0)
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-changes:
			after = v.look(fake, after)
			select {
			case <-ctx.Done():
			case <-time.After(violationLooks):
			}
		}
	}
	v.look(fake, after)
	v.end()
}

// look says what has come after the exchange with a number, and returns the number of the last.
func (v *violationPrinter) look(fake *fakeserver.Server, after uint64) (last uint64) {
	first, last := fake.JournalSpan()
	from := max(after, first-1, max(last, violationMost)-violationMost)
	v.unread += from - after
	for _, x := range fake.Journal(from) {
		v.say(x)
		last = max(last, x.Number)
	}
	return last
}

// say says what is wrong with the request of an exchange. What the suite sends is wrong on purpose, and an
// administration that is not there is none of the service's paths.
func (v *violationPrinter) say(x fakeserver.Exchange) {
	if len(x.Judgement.Request) == 0 || strings.HasPrefix(x.Header.Get("User-Agent"), "gesconform/") || strings.HasPrefix(x.Judgement.Path+"/", fakeadmin.Root) {
		return
	}
	v.violating++
	for _, p := range x.Judgement.Request {
		line := v.line(x, p)
		if len(v.times) > 10_000 {
			clear(v.times)
		}
		v.times[line]++
		switch n := v.times[line]; {
		case n == 1:
			v.print(fmt.Sprintf("request %d breaks the contract: %s", x.Number, line))
		case powerOfTen(n):
			v.print(fmt.Sprintf("request %d breaks the contract, as %d others do: %s", x.Number, n-1, line))
		}
	}
}

func powerOfTen(n int) bool {
	for n%10 == 0 && n > 0 {
		n /= 10
	}
	return n == 1
}

// line describes a problem of a request, and how the fake has taken it.
func (v *violationPrinter) line(x fakeserver.Exchange, p contract.Problem) string {
	subject := x.Judgement.Operation
	if subject == "" {
		subject = x.Judgement.Method + " " + x.Judgement.Path
	}
	answered := "not answered"
	if x.Status != 0 {
		answered = strings.TrimSpace(fmt.Sprintf("answered %d %s", x.Status, http.StatusText(x.Status)))
	}
	line := p.Line
	p.Line = 0
	text := []rune(printable.Line(fmt.Sprintf("%s: %s; %s", subject, p, answered)))
	if len(text) > longestLine {
		text = append(text[:longestLine], '…')
	}
	return fmt.Sprintf("%s (%s%s:%d)", string(text), v.rule(x.Judgement.Operation, p), v.contract.Name(), line)
}

// rule returns the condition that a service refuses such a request for, or else the requirement for clients
// that it breaks, with what separates it from its place in the document.
func (v *violationPrinter) rule(operation string, p contract.Problem) string {
	if op := v.contract.Operation(operation); op != nil {
		if r := v.contract.RefusalFor(op, p); r != nil {
			return fmt.Sprintf("%s, which a service %s refuse; ", r.Condition, r.Level)
		}
	}
	expected := contract.ClientRequestLawful
	if p.Keyword == contract.KeywordPlace {
		expected = contract.ClientCredentialsInPlace
	}
	if r := v.contract.RequirementExpecting(expected); r != nil {
		return r.ID + "; "
	}
	return ""
}

// print prints a line if there have not been too many.
func (v *violationPrinter) print(line string) {
	now := v.now()
	v.allowed = min(violationBurst, v.allowed+now.Sub(v.refilled).Seconds()/violationPause.Seconds())
	v.refilled = now
	if v.allowed < 1 {
		v.leftOut++
		return
	}
	v.allowed--
	v.sayLeftOut()
	_, _ = fmt.Fprintln(v.w, line) // nobody reads it if it fails
}

// sayLeftOut says how much was not said.
func (v *violationPrinter) sayLeftOut() {
	if v.leftOut > 0 {
		_, _ = fmt.Fprintf(v.w, "%d %s left out\n", v.leftOut, printable.Plural(v.leftOut, "line", "lines"))
		v.leftOut = 0
	}
}

// end sums up, if there is something to sum up.
func (v *violationPrinter) end() {
	v.sayLeftOut()
	if v.unread > 0 {
		_, _ = fmt.Fprintf(v.w, "%d %s came too fast to be looked at here\n", v.unread, printable.Plural(int(v.unread), "request", "requests"))
	}
	if v.violating > 0 {
		_, _ = fmt.Fprintf(v.w, "%d %s broke the contract\n", v.violating, printable.Plural(v.violating, "request", "requests"))
	}
}
