package clients

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/client"
)

// Lawful are clients that do what they may, if not what the correct one does.
var Lawful = []Client{
	// What they do with the job.
	{Name: "only-starts", change: func(h *habit) { h.course = upgradeOnly }},
	{Name: "polls-fast", change: func(h *habit) { h.interval = 10 * time.Millisecond }},
	{Name: "polls-slowly", change: func(h *habit) { h.interval = time.Second }},
	{Name: "polls-ever-slower", change: func(h *habit) {
		next := 10 * time.Millisecond
		h.heard = func(r *run, _ *http.Request, _ answer) { next *= 2; r.interval = min(next, time.Second) }
	}},
	{Name: "waits-before-it-polls", change: func(h *habit) {
		h.started = func(r *run, a answer) (string, error) {
			id, err := jobID(a)
			if err != nil {
				return "", err
			}
			return id, r.pause(300 * time.Millisecond)
		}
	}},
	{Name: "looks-once", change: func(h *habit) {
		h.ended = func(j job) (bool, error) {
			_, err := asJobSays(j)
			return true, err
		}
	}},
	{Name: "looks-into-job-list", change: func(h *habit) { h.course = waitsByList }},
	{Name: "looks-at-version", change: func(h *habit) { h.course = waitsByVersion }},
	{Name: "reads-once-more", change: func(h *habit) {
		h.last = func(r *run, result error) {
			r.exchange(http.MethodGet, graphPath(r.endpoint), nil)
			report(r, result)
		}
	}},
	{Name: "polls-job-and-graph", change: func(h *habit) { h.course = pollsBoth }},

	// What they do before.
	{Name: "reads-graph-first", change: before(func(r *run) { r.exchange(http.MethodGet, graphPath(r.endpoint), nil) })},
	{Name: "lists-jobs-first", change: before(func(r *run) {
		r.exchange(http.MethodGet, "/v2/"+r.endpoint.ProjectID+"/graphs/jobs?offset=0&limit=10", nil)
	})},
	{Name: "lists-graphs-first", change: before(func(r *run) {
		r.exchange(http.MethodGet, "/v2/"+r.endpoint.ProjectID+"/graphs?offset=0&limit=10", nil)
	})},
	{Name: "asks-for-projects-first", change: before(func(r *run) { r.exchange(http.MethodGet, "/v3/projects?name=cn-north-4", nil) })},
	{Name: "asks-for-api-versions-first", change: before(func(r *run) { r.exchange(http.MethodGet, "/", nil) })},
	{Name: "logs-in-first", change: before(func(r *run) {
		r.exchange(http.MethodPost, "/v3/auth/tokens", []byte(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "me", "password": "x", "domain": {"name": "acme"}}}}}}`))
	})},
	{Name: "probes-with-head", change: before(func(r *run) { r.exchange(http.MethodHead, graphPath(r.endpoint), nil) })},
	{Name: "probes-with-options", change: before(func(r *run) { r.exchange(http.MethodOptions, graphPath(r.endpoint), nil) })},
	{Name: "connects-first", change: before(connect)},

	// Whether they try again.
	{Name: "never-again", change: func(h *habit) { h.again = never }},
	{Name: "again-late", change: func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			after, again := whenAsked(a, attempt)
			return after + 700*time.Millisecond, again
		}
	}},
	{Name: "again-once-only", change: func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			after, again := whenAsked(a, attempt)
			return after, again && attempt == 1
		}
	}},
	{Name: "again-without-retry-after", change: func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			if a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") == "" && attempt < attempts {
				return 100 * time.Millisecond, true
			}
			return whenAsked(a, attempt)
		}
	}},
	{Name: "again-after-408-that-says-so", change: func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			if a.status == http.StatusRequestTimeout && strings.Contains(codeOf(a), "GES.7005") && attempt < attempts {
				return 100 * time.Millisecond, true
			}
			return whenAsked(a, attempt)
		}
	}},
	{Name: "again-on-new-connections", change: func(h *habit) { h.connect = func(t *http.Transport) { t.DisableKeepAlives = true } }},
	{Name: "looks-before-again", change: func(h *habit) { h.course = looksBeforeAgain }},

	{Name: "recovers-by-job-list", change: func(h *habit) {
		h.started = func(r *run, a answer) (string, error) {
			id, err := jobID(a)
			if unknown := a.err != nil || a.status >= http.StatusInternalServerError; err == nil || !unknown {
				return id, err
			}
			for _, j := range listed(r) {
				return j.ID, nil
			}
			return "", err
		}
	}},

	// Redirects.
	{Name: "follows-same-origin", change: func(h *habit) { h.follow = sameOriginOnly }},
	{Name: "follows-without-credentials", change: func(h *habit) {
		h.follow = func(next *http.Request, via []*http.Request) error {
			if !sameOrigin(next, via) {
				next.Header.Del("X-Auth-Token")
				next.Header.Del("Authorization")
			}
			return fewRedirects(via)
		}
	}},

	// How they authenticate.
	{Name: "signs", change: func(h *habit) { h.authenticate = sign }},
	{Name: "signs-and-retries-late", change: func(h *habit) {
		h.authenticate, h.again = sign, func(a answer, attempt int) (time.Duration, bool) {
			after, again := whenAsked(a, attempt)
			return after + time.Second, again
		}
	}},

	// How they write a request.
	{Name: "charset", change: contentType("application/json; charset=utf-8")},
	{Name: "charset-upper-case", change: contentType(`Application/JSON;charset="UTF-8"`)},
	{Name: "other-member-order", change: body(func(e client.Endpoint) string {
		force := ""
		if e.ForceUpgrade != nil {
			force = `"force_upgrade":` + strconv.FormatBool(*e.ForceUpgrade) + `,`
		}
		return `{` + force + `"upgrade_version":` + quote(e.UpgradeVersion) + `}`
	})},
	{Name: "white-space", change: body(func(e client.Endpoint) string {
		var out bytes.Buffer
		_ = json.Indent(&out, members(e), "\t", "    ") // of JSON
		return "\r\n " + out.String() + "\n"
	})},
	{Name: "escapes", change: body(func(e client.Endpoint) string {
		return strings.NewReplacer("_", `\u005f`, ".", `\u002e`).Replace(string(members(e)))
	})},
	{Name: "force-always", change: body(func(e client.Endpoint) string {
		if e.ForceUpgrade == nil {
			e.ForceUpgrade = new(bool)
		}
		return string(members(e))
	})},
	{Name: "chunked", change: dressed(func(_ *run, q *http.Request) {
		if q.Body != nil {
			q.ContentLength = -1
		}
	})},
	{Name: "expects-continue", change: dressed(func(_ *run, q *http.Request) {
		if q.Body != nil {
			q.Header.Set("Expect", "100-continue")
		}
	})},
	{Name: "many-headers", change: dressed(func(_ *run, q *http.Request) {
		for name, value := range map[string]string{
			"User-Agent": "lawful/1.0 (linux; go)", "X-Request-Id": "8080d377bffeb6d519b0567c09cebe6b", "Accept-Language": "zh-CN,zh;q=0.9",
			"Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Language": "en-us", "Cache-Control": "no-cache",
			"Cookie": "lang=en", "Accept": "application/json, */*;q=0.1", "X-Domain-Id": "d78cbac186b744899480f25bd022f468",
		} {
			q.Header.Set(name, value)
		}
	})},
	{Name: "names-its-project", change: dressed(func(r *run, q *http.Request) { q.Header.Set("X-Project-Id", r.endpoint.ProjectID) })},
	{Name: "no-accept", change: dressed(func(_ *run, q *http.Request) { q.Header.Del("Accept"); q.Header["User-Agent"] = nil })},
	{Name: "accepts-gzip", change: func(h *habit) {
		h.dress = func(r *run, q *http.Request) { plainly(r, q); q.Header.Set("Accept-Encoding", "gzip, deflate;q=0") }
		h.send = func(r *run, q *http.Request) (*http.Response, error) {
			p, err := r.http.Do(q)
			if err != nil || p.Header.Get("Content-Encoding") != "gzip" {
				return p, err
			}
			plain, err := gzip.NewReader(p.Body)
			if err != nil {
				p.Body.Close()
				return nil, err
			}
			p.Body = struct {
				io.Reader
				io.Closer
			}{plain, p.Body}
			return p, nil
		}
	}},
	{Name: "no-compression", change: func(h *habit) { h.connect = func(t *http.Transport) { t.DisableCompression = true } }},
	{Name: "http-1.0", change: written(func(q *http.Request, body []byte) string {
		return head(q, q.URL.RequestURI(), "1.0", body, textproto.CanonicalMIMEHeaderKey)
	})},
	{Name: "absolute-form", change: written(func(q *http.Request, body []byte) string {
		return head(q, q.URL.String(), "1.1", body, textproto.CanonicalMIMEHeaderKey)
	})},
	{Name: "lower-case-headers", change: written(func(q *http.Request, body []byte) string {
		return head(q, q.URL.RequestURI(), "1.1", body, strings.ToLower)
	})},
	{Name: "localhost", change: dressed(func(_ *run, q *http.Request) { q.Host = strings.Replace(q.URL.Host, "127.0.0.1", "localhost", 1) })},
	{Name: "content-type-on-reads", change: dressed(func(_ *run, q *http.Request) { q.Header.Set("Content-Type", "application/json") })},
	{Name: "empty-query", change: func(h *habit) { h.path = func(e client.Endpoint) string { return upgradePath(e) + "?" } }},
	{Name: "escaped-path", change: func(h *habit) {
		h.path = func(e client.Endpoint) string { return strings.Replace(upgradePath(e), "-", "%2D", 1) }
	}},

	// How they take answers of which nothing is said.
	{Name: "takes-201-and-202", change: func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			if a.status == http.StatusCreated || a.status == http.StatusAccepted {
				a.status = http.StatusOK
			}
			return jobID(a)
		}
	}},
	{Name: "takes-number", change: func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			var m struct {
				JobID json.Number `json:"job_id"`
			}
			if a.err == nil && a.status == http.StatusOK && json.Unmarshal(a.body, &m) == nil && m.JobID != "" {
				return m.JobID.String(), nil
			}
			return jobID(a)
		}
	}},
	{Name: "takes-bom-and-trailing-bytes", change: func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			var first json.RawMessage
			body := bytes.TrimPrefix(a.body, []byte("\ufeff"))
			if json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil {
				a.body = first
			}
			return jobID(a)
		}
	}},
	{Name: "wants-json-media-type", change: func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			if a.status == http.StatusOK && !strings.HasPrefix(strings.ToLower(a.header.Get("Content-Type")), "application/json") {
				return "", errors.New("expected JSON, got another media type")
			}
			return jobID(a)
		}
	}},
	{Name: "no-interim-answers", change: func(h *habit) {
		h.send = func(r *run, q *http.Request) (*http.Response, error) {
			ctx := httptrace.WithClientTrace(q.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
				return fmt.Errorf("expected no interim answer, got %d", code)
			}})
			return r.http.Do(q.WithContext(ctx))
		}
	}},

	// What they say.
	{Name: "exits-with-3", status: 3},
	{Name: "cannot-force", change: func(h *habit) {
		h.course = func(r *run) error {
			if r.endpoint.ForceUpgrade != nil {
				return fmt.Errorf("%w: it cannot set force_upgrade", client.ErrNotApplicable)
			}
			return upgradeAndWait(r)
		}
	}},

	// What they print.
	{Name: "prints-nothing", change: func(h *habit) {
		h.last = func(r *run, result error) {
			if result != nil { // but the error, which must be seen
				report(r, result)
			}
		}
	}},
	{Name: "prints-a-lot", change: func(h *habit) {
		h.last = func(r *run, result error) {
			line := strings.Repeat("All work and no play makes Jack a dull boy. ", 20) + "\n"
			for range 200 {
				fmt.Fprint(r.stdout, line)
				fmt.Fprint(r.stderr, line)
			}
			report(r, result)
		}
	}},
	{Name: "prints-binary", change: func(h *habit) {
		h.last = func(r *run, result error) {
			fmt.Fprint(r.stdout, "\x1b[2J\x00\xff\xfe\r\n\x07")
			report(r, result)
		}
	}},
	{Name: "prints-what-it-gets", change: func(h *habit) {
		h.heard = func(r *run, q *http.Request, a answer) {
			fmt.Fprintf(r.stdout, "%s %s: %d %v %v\n%s\n", q.Method, q.URL, a.status, a.header, a.err, a.body)
		}
	}},
	{Name: "prints-to-stdout-alone", change: func(h *habit) {
		h.last = func(r *run, result error) { r.stderr = r.stdout; report(r, result) }
	}},
	{Name: "prints-hidden-token", change: func(h *habit) {
		h.last = func(r *run, result error) {
			if t := r.endpoint.Token; len(t) > 8 {
				fmt.Fprintf(r.stdout, "X-Auth-Token: %s…%s (%d)\n", t[:4], strings.Repeat("*", 8), len(t))
			}
			report(r, result)
		}
	}},
	{Name: "prints-access-key", change: func(h *habit) {
		h.last = func(r *run, result error) {
			fmt.Fprintln(r.stdout, "user of the access key", r.endpoint.AccessKey)
			report(r, result)
		}
	}},
}
