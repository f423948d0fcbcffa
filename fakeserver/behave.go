package fakeserver

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// The behaviours inside the service.

// ignore does not enforce conditions, in any operation.
func ignore(conditions ...string) behaviour { return ignoreWhere("", nil, conditions...) }

// ignoreIn does not enforce them in one operation.
func ignoreIn(operation string, conditions ...string) behaviour {
	return ignoreWhere(operation, nil, conditions...)
}

// ignoreWhen does not enforce them where the call shows something.
func ignoreWhen(when func(*call) bool, conditions ...string) behaviour {
	return ignoreWhere("", when, conditions...)
}

func ignoreWhere(operation string, when func(*call) bool, conditions ...string) behaviour {
	return func(c *conduct) {
		for _, condition := range conditions {
			c.policy.leniencies = append(c.policy.leniencies, leniency{operation, condition, when})
		}
	}
}

// overtake judges conditions before the credentials.
func overtake(conditions ...string) behaviour {
	return func(c *conduct) { c.policy.overtakes = append(c.policy.overtakes, conditions...) }
}

// answerWith answers a condition otherwise.
func answerWith(condition string, status int, code string) behaviour {
	return func(c *conduct) {
		if c.policy.answers == nil {
			c.policy.answers = map[string]answer{}
		}
		c.policy.answers[condition] = answer{status, code}
	}
}

// refuse refuses lawful upgrades.
func refuse(when func(*call) bool, status int, code string) behaviour {
	return func(c *conduct) {
		c.policy.declines = append(c.policy.declines, decline{answer{status, code}, when})
	}
}

// change sets a field of the policy.
func change(set func(*policy)) behaviour { return func(c *conduct) { set(&c.policy) } }

// What a call may show.

func anyCall(*call) bool { return true }

func bodyHas(chars string) func(*call) bool {
	return func(c *call) bool { return bytes.ContainsAny(c.body, chars) }
}

// typed finds a member of a kind.
func typed(member string, kind contract.Kind) func(*call) bool {
	return func(c *call) bool {
		v := c.value.Member(member)
		return v != nil && v.Kind == kind
	}
}

func forced(value bool) func(*call) bool {
	return func(c *call) bool {
		v := c.value.Member("force_upgrade")
		return v != nil && v.Kind == contract.KindBoolean && v.Bool == value
	}
}

func unforced(c *call) bool { return c.value.Member("force_upgrade") == nil }

func disordered(c *call) bool {
	return c.value != nil && len(c.value.Members) > 1 && c.value.Members[0].Name == "force_upgrade"
}

// whole finds a body of a kind.
func whole(kinds ...contract.Kind) func(*call) bool {
	return func(c *call) bool { return c.value != nil && slices.Contains(kinds, c.value.Kind) }
}

func memberless(c *call) bool { return c.value != nil && len(c.value.Members) == 0 }
func memberful(c *call) bool  { return !memberless(c) }
func truncated(c *call) bool {
	return c.value == nil && bytes.Count(c.body, []byte("{")) > bytes.Count(c.body, []byte("}"))
}
func commaLast(c *call) bool   { return bytes.HasSuffix(c.body, []byte(",}")) }
func singleQuote(c *call) bool { return c.value == nil && bytes.HasPrefix(c.body, []byte("{'")) }
func trailing(c *call) bool    { return c.value != nil }
func whiteSpace(c *call) bool  { return len(c.body) > 0 && len(bytes.TrimSpace(c.body)) == 0 }
func long(c *call) bool        { return len(c.body) > 5000 }

func formEncoded(c *call) bool {
	return strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && bytes.IndexByte(c.body, '=') >= 0
}

func notFormEncoded(c *call) bool { return !formEncoded(c) }

func parametrised(c *call) bool { return strings.Contains(c.request.Header.Get("Content-Type"), ";") }

func contentTypeIs(mediaType string) func(*call) bool {
	return func(c *call) bool { return strings.HasPrefix(c.request.Header.Get("Content-Type"), mediaType) }
}

// The credentials that a call may show.

func tokenless(c *call) bool {
	return len(c.request.Header.Values("X-Auth-Token")) == 0 && c.request.Header.Get("Authorization") == ""
}
func tokenEmpty(c *call) bool {
	return len(c.request.Header.Values("X-Auth-Token")) > 0 && c.request.Header.Get("X-Auth-Token") == ""
}
func tokenGiven(c *call) bool { return c.request.Header.Get("X-Auth-Token") != "" }
func bearer(c *call) bool     { return strings.HasPrefix(c.request.Header.Get("Authorization"), "Bearer") }
func signed(c *call) bool {
	return strings.HasPrefix(c.request.Header.Get("Authorization"), "SDK-HMAC-SHA256 ")
}

// signedBadly finds an Authorization header that is neither of those.
func signedBadly(c *call) bool {
	return c.request.Header.Get("Authorization") != "" && !bearer(c) && c.request.Header.Get("X-Auth-Token") == ""
}

// tampered finds a token that is the operator's but for a few characters.
func tampered(c *call) bool {
	given, issued := c.request.Header.Get("X-Auth-Token"), c.fixtures.Token
	same := 0
	for i := range min(len(given), len(issued)) {
		if given[i] == issued[i] {
			same++
		}
	}
	return same > len(issued)/2
}

func projectMalformed(c *call) bool {
	p := c.route.Parameter("project_id")
	return p != nil && p.Schema.Pattern != nil && !p.Schema.Pattern.MatchString(c.values["project_id"])
}

func idMalformed(c *call) bool {
	p := c.route.Parameter("graph_id")
	return p != nil && p.Schema.Pattern != nil && !p.Schema.Pattern.MatchString(c.values["graph_id"])
}

// reroute takes a method on an upgrade's path for POST.
func reroute(method string) behaviour {
	return func(c *conduct) {
		c.rules = append(c.rules, rule{rewrite: func(r *http.Request) {
			if r.Method == method && strings.HasSuffix(r.URL.Path, "/upgrade") {
				r.Method = http.MethodPost
			}
		}})
	}
}
