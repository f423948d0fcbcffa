package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A bar is why a request may not be sent.
type bar struct {
	reason string // "" if it may
	apart  judge.Apart
}

// barred returns why a step may not be sent.
func (e *Engine) barred(ctx context.Context, s step, aim cases.Aim, noVersion string) bar {
	switch missing := e.config.Missing(aim.Needs); {
	case e.partial.noGraph != "":
		return bar{reason: e.partial.noGraph}
	case aim.Risk > e.config.Risk:
		return bar{reason: fmt.Sprintf("needs --risk %s", aim.Risk)}
	case e.upgradesEnded() != "":
		return bar{reason: e.upgradesEnded()}
	case missing != "":
		return bar{reason: "needs --" + missing}
	case noVersion != "":
		return bar{noVersion, e.apartWithoutVersion(s, aim)}
	case (aim.Risk == cases.Destructive || e.upgrades.guardedCosts) && e.upgrades.budget < 1:
		b := bar{reason: fmt.Sprintf("no more upgrades may start: --max-upgrades is %d", e.config.Upgrades())}
		if (s.costs() || s.late) && e.spent() {
			b.apart = judge.RuledOutByLimits
		}
		return b
	case aim.Risk > cases.Inert && e.tooLate(ctx, s.k.ID, e.upgradeTakes()):
		return bar{reason: reasonTooLate}
	}
	return bar{}
}

// apartWithoutVersion returns how a case is counted for which there is no version.
func (e *Engine) apartWithoutVersion(s step, aim cases.Aim) judge.Apart {
	switch older := ges.IsDerived(string(aim.Version)); {
	case older && !slices.ContainsFunc(e.stillLater(), func(v string) bool { return ges.Older(v, string(aim.Version)) != "" }):
		return judge.CannotBeBroughtAbout
	case (older || aim.Version == cases.LaterVersion && s.costs()) && e.spent():
		return judge.RuledOutByLimits
	}
	return ""
}

// spent reports whether no more upgrades may start because of upgrades that were rightly
// accepted.
func (e *Engine) spent() bool {
	return e.exercised("accepted") && (e.upgrades.budget < 1 || len(e.stillLater()) == 0)
}

// stay sets the result of a case whose next aim is barred: that of the aim before, if any.
func (e *Engine) stay(s step, b bar) {
	for _, member := range s.shares {
		e.stay(member, b)
	}
	if s.shares != nil {
		return
	}
	e.unsent[s.k.ID] = true
	r, because := judge.Result{Verdict: judge.NotApplicable}, b.apart.Because(b.reason)
	if s.below != nil {
		r, because = *s.below, judge.NotReached(s.below.Reason, because)
	}
	r.Reason, r.Apart = because, b.apart
	e.finish(s.k, r)
}

// apartUnobserved returns how a step of the lifecycle is counted that was not observed.
func (e *Engine) apartUnobserved(name string) judge.Apart {
	switch step := ges.LifecycleSteps[name]; {
	case step.Failing:
		return judge.CannotBeBroughtAbout
	case !step.Repeated || !e.exercised("accepted"):
		return ""
	case name == "version-order" && !e.ordersDiffer():
		return judge.CannotBeBroughtAbout
	case e.spent():
		return judge.RuledOutByLimits
	}
	return ""
}

// ordersDiffer reports whether there is an upgrade left to a version that, as a string, is the
// earlier one.
func (e *Engine) ordersDiffer() bool {
	versions := append([]string{e.graph.version}, e.stillLater()...)
	return !slices.IsSortedFunc(versions, strings.Compare)
}
