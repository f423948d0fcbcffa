// Package clients has clients of the service that the judge of clients is tried on: a correct one,
// lawful variants of it, and careless ones with one fault each. They are written with net/http alone,
// and share no code with the examples and the generated client, nor with what judges them.
package clients

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/gesconform/gesconform/internal/client"
)

// A Client upgrades a graph, and waits for the job.
type Client struct {
	Name   string
	Breaks string         // the requirement that it breaks; "" for a lawful one
	change func(h *habit) // what is particular to it; nil for the correct one
	status int            // the exit status for a failure; 0 stands for 1
}

// Correct keeps to every requirement.
var Correct = Client{Name: "correct"}

// All returns the correct client, the lawful and the careless ones.
func All() []Client {
	all := append([]Client{Correct}, Lawful...)
	return append(all, Careless...)
}

// Lookup returns the client with a name.
func Lookup(name string) (Client, bool) {
	for _, c := range All() {
		if c.Name == name {
			return c, true
		}
	}
	return Client{}, false
}

// Run upgrades the graph of an endpoint. What the client prints goes to stdout and stderr, its error
// included.
func (c Client) Run(ctx context.Context, e client.Endpoint, stdout, stderr io.Writer) error {
	h := correctly()
	if c.change != nil {
		c.change(&h)
	}
	if h.deaf {
		ctx = context.WithoutCancel(ctx)
	}
	transport := &http.Transport{}
	h.connect(transport)
	defer transport.CloseIdleConnections()
	r := &run{
		habit: h, ctx: ctx, endpoint: e, stdout: stdout, stderr: stderr,
		http: &http.Client{Transport: transport, CheckRedirect: h.follow},
	}
	err := h.course(r)
	h.last(r, err)
	return err
}

// A habit is how a client does what clients do.
type habit struct {
	deaf   bool                       // whether it goes on when it is told to end
	course func(r *run) error         // everything
	last   func(r *run, result error) // what it prints at the end

	// Of every request.
	connect      func(t *http.Transport)
	follow       func(next *http.Request, via []*http.Request) error // as http.Client.CheckRedirect
	dress        func(r *run, q *http.Request)                       // sets the headers, and may change anything
	authenticate func(r *run, q *http.Request, body []byte)
	send         func(r *run, q *http.Request) (*http.Response, error)
	limit        time.Duration                           // for an answer to be whole; 0 for none
	heard        func(r *run, q *http.Request, a answer) // what it does with each answer beside reading it

	// Of the upgrade.
	method string
	path   func(e client.Endpoint) string
	body   func(e client.Endpoint, attempt int) []byte
	again  func(a answer, attempt int) (after time.Duration, again bool)
	// started returns the id of the job that an answer names, or done if there is nothing to wait for.
	started func(r *run, a answer) (id string, err error)

	// Of the job.
	jobPath  func(e client.Endpoint, id string) string
	ended    func(j job) (ended bool, err error)
	interval time.Duration
	// bears says how long the client waits before it reads the job again after an answer without
	// one, the nth in a row, and whether it does so at all.
	bears    func(a answer, nth int) (time.Duration, bool)
	patience time.Duration // how long it waits for the job at most
	// impatient is its result when that has passed.
	impatient func() error
}

// errDone is what habit.started returns if the client takes the upgrade to be done.
var errDone = errors.New("done")

// A run is one run of a client.
type run struct {
	habit
	ctx            context.Context
	endpoint       client.Endpoint
	stdout, stderr io.Writer
	http           *http.Client
}

// An answer is an answer as it came; with an error, if it did not or not to its end.
type answer struct {
	status int // 0 if none came
	header http.Header
	body   []byte
	err    error
}

// request returns a request to the endpoint, with everything that it is sent with.
func (r *run) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	q, err := http.NewRequestWithContext(ctx, method, r.endpoint.URL+path, bodyReader(body))
	if err != nil {
		return nil, err
	}
	r.dress(r, q)
	r.authenticate(r, q, body)
	return q, nil
}

// exchange sends a request and reads the answer.
func (r *run) exchange(method, path string, body []byte) answer {
	ctx, cancel := r.ctx, context.CancelFunc(func() {})
	if r.limit > 0 {
		ctx, cancel = context.WithTimeout(r.ctx, r.limit)
	}
	defer cancel()
	q, err := r.request(ctx, method, path, body)
	if err != nil {
		return answer{err: err}
	}
	a := r.answerTo(q)
	r.heard(r, q, a)
	return a
}

// longest is how much of an answer the client reads.
const longest = 16 << 20

func (r *run) answerTo(q *http.Request) answer {
	p, err := r.send(r, q)
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err // without the URL, which may be nobody's business
	}
	if err != nil {
		return answer{err: err}
	}
	defer p.Body.Close()
	a := answer{status: p.StatusCode, header: p.Header}
	a.body, a.err = io.ReadAll(io.LimitReader(p.Body, longest+1))
	if len(a.body) > longest {
		a.err = fmt.Errorf("expected at most %d bytes, got more", longest)
	}
	return a
}

// upgradeAndWait is the course of a client that does nothing else.
func upgradeAndWait(r *run) error {
	id, err := r.upgrade()
	switch {
	case errors.Is(err, errDone):
		return nil
	case err != nil:
		return fmt.Errorf("start the upgrade: %w", err)
	}
	return r.await(id)
}

// upgradeOnly is the course of a client that leaves the job alone.
func upgradeOnly(r *run) error {
	if _, err := r.upgrade(); err != nil && !errors.Is(err, errDone) {
		return fmt.Errorf("start the upgrade: %w", err)
	}
	return nil
}

// upgrade starts the upgrade and returns the job's id.
func (r *run) upgrade() (id string, err error) {
	for attempt := 1; ; attempt++ {
		a := r.exchange(r.method, r.path(r.endpoint), r.body(r.endpoint, attempt))
		after, again := r.again(a, attempt)
		if !again {
			return r.started(r, a)
		}
		if err := r.pause(after); err != nil {
			return "", err
		}
	}
}

// await waits until the job has ended.
func (r *run) await(id string) error {
	began, waiting := time.Now(), *r
	ctx, cancel := context.WithTimeout(r.ctx, r.patience)
	defer cancel()
	waiting.ctx = ctx
	for missed := 0; ; {
		a := waiting.exchange(http.MethodGet, r.jobPath(r.endpoint, id), nil)
		wait := waiting.interval
		if j, err := jobIn(a); err == nil {
			missed = 0
			if ended, err := r.ended(j); ended || err != nil {
				return err
			}
		} else {
			missed++
			var again bool
			if wait, again = r.bears(a, missed); !again {
				return fmt.Errorf("read the job %q: %w", id, err)
			}
		}
		if time.Since(began)+wait > r.patience {
			return r.impatient()
		}
		if err := r.pause(wait); err != nil {
			return err
		}
	}
}

// pause waits, at most until the run is to end.
func (r *run) pause(d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}
