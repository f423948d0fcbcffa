package fakeadmin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// intervals are the timing of a stream of events.
type intervals struct {
	least        time.Duration // the least time between two events
	tick         time.Duration // between two checks whether jobs are under way
	keepAlive    time.Duration // between two comments that keep the connection open
	writeTimeout time.Duration // for a client that does not read
}

var defaultIntervals = intervals{least: 200 * time.Millisecond, tick: 500 * time.Millisecond, keepAlive: 15 * time.Second, writeTimeout: 10 * time.Second}

// A stream sends events (https://html.spec.whatwg.org/multipage/server-sent-events.html)
// to one client.
type stream struct {
	w            http.ResponseWriter
	control      *http.ResponseController
	writeTimeout time.Duration
}

// events sends the event "change", with the journal's span and the time, whenever something
// has changed, and regularly while jobs are under way. The first event is sent at once, so
// that a client that has read the state before misses nothing. The stream ends when the
// client closes it or the server shuts down.
func (h *handler) events(w http.ResponseWriter, r *http.Request) error {
	s := &stream{w, http.NewResponseController(w), h.intervals.writeTimeout}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // keeps nginx from buffering events
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	changes, stop := h.fake.Watch()
	defer stop()
	// Without this, a shutdown would wait for the streams.
	if server, ok := r.Context().Value(http.ServerContextKey).(*http.Server); ok {
		h.registered.Do(func() { server.RegisterOnShutdown(sync.OnceFunc(func() { close(h.ends) })) })
	}
	tick, alive := time.NewTicker(h.intervals.tick), time.NewTicker(h.intervals.keepAlive)
	defer tick.Stop()
	defer alive.Stop()
	jobsUnderWay := h.underWay()
	err := s.send("retry: 1000\n" + h.change()) // milliseconds until a browser reconnects
	for err == nil {
		select {
		case <-r.Context().Done():
			return nil
		case <-h.ends:
			return nil
		case <-alive.C:
			err = s.send(": still here\n\n")
			continue
		case <-tick.C:
			// Send one more event when the last job has ended, to show that.
			before := jobsUnderWay
			if jobsUnderWay = h.underWay(); !jobsUnderWay && !before {
				continue
			}
		case <-changes:
			jobsUnderWay = true // if there are none, the next tick finds out
		}
		if err = s.send(h.change()); err == nil && !h.pause(r) {
			return nil
		}
	}
	return nil // the client is gone, so there is nobody to send an error to
}

// pause waits for the least time between events, and reports whether the stream goes on.
func (h *handler) pause(r *http.Request) bool {
	select {
	case <-time.After(h.intervals.least):
		return true
	case <-r.Context().Done():
		return false
	case <-h.ends:
		return false
	}
}

// change returns the event "change" as text.
func (h *handler) change() string {
	var data struct {
		First uint64    `json:"first"`
		Last  uint64    `json:"last"`
		Now   time.Time `json:"now"`
	}
	data.First, data.Last = h.fake.JournalSpan()
	data.Now = h.fake.Now()
	text, err := json.Marshal(data)
	if err != nil {
		text = []byte("{}") // the clock is beyond the year 9999
	}
	return fmt.Sprintf("event: change\ndata: %s\n\n", text)
}

// underWay reports whether any of the newest jobs is under way.
func (h *handler) underWay() bool {
	return slices.ContainsFunc(h.fake.Jobs(shownJobs), func(j fakeserver.Job) bool { return !ended(j.Status) })
}

// send sends a text at once. It fails if the client is gone or does not read.
func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.writeTimeout)) // not every writer has one
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	if err := s.control.Flush(); err != nil {
		return err
	}
	_ = s.control.SetWriteDeadline(time.Time{}) // at the deadline, HTTP/2 would end even an idle stream
	return nil
}
