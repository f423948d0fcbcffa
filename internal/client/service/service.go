// Package service serves the scenarios for clients as JSON over HTTP: whoever runs a client, such as a
// test of any framework, asks for an endpoint for each scenario, posts what the client has made of it,
// and is answered the verdict.
//
// It refuses requests from pages of other origins.
package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/serving"
)

// maxBody is how many bytes an outcome may have.
const maxBody = 8 << 20

// A Service is the handler of a session.
type Service struct {
	session   *client.Session
	scenarios []*client.Scenario // of the session
	all       []*client.Scenario
	contract  *contract.Contract
	fails     func(judge.Result) bool
	origin    *http.CrossOriginProtection
	ended     chan struct{}
}

// New returns a service for a session. fails says whether a result is to fail the test that it belongs
// to.
func New(session *client.Session, fails func(judge.Result) bool) (*Service, error) {
	all, err := client.Scenarios(session.Contract)
	if err != nil {
		return nil, err
	}
	return &Service{
		session: session, scenarios: session.Scenarios(), all: all, contract: session.Contract, fails: fails,
		origin: http.NewCrossOriginProtection(), ended: make(chan struct{}, 1),
	}, nil
}

// Ended receives a value when somebody has asked for the end.
func (s *Service) Ended() <-chan struct{} { return s.ended }

// An action answers a request about a scenario; nil if the path has none.
type action func(r *http.Request, one *client.Scenario) (any, error)

// actions returns what can be done at a path, by method.
func (s *Service) actions(path string) (actions map[string]action, one *client.Scenario, err error) {
	switch path {
	case "/scenarios":
		return map[string]action{http.MethodGet: s.list}, nil, nil
	case "/result":
		return map[string]action{http.MethodGet: s.result}, nil, nil
	case "/end":
		return map[string]action{http.MethodPost: s.end}, nil, nil
	}
	rest, below := strings.CutPrefix(path, "/scenarios/")
	if !below {
		return nil, nil, refuse(http.StatusNotFound, "unknown path %.100q; there are %s", path, paths)
	}
	actions = map[string]action{http.MethodGet: s.show}
	end := strings.LastIndex(rest, "/") + 1
	if post := map[string]action{"start": s.start, "outcome": s.outcome}[rest[end:]]; post != nil {
		rest, actions = strings.TrimSuffix(rest[:end], "/"), map[string]action{http.MethodPost: post}
	}
	if one, err = client.Named(s.scenarios, rest); err == nil {
		return actions, one, nil
	}
	if _, known := client.Named(s.all, rest); known == nil {
		return nil, nil, refuse(http.StatusNotFound, "%s is not one of the scenarios of this run, because of --scenario, or because it is one for --strict", rest)
	}
	return nil, nil, refuse(http.StatusNotFound, "%v", err)
}

const paths = "GET /scenarios, GET /scenarios/NAME, POST /scenarios/NAME/start, POST /scenarios/NAME/outcome, GET /result and POST /end"

// ServeHTTP answers a request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	answer, err := s.serve(w.Header(), r)
	status := http.StatusOK
	if err != nil {
		status, answer = s.failure(err)
	}
	body, err := json.Marshal(answer)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // fails if the client is gone
}

func (s *Service) serve(header http.Header, r *http.Request) (any, error) {
	switch {
	case !serving.IsOwnHost(r.Host):
		return nil, refuse(http.StatusForbidden, "expected a host that is localhost or an IP address, got %.100q", r.Host)
	case s.origin.Check(r) != nil:
		return nil, refuse(http.StatusForbidden, "expected a request from this origin, got one from another origin")
	}
	actions, one, err := s.actions(r.URL.Path)
	if err != nil {
		return nil, err
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet // net/http omits the body
	}
	act := actions[method]
	if act == nil {
		allowed := strings.Join(slices.Sorted(maps.Keys(actions)), ", ")
		header.Set("Allow", allowed)
		return nil, refuse(http.StatusMethodNotAllowed, "expected %s, got %.20q", allowed, r.Method)
	}
	return act(r, one)
}

func (s *Service) list(*http.Request, *client.Scenario) (any, error) {
	all := scenarioList{Scenarios: []scenario{}}
	for _, one := range s.scenarios {
		all.Scenarios = append(all.Scenarios, s.scenario(one))
	}
	return all, nil
}

func (s *Service) show(_ *http.Request, one *client.Scenario) (any, error) {
	return s.scenario(one), nil
}

func (s *Service) start(r *http.Request, one *client.Scenario) (any, error) {
	e, err := s.session.Start(one)
	if err != nil {
		return nil, err
	}
	return endpointOf(&e, "http://"+r.Host+"/scenarios/"+one.Name+"/outcome"), nil
}

func (s *Service) outcome(r *http.Request, one *client.Scenario) (any, error) {
	o, err := readOutcome(r.Body)
	if err != nil {
		return nil, err
	}
	result, again, err := s.session.Take(one, o)
	if err != nil {
		return nil, err
	}
	v := s.verdict(&result)
	v.Again = again
	return v, nil
}

func (s *Service) result(*http.Request, *client.Scenario) (any, error) {
	all := results{Results: []verdict{}, Left: []string{}}
	left := map[string]bool{}
	for _, one := range s.scenarios {
		left[one.Name] = true
	}
	for _, r := range s.session.Results() {
		delete(left, r.Case)
		all.Results = append(all.Results, *s.verdict(&r))
	}
	for _, one := range s.scenarios {
		if left[one.Name] {
			all.Left = append(all.Left, one.Name)
		}
	}
	return all, nil
}

// end ends the session, so that the results are the last.
func (s *Service) end(r *http.Request, one *client.Scenario) (any, error) {
	s.session.End()
	select {
	case s.ended <- struct{}{}:
	default:
	}
	return s.result(r, one)
}

// A refusal is an error with the HTTP status for the answer.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// failure returns the answer to a request that failed.
func (s *Service) failure(err error) (status int, f failure) {
	status, f = http.StatusInternalServerError, failure{Error: err.Error()}
	if r, ok := errors.AsType[*refusal](err); ok {
		status = r.status
	}
	if errors.Is(err, client.ErrEnded) {
		status = http.StatusConflict
	}
	if not, ok := errors.AsType[*client.NotNow](err); ok {
		status = http.StatusConflict
		if not.Result != nil {
			f.Result = s.verdict(not.Result)
		}
	}
	return status, f
}

// readOutcome reads what a client has made of a scenario. Of what came instead hardly anything is quoted,
// for it may have credentials.
func readOutcome(body io.Reader) (client.Outcome, error) {
	var posted outcome
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&posted)
	if err == nil && decoder.Decode(new(any)) != io.EOF {
		err = errors.New("something follows the object")
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return client.Outcome{}, refuse(http.StatusRequestEntityTooLarge, "expected an outcome of at most %d bytes, got more; leave out the middle of what the client has printed", large.Limit)
	}
	wrong, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case isType && wrong.Field != "":
		return client.Outcome{}, refuse(http.StatusBadRequest, "%.100s: expected another type, got %.20s", wrong.Field, wrong.Value)
	case isType:
		return client.Outcome{}, refuse(http.StatusBadRequest, "expected %s, got %.20s", example, wrong.Value)
	case err != nil:
		return client.Outcome{}, refuse(http.StatusBadRequest, "expected %s, got something else: %.100v", example, err)
	case !slices.Contains(sayings, posted.Said):
		return client.Outcome{}, refuse(http.StatusBadRequest, "said: expected success, failure, not-applicable or nothing, got %.20q", posted.Said)
	}
	return client.Outcome(posted), nil
}

const example = `an object such as {"said": "failure", "stdout": "…", "stderr": "…", "error": "…", "exit_status": 1}`

var sayings = []judge.Said{judge.SaidSuccess, judge.SaidFailure, judge.SaidNotApplicable, judge.SaidNothing}
