package clients

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// hasty are those that come again too early, too often, or without looking.
var hasty = []Client{
	{Name: "at-once-after-seconds", Breaks: "client.retry-after", change: waitsLess(func(a answer, after time.Duration) time.Duration {
		if isDate(a) {
			return after
		}
		return 0
	})},
	{Name: "at-once-after-date", Breaks: "client.retry-after", change: waitsLess(func(a answer, after time.Duration) time.Duration {
		if isDate(a) {
			return 0
		}
		return after
	})},
	{Name: "at-once-after-503", Breaks: "client.retry-after", change: waitsLess(func(a answer, after time.Duration) time.Duration {
		if a.status == http.StatusServiceUnavailable {
			return 0
		}
		return after
	})},
	{Name: "seconds-as-milliseconds", Breaks: "client.retry-after", change: waitsLess(func(a answer, after time.Duration) time.Duration {
		if isDate(a) {
			return after
		}
		return after / 1000
	})},
	{Name: "waits-half", Breaks: "client.retry-after", change: waitsLess(func(_ answer, after time.Duration) time.Duration { return after / 2 })},
	{Name: "waits-a-third-second-at-most", Breaks: "client.retry-after", change: waitsLess(func(_ answer, after time.Duration) time.Duration { return min(after, 300*time.Millisecond) })},
	{Name: "waits-its-own-time", Breaks: "client.retry-after", change: waitsLess(func(answer, time.Duration) time.Duration { return 100 * time.Millisecond })},

	{Name: "again-after-reset", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.err != nil && a.status == 0 && !timedOut(a.err) && !notSent(a.err) })},
	{Name: "again-after-cut", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.err != nil && a.status == http.StatusOK })},
	{Name: "again-after-own-limit", Breaks: "client.no-blind-repeat", change: impatient(againAfter(func(a answer) bool { return timedOut(a.err) }))},
	{Name: "again-after-500", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.status == http.StatusInternalServerError })},
	{Name: "again-after-502", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.status == http.StatusBadGateway })},
	{Name: "again-after-504", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.status == http.StatusGatewayTimeout })},
	{Name: "again-after-408", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { return a.status == http.StatusRequestTimeout })},
	{Name: "again-after-any-trouble", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool {
		return a.err != nil || a.status >= 500 && a.status != http.StatusServiceUnavailable
	})},
	{Name: "again-after-200-without-job", Breaks: "client.no-blind-repeat", change: againAfter(func(a answer) bool { _, err := jobID(a); return a.status == http.StatusOK && err != nil })},

	{Name: "polls-without-pause", Breaks: "client.poll-pace", change: burst(400, 1)},
	{Name: "polls-in-crowds", Breaks: "client.poll-pace", change: burst(400, 8)},
}

// heedless are those that do not say why, or do not end.
var heedless = []Client{
	{Name: "status-only", Breaks: "client.error-code-shown", change: said(func(a answer) string { return http.StatusText(a.status) })},
	{Name: "message-only", Breaks: "client.error-code-shown", change: said(func(a answer) string {
		var e struct {
			Message string `json:"error_msg"`
		}
		_ = json.Unmarshal(a.body, &e)
		return e.Message
	})},
	{Name: "number-of-code-only", Breaks: "client.error-code-shown", change: said(func(a answer) string {
		return regexp.MustCompile(`[A-Z]+\.`).ReplaceAllString(codeOf(a), "")
	})},
	{Name: "service-codes-only", Breaks: "client.error-code-shown", change: said(func(a answer) string {
		if strings.Contains(codeOf(a), "APIG") {
			return "refused by the gateway"
		}
		return codeOf(a)
	})},
	{Name: "says-nothing", Breaks: "client.error-code-shown", change: func(h *habit) {
		h.last = func(*run, error) {}
		said(func(answer) string { return "failed" })(h)
	}},
	{Name: "no-limit", Breaks: "client.ends", change: func(h *habit) { h.deaf, h.limit, h.patience = true, 0, 24*time.Hour }},
	{Name: "limit-for-head-only", Breaks: "client.ends", change: func(h *habit) {
		h.deaf, h.limit = true, 0
		h.connect = func(t *http.Transport) { t.ResponseHeaderTimeout = 2 * time.Second }
	}},
	{Name: "hangs-after-limit", Breaks: "client.ends", change: impatient(func(h *habit) {
		h.course = func(r *run) error {
			err := upgradeAndWait(r)
			if timedOut(err) {
				time.Sleep(time.Minute)
			}
			return err
		}
	})},
}

// impatient is a change of a client that gives up soon, since it is about what comes of that.
func impatient(change func(*habit)) func(*habit) {
	return func(h *habit) {
		h.limit = 2500 * time.Millisecond
		change(h)
	}
}

func timedOut(err error) bool {
	var limit interface{ Timeout() bool }
	return errors.As(err, &limit) && limit.Timeout()
}

func isDate(a answer) bool {
	_, err := strconv.Atoi(a.header.Get("Retry-After"))
	return err != nil
}

// waitsLess changes how long a client waits before it sends the upgrade again.
func waitsLess(change func(a answer, after time.Duration) time.Duration) func(h *habit) {
	return func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			after, again := whenAsked(a, attempt)
			if notSent(a.err) {
				return after, again
			}
			return change(a, after), again
		}
	}
}

// againAfter sends the upgrade again, once, after some answers.
func againAfter(when func(a answer) bool) func(h *habit) {
	return func(h *habit) {
		h.again = func(a answer, attempt int) (time.Duration, bool) {
			if attempt == 1 && when(a) {
				return 50 * time.Millisecond, true
			}
			return whenAsked(a, attempt)
		}
	}
}

// TooSlow is what clients that poll too fast print where the machine is too busy for that.
const TooSlow = "the machine is too slow"

// burst reads the job so often within a second, in so many goroutines, before it waits. It does so in
// the first scenario alone, for it takes more time than all else.
func burst(reads, goroutines int) func(h *habit) {
	return func(h *habit) {
		h.course = func(r *run) error {
			id, err := r.upgrade()
			if err != nil {
				return fmt.Errorf("start the upgrade: %w", err)
			}
			if r.endpoint.Scenario == "success/plain" {
				deadline, served := time.Now().Add(time.Second), make(chan int)
				for range goroutines {
					go func() { served <- r.reads(id, reads/goroutines, deadline) }()
				}
				all := 0
				for range goroutines {
					all += <-served
				}
				if all < reads/2+1 {
					fmt.Fprintln(r.stderr, TooSlow)
				}
			}
			return r.await(id)
		}
	}
}

// reads reads the job n times, but not after the deadline, and returns how often it has.
func (r *run) reads(id string, n int, deadline time.Time) int {
	for i := range n {
		if time.Now().After(deadline) {
			return i
		}
		r.exchange(http.MethodGet, r.jobPath(r.endpoint, id), nil)
	}
	return n
}

// said changes what a client says of a refusal.
func said(text func(a answer) string) func(h *habit) {
	return func(h *habit) {
		h.started = func(_ *run, a answer) (string, error) {
			id, err := jobID(a)
			if err != nil && a.err == nil {
				return "", errors.New(text(a))
			}
			return id, err
		}
	}
}
