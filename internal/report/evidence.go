package report

import (
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// An evidence is a failure with all that is needed to argue about it, in the
// order of a failure text.
type evidence struct {
	Anchor      string
	Requirement result.Requirement
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

// evidencesOf gathers the findings that which picks.
func evidencesOf(run *result.Run, kind string, which picker) evidences {
	failures := failuresOf(run, which)
	all := evidences{Count: len(failures)}
	for i, f := range failures[:min(len(failures), shownEvidence)] {
		e := evidenceOf(run, f)
		e.Anchor = fmt.Sprintf("%s-%d", kind, i+1)
		all.Shown = append(all.Shown, e)
	}
	return all
}

func evidenceOf(run *result.Run, f *failure) *evidence {
	of := run.RequirementOf(f.finding)
	e := &evidence{
		Requirement: of, Verdict: f.finding.Verdict, Place: placeOf(run.Contract.Name, of.Line, f.finding),
		Case: f.first.Case, Aim: f.first.Aim, Got: cut(f.finding.Got, shownSentence, "…"), Hint: f.finding.Hint,
		Lawful: f.finding.Lawful, Others: f.others,
	}
	if x := run.Expectation(f.first, f.finding); x != nil {
		e.Known = x.Because()
	}
	if x := run.ExpiredExpectation(f.first, f.finding); x != nil {
		e.Expired = x.Because()
	}
	if len(e.Others) > shownOthers {
		e.Others, e.More = e.Others[:shownOthers], len(e.Others)-shownOthers
	}
	switch x := f.first.Exchange(f.finding.Exchange); {
	case x != nil:
		e.Curl = Curl(*x)
		e.Status, e.Answer, _ = strings.Cut(answerText(x), "\n")
	case f.finding.Exchange >= 0 && f.finding.Exchange < len(f.first.Sequences):
		e.Elsewhere = fmt.Sprintf("exchange %d in %s", f.first.Sequences[f.finding.Exchange], result.ExchangesFile)
	}
	return e
}
