package fakeadmin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

const (
	maxScenario = 1 << 20 // bytes of a scenario
	maxForm     = 4 << 10 // bytes of the body of any other request
	shownJobs   = 50
)

func (h *handler) reset(w http.ResponseWriter, _ *http.Request) error {
	h.fake.Reset()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// load loads the scenario in the body.
func (h *handler) load(w http.ResponseWriter, r *http.Request) error {
	body, err := read(w, r, maxScenario)
	if err != nil {
		return err
	}
	s, err := scenario.Parse("body", body)
	if err == nil {
		err = h.fake.Load(s)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "%s", err.Error())
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) schema(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/schema+json")
	_, _ = w.Write(scenario.Schema()) // fails if the client is gone
	return nil
}

func (h *handler) showClock(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]time.Time{"now": h.fake.Now()})
}

// advance moves the clock forward.
func (h *handler) advance(w http.ResponseWriter, r *http.Request) error {
	body, err := read(w, r, maxForm)
	if err != nil {
		return err
	}
	var command struct {
		Advance string `json:"advance"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&command) != nil || decoder.Decode(new(any)) != io.EOF {
		// The body is not quoted: it may be a scenario, with secrets, sent to the wrong path.
		return refuse(http.StatusBadRequest, `expected {"advance":"30m"}, got something else`)
	}
	if err := h.advanceClock(command.Advance); err != nil {
		return err
	}
	return h.showClock(w, r)
}

// yearLimit is the year that the clock must not reach: times far beyond it overflow in
// nanoseconds.
const yearLimit = 2200

func (h *handler) advanceClock(by string) error {
	d, err := time.ParseDuration(by)
	switch {
	case err != nil:
		return refuse(http.StatusBadRequest, "advance: expected a duration like 30m or 1h30m, got %q", shortened(by))
	case d < 0:
		return refuse(http.StatusBadRequest, "advance: expected a duration that is not negative, got %q", shortened(by))
	case h.fake.Now().Add(d).Year() >= yearLimit:
		return refuse(http.StatusBadRequest, "advance: expected the clock to stay before the year %d, got %q", yearLimit, shortened(by))
	}
	h.fake.Advance(d)
	return nil
}

// A state is the state of the fake, without credentials, as the answer to GET state.
type state struct {
	Now      time.Time           `json:"now"`
	Seed     int64               `json:"seed"`
	Fixtures fakeserver.Fixtures `json:"fixtures"`
	Graphs   []fakeserver.Graph  `json:"graphs"`
	Jobs     []fakeserver.Job    `json:"jobs"` // the newest ones, newest first
	Journal  span                `json:"journal"`
}

// A span says which exchanges the journal keeps.
type span struct {
	First      uint64 `json:"first"` // Last+1 if it keeps none
	Last       uint64 `json:"last"`
	Violations int    `json:"violations"` // how many of them have a request that breaks the contract
}

func (h *handler) state(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, state{
		h.fake.Now(), h.fake.Seed(), h.fake.Fixtures(), h.fake.Graphs(), h.fake.Jobs(shownJobs), h.span(),
	})
}

// An entry is an exchange with a curl command that repeats its request.
type entry struct {
	fakeserver.Exchange
	Curl string `json:"curl,omitempty"` // "" if the request cannot be repeated so
}

func (h *handler) journal(w http.ResponseWriter, r *http.Request) error {
	wanted, err := readQuery(r.URL.Query(), "after", "violations")
	if err != nil {
		return err
	}
	body := struct {
		span
		Exchanges []entry `json:"exchanges"` // oldest first
	}{h.span(), []entry{}}
	for _, x := range h.fake.Journal(wanted.after) {
		// Exchanges that have ended since Last was read are left to the next request,
		// for those after Last.
		if x.Number > body.Last || wanted.violations && len(x.Judgement.Request) == 0 {
			continue
		}
		line, _ := repeat(x)
		body.Exchanges = append(body.Exchanges, entry{x, line})
	}
	return writeJSON(w, http.StatusOK, body)
}

func (h *handler) metrics(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_ = h.fake.WriteMetrics(w) // fails if the client is gone
	return nil
}

// A query selects exchanges of the journal.
type query struct {
	after      uint64
	violations bool
	text       string
}

// readQuery reads the parameters of a query. Parameters that are not in known are an error.
func readQuery(values url.Values, known ...string) (q query, err error) {
	for name := range values {
		if !slices.Contains(known, name) {
			return q, refuse(http.StatusBadRequest, "expected no parameters other than %s, got %q", strings.Join(known, " and "), shortened(name))
		}
	}
	if text := values.Get("after"); text != "" {
		if q.after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return q, refuse(http.StatusBadRequest, "after: expected the number of an exchange, got %q", shortened(text))
		}
		q.after = min(q.after, math.MaxUint64-1) // so that adding 1 does not overflow
	}
	switch text := values.Get("violations"); text {
	case "true":
		q.violations = true
	case "", "false":
	default:
		return q, refuse(http.StatusBadRequest, "violations: expected true or false, got %q", shortened(text))
	}
	q.text = strings.TrimSpace(values.Get("text"))
	return q, nil
}

// read reads a body of at most limit bytes.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, refuse(http.StatusRequestEntityTooLarge, "expected a body of at most %d bytes, got more", limit)
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "read the body: %v", err)
	}
	return body, nil
}

// shortened cuts a text to at most 60 characters, for an error.
func shortened(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
