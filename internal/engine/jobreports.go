package engine

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// A jobReport is what the reads of a job have shown of it, in their order. Reads that show the
// same as the one before are left out.
type jobReport struct {
	accepted exchange.Exchange // the upgrade that it belongs to
	shown    []exchange.Exchange
}

// noteJob adds a read to the report of a job of this run.
func (e *Engine) noteJob(job string, x *exchange.Exchange) {
	r := e.reports[job]
	if r == nil || !accepted(x) {
		return
	}
	if last := len(r.shown) - 1; last < 0 || ges.JobOf(x.JSON()) != ges.JobOf(r.shown[last].JSON()) {
		r.shown = append(r.shown, *x)
	}
}

// judgeReports judges what the jobs of this run say about themselves.
func (e *Engine) judgeReports() {
	for _, job := range e.upgrades.jobs {
		r := e.reports[job]
		if r == nil || r.repeated(e.upgrades.jobs, job) {
			continue
		}
		held := map[string]*exchange.Exchange{} // the last read that keeps to the rules of a step
		e.judgeJobTimes(r, held)
		for i := range r.shown {
			for j := range reportRules {
				e.judgeReport(&reportRules[j], r, i, held)
			}
		}
		for _, step := range reportSteps {
			if x := held[step]; x != nil {
				e.note(step, judge.Conforms, "", nil, *x)
			}
		}
	}
	if len(e.reports) > 0 && e.observed[stepUnchanged] != nil && e.observed[stepJobTimes] == nil {
		apart := judge.CannotBeBroughtAbout
		reason := apart.Because("no answer has a Date to compare the times of jobs with")
		e.observed[stepJobTimes] = &judge.Result{Verdict: judge.NotApplicable, Reason: reason, Apart: apart}
	}
}

// repeated reports whether several upgrades have the same job, which is judged elsewhere.
func (*jobReport) repeated(jobs []string, job string) bool {
	n := 0
	for _, other := range jobs {
		if other == job {
			n++
		}
	}
	return n > 1
}

// The steps of the lifecycle that the report of a job shows.
const (
	stepJobTimes   = "job-times"
	stepTimesAgree = "job-times-agree"
	stepProgress   = "job-progress"
	stepUnchanged  = "job-unchanged"
)

var reportSteps = []string{stepJobTimes, stepTimesAgree, stepProgress, stepUnchanged}

// jobTimeForm is how a job writes its times, in UTC.
const jobTimeForm = "2006-01-02T15:04:05"

// clockTolerance is how far the clocks of those who answer may differ. Zones of time differ by
// more.
const clockTolerance = 15 * time.Minute

// judgeJobTimes judges the form of a job's times and, where answers have a Date, whether they
// are in UTC: they lie between the acceptance and the read that shows them.
func (e *Engine) judgeJobTimes(r *jobReport, held map[string]*exchange.Exchange) {
	lawful := []string{"UTC in the form yyyy-MM-dd'T'HH:mm:ss"}
	from, dated := dateOf(&r.accepted)
	for i := range r.shown {
		x := &r.shown[i]
		until, datedToo := dateOf(x)
		times := timesOf(x)
		if len(times) == 0 { // as is lawful
			held[stepJobTimes] = cmp.Or(held[stepJobTimes], x)
		}
		for _, t := range times {
			at, err := time.Parse(jobTimeForm, t.text)
			got := fmt.Sprintf("%s %.100q", t.name, t.text)
			switch {
			case err != nil || len(t.text) != len(jobTimeForm):
				e.note(stepJobTimes, judge.Deviates, got, lawful, *x)
			case !dated || !datedToo: // nobody can tell the zone
				held[stepJobTimes] = nil
			case at.Before(from.Add(-clockTolerance)):
				e.note(stepJobTimes, judge.Deviates, fmt.Sprintf("%s, %s before the upgrade was accepted by the Date of that answer", got, from.Sub(at)), lawful, r.accepted, *x)
			case at.After(until.Add(clockTolerance)):
				e.note(stepJobTimes, judge.Deviates, fmt.Sprintf("%s, %s after the Date of the answer that shows it", got, at.Sub(until)), lawful, *x)
			default:
				held[stepJobTimes] = x
			}
		}
	}
}

// A jobTime is a time that a job gives.
type jobTime struct{ name, text string }

func timesOf(x *exchange.Exchange) (all []jobTime) {
	job := ges.JobOf(x.JSON())
	for _, t := range []jobTime{{"begin_time", job.Begin}, {"end_time", job.End}} {
		if t.text != "" {
			all = append(all, t)
		}
	}
	return all
}

// dateOf returns the Date of an answer.
func dateOf(x *exchange.Exchange) (date time.Time, ok bool) {
	date, err := http.ParseTime(x.Answer.Header.Get("Date"))
	return date, err == nil
}

// A reportRule is a rule about what one read of a job shows after the reads before it.
type reportRule struct {
	step   string
	says   func(j ges.Job) bool // whether the read says anything about it
	wrong  func(before []ges.Job, now ges.Job) string
	lawful string
}

var reportRules = []reportRule{
	{stepTimesAgree, func(j ges.Job) bool { return j.Begin != "" && j.End != "" }, endsBeforeItBegins, "an end_time that is not before the begin_time"},
	{stepTimesAgree, func(j ges.Job) bool { return j.End != "" }, endsTooSoon, "no end_time before the job has ended"},
	{stepTimesAgree, func(j ges.Job) bool { return j.Ended() && j.End != "" }, timesMove, "the times that the job had when it ended"},
	{stepProgress, func(j ges.Job) bool { return j.Progress != "" }, outOfRange, "0 to 100"},
	{stepProgress, func(j ges.Job) bool { return j.Progress != "" }, goesBack, "no less than before"},
	{stepUnchanged, func(j ges.Job) bool { return j.Name+j.Type+j.Graph != "" }, becomesAnother, "the same job_name, job_type and related_graph"},
}

// judgeReport judges a read by a rule.
func (e *Engine) judgeReport(rule *reportRule, r *jobReport, i int, held map[string]*exchange.Exchange) {
	x := &r.shown[i]
	now := ges.JobOf(x.JSON())
	if !rule.says(now) { // as is lawful
		held[rule.step] = cmp.Or(held[rule.step], x)
		return
	}
	before := make([]ges.Job, i)
	for j := range before {
		before[j] = ges.JobOf(r.shown[j].JSON())
	}
	got := rule.wrong(before, now)
	switch {
	case got == "":
		held[rule.step] = x
	case i == 0:
		e.note(rule.step, judge.Deviates, got, []string{rule.lawful}, *x)
	default:
		e.note(rule.step, judge.Deviates, got, []string{rule.lawful}, r.shown[i-1], *x)
	}
}

func endsBeforeItBegins(_ []ges.Job, now ges.Job) string {
	begin, err := time.Parse(jobTimeForm, now.Begin)
	end, err2 := time.Parse(jobTimeForm, now.End)
	if err != nil || err2 != nil || !end.Before(begin) {
		return "" // another form is judged by itself
	}
	return fmt.Sprintf("begin_time %q, end_time %q", now.Begin, now.End)
}

func endsTooSoon(before []ges.Job, now ges.Job) string {
	for _, b := range before {
		if b.Ended() { // and runs again, which is judged elsewhere
			return ""
		}
	}
	if !now.UnderWay() {
		return ""
	}
	return fmt.Sprintf("end_time %.100q, status %q", now.End, now.Status)
}

func timesMove(before []ges.Job, now ges.Job) string {
	for _, b := range before {
		if b.Ended() && b.End != "" && (b.Begin != now.Begin || b.End != now.End) {
			return fmt.Sprintf("begin_time %.100q, end_time %.100q after begin_time %.100q, end_time %.100q", now.Begin, now.End, b.Begin, b.End)
		}
	}
	return ""
}

func outOfRange(_ []ges.Job, now ges.Job) string {
	if p, err := strconv.ParseFloat(now.Progress, 64); err == nil && p >= 0 && p <= 100 {
		return ""
	}
	return "job_progress " + now.Progress
}

func goesBack(before []ges.Job, now ges.Job) string {
	if len(before) == 0 {
		return ""
	}
	was, err := strconv.ParseFloat(before[len(before)-1].Progress, 64)
	is, err2 := strconv.ParseFloat(now.Progress, 64)
	if err != nil || err2 != nil || is >= was {
		return ""
	}
	return fmt.Sprintf("job_progress %s after %s", now.Progress, before[len(before)-1].Progress)
}

func becomesAnother(before []ges.Job, now ges.Job) string {
	for _, b := range before {
		for _, m := range []struct{ name, was, is string }{{"job_name", b.Name, now.Name}, {"job_type", b.Type, now.Type}, {"related_graph", b.Graph, now.Graph}} {
			if m.was != "" && m.is != "" && m.was != m.is {
				return fmt.Sprintf("%s %.100q after %.100q", m.name, m.is, m.was)
			}
		}
	}
	return ""
}
