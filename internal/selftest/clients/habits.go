package clients

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/client"
)

// before lets a client do something first, whatever comes of it.
func before(do func(r *run)) func(h *habit) {
	return func(h *habit) {
		h.course = func(r *run) error {
			do(r)
			return upgradeAndWait(r)
		}
	}
}

// connect connects and sends nothing.
func connect(r *run) {
	if c, err := net.DialTimeout("tcp", strings.TrimPrefix(r.endpoint.URL, "http://"), time.Second); err == nil {
		c.Close()
	}
}

func body(of func(e client.Endpoint) string) func(h *habit) {
	return func(h *habit) { h.body = func(e client.Endpoint, _ int) []byte { return []byte(of(e)) } }
}

// dressed changes each request after its usual headers are set, and before it is signed.
func dressed(change func(r *run, q *http.Request)) func(h *habit) {
	return func(h *habit) {
		h.dress = func(r *run, q *http.Request) {
			plainly(r, q)
			change(r, q)
		}
	}
}

// contentType sends another Content-Type; none for "".
func contentType(value string) func(h *habit) {
	return dressed(func(_ *run, q *http.Request) {
		switch {
		case value == "":
			q.Header.Del("Content-Type")
		case q.Body != nil:
			q.Header.Set("Content-Type", value)
		}
	})
}

func never(answer, int) (time.Duration, bool) { return 0, false }

// A listedJob is a job in the list of the project's jobs.
type listedJob struct {
	ID     string `json:"job_id"`
	Status string `json:"status"`
}

// listed returns the project's jobs.
func listed(r *run) []listedJob {
	var list struct {
		Jobs []listedJob `json:"job_list"`
	}
	a := r.exchange(http.MethodGet, "/v2/"+r.endpoint.ProjectID+"/graphs/jobs", nil)
	if a.err != nil || a.status != http.StatusOK || json.Unmarshal(a.body, &list) != nil {
		return nil
	}
	return list.Jobs
}

// waitsByList waits for the job by the list of the project's jobs.
func waitsByList(r *run) error {
	id, err := r.upgrade()
	if err != nil {
		return fmt.Errorf("start the upgrade: %w", err)
	}
	for began := time.Now(); time.Since(began) < r.patience; {
		for _, j := range listed(r) {
			if j.ID != id {
				continue
			}
			if ended, err := r.ended(job{status: j.Status}); ended || err != nil {
				return err
			}
		}
		if err := r.pause(100 * time.Millisecond); err != nil {
			return err
		}
	}
	return r.impatient()
}

// version returns the version that the graph has, or "".
func version(r *run) string {
	var shown struct {
		Graph struct {
			Status  string `json:"status"`
			Version string `json:"data_store_version"`
		} `json:"graph"`
	}
	a := r.exchange(http.MethodGet, graphPath(r.endpoint), nil)
	if a.err != nil || a.status != http.StatusOK || json.Unmarshal(a.body, &shown) != nil || shown.Graph.Status != "200" {
		return ""
	}
	return shown.Graph.Version
}

// waitsByVersion waits until the graph has the version; the job is left alone.
func waitsByVersion(r *run) error {
	if _, err := r.upgrade(); err != nil {
		return fmt.Errorf("start the upgrade: %w", err)
	}
	for began := time.Now(); time.Since(began) < r.patience; {
		if version(r) == r.endpoint.UpgradeVersion {
			return nil
		}
		if err := r.pause(100 * time.Millisecond); err != nil {
			return err
		}
	}
	return r.impatient()
}

// pollsBoth waits for the job, and reads the graph at the same time.
func pollsBoth(r *run) error {
	id, err := r.upgrade()
	if err != nil {
		return fmt.Errorf("start the upgrade: %w", err)
	}
	ended, read := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(read)
		for {
			version(r)
			select {
			case <-ended:
				return
			case <-time.After(r.interval):
			}
		}
	}()
	err = r.await(id)
	close(ended)
	<-read
	return err
}

// looksBeforeAgain sends an upgrade again, of which it does not know whether it has arrived, if the
// graph shows that it has not.
func looksBeforeAgain(r *run) error {
	whenAsked := r.again
	was := version(r)
	r.again = func(a answer, attempt int) (time.Duration, bool) {
		if unknown := a.err != nil || a.status == http.StatusInternalServerError || a.status == http.StatusBadGateway; !unknown || attempt > 1 || was == "" {
			return whenAsked(a, attempt)
		}
		return 0, r.pause(50*time.Millisecond) == nil && version(r) == was
	}
	return upgradeAndWait(r)
}

func sameOrigin(next *http.Request, via []*http.Request) bool {
	return next.URL.Scheme == via[0].URL.Scheme && next.URL.Host == via[0].URL.Host
}

func sameOriginOnly(next *http.Request, via []*http.Request) error {
	if !sameOrigin(next, via) {
		return http.ErrUseLastResponse
	}
	return fewRedirects(via)
}

func fewRedirects(via []*http.Request) error {
	if len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// written sends requests as a text of its own, each on a connection of its own.
func written(text func(q *http.Request, body []byte) string) func(h *habit) {
	return func(h *habit) {
		h.send = func(_ *run, q *http.Request) (*http.Response, error) {
			var body []byte
			if q.Body != nil {
				var err error
				if body, err = io.ReadAll(q.Body); err != nil {
					return nil, err
				}
			}
			c, err := new(net.Dialer).DialContext(q.Context(), "tcp", q.URL.Host)
			if err != nil {
				return nil, err
			}
			stop := context.AfterFunc(q.Context(), func() { _ = c.SetDeadline(time.Unix(1, 0)) })
			p, err := converse(c, q, text(q, body))
			if err != nil {
				stop()
				c.Close()
				return nil, err
			}
			p.Body = struct {
				io.Reader
				io.Closer
			}{p.Body, c}
			return p, nil
		}
	}
}

func converse(c net.Conn, q *http.Request, text string) (*http.Response, error) {
	if _, err := io.WriteString(c, text); err != nil {
		return nil, err
	}
	in := bufio.NewReader(c)
	for {
		p, err := http.ReadResponse(in, q)
		if err != nil || p.StatusCode >= 200 {
			return p, err
		}
	}
}

// head returns a request as it is on the wire.
func head(q *http.Request, target, version string, body []byte, name func(string) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/%s\r\n%s: %s\r\n%s: close\r\n", q.Method, target, version, name("Host"), q.URL.Host, name("Connection"))
	if body != nil {
		fmt.Fprintf(&b, "%s: %d\r\n", name("Content-Length"), len(body))
	}
	for key, values := range q.Header {
		for _, value := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name(key), value)
		}
	}
	return b.String() + "\r\n" + string(body)
}
