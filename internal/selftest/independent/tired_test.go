package independent_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// What a tired engineer breaks at two in the morning: a rule that holds when it is tried alone,
// or at first, or for everybody but one.
func TestTiredEngineersAreFound(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]row{switchedOff, whoAsks, nearMisses, sometimes, leftBehind} {
		testRows(t, rows, false)
	}
}

// forgiving leaves out a refusal of some calls.
func forgiving(kind string, when func(c *call) bool) func(*knobs) {
	return func(k *knobs) {
		k.forgives = append(k.forgives, func(c *call, refused string) bool { return refused == kind && when(c) })
	}
}

func forced(c *call) bool     { return bytes.Contains(c.body, []byte(`"force_upgrade":true`)) }
func forceGiven(c *call) bool { return bytes.Contains(c.body, []byte("force_upgrade")) }

var switchedOff = []row{
	{name: "force lets an older version through", turn: forgiving("not-later", forced), foundFrom: oneUpgrade, why: olderSent},
	{name: "force lets a stopped graph through", turn: forgiving("stopped", forced), foundFrom: oneUpgrade, why: couldStart},
	{name: "force lets a reader through", turn: forgiving("readonly", forced), foundFrom: oneUpgrade, why: couldStart},
	{name: "force lets strangers' graphs through", turn: forgiving("foreign", forced), foundFrom: oneUpgrade, why: couldStart},
	{name: "force lets a second upgrade through", turn: forgiving("upgrading", forced), foundFrom: destructive, why: needsMany},
	{name: "force that is given lets a reader through", turn: forgiving("readonly", forceGiven), foundFrom: oneUpgrade, why: couldStart},
	{name: "force that is given lets an equal version through", turn: forgiving("not-later", forceGiven), foundFrom: guarded, why: graphFirst},
}

// asking changes a request on its way in.
func asking(change func(r *http.Request)) func(*knobs) { return func(k *knobs) { k.rewrite = change } }

// signIn takes what f returns for the token, if it is not empty.
func signIn(f func(r *http.Request) string) func(*knobs) {
	return asking(func(r *http.Request) {
		if t := f(r); t != "" {
			r.Header.Set("X-Auth-Token", t)
		}
	})
}

func cookie(name string) func(r *http.Request) string {
	return func(r *http.Request) string {
		if c, err := r.Cookie(name); err == nil {
			return c.Value
		}
		return ""
	}
}

var whoAsks = []row{
	{name: "token in the query", turn: signIn(func(r *http.Request) string { return r.URL.Query().Get("X-Auth-Token") })},
	{name: "token in a cookie", turn: signIn(cookie("X-Auth-Token"))},
	{name: "token as bearer", turn: signIn(func(r *http.Request) string { return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") })},
	{name: "token that IAM answered", turn: signIn(func(r *http.Request) string { return r.Header.Get("X-Subject-Token") })},
	{name: "a user that a proxy names", turn: signIn(func(r *http.Request) string {
		if r.Header.Get("X-Forwarded-User") != "" {
			return goodToken
		}
		return ""
	})},
	{name: "token with anything after it", turn: trusting(func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("X-Auth-Token"), goodToken) })},
	{name: "token without its end", turn: trusting(func(r *http.Request) bool {
		t := r.Header.Get("X-Auth-Token")
		return len(t) >= len(goodToken)-1 && strings.HasPrefix(goodToken, t)
	})},
	{name: "token in other letter case", turn: trusting(func(r *http.Request) bool { return strings.EqualFold(r.Header.Get("X-Auth-Token"), goodToken) })},
	{name: "no token with a slash after the path", turn: asking(func(r *http.Request) {
		if p, cut := strings.CutSuffix(r.URL.Path, "/"); cut {
			r.URL.Path, r.URL.RawPath = p, ""
			r.Header.Set("X-Auth-Token", goodToken)
		}
	})},
	{name: "no token with a parameter in the path", turn: asking(func(r *http.Request) {
		if p, _, cut := strings.Cut(r.URL.Path, ";"); cut {
			r.URL.Path, r.URL.RawPath = p, ""
			r.Header.Set("X-Auth-Token", goodToken)
		}
	})},
	{name: "reader under another method", turn: func(k *knobs) {
		forgiving("readonly", func(c *call) bool { return c.r.Header.Get("X-HTTP-Method-Override") != "" })(k)
	}, foundFrom: oneUpgrade, why: couldStart},
	{name: "GET that says POST", turn: asking(func(r *http.Request) {
		if m := r.Header.Get("X-HTTP-Method-Override"); m != "" && strings.HasSuffix(r.URL.Path, "/upgrade") {
			r.Method = m
		}
	}), foundFrom: oneUpgrade, why: couldStart},
	{name: "jobs of any project", turn: func(k *knobs) {
		forgiving("other-project", func(c *call) bool { return c.op == "job" && c.s.jobs[c.job] != nil })(k)
		forgiving("foreign", func(c *call) bool { return c.op == "job" })(k)
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "jobs for everybody", turn: func(k *knobs) {
		forgiving("no-token", func(c *call) bool { return c.op == "job" && c.s.jobs[c.job] != nil })(k)
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "a reader after a writer", turn: func(k *knobs) {
		k.accepted = func(c *call) { c.s.warm = true }
		forgiving("readonly", func(c *call) bool { return c.s.warm })(k)
	}, foundFrom: destructive, why: needsMany},
}

// graphNamed looks a graph up by another spelling of its id.
func graphNamed(f func(string) string) func(*knobs) {
	return func(k *knobs) {
		k.before = func(c *call, _ http.ResponseWriter, _ *http.Request) bool {
			if id := f(c.graphID); id == ownGraph {
				c.graphID = id
			}
			return false
		}
	}
}

// fixed compares versions that were put right.
func fixed(fix func(string) string) func(*knobs) { return lenient(fix) }

func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			for d := range rune(10) {
				if unicode.IsDigit(r-d) && !unicode.IsDigit(r-d-1) {
					return '0' + d
				}
			}
		}
		return r
	}, s)
}

func weighed(v string) int {
	sum := 0
	for i, part := range strings.SplitN(v+".0.0.0", ".", 4)[:3] {
		n, _ := strconv.Atoi(part)
		sum += n * []int{10000, 100, 1}[i]
	}
	return sum
}

var nearMisses = []row{
	{name: "blanks around an id", turn: graphNamed(strings.TrimSpace)},
	{name: "an id up to NUL", turn: graphNamed(func(s string) string { id, _, _ := strings.Cut(s, "\x00"); return id })},
	{name: "the first id of a list", turn: graphNamed(func(s string) string { id, _, _ := strings.Cut(s, ","); return id })},
	{name: "the start of an id", turn: graphNamed(func(s string) string { return s[:min(len(s), len(ownGraph))] })},
	{name: "an id that lacks its end", turn: graphNamed(func(s string) string {
		if len(s) >= len(ownGraph)-1 && strings.HasPrefix(ownGraph, s) {
			return ownGraph
		}
		return s
	})},
	{name: "a project that lacks its end", turn: underProject(func(p string) bool { return len(p) >= len(ownProject)-1 && strings.HasPrefix(ownProject, p) })},
	{name: "a project with more after it", turn: underProject(func(p string) bool { return strings.HasPrefix(p, ownProject) && wordLike.MatchString(p) })},
	{name: "versions weighed", turn: compared(func(a, b string) bool { return weighed(a) > weighed(b) }), foundFrom: oneUpgrade, why: olderSent},
	{name: "a part more is later", turn: compared(func(a, b string) bool {
		return laterByPart(a, b) || strings.Count(a, ".") > strings.Count(b, ".")
	}), foundFrom: oneUpgrade, why: olderSent},
	{name: "zeros before a part", turn: compared(func(a, b string) bool { return laterByPart(a, b) || !laterByPart(b, a) && a != b }), foundFrom: oneUpgrade, why: olderSent},
	{name: "digits of any script", turn: fixed(asciiDigits), foundFrom: oneUpgrade, why: olderOnly},
	{name: "a comma for a full stop", turn: fixed(func(s string) string { return strings.ReplaceAll(s, ",", ".") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "an underscore for a full stop", turn: fixed(func(s string) string { return strings.ReplaceAll(s, "_", ".") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "a version up to NUL", turn: fixed(func(s string) string { v, _, _ := strings.Cut(s, "\x00"); return v }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "a sign before it", turn: fixed(func(s string) string { return strings.TrimLeft(s, "+-") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "a path before it", turn: fixed(func(s string) string { return s[strings.LastIndex(s, "/")+1:] }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "parts beyond the third passed over", turn: fixed(func(s string) string {
		return strings.Join(strings.Split(s, ".")[:min(3, strings.Count(s, ".")+1)], ".")
	}), foundFrom: oneUpgrade, why: olderOnly},
}

var sometimes = []row{
	{name: "the lock is taken late", turn: func(k *knobs) {
		forgiving("upgrading", func(c *call) bool { return c.g.job != nil && time.Since(c.g.job.began) < 4*time.Millisecond })(k)
	}, foundFrom: destructive, why: needsMany},
	{name: "the lock ends early", turn: func(k *knobs) {
		k.took = 200 * time.Millisecond
		forgiving("upgrading", func(c *call) bool { return c.g.job != nil && time.Since(c.g.job.began) > 100*time.Millisecond })(k)
	}, foundFrom: destructive, why: needsMany},
	{name: "every second read of a job is behind", turn: func(k *knobs) {
		reads := 0
		k.edit = func(c *call, r *reply) {
			if c.op == "job" && c.kind == "" {
				if reads++; reads%2 == 0 {
					*r = c.s.refusal(c, "no-job")
				}
			}
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "every third read of the graph is behind", turn: func(k *knobs) {
		reads := 0
		k.describe = func(s *service, g *graph, now time.Time) object {
			body := describeGraph(s, g, now)
			if reads++; g.job != nil && reads%3 == 0 {
				body["data_store_version"] = g.job.from
			}
			return body
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "the same answer twice", turn: func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if c.op == "upgrade" && c.acceptedID != "" {
				if c.s.kept == nil {
					c.s.kept = r
				}
				*r = *c.s.kept
			}
		}
	}, foundFrom: destructive, why: needsMany},
}

var leftBehind = []row{
	{name: "a refused version stops the graph", turn: onRefusal("not-later", func(g *graph) { g.status = "900" }), foundFrom: never, why: somebody},
	{name: "bad JSON makes the graph faulty", turn: onRefusal("syntax", func(g *graph) { g.status = "300" }), foundFrom: never, why: somebody},
	{name: "an unreadable version leaves the graph upgrading", turn: onRefusal("form", func(g *graph) { g.status = "201" }), foundFrom: never, why: somebody},
	{name: "a refusal is the next answer, too", turn: func(k *knobs) {
		var kept *reply
		k.edit = func(c *call, r *reply) {
			switch {
			case c.op != "upgrade" || c.g == nil || c.g.id != ownGraph:
			case c.kind != "":
				again := *r
				kept = &again
			case kept != nil:
				*r, kept = *kept, nil
				c.g.job, c.acceptedID = nil, ""
			}
		}
	}, foundFrom: oneUpgrade, why: hidden},
	{name: "a read without a token spoils the next", turn: func(k *knobs) {
		spoilt := false
		k.edit = func(c *call, r *reply) {
			switch {
			case c.op != "graph" || c.graphID != ownGraph:
			case c.kind == "no-token":
				spoilt = true
			case spoilt:
				*r, spoilt = c.s.refusal(c, "no-token"), false
			}
		}
	}},
}
