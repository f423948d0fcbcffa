package fakeserver

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/gen"
)

// bytesDefects spoil what stands around an answer's body, and what a job says of itself.
func bytesDefects() []Defect {
	return []Defect{
		defect("content-type-twice", "answer.header-once", "Content-Type stands twice, with different values", onAny(another("Content-Type", "text/plain"))),
		defect("date-twice", "answer.header-once", "Date stands twice with the same value, as behind a proxy that adds its own", onAny(dateTwice)),
		defect("etag-twice", "answer.header-once", "showGraph has two ETags", onGraph(another("ETag", `W/"1"`), another("ETag", `W/"2"`))),
		defect("request-id-repeated", "answer.request-id", "all answers have the same X-Request-Id", onAny(header("X-Request-Id", sameRequestID), inBodyToo("/request_id", sameRequestID))),
		defect("request-id-per-graph", "answer.request-id", "the X-Request-Id of an answer of showGraph is the graph's id", onGraph(requestIDOfGraph)),
		defect("request-id-mismatch", "answer.request-id", "the request_id in the body of a refusal is not the X-Request-Id of its header", onRefusal(set("/request_id", sameRequestID))),
		defect("head-with-body", "answer.head-without-body", "the answer to HEAD carries its body", onHead(deliver(withHeadBody))),
		defect("charset-wrong", "answer.charset", "Content-Type says UTF-16, and the body is UTF-8", onAny(header("Content-Type", "application/json; charset=utf-16"))),
		defect("unasked-gzip", "answer.content-coding", "answers are compressed with gzip, though nobody has asked for it", onAny(gzipped)),
		defect("unasked-gzip-of-errors", "answer.content-coding", "refusals are compressed with gzip, though nobody has asked for it", onRefusal(gzipped)),
		defect("unasked-brotli", "answer.content-coding", "answers say that they are compressed with br", onAny(header("Content-Encoding", "br"), text("\x0b\x02\x80{}\x03"))),
		defect("leak-in-trailer", "answer.no-credentials", "a trailer repeats the token", onAny(leakHeader(http.TrailerPrefix+"X-Debug"))),
		defect("leak-in-gzip", "answer.no-credentials", "a compressed refusal repeats the token", onRefusal(leak("/detail", asIs), gzipped)),
		defect("etag-stays", "upgrade.etag", "showGraph has a strong ETag that stays when the version changes", onGraph(header("ETag", `"53205529"`))),
		defect("last-modified-stays", "upgrade.last-modified", "the Last-Modified of showGraph is always the beginning of 1970", onGraph(header("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"))),
		defect("answers-swapped", "answer.echo", "the refusal of an unknown graph names the graph that another request was for", swapped()),

		defect("job-times-local", "upgrade.job-times", "the times of a job are eight hours ahead of UTC", onJob(eachTime(func(t time.Time) string { return t.Add(8 * time.Hour).Format(timeFormat) }))),
		defect("job-times-behind", "upgrade.job-times", "the times of a job are five hours behind UTC", onJob(eachTime(func(t time.Time) string { return t.Add(-5 * time.Hour).Format(timeFormat) }))),
		defect("job-times-with-zone", "upgrade.job-times", "the times of a job end in Z", onJob(eachTime(func(t time.Time) string { return t.Format(time.RFC3339) }))),
		defect("job-times-with-space", "upgrade.job-times", "the times of a job have a blank in place of the T", onJob(eachTime(func(t time.Time) string { return t.Format(time.DateTime) }))),
		defect("job-times-unix", "upgrade.job-times", "the times of a job are numbers of seconds, in strings", onJob(eachTime(func(t time.Time) string { return fmt.Sprint(t.Unix()) }))),
		defect("job-times-with-fraction", "upgrade.job-times", "the times of a job have milliseconds", onJob(eachTime(func(t time.Time) string { return t.Format("2006-01-02T15:04:05.000") }))),
		defect("job-begin-after-end", "upgrade.job-times-agree", "begin_time and end_time of a job are exchanged and a minute apart", onJob(beginAfterEnd)),
		defect("job-end-time-moves", "upgrade.job-times-agree", "the end_time of a job is a second later each time that it is shown", onJob(moving())),
		defect("job-end-before-it-ended", "upgrade.job-times-agree", "a job that is under way has an end_time", onJob(endedAlready)),
		defect("job-progress-over-100", "upgrade.job-progress", "the job_progress of a job is 10000", onJob(set("/job_progress", 10000))),
		defect("job-progress-negative", "upgrade.job-progress", "the job_progress of a job is -1", onJob(set("/job_progress", -1))),
		defect("job-progress-goes-back", "upgrade.job-progress", "the job_progress of a job is 50 while it is under way, and 0 when it has ended", onJob(underWay(set("/job_progress", 50)))),
		defect("job-renamed", "upgrade.job-unchanged", "the job_name of a job changes when it has ended", onJob(underWay(set("/job_name", "Upgrade")))),
		defect("job-type-changes", "upgrade.job-unchanged", "the job_type of a job changes when it has ended", onJob(underWay(set("/job_type", "Pending")))),
	}
}

const sameRequestID = "8080d377bffeb6d519b0567c09cebe6b"

// another adds a header, beside those of the same name.
func another(name, value string) edit {
	return func(e *outgoing) { e.header.Add(name, value) }
}

func dateTwice(e *outgoing) {
	date := e.call.came.UTC().Format(http.TimeFormat)
	e.header["Date"] = []string{date, date}
}

// inBodyToo sets a member of the body that is there already.
func inBodyToo(pointer string, value any) edit {
	return at(pointer, func(object map[string]any, name string) {
		if _, there := object[name]; there {
			object[name] = value
		}
	})
}

func requestIDOfGraph(e *outgoing) { e.header.Set("X-Request-Id", e.call.values["graph_id"]) }

// onHead edits the answers to HEAD.
func onHead(edits ...edit) effect {
	return editWhen(func(e *outgoing) bool { return e.request.Method == http.MethodHead }, edits)
}

func gzipped(e *outgoing) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(e.body) // cannot fail
	_ = w.Close()
	e.body = b.Bytes()
	e.header.Set("Content-Encoding", "gzip")
}

// swapped makes the refusals of unknown graphs name the graph of the first request, whichever come
// at the same time.
func swapped() effect {
	return func(all *effects) {
		var mu sync.Mutex
		first := ""
		all.edits = append(all.edits, func(e *outgoing) {
			mu.Lock()
			other := first
			if first == "" {
				first = e.call.values["graph_id"]
			}
			mu.Unlock()
			if e.call.condition == "unknown-graph" && other != "" {
				set("/error_msg", "graph ["+other+"] is not found")(e)
			}
		})
	}
}

// eachTime rewrites the times of a job.
func eachTime(form func(time.Time) string) edit {
	rewrite := func(object map[string]any, name string) {
		text, _ := object[name].(string)
		if t, err := time.Parse(timeFormat, text); err == nil {
			object[name] = form(t)
		}
	}
	begin, end := at("/begin_time", rewrite), at("/end_time", rewrite)
	return func(e *outgoing) {
		begin(e)
		end(e)
	}
}

// beginAfterEnd makes a job begin a minute after its end.
func beginAfterEnd(e *outgoing) {
	at("/end_time", func(object map[string]any, _ string) {
		text, _ := object["end_time"].(string)
		if end, err := time.Parse(timeFormat, text); err == nil {
			object["begin_time"] = end.Add(time.Minute).Format(timeFormat)
		}
	})(e)
}

// moving adds to the end of a job a second for each time that one was shown.
func moving() edit {
	var shown atomic.Int64
	return at("/end_time", func(object map[string]any, name string) {
		text, _ := object[name].(string)
		if end, err := time.Parse(timeFormat, text); err == nil {
			object[name] = end.Add(time.Duration(shown.Add(1)) * time.Second).Format(timeFormat)
		}
	})
}

// underWay edits a job only while it is under way.
func underWay(edit edit) edit {
	return func(e *outgoing) {
		if bytes.Contains(e.body, []byte(`"`+string(gen.JobStatusPending)+`"`)) || bytes.Contains(e.body, []byte(`"`+string(gen.JobStatusRunning)+`"`)) {
			edit(e)
		}
	}
}

// endedAlready gives a job that is under way the current time as its end.
func endedAlready(e *outgoing) {
	underWay(set("/end_time", e.call.now.UTC().Format(timeFormat)))(e)
}
