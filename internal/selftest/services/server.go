package services

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// An operation is what a method does at a path.
type operation struct {
	name   string
	route  string // a pattern of net/http's ServeMux
	access [][]string
	params []*param
	bodies map[string]*rule // by media type; nil if there is no body
	only   string           // the media type that Accept has to allow, if anything hangs on it
	listed []int            // the statuses of the document, but for those of 2xx and 3xx; 0 is default
	act    func(c *call) *reply
}

func (o *operation) lists(status int) bool { return slices.Contains(o.listed, status) }

// takes returns whether the operation has a body.
func (o *operation) takes() bool { return o.bodies != nil }

func (o *operation) param(name string) *param {
	for _, p := range o.params {
		if p.name == name {
			return p
		}
	}
	panic(fmt.Sprintf("the operation %s has no parameter %q", o.name, name))
}

// A call is a request to an operation.
type call struct {
	*http.Request
	server *server
	op     *operation
	query  url.Values
	values map[string]any // of the parameters
	body   any
	media  string // of the body
	scheme string // what the credentials that count are for
}

// text returns a parameter or a scalar of it, as text; "" if it did not come.
func (c *call) text(name string) string {
	if v := c.values[name]; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// number returns a whole parameter, or a number in its place.
func (c *call) number(name string, otherwise int) int {
	f, err := strconv.ParseFloat(c.text(name), 64)
	if err != nil {
		return otherwise
	}
	return int(f)
}

// texts returns the items of a parameter that is a list.
func (c *call) texts(name string) []string {
	items, _ := c.values[name].([]any)
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(item)
	}
	return texts
}

// A scheme looks for credentials of one kind.
type scheme func(r *http.Request) bool

// A step looks at one side of a call, and returns the refusal, or nil to go on.
type step func(c *call) *reply

// A server is one of the services as it stands, before and while it serves.
type server struct {
	mu      sync.Mutex
	random  *rand.Rand
	seconds int // of the server's own clock
	calls   int
	offset  int // added to calls where something happens now and then

	fresh    map[string]bool // the ids of what clients have made
	trailing bool            // what follows the JSON of a body is ignored

	ops       []*operation
	schemes   map[string]scheme
	challenge string // of a 401
	steps     []step
	refusal   func(status int, code, detail string) *reply // in the form that errors have
	invalid   func(c *call, detail string) *reply          // of what breaks a rule

	finish []func(c *call, a *reply)
	encode []func(json []byte) []byte
	layers []func(http.Handler) http.Handler
}

func newServer(seed uint64) *server {
	s := &server{random: rand.New(rand.NewPCG(seed, 15)), offset: int(seed % 97), fresh: map[string]bool{}}
	s.steps = []step{authenticate, readBody, acceptable, checkParameters, checkBody}
	s.invalid = func(_ *call, detail string) *reply { return s.refusal(http.StatusBadRequest, "invalid", detail) }
	return s
}

// op returns an operation to change. It panics if there is none.
func (s *server) op(name string) *operation {
	for _, o := range s.ops {
		if o.name == name {
			return o
		}
	}
	panic(fmt.Sprintf("there is no operation %q", name))
}

// now is some seconds later with each call, whatever the time is.
func (s *server) now() time.Time {
	s.seconds += 7
	return time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).Add(time.Duration(s.seconds) * time.Second)
}

// uuid makes an id.
func (s *server) uuid() string {
	a, b := s.random.Uint64(), s.random.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(a), uint16(a>>32), a>>52, b>>52, b&(1<<48-1))
}

func (s *server) handler() http.Handler {
	mux := http.NewServeMux()
	for _, o := range s.ops {
		mux.HandleFunc(o.route, func(w http.ResponseWriter, r *http.Request) { s.serve(o, w, r) })
	}
	var h http.Handler = mux
	for _, layer := range s.layers {
		h = layer(h)
	}
	return h
}

func (s *server) serve(o *operation, w http.ResponseWriter, r *http.Request) {
	c := &call{Request: r, server: s, op: o, query: r.URL.Query(), values: map[string]any{}}
	s.answer(c).write(w, c)
}

// answer judges calls one at a time: the state is one.
func (s *server) answer(c *call) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	a := s.decide(c)
	a.body = cloned(a.body)
	if made, ok := a.body.(members); ok && a.status == http.StatusCreated {
		s.fresh[identity(made)] = true
	}
	for _, f := range s.finish {
		f(c, a)
	}
	a.encode = s.encode
	return a
}

func (s *server) decide(c *call) *reply {
	for _, p := range c.op.params {
		if p.suffix != "" && !strings.HasSuffix(c.PathValue(p.name), p.suffix) {
			return s.refusal(http.StatusNotFound, "not_found", "there is no such page")
		}
	}
	for _, next := range s.steps {
		if a := next(c); a != nil {
			return a
		}
	}
	return c.op.act(c)
}

// authenticate finds the first alternative all of whose credentials are there and right.
func authenticate(c *call) *reply {
	if c.op.access == nil {
		return nil
	}
	for _, schemes := range c.op.access {
		if !slices.ContainsFunc(schemes, func(name string) bool { return !c.server.schemes[name](c.Request) }) {
			c.scheme = schemes[0]
			return nil
		}
	}
	a := c.server.refusal(http.StatusUnauthorized, "unauthorized", "the credentials are missing or wrong")
	return a.with("WWW-Authenticate", c.server.challenge)
}

// acceptable refuses if the caller wants nothing that there is.
func acceptable(c *call) *reply {
	wanted := strings.Join(c.Header.Values("Accept"), ",")
	if c.op.only == "" || strings.TrimSpace(wanted) == "" {
		return nil
	}
	group, _, _ := strings.Cut(c.op.only, "/")
	best, of := -1, 0.0
	for _, part := range strings.Split(wanted, ",") {
		media, weight, _ := strings.Cut(strings.ToLower(part), ";")
		precision := slices.Index([]string{"*/*", group + "/*", c.op.only}, strings.TrimSpace(media))
		if precision > best {
			best, of = precision, quality(weight)
		}
	}
	if of > 0 {
		return nil
	}
	return c.server.refusal(http.StatusNotAcceptable, "not_acceptable", "there is only "+c.op.only)
}

// quality returns the weight that a range of Accept has.
func quality(parameters string) float64 {
	for _, p := range strings.Split(parameters, ";") {
		if q, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			if f, err := strconv.ParseFloat(q, 64); err == nil {
				return f
			}
		}
	}
	return 1
}

func checkParameters(c *call) *reply {
	for _, p := range c.op.params {
		value, there := p.read(c.Request, c.query)
		switch {
		case !there && p.required:
			return c.server.invalid(c, p.name+": is missing")
		case !there:
			continue
		}
		if err := p.rule.check(value); err != nil {
			return c.server.invalid(c, inside(p.name, err).Error())
		}
		c.values[p.name] = value
	}
	return nil
}

func checkBody(c *call) *reply {
	if !c.op.takes() {
		return nil
	}
	if err := c.op.bodies[c.media].check(c.body); err != nil {
		return c.server.invalid(c, err.Error())
	}
	return nil
}
