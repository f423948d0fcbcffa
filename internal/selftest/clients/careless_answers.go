package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/client"
)

// gullible are those that report success for what is none.
var gullible = []Client{
	{Name: "success-whatever-comes", Breaks: "client.success-needs-job", change: done(func(answer) bool { return true })},
	{Name: "success-on-4xx", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status/100 == 4 })},
	{Name: "success-on-401", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status == http.StatusUnauthorized })},
	{Name: "success-on-refusal-by-service", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return strings.Contains(codeOf(a), "GES.") && a.status < 500 })},
	{Name: "success-on-5xx", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status >= 500 })},
	{Name: "success-on-429", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status == http.StatusTooManyRequests })},
	{Name: "success-without-error-code", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.err == nil && a.status >= 400 && codeOf(a) == "" })},
	{Name: "success-on-any-200", Breaks: "client.success-needs-job", change: done(func(a answer) bool { _, err := jobID(a); return a.status == http.StatusOK && err != nil })},
	{Name: "success-on-2xx", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status/100 == 2 && a.status != http.StatusOK })},
	{Name: "success-on-empty-object", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return strings.TrimSpace(string(a.body)) == "{}" && a.status == http.StatusOK })},
	{Name: "success-on-null", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return strings.TrimSpace(string(a.body)) == "null" && a.status == http.StatusOK })},
	{Name: "success-on-empty-body", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return len(a.body) == 0 && a.status == http.StatusOK && a.err == nil })},
	{Name: "success-on-html", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return strings.Contains(string(a.body), "<html") && a.status == http.StatusOK })},
	{Name: "success-on-cut-json", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status == http.StatusOK && !json.Valid(a.body) })},
	{Name: "success-on-empty-id", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return regexp.MustCompile(`"job_id"\s*:\s*""`).Match(a.body) })},
	{Name: "success-on-null-id", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return regexp.MustCompile(`"job_id"\s*:\s*null`).Match(a.body) })},
	{Name: "success-on-error-in-200", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status == http.StatusOK && codeOf(a) != "" })},
	{Name: "success-on-redirect", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.status/100 == 3 })},
	{Name: "success-on-broken-connection", Breaks: "client.success-needs-job", change: done(func(a answer) bool { return a.err != nil && a.status == 0 })},
	{Name: "success-on-own-limit", Breaks: "client.success-needs-job", change: impatient(done(func(a answer) bool { return timedOut(a.err) }))},
	{Name: "success-after-last-attempt", Breaks: "client.success-needs-job", change: func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			if _, again := whenAsked(a, 1); again {
				return "", errDone
			}
			return jobID(a)
		}
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			after, again := whenAsked(a, attempt)
			return after, again && attempt < 2
		}
	}},

	{Name: "failed-is-success", Breaks: "client.job-failure-seen", change: jobEnds(func(j job) bool { return j.status == "failed" })},
	{Name: "partly-failed-is-success", Breaks: "client.job-failure-seen", change: jobEnds(func(j job) bool { return j.status == "partiallyFailed" })},
	{Name: "any-end-is-success", Breaks: "client.job-failure-seen", change: jobEnds(func(j job) bool { return j.status != "running" && j.status != "pending" })},
	{Name: "end-time-is-success", Breaks: "client.job-failure-seen", change: jobEnds(func(j job) bool { return j.ended })},
	{Name: "success-after-five-reads", Breaks: "client.job-failure-seen", change: func(h *habit) {
		reads := 0
		h.ended = func(j job) (bool, error) {
			if reads++; reads == 5 {
				return true, nil
			}
			return asJobSays(j)
		}
	}},
	{Name: "impatience-is-success", Breaks: "client.job-failure-seen", change: func(h *habit) {
		h.patience, h.impatient = time.Second, func() error { return nil }
	}},
	{Name: "unknown-job-is-success", Breaks: "client.job-failure-seen", change: readsEnd(func(a answer) bool { return a.status == http.StatusNotFound || a.status == http.StatusBadRequest })},
	{Name: "lost-job-is-success", Breaks: "client.job-failure-seen", change: readsEnd(func(a answer) bool { return a.err != nil || a.status >= 500 && a.status != 503 })},
}

// strayAsking are those that ask for a job which they were not given, or not in its spelling.
var strayAsking = []Client{
	{Name: "asks-for-nothing", Breaks: "client.asks-own-job", change: idInstead("")},
	{Name: "asks-for-undefined", Breaks: "client.asks-own-job", change: idInstead("undefined")},
	{Name: "asks-for-null", Breaks: "client.asks-own-job", change: idInstead("null")},
	{Name: "asks-for-none", Breaks: "client.asks-own-job", change: idInstead("None")},
	{Name: "asks-for-nil", Breaks: "client.asks-own-job", change: idInstead("<nil>")},
	{Name: "asks-for-placeholder", Breaks: "client.asks-own-job", change: idInstead("{job_id}")},
	{Name: "asks-for-own-uuid", Breaks: "client.asks-own-job", change: idInstead("0b9c4ba5-7f3c-4bb2-9a4c-0d3c5a2f7a11")},
	{Name: "asks-for-request-id", Breaks: "client.asks-own-job", change: func(h *habit) {
		h.started = instead(func(a answer) string { return a.header.Get("X-Request-Id") })
	}},
	{Name: "asks-for-error-message", Breaks: "client.asks-own-job", change: func(h *habit) {
		h.started = instead(func(a answer) string {
			var e struct {
				Message string `json:"error_msg"`
			}
			_ = json.Unmarshal(a.body, &e)
			return e.Message
		})
	}},
	{Name: "asks-after-refusal", Breaks: "client.asks-own-job", change: func(h *habit) {
		h.started = func(r *run, a answer) (string, error) {
			id, err := jobID(a)
			if err != nil && a.status >= 400 {
				fmt.Fprintln(r.stderr, "warning:", err)
				return "unknown", nil
			}
			return id, err
		}
	}},
	{Name: "id-upper-case", Breaks: "client.asks-own-job", change: idChanged(strings.ToUpper)},
	{Name: "id-cut", Breaks: "client.asks-own-job", change: idChanged(func(id string) string { return id[:min(len(id), 36)] })},
	{Name: "id-of-graph", Breaks: "client.asks-own-job", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, _ string) string { return jobPath(e, e.GraphID) }
	}},

	{Name: "id-as-it-is", Breaks: "client.job-id-escaped", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string { return graphPath(e) + "/jobs/" + unescaped(id) + "/status" }
	}},
	{Name: "id-cleaned", Breaks: "client.job-id-escaped", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return path.Clean(graphPath(e) + "/jobs/" + unescaped(id) + "/status")
		}
	}},
	{Name: "id-with-slashes", Breaks: "client.job-id-escaped", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return graphPath(e) + "/jobs/" + strings.ReplaceAll(url.PathEscape(id), "%2F", "/") + "/status"
		}
	}},
	{Name: "id-escaped-for-query", Breaks: "client.job-id-escaped", change: func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return graphPath(e) + "/jobs/" + url.QueryEscape(id) + "/status"
		}
	}},
}

// choosy are those that do not take what is lawful.
var choosy = []Client{
	{Name: "no-unknown-members", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool {
		var m map[string]any
		return json.Unmarshal(a.body, &m) == nil && len(m) > 1
	})},
	{Name: "id-first", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return !regexp.MustCompile(`^\s*\{\s*"job_id"`).Match(a.body) })},
	{Name: "no-white-space", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return !strings.Contains(string(a.body), `"job_id":"`) })},
	{Name: "no-escapes", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return strings.Contains(string(a.body), `\`) })},
	{Name: "no-blank-error", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return strings.Contains(string(a.body), `"error_code"`) })},
	{Name: "no-charset", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return a.header.Get("Content-Type") != "application/json" })},
	{Name: "wants-length", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool {
		return a.header.Get("Content-Length") == "" && a.header.Get("Content-Encoding") == ""
	})},
	{Name: "short-buffer", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool { return len(a.body) > 512 })},
	{Name: "asks-for-gzip-only", Breaks: "client.success-when-accepted", change: dressed(func(_ *run, q *http.Request) { q.Header.Set("Accept-Encoding", "gzip") })},
	{Name: "half-a-second", Breaks: "client.success-when-accepted", change: func(h *habit) { h.limit = 500 * time.Millisecond }},
	{Name: "wants-uuid-and-digits", Breaks: "client.success-when-accepted", change: refusing(func(a answer) bool {
		id, err := jobID(a)
		return err == nil && !regexp.MustCompile(`^[0-9a-f-]{36}[0-9]{9}$`).MatchString(id)
	})},

	{Name: "429-is-failure", Breaks: "client.survives-refused-read", change: notBearing(http.StatusTooManyRequests)},
	{Name: "503-is-failure", Breaks: "client.survives-refused-read", change: notBearing(http.StatusServiceUnavailable)},
	{Name: "any-read-trouble-is-failure", Breaks: "client.survives-refused-read", change: func(h *habit) {
		h.bears = func(answer, int) (time.Duration, bool) { return 0, false }
	}},
	{Name: "bears-one-refusal", Breaks: "client.survives-refused-read", change: func(h *habit) {
		h.bears = func(a answer, nth int) (time.Duration, bool) {
			wait, again := refusedReads(a, nth)
			return wait, again && nth == 1
		}
	}},
}

// done lets a client report success, and look no further, for some answers to the upgrade.
func done(when func(a answer) bool) func(h *habit) {
	return func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			if _, err := jobID(a); err != nil && when(a) {
				return "", errDone
			}
			return jobID(a)
		}
	}
}

// refusing lets a client fail for some answers that name a job.
func refusing(when func(a answer) bool) func(h *habit) {
	return func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			id, err := jobID(a)
			if err == nil && when(a) {
				return "", errors.New("unexpected answer")
			}
			return id, err
		}
	}
}

// jobEnds takes more ends of a job for success.
func jobEnds(well func(j job) bool) func(h *habit) {
	return func(h *habit) {
		h.ended = func(j job) (bool, error) {
			if well(j) {
				return true, nil
			}
			return asJobSays(j)
		}
	}
}

// readsEnd takes some answers that show no job for the job's success.
func readsEnd(well func(a answer) bool) func(h *habit) {
	return func(h *habit) {
		of, ended := h.heard, false
		h.heard = func(r *run, q *http.Request, a answer) {
			of(r, q, a)
			ended = q.Method == http.MethodGet && well(a)
		}
		h.bears = func(a answer, nth int) (time.Duration, bool) {
			if ended {
				return 24 * time.Hour, true // longer than its patience
			}
			return refusedReads(a, nth)
		}
		impatient := h.impatient
		h.impatient = func() error {
			if ended {
				return nil
			}
			return impatient()
		}
	}
}

// instead takes something else for the job's id when a 200 has none.
func instead(id func(a answer) string) func(r *run, a answer) (string, error) {
	return func(_ *run, a answer) (string, error) {
		own, err := jobID(a)
		if err != nil && a.err == nil && a.status == http.StatusOK {
			return id(a), nil
		}
		return own, err
	}
}

func idInstead(id string) func(h *habit) {
	return func(h *habit) { h.started = instead(func(answer) string { return id }) }
}

func idChanged(change func(id string) string) func(h *habit) {
	return func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string { return jobPath(e, change(id)) }
	}
}

// unescaped leaves an id as it is, but for what cannot be sent.
func unescaped(id string) string {
	return strings.NewReplacer("%", "%25", " ", "%20").Replace(id)
}

func notBearing(status int) func(h *habit) {
	return func(h *habit) {
		h.bears = func(a answer, nth int) (time.Duration, bool) {
			if a.status == status {
				return 0, false
			}
			return refusedReads(a, nth)
		}
	}
}
