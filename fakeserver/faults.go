package fakeserver

import (
	"bytes"
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/suggest"
)

// A fault is a fault of the scenario or the options, with a count of the calls that it
// has matched.
type fault struct {
	scenario.Fault

	mu     sync.Mutex
	calls  int // that have matched, whatever Calls and Probability say
	random *rand.Rand
}

func (s *service) newFaults(list []scenario.Fault, seed int64) ([]*fault, error) {
	faults := make([]*fault, len(list))
	for i, f := range list {
		if f.Name == "" {
			f.Name = fmt.Sprintf("fault-%d", i+1)
		}
		if err := s.checkFault(&f); err != nil {
			return nil, fmt.Errorf("fault %q: %w", f.Name, err)
		}
		faults[i] = &fault{Fault: f, random: rand.New(rand.NewPCG(uint64(seed), uint64(i)))}
	}
	return faults, nil
}

// check makes sure that faults of the options fit the scenario as its own faults must.
// They may name graphs by ids that the server has generated.
func (s *service) check(faults []scenario.Fault) error {
	with := *s.scenario
	with.Faults, with.Graphs = faults, slices.Clone(with.Graphs)
	for i := range with.Graphs {
		named := &with.Graphs[i]
		for _, g := range s.graphs {
			if g.name == named.Name && g.project == s.projects[named.Project] {
				named.ID = g.id
			}
		}
	}
	return with.Check()
}

// checkFault checks a fault made in Go for what the schema checks in files.
func (s *service) checkFault(f *scenario.Fault) error {
	known := []string{""}
	for _, r := range s.routes {
		known = append(known, r.ID)
	}
	for _, b := range s.extraRoutes {
		known = append(known, b.id)
	}
	_, breaks := deliveries[f.Break]
	switch {
	case !slices.Contains(known, f.Match.Operation):
		return fmt.Errorf("unknown operation %q%s", f.Match.Operation, suggest.DidYouMean(f.Match.Operation, known, ""))
	case f.Answer != nil && (f.Answer.Status < 200 || f.Answer.Status > 599):
		return fmt.Errorf("expected a status from 200 to 599, got status %d", f.Answer.Status)
	case f.Break != "" && !breaks:
		return fmt.Errorf("unknown break %q", f.Break)
	default:
		return nil
	}
}

// strikes reports whether the fault strikes a call, and by how much it delays it.
func (f *fault) strikes(s *service, c *call) (delay time.Duration, struck bool) {
	m, graph := &f.Match, c.values["graph_id"]
	if m.Operation != "" && m.Operation != c.operation || m.Graph != "" && m.Graph != graph && !s.isCalled(graph, m.Graph) {
		return 0, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if len(m.Calls) > 0 && !slices.Contains(m.Calls, f.calls) || m.Probability > 0 && f.random.Float64() >= m.Probability {
		return 0, false
	}
	if f.Delay == nil {
		return 0, true
	}
	delay = f.Delay.From
	if spread := f.Delay.To - f.Delay.From; spread > 0 {
		delay += time.Duration(f.random.Int64N(int64(spread) + 1))
	}
	return delay, true
}

// isCalled reports whether the graph with an id has the given name.
func (s *service) isCalled(id, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.graphs[id]
	return g != nil && g.name == name
}

// struckBy is the combined effect of the faults that strike a call: their delays add up,
// and the first answer or break counts, and the first member.
type struckBy struct {
	delay     time.Duration
	fault     *scenario.Fault // whose answer or break counts; nil if there is none
	preferred bool            // whether the request asked for the fault with Prefer
	enlarge   *scenario.Enlarge
}

// faultsOn finds the faults that strike a call.
func (s *service) faultsOn(c *call) (by struckBy) {
	if status := s.layers.preferred(c); status != 0 {
		by.fault, by.preferred = &scenario.Fault{Name: "preferred", Answer: &scenario.Answer{Status: status}}, true
	}
	for _, f := range s.layers.faults {
		delay, struck := f.strikes(s, c)
		if !struck {
			continue
		}
		by.delay += delay
		c.faults = append(c.faults, f.Name)
		if by.enlarge == nil {
			by.enlarge = f.Enlarge
		}
		if by.fault == nil && (f.Answer != nil || f.Break != "") {
			by.fault = &f.Fault
		}
	}
	if by.preferred {
		c.faults = append(c.faults, "preferred")
	}
	return by
}

// preferred returns the status of 400 or more that a request asks for, as in
// Prefer: code=503, if the scenario allows that; else 0.
func (l *layers) preferred(c *call) int {
	if !l.prefer {
		return 0
	}
	wanted := preferredStatus.FindStringSubmatch(strings.Join(c.request.Header.Values("Prefer"), ","))
	if wanted == nil {
		return 0
	}
	status, _ := strconv.Atoi(wanted[1]) // cannot fail: it is three digits
	return status
}

// preferredStatus finds a status of 400 or more in the values of Prefer (RFC 7240).
var preferredStatus = regexp.MustCompile(`(?:^|[,; ])code="?([45][0-9]{2})"?(?:$|[,; ])`)

// reachesService reports whether the service handles the request.
func (by *struckBy) reachesService() bool {
	return by.fault == nil || by.fault.After || by.fault.Break.WithBody() && by.fault.Answer == nil
}

var deliveries = map[scenario.Break]delivery{
	scenario.Hang: hang, scenario.Reset: reset, scenario.ResetEarly: reset, scenario.Close: drop, scenario.Truncate: truncate,
	scenario.Stall: stall, scenario.Drip: drip, scenario.Endless: endless, scenario.HalfHead: halfHead,
	scenario.TwoLengths: twoLengths, scenario.NotHTTP: notHTTP,
}

// applyFaults applies the answer or break of the faults to an answer.
func (s *service) applyFaults(by struckBy, e *outgoing) {
	if by.enlarge != nil {
		e.enlarge(by.enlarge)
	}
	f := by.fault
	if f == nil {
		return
	}
	e.call.condition = "fault"
	if f.Answer != nil {
		s.fail(e, f.Answer)
	}
	if by.preferred {
		e.header.Set("Preference-Applied", "code="+strconv.Itoa(f.Answer.Status))
	}
	if f.Break != "" {
		e.delivery = deliveries[f.Break]
	}
}

// fail replaces an answer with that of a fault: in the service's or the gateway's form, as an HTML page, or
// with the body that it gives.
func (s *service) fail(e *outgoing, f *scenario.Answer) {
	answer := &bufferedWriter{status: http.StatusOK, header: http.Header{}}
	if f.RetryAfter != nil { // in whole seconds, and not earlier
		wait := *f.RetryAfter + time.Second - 1
		after := strconv.FormatInt(int64(wait/time.Second), 10)
		if f.RetryDate {
			after = e.call.came.Add(wait).UTC().Format(http.TimeFormat)
		}
		answer.header.Set("Retry-After", after)
	}
	if f.Location != "" {
		answer.header.Set("Location", strings.ReplaceAll(f.Location, "{target}", e.request.URL.RequestURI()))
	}
	switch {
	case f.Body != "":
		answer.header.Set("Content-Type", "application/json")
		answer.WriteHeader(f.Status)
		answer.body.WriteString(f.Body)
	case f.Page:
		title := fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
		answer.header.Set("Content-Type", "text/html")
		answer.WriteHeader(f.Status)
		fmt.Fprintf(answer, "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n<center><h1>%s</h1></center>\r\n<hr><center>api-gateway</center>\r\n</body>\r\n</html>\r\n", title, title)
	case f.Status < http.StatusBadRequest:
		answer.WriteHeader(f.Status)
	default:
		code := cmp.Or(f.Code, s.usualCode(f.Status))
		_ = s.newRefusal(e.call, f.Status, code, f.Message).write(answer) // a bufferedWriter never fails
	}
	replaced := map[string]bool{}
	for _, line := range f.Headers {
		name, value, _ := strings.Cut(line, ":")
		if name = http.CanonicalHeaderKey(name); !replaced[name] {
			answer.header.Del(name)
		}
		replaced[name] = true
		answer.header.Add(name, strings.TrimSpace(value))
	}
	e.status, e.header, e.body = answer.status, answer.header, answer.body.Bytes()
}

// enlarge adds a member to a body that is an object.
func (e *outgoing) enlarge(by *scenario.Enlarge) {
	members := orderedMembers(e.body)
	if members == nil {
		return
	}
	if by.Bytes > 0 {
		members = append(members, member{"x_blob", slices.Concat([]byte{'"'}, bytes.Repeat([]byte("x"), by.Bytes), []byte{'"'})})
	}
	if by.Depth > 0 {
		members = append(members, member{"x_nested", slices.Concat(bytes.Repeat([]byte("["), by.Depth), bytes.Repeat([]byte("]"), by.Depth))})
	}
	e.body = joined(members)
}

// usualCode returns the first error code of the contract for a status, with the
// gateway's codes first.
func (s *service) usualCode(status int) string {
	for _, plane := range []string{"gateway", "management", "service"} {
		for _, code := range s.contract.Codes() {
			if code.Plane == plane && slices.Contains(code.Statuses, status) {
				return code.Code
			}
		}
	}
	return ges.RequestRefused
}
