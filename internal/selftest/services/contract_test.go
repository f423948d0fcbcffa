package services

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// TestContractOfVariations judges all that is sent to the services and their variations, and what they answer, by
// package contract: a request that the plain service takes has no problem, one that it refuses as invalid has one, and
// no answer has a problem but an error status that is not listed.
func TestContractOfVariations(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		c := parsed(t, s)
		for _, v := range append([]Twist{{}}, s.Variations...) {
			t.Run(s.Name+"/"+v.Name, func(t *testing.T) {
				t.Parallel()
				requests := slices.Concat(requestsOf(exchangesOf[s.Name]), v.trigger)
				for i, g := range exchange(t, s.New(v.Name, 6), requests) {
					op, r := asked(t, c, requests[i], g.path)
					if op == nil || g.err != nil {
						continue
					}
					if v.Name == "" {
						judgeAsked(t, c, op, r, g.status)
					}
					for _, p := range c.JudgeAnswer(op, r.Method, answered(g)) {
						if p.Keyword != "status" || g.status < 400 { // other errors may always come
							t.Errorf("%s %s: %v\n%s", r.Method, g.path, p, g)
						}
					}
				}
			})
		}
	}
}

func parsed(t *testing.T, s *Service) *contract.Contract {
	t.Helper()
	c, err := contract.Parse(s.Name+".yaml", s.Document)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func asked(t *testing.T, c *contract.Contract, q Request, path string) (*contract.Operation, *contract.Request) {
	t.Helper()
	q.Path = path
	on := q.on(t, "http://service")
	r := &contract.Request{Method: q.Method, Path: path, Header: on.Header, Body: []byte(q.Body)}
	op, _, _ := c.Find(q.Method, path)
	return op, r
}

func answered(g got) *contract.Answer {
	return &contract.Answer{Status: g.status, Header: g.header, Body: []byte(g.body)}
}

// judgeAsked compares what a request is judged to be with what the service made of it.
func judgeAsked(t *testing.T, c *contract.Contract, op *contract.Operation, r *contract.Request, status int) {
	t.Helper()
	problems := slices.DeleteFunc(c.JudgeRequest(op, r), func(p contract.Problem) bool {
		return p.OnlyAdvice() || p.Keyword == contract.KeywordReadOnly // which a service may pass over
	})
	switch {
	case status < 400 && len(problems) > 0:
		t.Errorf("%s %s was answered with %d: %v\n%v\n%s", r.Method, r.Path, status, problems, r.Header, r.Body)
	case slices.Contains([]int{http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, status) && len(problems) == 0 && !strings.Contains(r.Path, "limit=2.0"): // 2.0 is an integer
		t.Errorf("%s %s was refused with %d: no problem found\n%v\n%s", r.Method, r.Path, status, r.Header, r.Body)
	}
}

// TestContractOfDefects judges the answers that show a defect of answers: one has a problem of its requirement.
func TestContractOfDefects(t *testing.T) {
	t.Parallel()
	for _, s := range All() {
		c := parsed(t, s)
		for _, d := range s.Defects {
			aspect, found := strings.CutPrefix(d.Requirement, "answer.")
			if !found || slices.Contains([]string{"no-credentials", "head-without-body"}, aspect) {
				continue
			}
			t.Run(s.Name+"/"+d.Name, func(t *testing.T) {
				t.Parallel()
				var all []contract.Problem
				for i, g := range exchange(t, s.New(d.Name, 6), d.trigger) {
					if op, r := asked(t, c, d.trigger[i], g.path); op != nil {
						all = append(all, c.JudgeAnswer(op, r.Method, answered(g))...)
					}
				}
				if !slices.ContainsFunc(all, func(p contract.Problem) bool { return strings.HasPrefix(string(p.Aspect), aspect) }) {
					t.Errorf("expected a problem of %s, got %v", aspect, all)
				}
			})
		}
	}
}
