package fakeserver

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// The effects in this file work inside the service: they change which conditions are
// enforced, how they are answered, and the rest of the policy.

// ignore makes the service not enforce conditions.
func ignore(conditions ...string) effect { return ignoreWhen(anyCall, conditions...) }

// ignoreWhen makes the service not enforce conditions for the calls for which when is
// true.
func ignoreWhen(when func(*call) bool, conditions ...string) effect {
	return func(e *effects) {
		for _, condition := range conditions {
			e.policy.leniencies = append(e.policy.leniencies, leniency{condition, when})
		}
	}
}

// judgeFirst makes the service judge conditions before the credentials.
func judgeFirst(conditions ...string) effect {
	return func(e *effects) { e.policy.judgedFirst = append(e.policy.judgedFirst, conditions...) }
}

// answerWith answers a condition with another status and code.
func answerWith(condition string, status int, code string) effect {
	return func(e *effects) {
		e.policy.answers[condition] = answer{status, code}
	}
}

// refuseUpgrades refuses some lawful upgrades.
func refuseUpgrades(when func(*call) bool, status int, code string) effect {
	return func(e *effects) {
		e.policy.refused = append(e.policy.refused, refusedUpgrade{answer{status, code}, when})
	}
}

// change sets a field of the policy.
func change(set func(*policy)) effect { return func(e *effects) { set(&e.policy) } }

// The following choose calls by operation, body and path.

func anyCall(*call) bool { return true }

func operationIs(id string) func(*call) bool {
	return func(c *call) bool { return c.route.ID == id }
}

func jobOfForeignGraph(c *call) bool {
	return c.route.ID == "showJob" && c.values["graph_id"] == c.fixtures.ForeignGraphID
}

func bodyHas(chars string) func(*call) bool {
	return func(c *call) bool { return bytes.ContainsAny(c.body, chars) }
}

// memberIs reports whether the body has a member of the given kind.
func memberIs(member string, kind contract.Kind) func(*call) bool {
	return func(c *call) bool {
		v := c.value.Member(member)
		return v != nil && v.Kind == kind
	}
}

func forceUpgradeIs(value bool) func(*call) bool {
	return func(c *call) bool {
		v := c.value.Member("force_upgrade")
		return v != nil && v.Kind == contract.KindBoolean && v.Bool == value
	}
}

func forceUpgradeAbsent(c *call) bool { return c.value.Member("force_upgrade") == nil }

func forceUpgradeFirst(c *call) bool {
	return c.value != nil && len(c.value.Members) > 1 && c.value.Members[0].Name == "force_upgrade"
}

// bodyIs reports whether the body is of one of the given kinds.
func bodyIs(kinds ...contract.Kind) func(*call) bool {
	return func(c *call) bool { return c.value != nil && slices.Contains(kinds, c.value.Kind) }
}

func emptyObject(c *call) bool    { return c.value != nil && len(c.value.Members) == 0 }
func notEmptyObject(c *call) bool { return !emptyObject(c) }
func truncated(c *call) bool {
	return c.value == nil && bytes.Count(c.body, []byte("{")) > bytes.Count(c.body, []byte("}"))
}
func trailingComma(c *call) bool  { return bytes.HasSuffix(c.body, []byte(",}")) }
func singleQuoted(c *call) bool   { return bytes.HasPrefix(c.body, []byte("{'")) }
func onlyWhiteSpace(c *call) bool { return len(c.body) > 0 && len(bytes.TrimSpace(c.body)) == 0 }
func long(c *call) bool           { return len(c.body) > 5000 }

func isForm(c *call) bool {
	return strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && bytes.IndexByte(c.body, '=') >= 0
}

func isNoForm(c *call) bool { return !isForm(c) }

func contentTypeHasParameter(c *call) bool {
	return strings.Contains(c.request.Header.Get("Content-Type"), ";")
}

func contentTypeIs(mediaType string) func(*call) bool {
	return func(c *call) bool { return strings.HasPrefix(c.request.Header.Get("Content-Type"), mediaType) }
}

// The following choose calls by the credentials that they carry.

func credentialsMissing(c *call) bool {
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

// otherAuthorization reports whether there is an Authorization header that is not
// a bearer token.
func otherAuthorization(c *call) bool {
	return c.request.Header.Get("Authorization") != "" && !bearer(c) && c.request.Header.Get("X-Auth-Token") == ""
}

// tampered reports whether more than half of the characters of the operator's token are
// in their places.
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

func projectMalformed(c *call) bool { return c.breaksPattern("project_id") }

func upgradeOfMalformedID(c *call) bool {
	return c.route.ID == "upgradeGraph" && c.breaksPattern("graph_id")
}

// breaksPattern reports whether a path parameter does not match the pattern of its
// schema.
func (c *call) breaksPattern(name string) bool {
	p := c.route.Parameter(name)
	return p != nil && p.Schema.Pattern != nil && !p.Schema.Pattern.MatchString(c.values[name])
}

// reroute makes the service treat another method on the path of an upgrade as POST.
func reroute(method string) effect {
	return func(e *effects) {
		e.requests = append(e.requests, func(r *http.Request) {
			if r.Method == method && strings.HasSuffix(r.URL.Path, "/upgrade") {
				r.Method = http.MethodPost
			}
		})
	}
}
