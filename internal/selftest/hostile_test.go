package selftest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/gesconform/gesconform/internal/ges"
)

// A hostile service answers as the fake does, but for one thing that it sends far too much of.
type hostile struct {
	name    string
	changes func(a *hostileAnswer)
}

// A hostileAnswer is an answer of the fake before it is sent.
type hostileAnswer struct {
	request *http.Request
	number  int64 // of the request
	status  int
	header  http.Header
	body    []byte
	before  func(w http.ResponseWriter) // is sent before the answer
	raw     []byte                      // is sent instead
}

const (
	hostileBody = 1<<20 - 1<<12 // a little less than is read
	longBody    = 80 << 10      // enough to be cut
	hostileHead = 60 << 10
	hostileJobs = 10_000
)

// hostiles returns services whose bodies are so long where that is what they have too much of.
func hostiles(body int) []hostile {
	return []hostile{
		{"an honest one", func(*hostileAnswer) {}},
		{"long messages", func(a *hostileAnswer) { a.member("error_msg", strings.Repeat("long ", body/5)) }},
		{"long pages", func(a *hostileAnswer) {
			if a.status >= 400 {
				a.header.Set("Content-Type", "text/html")
				a.body = []byte("<html>" + strings.Repeat("page ", body/5))
			}
		}},
		{"control characters", func(a *hostileAnswer) { a.refusal(strings.Repeat("\x01", body)) }},
		{"bytes that are no text", func(a *hostileAnswer) { a.refusal(strings.Repeat("\xff\xfe\x80", body/3)) }},
		{"bodies just short enough", func(a *hostileAnswer) { a.refusal(strings.Repeat("\x01", 64<<10-1)) }},
		{"a million values", func(a *hostileAnswer) { a.value("values", "[0"+strings.Repeat(",0", body/2-1)+"]") }},
		{"many values in short bodies", func(a *hostileAnswer) { a.value("values", "[0"+strings.Repeat(",0", 10_000)+"]") }},
		{"a hundred thousand members", func(a *hostileAnswer) {
			var b strings.Builder
			for n := 0; b.Len() < body; n++ {
				fmt.Fprintf(&b, `"%x":0,`, n)
			}
			a.value("members", "{"+strings.TrimSuffix(b.String(), ",")+"}")
		}},
		{"deep values", func(a *hostileAnswer) { a.value("deep", strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000)) }},
		{"bombs in gzip", func(a *hostileAnswer) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(bytes.Repeat([]byte(" "), 4<<20)) // a buffer takes all
			_ = z.Close()
			a.header.Set("Content-Encoding", "gzip")
			a.body = b.Bytes()
		}},
		{"many header fields", func(a *hostileAnswer) {
			for n := range 2_000 {
				a.header.Set(fmt.Sprintf("X-%d-%d", a.number, n), "v")
			}
		}},
		{"long header fields", func(a *hostileAnswer) {
			a.header.Set("X-Long", strings.Repeat("v", hostileHead)+fmt.Sprint(a.number))
		}},
		{"long media types", func(a *hostileAnswer) {
			a.header.Set("Content-Type", strings.Repeat("v", hostileHead)+fmt.Sprint(a.number))
		}},
		{"long request ids", func(a *hostileAnswer) {
			a.header.Set("X-Request-Id", fmt.Sprint(a.number)+strings.Repeat("v", hostileHead))
		}},
		{"long reason phrases", func(a *hostileAnswer) {
			a.raw = fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", a.status, strings.Repeat("reason ", hostileHead/7), len(a.body), a.body)
		}},
		{"lines that are no header", func(a *hostileAnswer) {
			if a.status >= 400 {
				a.raw = fmt.Appendf(nil, "HTTP/1.1 %d x\r\n%s\r\n\r\n", a.status, strings.Repeat("v", hostileHead))
			}
		}},
		{"interim answers", func(a *hostileAnswer) {
			a.before = func(w http.ResponseWriter) {
				w.Header().Set("Link", strings.Repeat("v", 4<<10))
				for range 8 {
					w.WriteHeader(http.StatusEarlyHints)
				}
				w.Header().Del("Link")
			}
		}},
		{"long trailers", func(a *hostileAnswer) {
			a.header.Set(http.TrailerPrefix+"X-Long", strings.Repeat("v", hostileHead))
		}},
		{"long codes", func(a *hostileAnswer) { a.member("error_code", fmt.Sprint(a.number)+strings.Repeat("v", hostileHead)) }},
		{"other codes each time", func(a *hostileAnswer) { a.member("error_code", fmt.Sprint("CODE.", a.number)) }},
		{"a graph with a long name", func(a *hostileAnswer) {
			a.body = bytes.ReplaceAll(a.body, []byte(`"name":"`), []byte(`"name":"`+strings.Repeat("n", hostileHead)))
		}},
		{"ten thousand other jobs at once", func(a *hostileAnswer) { a.jobs(0, hostileJobs) }},
		{"ten thousand other jobs in pages", func(a *hostileAnswer) { a.jobs(0, 100) }},
		{"long jobs", func(a *hostileAnswer) { a.jobs(600, 100) }},
	}
}

// member sets a member of a JSON object that is there.
func (a *hostileAnswer) member(name, value string) {
	var object map[string]any
	if json.Unmarshal(a.body, &object) == nil && object[name] != nil {
		object[name] = value
		a.body, _ = json.Marshal(object) // it was one
	}
}

// value adds a member to a JSON object.
func (a *hostileAnswer) value(name, value string) {
	if rest, isObject := bytes.CutPrefix(bytes.TrimSpace(a.body), []byte("{")); isObject {
		a.body = append([]byte(`{"`+name+`":`+value+`,`), rest...)
	}
}

// refusal replaces the body of a refusal.
func (a *hostileAnswer) refusal(body string) {
	if a.status >= 400 {
		a.body = []byte(body)
	}
}

// jobs adds jobs that the run has not started to each page of the list of jobs, other ones each
// time.
func (a *hostileAnswer) jobs(reason, n int) {
	var page struct {
		Count int              `json:"job_count"`
		Jobs  []map[string]any `json:"job_list"`
	}
	if json.Unmarshal(a.body, &page) != nil || page.Jobs == nil {
		return
	}
	for i := range n {
		page.Jobs = append(page.Jobs, map[string]any{"job_id": fmt.Sprintf("f%d-%d", a.number, i), "job_name": "Other", "job_type": "o", "status": ges.JobSuccess, "fail_reason": strings.Repeat("r", reason)})
	}
	page.Count = hostileJobs
	a.body, _ = json.Marshal(page) // it was one
}

// hostileServer changes what a server answers.
func hostileServer(h http.Handler, how hostile) http.Handler {
	var number atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		a := &hostileAnswer{request: r, number: number.Add(1), status: answer.Code, header: w.Header(), body: answer.Body.Bytes()}
		for name, values := range answer.Header() {
			a.header[name] = values
		}
		how.changes(a)
		a.header.Del("Content-Length")
		if a.raw != nil {
			c, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_, _ = c.Write(a.raw) // the client may be gone
				_ = c.Close()
			}
			return
		}
		if a.before != nil {
			a.before(w)
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body) // the client may be gone
	})
}
