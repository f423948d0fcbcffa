package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// An evidence is a failure with all that is needed to argue about it, in the
// order of a failure text.
type evidence struct {
	Anchor      string
	Requirement Requirement
	Verdict     judge.Verdict
	Place       string
	Case, Aim   string
	Lawful      []string
	Got         string
	Curl        string
	Status      string // the first line of the answer
	Answer      string // the rest of it
	Elsewhere   string // where the exchange is, if it is not here
	Hint        string
	Known       string   // why it was expected, and how long
	Expired     string   // likewise, if it is too late for that
	Others      []string // further cases that show the same
	More        int      // of them, that are not named
}

// Likewise is how many further cases show the same.
func (e *evidence) Likewise() int { return len(e.Others) + e.More }

// evidences are those of one kind.
type evidences struct {
	Count int
	Shown []*evidence
}

// Hidden is how many are not shown.
func (e evidences) Hidden() int { return e.Count - len(e.Shown) }

// evidences gathers the findings that which picks.
func (run *Run) evidences(kind string, which picker) evidences {
	failures := run.failuresOf(which)
	all := evidences{Count: len(failures)}
	for i, f := range failures[:min(len(failures), shownEvidence)] {
		e := run.evidence(f)
		e.Anchor = fmt.Sprintf("%s-%d", kind, i+1)
		all.Shown = append(all.Shown, e)
	}
	return all
}

func (run *Run) evidence(f *failure) *evidence {
	of := run.requirement(f.finding)
	e := &evidence{
		Requirement: of, Verdict: f.finding.Verdict, Place: placeOf(run.Contract.Name, of.Line, f.finding),
		Case: f.first.Case, Aim: f.first.Aim, Got: cut(f.finding.Got, shownSentence, "…"), Hint: f.finding.Hint,
		Lawful: f.finding.Lawful, Others: f.others,
	}
	if x := run.expectation(f.first, f.finding); x != nil {
		e.Known = x.Because()
	}
	if x := run.expired(f.first, f.finding); x != nil {
		e.Expired = x.Because()
	}
	if len(e.Others) > shownOthers {
		e.Others, e.More = e.Others[:shownOthers], len(e.Others)-shownOthers
	}
	switch x := f.first.shown(f.finding.Exchange); {
	case x != nil:
		e.Curl = Curl(*x)
		e.Status, e.Answer, _ = strings.Cut(answerText(x), "\n")
	case f.finding.Exchange >= 0 && f.finding.Exchange < len(f.first.Sequences):
		e.Elsewhere = fmt.Sprintf("exchange %d in %s", f.first.Sequences[f.finding.Exchange], ExchangesFile)
	}
	return e
}

// shown is the exchange of an index, if it is there: a case that was read may
// have none.
func (c *Case) shown(index int) *exchange.Exchange {
	if index < 0 || index >= len(c.Exchanges) || c.Exchanges[index].Request.Method == "" {
		return nil
	}
	return &c.Exchanges[index]
}
