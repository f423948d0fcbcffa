package report

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

// Limits of what is shown of a scenario. results.json and exchanges.jsonl have more.
const (
	shownRequests  = 24  // lines of a sequence
	shownPath      = 120 // characters
	shownPrinted   = 24  // lines of an output: its beginning and its end
	shownPrintLine = 300 // characters of a line
)

// A scenario is what a report shows of a scenario: what a client was answered, what it sent and how
// it took it.
type scenario struct {
	Answered, Expected string
	Said               string
	Took               string
	Requests           []string // in short
	Request            []string // the first line of the one that shows what is broken, and the rest
	Broken             []string // what that breaks in the contract
	Outputs            []output
	Href               string // its place in report.html, if it has one
}

// An output is a part of what a client has printed.
type output struct{ Name, Text string }

// scenarioOf returns what is shown of a case, or nil if no client was judged by it. at is the index
// of the exchange that shows something, or -1.
func scenarioOf(c *result.Case, at int) *scenario {
	o := c.Client
	if o == nil {
		return nil
	}
	s := &scenario{
		Answered: o.Answered, Expected: o.Expected, Said: c.SaidInShort(), Took: short(o.Duration),
		Requests: sequenceOf(c, at), Outputs: outputsOf(o),
	}
	if x := c.Exchange(at); x != nil {
		s.Request = strings.SplitN(requestText(&x.Request), "\n", 2)
		s.Broken = each(x.Problems, contract.Problem.String)
	}
	return s
}

// inBrief returns a scenario in a few lines for a summary.
func (s *scenario) inBrief() string {
	var b strings.Builder
	field(&b, "answered", s.Answered)
	field(&b, "expected", s.Expected)
	field(&b, "said", s.Said+", after "+s.Took)
	field(&b, "sent", briefly(s.Requests)...)
	for _, o := range s.Outputs {
		field(&b, o.Name, briefly(strings.Split(o.Text, "\n"))...)
	}
	return strings.TrimRight(b.String(), "\n")
}

// briefly returns the first lines, shortened.
func briefly(all []string) []string {
	const lines, width = 8, 160
	var brief []string
	for i, line := range all {
		if i < lines || strings.HasSuffix(line, thisOne) {
			brief = append(brief, cut(line, width, "..."))
		}
	}
	if more := len(all) - len(brief); more > 0 {
		brief = append(brief, fmt.Sprintf("... (%d more lines)", more))
	}
	return brief
}

// MoreCases returns how many more cases or scenarios there are with the same finding.
func (f *failure) MoreCases(n int) string {
	if f.Scenario != nil {
		return plural(n, "more scenario", "more scenarios")
	}
	return plural(n, "more case", "more cases")
}

// A step is a request with its answer, or several that are alike and follow each other.
type step struct {
	text  string
	times int
	after time.Duration // of the first
	mark  bool
}

// sequenceOf returns the requests of a scenario in short, each with its answer: of many the first,
// the last, and those around the one at an index, which is marked.
func sequenceOf(c *result.Case, marked int) []string {
	var steps []step
	var first *exchange.Exchange
	for i := range c.Exchanges {
		x := c.Exchange(i)
		if x == nil { // read without its exchanges
			continue
		}
		if first == nil {
			first = x
		}
		s := step{requestInShort(x, first) + " -> " + answerInShort(x), 1, x.Started.Sub(first.Started), i == marked}
		if n := len(steps); n > 0 && steps[n-1].text == s.text && steps[n-1].mark == s.mark {
			steps[n-1].times++
			continue
		}
		steps = append(steps, s)
	}
	var lines []string
	left := 0
	for i, s := range steps {
		if !nearEnds(i, len(steps)) && (marked < 0 || !slices.ContainsFunc(steps[max(0, i-1):min(len(steps), i+2)], func(near step) bool { return near.mark })) {
			left++
			continue
		}
		lines = append(addLeft(lines, left), stepLine(s, len(steps) > 1))
		left = 0
	}
	return addLeft(lines, left)
}

func nearEnds(i, of int) bool {
	return of <= shownRequests || i < shownRequests/2 || i >= of-shownRequests/2
}

// addLeft says how many lines are left out.
func addLeft(lines []string, left int) []string {
	if left == 0 {
		return lines
	}
	return append(lines, fmt.Sprintf("... (%d more, in %s)", left, result.ExchangesFile))
}

// thisOne marks the request that shows what is broken.
const thisOne = "  <- this one"

func stepLine(s step, several bool) string {
	line := fmt.Sprintf("%6s  %s", fmt.Sprintf("%.2fs", max(0, s.after.Seconds())), s.text)
	if s.times > 1 {
		line += fmt.Sprintf(", %d times", s.times)
	}
	if s.mark && several {
		line += thisOne
	}
	return line
}

// requestInShort returns the method and what follows the graph in the path or, if it went to
// another origin than the first one, the URL.
func requestInShort(x, first *exchange.Exchange) string {
	where := cut(x.Request.Path, shownPath, "...")
	if _, rest := ges.BelowGraphs(x.Request.Path); rest != "" {
		where = cut(".../"+rest, shownPath, "...")
	}
	if origin := originOf(x.URL); origin != originOf(first.URL) {
		where = cut(origin+x.Request.Path, shownPath, "...") + " (another origin)"
	}
	return printable.Line(x.Request.Method + " " + where)
}

func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// answerInShort returns the status and the error code or the job's status, and what says where or
// when to go on.
func answerInShort(x *exchange.Exchange) string {
	var parts []string
	if a := x.Answer; a != nil {
		said := cmp.Or(x.Code(), ges.JobOf(x.JSON()).Status)
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, cut(said, shownCode, "..."))))
		for _, name := range []string{"Retry-After", "Location"} {
			if value := a.Header.Get(name); value != "" {
				parts = append(parts, name+": "+cut(value, shownPath, "..."))
			}
		}
	}
	if x.Failure != nil {
		parts = append(parts, string(x.Failure.Kind))
	}
	return printable.Line(strings.Join(parts, ", "))
}

// requestText returns a request as it arrived.
func requestText(r *contract.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", cut(printable.Line(r.Method), shownHeader, "..."), cut(printable.Line(r.Path), 4*shownHeader, "..."))
	writeHeader(&b, r.Header, 0)
	writeBody(&b, r.Body, len(r.Body))
	return b.String()
}

// outputsOf returns what a client has printed, of each stream the beginning and the end.
func outputsOf(o *judge.ClientOutcome) []output {
	var all []output
	for _, of := range []output{{"stdout", o.Stdout}, {"stderr", o.Stderr}} {
		if text := printed(of.Text); text != "" {
			all = append(all, output{of.Name, text})
		}
	}
	if n := len(o.Stdout) + len(o.Stderr); o.Printed > int64(n) && o.Printed > limits.PrintedFirst+limits.PrintedLast { // of less, only credentials are not kept
		all = append(all, output{"printed", fmt.Sprintf("%d bytes in all", o.Printed)})
	}
	return all
}

// printed returns the first and the last lines of a text, the last ones more.
func printed(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	if n := len(lines) - shownPrinted; n > 0 {
		const head = shownPrinted / 3
		lines = slices.Concat(lines[:head], []string{fmt.Sprintf("... (%d lines)", n)}, lines[head+n:])
	}
	for i, line := range lines {
		lines[i] = lineOf(line)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// lineOf returns a line of an output, of a long one the beginning and the end.
func lineOf(line string) string {
	line = strings.TrimSuffix(line, "\r")
	if len(line) > shownPrintLine {
		half := shownPrintLine / 2
		line = line[:half] + fmt.Sprintf("... (%d bytes) ...", len(line)-2*half) + line[len(line)-half:]
	}
	return printable.Escape(line)
}

// groupOf returns the first part of a scenario's name.
func groupOf(name string) string {
	group, _, _ := strings.Cut(name, "/")
	return group
}

// clientFactsOf returns what was judged, and when, for a client.
func clientFactsOf(run *result.Run) []fact {
	c := run.Client
	return withValues(
		fact{Name: "Client", Value: clientName(c), Code: len(c.Command) > 0},
		fact{Name: "Strict", Value: strictness(&run.Target)},
		fact{Name: "Scenarios", Value: fmt.Sprintf("%d of %d%s", len(run.Cases), max(run.Plan.Cases, len(run.Cases)), printable.Prefixed(", picked by ", run.Target.Filter))},
		fact{Name: "Job", Value: waiting(run)},
		fact{Name: "Limits", Value: limitsOf(c)},
		fact{Name: "Ticket", Value: run.Ticket},
		timeFact(run.Started, run.Ended, run.Duration),
		fact{Name: "Evidence", Value: plural(run.CountExchanges(), "exchange", "exchanges")},
	)
}

func clientName(c *result.Client) string {
	if len(c.Command) == 0 {
		return "run by a test of its own"
	}
	return c.CommandLine()
}

// waiting says whether the client waits for the job, if that is known.
func waiting(run *result.Run) string {
	switch {
	case len(run.Exercised()) == 0:
		return ""
	case run.Client.Waits:
		return "waits until it ends"
	}
	return "does not wait for its end, so how it took the end was not judged"
}

func limitsOf(c *result.Client) string {
	var parts []string
	if c.ScenarioTimeout > 0 {
		parts = append(parts, short(c.ScenarioTimeout)+" a scenario")
	}
	if c.StartTimeout > 0 {
		parts = append(parts, short(c.StartTimeout)+" until its first request")
	}
	return strings.Join(parts, ", ")
}

// strictness says what counts beyond what usually does, or less.
func strictness(t *result.Target) string {
	var parts []string
	if t.Strict {
		parts = append(parts, "strict: a broken SHOULD counts as a deviation")
	}
	if t.OnlyDocumented {
		parts = append(parts, "only documented: what only a decision of ours says counts as a SHOULD")
	}
	return strings.Join(parts, "; ")
}
