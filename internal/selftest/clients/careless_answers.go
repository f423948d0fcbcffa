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
	{"success-whatever-comes", "client.success-needs-job", done(func(answer) bool { return true })},
	{"success-on-4xx", "client.success-needs-job", done(func(a answer) bool { return a.status/100 == 4 })},
	{"success-on-401", "client.success-needs-job", done(func(a answer) bool { return a.status == http.StatusUnauthorized })},
	{"success-on-refusal-by-service", "client.success-needs-job", done(func(a answer) bool { return strings.Contains(codeOf(a), "GES.") && a.status < 500 })},
	{"success-on-5xx", "client.success-needs-job", done(func(a answer) bool { return a.status >= 500 })},
	{"success-on-429", "client.success-needs-job", done(func(a answer) bool { return a.status == http.StatusTooManyRequests })},
	{"success-without-error-code", "client.success-needs-job", done(func(a answer) bool { return a.err == nil && a.status >= 400 && codeOf(a) == "" })},
	{"success-on-any-200", "client.success-needs-job", done(func(a answer) bool { _, err := jobID(a); return a.status == http.StatusOK && err != nil })},
	{"success-on-2xx", "client.success-needs-job", done(func(a answer) bool { return a.status/100 == 2 && a.status != http.StatusOK })},
	{"success-on-empty-object", "client.success-needs-job", done(func(a answer) bool { return strings.TrimSpace(string(a.body)) == "{}" && a.status == http.StatusOK })},
	{"success-on-null", "client.success-needs-job", done(func(a answer) bool { return strings.TrimSpace(string(a.body)) == "null" && a.status == http.StatusOK })},
	{"success-on-empty-body", "client.success-needs-job", done(func(a answer) bool { return len(a.body) == 0 && a.status == http.StatusOK && a.err == nil })},
	{"success-on-html", "client.success-needs-job", done(func(a answer) bool { return strings.Contains(string(a.body), "<html") && a.status == http.StatusOK })},
	{"success-on-cut-json", "client.success-needs-job", done(func(a answer) bool { return a.status == http.StatusOK && !json.Valid(a.body) })},
	{"success-on-empty-id", "client.success-needs-job", done(func(a answer) bool { return regexp.MustCompile(`"job_id"\s*:\s*""`).Match(a.body) })},
	{"success-on-null-id", "client.success-needs-job", done(func(a answer) bool { return regexp.MustCompile(`"job_id"\s*:\s*null`).Match(a.body) })},
	{"success-on-error-in-200", "client.success-needs-job", done(func(a answer) bool { return a.status == http.StatusOK && codeOf(a) != "" })},
	{"success-on-redirect", "client.success-needs-job", done(func(a answer) bool { return a.status/100 == 3 })},
	{"success-on-broken-connection", "client.success-needs-job", done(func(a answer) bool { return a.err != nil && a.status == 0 })},
	{"success-on-own-limit", "client.success-needs-job", done(func(a answer) bool { return timedOut(a.err) })},
	{"success-after-last-attempt", "client.success-needs-job", func(h *habit) {
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

	{"failed-is-success", "client.job-failure-seen", jobEnds(func(j job) bool { return j.status == "failed" })},
	{"partly-failed-is-success", "client.job-failure-seen", jobEnds(func(j job) bool { return j.status == "partiallyFailed" })},
	{"any-end-is-success", "client.job-failure-seen", jobEnds(func(j job) bool { return j.status != "running" && j.status != "pending" })},
	{"end-time-is-success", "client.job-failure-seen", jobEnds(func(j job) bool { return j.ended })},
	{"success-after-five-reads", "client.job-failure-seen", func(h *habit) {
		reads := 0
		h.ended = func(j job) (bool, error) {
			if reads++; reads == 5 {
				return true, nil
			}
			return asJobSays(j)
		}
	}},
	{"impatience-is-success", "client.job-failure-seen", func(h *habit) {
		h.patience, h.impatient = time.Second, func() error { return nil }
	}},
	{"unknown-job-is-success", "client.job-failure-seen", readsEnd(func(a answer) bool { return a.status == http.StatusNotFound || a.status == http.StatusBadRequest })},
	{"lost-job-is-success", "client.job-failure-seen", readsEnd(func(a answer) bool { return a.err != nil || a.status >= 500 && a.status != 503 })},
}

// strayAsking are those that ask for a job which they were not given, or not in its spelling.
var strayAsking = []Client{
	{"asks-for-nothing", "client.asks-own-job", idInstead("")},
	{"asks-for-undefined", "client.asks-own-job", idInstead("undefined")},
	{"asks-for-null", "client.asks-own-job", idInstead("null")},
	{"asks-for-none", "client.asks-own-job", idInstead("None")},
	{"asks-for-nil", "client.asks-own-job", idInstead("<nil>")},
	{"asks-for-placeholder", "client.asks-own-job", idInstead("{job_id}")},
	{"asks-for-own-uuid", "client.asks-own-job", idInstead("0b9c4ba5-7f3c-4bb2-9a4c-0d3c5a2f7a11")},
	{"asks-for-request-id", "client.asks-own-job", func(h *habit) {
		h.started = instead(func(a answer) string { return a.header.Get("X-Request-Id") })
	}},
	{"asks-for-error-message", "client.asks-own-job", func(h *habit) {
		h.started = instead(func(a answer) string {
			var e struct {
				Message string `json:"error_msg"`
			}
			_ = json.Unmarshal(a.body, &e)
			return e.Message
		})
	}},
	{"asks-after-refusal", "client.asks-own-job", func(h *habit) {
		h.started = func(r *run, a answer) (string, error) {
			id, err := jobID(a)
			if err != nil && a.status >= 400 {
				fmt.Fprintln(r.stderr, "warning:", err)
				return "unknown", nil
			}
			return id, err
		}
	}},
	{"id-upper-case", "client.asks-own-job", idChanged(strings.ToUpper)},
	{"id-cut", "client.asks-own-job", idChanged(func(id string) string { return id[:min(len(id), 36)] })},
	{"id-of-graph", "client.asks-own-job", func(h *habit) {
		h.jobPath = func(e client.Endpoint, _ string) string { return jobPath(e, e.GraphID) }
	}},

	{"id-as-it-is", "client.job-id-escaped", func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string { return graphPath(e) + "/jobs/" + unescaped(id) + "/status" }
	}},
	{"id-cleaned", "client.job-id-escaped", func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return path.Clean(graphPath(e) + "/jobs/" + unescaped(id) + "/status")
		}
	}},
	{"id-with-slashes", "client.job-id-escaped", func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return graphPath(e) + "/jobs/" + strings.ReplaceAll(url.PathEscape(id), "%2F", "/") + "/status"
		}
	}},
	{"id-escaped-for-query", "client.job-id-escaped", func(h *habit) {
		h.jobPath = func(e client.Endpoint, id string) string {
			return graphPath(e) + "/jobs/" + url.QueryEscape(id) + "/status"
		}
	}},
}

// choosy are those that do not take what is lawful.
var choosy = []Client{
	{"no-unknown-members", "client.success-when-accepted", refusing(func(a answer) bool {
		var m map[string]any
		return json.Unmarshal(a.body, &m) == nil && len(m) > 1
	})},
	{"id-first", "client.success-when-accepted", refusing(func(a answer) bool { return !regexp.MustCompile(`^\s*\{\s*"job_id"`).Match(a.body) })},
	{"no-white-space", "client.success-when-accepted", refusing(func(a answer) bool { return !strings.Contains(string(a.body), `"job_id":"`) })},
	{"no-escapes", "client.success-when-accepted", refusing(func(a answer) bool { return strings.Contains(string(a.body), `\`) })},
	{"no-blank-error", "client.success-when-accepted", refusing(func(a answer) bool { return strings.Contains(string(a.body), `"error_code"`) })},
	{"no-charset", "client.success-when-accepted", refusing(func(a answer) bool { return a.header.Get("Content-Type") != "application/json" })},
	{"wants-length", "client.success-when-accepted", refusing(func(a answer) bool {
		return a.header.Get("Content-Length") == "" && a.header.Get("Content-Encoding") == ""
	})},
	{"short-buffer", "client.success-when-accepted", refusing(func(a answer) bool { return len(a.body) > 512 })},
	{"asks-for-gzip-only", "client.success-when-accepted", dressed(func(_ *run, q *http.Request) { q.Header.Set("Accept-Encoding", "gzip") })},
	{"half-a-second", "client.success-when-accepted", func(h *habit) { h.limit = 500 * time.Millisecond }},
	{"wants-uuid-and-digits", "client.success-when-accepted", refusing(func(a answer) bool {
		id, err := jobID(a)
		return err == nil && !regexp.MustCompile(`^[0-9a-f-]{36}[0-9]{9}$`).MatchString(id)
	})},

	{"429-is-failure", "client.survives-refused-read", notBearing(http.StatusTooManyRequests)},
	{"503-is-failure", "client.survives-refused-read", notBearing(http.StatusServiceUnavailable)},
	{"any-read-trouble-is-failure", "client.survives-refused-read", func(h *habit) {
		h.bears = func(answer, int) (time.Duration, bool) { return 0, false }
	}},
	{"bears-one-refusal", "client.survives-refused-read", func(h *habit) {
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
