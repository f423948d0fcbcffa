package fakeserver

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// The variations in this file work inside the service. Each asks the variant of the call what
// to do, in place of the usual.

// answersVary says which variation picks among the lawful answers to a condition with one of
// these relations. bad-requests is for all others.
var answersVary = map[contract.Relation]string{
	contract.Unknown:      "unknown-graph",
	contract.Foreign:      "unknown-graph",
	contract.NotPermitted: "rights",
	contract.OtherProject: "rights",
	contract.Stopped:      "states",
	contract.NotRunning:   "states",
	contract.Upgrading:    "states",
	contract.NotLater:     "not-later",
}

// variationOf returns the variation that picks among the lawful answers to r.
func variationOf(r *contract.Refusal) string {
	if r.First {
		return "unauthenticated"
	}
	for _, w := range r.When {
		if name := answersVary[w.Relation]; name != "" {
			return name
		}
	}
	return "bad-requests"
}

// outcome picks a lawful answer to a condition, in place of the usual status and code.
func (v *variant) outcome(r *contract.Refusal, status int, code string) (int, string) {
	name := variationOf(r)
	if v == nil || !v.drawn[name] {
		return status, code
	}
	o := r.Answers[v.random.IntN(len(r.Answers))]
	other, err := strconv.Atoi(o.Status)
	if err != nil || len(o.Codes) == 0 {
		return status, code
	}
	v.shown[name] = true
	return other, o.Codes[v.random.IntN(len(o.Codes))]
}

// order returns the refusals of an operation in another order, if several of them hold.
func (v *variant) order(refusals []*contract.Refusal, hold int) []*contract.Refusal {
	if hold < 2 || !v.use("refusal-order") {
		return refusals
	}
	refusals = slices.Clone(refusals)
	v.random.Shuffle(len(refusals), func(i, j int) { refusals[i], refusals[j] = refusals[j], refusals[i] })
	return refusals
}

// refuses reports whether a condition of level MAY is refused.
func (v *variant) refuses() bool { return v.use("strict") }

// message returns an error_msg in place of the usual one.
func (v *variant) message(usual string) string {
	if !v.use("messages") {
		return usual
	}
	other := []string{"Request failed: ", "请求失败：", "ERR "}
	return other[v.random.IntN(len(other))] + strings.ToUpper(usual)
}

// jobID returns a job id, in a form that the pages show or that nothing forbids.
func (v *variant) jobID(n *ids) string {
	usual := n.job()
	if !v.use("job-id") {
		return usual
	}
	uuid, number := usual[:36], usual[36:]
	switch v.random.IntN(4) {
	case 0:
		return uuid
	case 1:
		return strings.ReplaceAll(uuid, "-", "")
	case 2:
		return number
	default:
		return "Job_" + number + ".0~ges"
	}
}

// varyJob changes what a job says in a way that is the same in each of its answers, so that the
// job does not go back.
func (v *variant) varyJob(j *job, shown *gen.Job, now time.Time) {
	if v == nil {
		return
	}
	hash := fnv.New64()
	_, _ = hash.Write([]byte(j.id)) // cannot fail
	of := rand.New(rand.NewPCG(uint64(v.seed), hash.Sum64()))
	skipsPending, saysProgress := of.IntN(2) == 0, of.IntN(2) == 0
	if v.offers("job-status") && skipsPending && shown.Status == gen.JobStatusPending {
		v.shown["job-status"] = true
		shown.Status, shown.BeginTime = gen.JobStatusRunning, new(j.start.UTC().Format(timeFormat))
	}
	if v.offers("job-progress") && saysProgress && j.end.After(j.start) && now.After(j.start) {
		v.shown["job-progress"] = true
		part := float64(now.Sub(j.start)) / float64(j.end.Sub(j.start))
		shown.JobProgress = new(float32(math.Round(min(part, 1)*1000) / 10))
	}
}

// redirect answers a call whose path has empty or dot segments with the path without, and
// reports whether it did.
func (v *variant) redirect(c *call) bool {
	clean := path.Clean(c.judged.Path)
	if clean == c.judged.Path || !strings.HasPrefix(clean, "/") || !v.use("redirects") {
		return false
	}
	c.condition = "redirected"
	c.w.Header().Set("Location", clean)
	c.w.WriteHeader([]int{http.StatusMovedPermanently, http.StatusPermanentRedirect}[v.random.IntN(2)])
	return true
}

// answersHead reports whether a call that asks for the head of what an operation answers to GET
// is served as that is.
func (v *variant) answersHead(c *call) bool {
	return c.request.Method == http.MethodHead && c.route.Method == http.MethodGet && v.use("head")
}

// wrongMethod returns the answer to another method.
func (v *variant) wrongMethod(c *call, usual answer) answer {
	if !v.use("wrong-method") {
		return usual
	}
	c.w.Header().Set("Allow", c.route.Method)
	return answer{http.StatusMethodNotAllowed, usual.code}
}
