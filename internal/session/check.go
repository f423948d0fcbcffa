package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// A Check says whether a run makes sense, and why.
type Check struct {
	Endpoint string        `json:"endpoint"`
	Risk     string        `json:"risk"` // the highest that is allowed
	Sense    bool          `json:"makes_sense"`
	Items    []engine.Item `json:"items"`
	Risks    []Exercise    `json:"risks,omitempty"` // the least risky first; none if nothing could be judged
}

// An Exercise is what a run with a risk could decide at most, as far as reads show.
type Exercise struct {
	Risk     cases.Risk  `json:"risk"`
	Whole    int         `json:"requirements"` // all cases of which could be decided
	InPart   int         `json:"requirements_in_part"`
	Of       int         `json:"of_requirements"`
	Cases    int         `json:"cases"`
	OfCases  int         `json:"of_cases"`
	Requests result.Plan `json:"requests"` // at most; reads apart
	// Upgrades is how many a run could use, with versions and limits that allow them, and Versions
	// how many later ones are given.
	Upgrades int `json:"upgrades_wanted"`
	Versions int `json:"later_versions"`
}

// Check finds out by reads whether a run with the same options makes sense. The session's
// configuration must allow nothing but reads. The error is ctx's.
func (s *Session) Check(ctx context.Context) (Check, error) {
	items, err := s.engine.Check(ctx)
	c := Check{Endpoint: s.config.Endpoint, Risk: s.config.Risk.String(), Items: items}
	if err == nil && slices.ContainsFunc(items, func(i engine.Item) bool { return i.Subject == "rate" }) { // the last read
		usable := s.usable(items)
		for risk := cases.Inert; risk <= cases.Destructive; risk++ {
			c.Risks = append(c.Risks, usable.exercise(risk))
		}
		c.Items = append(c.Items, usable.ownItems()...)
	}
	c.Sense = err == nil && len(c.Fails()) == 0
	return c, err
}

// Fails returns the subjects of what will not work.
func (c *Check) Fails() []string {
	var all []string
	for _, i := range c.Items {
		if i.State == engine.WillNotWork {
			all = append(all, i.Subject)
		}
	}
	return all
}

// Foreseen returns what of a run will not be possible, as far as the first read shows. It is called
// after a Preflight without a fault.
func (s *Session) Foreseen() []engine.Item {
	items := s.engine.Foreseen()
	usable := s.usable(items)
	items = append(items, usable.ownItems()...)
	return slices.DeleteFunc(items, func(i engine.Item) bool { return i.State != engine.WillNotWork })
}

// Graph returns what the first read has shown of the graph under test.
func (s *Session) Graph() engine.ShownGraph { return s.engine.ShownGraph() }

// usable returns a session with what works of the configuration.
func (s *Session) usable(items []engine.Item) *Session {
	u := *s
	for _, i := range items {
		switch {
		case i.State != engine.WillNotWork:
		case i.Subject == "readonly-token":
			u.config.ReadonlyToken = ""
		case i.Subject == "expired-token":
			u.config.ExpiredToken = ""
		case i.Subject == "stopped-graph-id":
			u.config.StoppedGraphID = ""
		case i.Subject == "foreign-graph-id":
			u.config.ForeignGraphID = ""
		}
	}
	u.config.UpgradeVersions = s.engine.LaterVersions()
	return &u
}

// exercise returns what could be decided with a risk.
func (s *Session) exercise(risk cases.Risk) Exercise {
	u := *s
	u.config.Risk = risk
	wanted := u.wanted()
	if !s.engine.Reaches(&cases.Aim{Risk: cases.Guarded}) {
		u.config.Risk = cases.Inert
	}
	e := Exercise{Risk: risk, OfCases: len(s.derived), Requests: u.counts(), Upgrades: wanted, Versions: len(s.config.UpgradeVersions)}
	run := u.atBest()
	for i := range run.Cases {
		if run.Cases[i].Verdict.Exercised() {
			e.Cases++
		}
	}
	e.Of = len(run.Requirements)
	for i := range run.Requirements {
		switch r := &run.Requirements[i]; {
		case r.Decided == 0:
		case r.Undecided() > 0:
			e.InPart++
		default:
			e.Whole++
		}
	}
	return e
}

// atBest returns the result of a run in which all cases conform that may be decided.
func (s *Session) atBest() result.Run {
	var aspects []judge.Finding
	for _, r := range s.contract.Requirements() {
		if r.Judges != "" {
			aspects = append(aspects, judge.Finding{Requirement: r.ID, Level: r.Level, Verdict: judge.Conforms, Exchange: -1})
		}
	}
	results := make([]judge.Result, 0, len(s.selected))
	for _, k := range s.selected {
		r := judge.Result{Case: k.ID, Operation: k.Operation, Requirement: k.Requirement, Verdict: judge.NotApplicable}
		switch {
		case ges.LifecycleSteps[k.Observes].Failing:
			r.Apart = judge.CannotBeBroughtAbout
		case s.mayDecide(k):
			r.Verdict = judge.Conforms
			r.Findings = slices.Concat(aspects, []judge.Finding{{Requirement: k.Requirement, Level: k.Level, Verdict: judge.Conforms, Exchange: -1}})
			aspects = nil // every answer shows them
		}
		results = append(results, r)
	}
	return s.Summarise(s.Describe(time.Now()), results)
}

// mayDecide reports whether a case may be decided with the risk of the configuration.
func (s *Session) mayDecide(k *cases.Case) bool {
	if ges.LifecycleSteps[k.Observes].ByRefusal {
		return s.config.Risk > cases.Inert && s.engine.Reaches(&cases.Aim{Risk: cases.Guarded})
	}
	return slices.ContainsFunc(k.Aims, func(aim cases.Aim) bool {
		return aim.Risk <= s.config.Risk && s.config.Missing(aim.Needs) == "" && s.engine.Reaches(&aim)
	})
}

// wanted returns how many upgrades a run would use if there were enough.
func (s *Session) wanted() int {
	u := *s
	u.config.UpgradeVersions = []string{"1.0.0"} // which one does not matter
	return u.upgradesWanted()
}

// ownItems returns what the selection and the limits of a run add to what reads show.
func (s *Session) ownItems() []engine.Item {
	var items []engine.Item
	fails := func(subject, advice, found string, args ...any) {
		items = append(items, engine.Item{Subject: subject, State: engine.WillNotWork, Found: fmt.Sprintf(found, args...), Advice: advice})
	}
	if !slices.ContainsFunc(s.selected, s.mayDecide) {
		fails("cases", "select others, allow a higher --risk or give what they need", "none of the %d selected could be decided", len(s.selected))
	}
	plan := s.counts()
	if n := plan.Inert + plan.Guarded + plan.Destructive; n > s.config.MaxRequests {
		fails("max-requests", "allow more", "a run may send up to %d requests, reads apart, and only %d are allowed", n, s.config.MaxRequests)
	}
	if len(s.required) == 0 {
		return items
	}
	run := s.atBest()
	if missing := Unmet(s.required, &run); missing != "" {
		fails("require", "give what they need, or allow a higher --risk", "at best, %s", strings.TrimPrefix(missing, "--require: "))
	}
	return items
}
