package fakeserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The behaviours outside the service: which answers are changed, and how.

func rewriting(when func(*exchange) bool, edits []edit) behaviour {
	return func(c *conduct) { c.rules = append(c.rules, rule{when: when, edits: edits}) }
}

// onAcceptance edits the answers to upgrades that were taken on.
func onAcceptance(edits ...edit) behaviour { return rewriting(successOf("upgradeGraph"), edits) }

// onGraph edits the graphs that are shown.
func onGraph(edits ...edit) behaviour { return rewriting(successOf("showGraph"), edits) }

// onJob edits the jobs that are shown.
func onJob(edits ...edit) behaviour { return rewriting(successOf("showJob"), edits) }

// onRefusal edits all refusals.
func onRefusal(edits ...edit) behaviour {
	return rewriting(func(e *exchange) bool { return e.call.condition != "" }, edits)
}

// onRefusalOf edits the refusals of a condition.
func onRefusalOf(condition string, edits ...edit) behaviour {
	return onRefusalWhen(condition, anyCall, edits...)
}

// onRefusalWhen edits those where the call shows something.
func onRefusalWhen(condition string, when func(*call) bool, edits ...edit) behaviour {
	return rewriting(func(e *exchange) bool { return e.call.condition == condition && when(e.call) }, edits)
}

// onIgnored edits the answers to upgrades that a condition would have refused.
func onIgnored(condition string, edits ...edit) behaviour {
	return rewriting(func(e *exchange) bool {
		return successOf("upgradeGraph")(e) && slices.Contains(e.call.ignored, condition)
	}, edits)
}

// onAny edits all answers.
func onAny(edits ...edit) behaviour {
	return rewriting(func(*exchange) bool { return true }, edits)
}

func successOf(operation string) func(*exchange) bool {
	return func(e *exchange) bool {
		return e.call.condition == "" && e.call.route != nil && e.call.route.ID == operation
	}
}

// The edits.

func status(n int) edit { return func(e *exchange) { e.status = n } }

func header(name, value string) edit { return func(e *exchange) { e.header.Set(name, value) } }

func noHeader(name string) edit { return func(e *exchange) { e.header[name] = nil } }

func text(body string) edit { return func(e *exchange) { e.body = []byte(body) } }

func leaving(m manner) edit { return func(e *exchange) { e.manner = m } }

func lengthened(more int) edit { return func(e *exchange) { e.more = more } }

func suffix(more string) edit { return func(e *exchange) { e.body = append(e.body, more...) } }

// cut leaves out the last bytes.
func cut(n int) edit {
	return func(e *exchange) { e.body = e.body[:max(0, len(bytes.TrimSpace(e.body))-n)] }
}

func replace(old, with string) edit {
	return func(e *exchange) { e.body = bytes.Replace(e.body, []byte(old), []byte(with), 1) }
}

// failure makes the answer a refusal with a body as the service writes it.
func failure(n int, code string) edit {
	return func(e *exchange) {
		e.status = n
		e.body = []byte(`{"error_code":"` + code + `","error_msg":"The request was refused."}` + "\n")
	}
}

// set sets the member at a pointer; remove and rename change it.
func set(pointer string, value any) edit {
	return at(pointer, func(object map[string]any, name string) { object[name] = value })
}

func remove(pointer string) edit {
	return at(pointer, func(object map[string]any, name string) { delete(object, name) })
}

func rename(pointer, other string) edit {
	return at(pointer, func(object map[string]any, name string) {
		object[other] = object[name]
		delete(object, name)
	})
}

// wrap puts the whole body into a member.
func wrap(member string) edit {
	return func(e *exchange) {
		e.body = slices.Concat([]byte(`{"`+member+`":`), bytes.TrimSpace(e.body), []byte("}\n"))
	}
}

// at changes the object that holds the member at a pointer. What is no such
// object stays as it is.
func at(pointer string, change func(object map[string]any, name string)) edit {
	path := strings.Split(pointer, "/")[1:]
	return func(e *exchange) {
		var root map[string]any
		if json.Unmarshal(e.body, &root) != nil {
			return
		}
		object := root
		for _, name := range path[:len(path)-1] {
			object, _ = object[name].(map[string]any)
		}
		if object == nil {
			return
		}
		change(object, path[len(path)-1])
		if changed, err := json.Marshal(root); err == nil {
			e.body = changed
		}
	}
}

// credential is what the caller identified itself with.
func (e *exchange) credential() string {
	if token := e.request.Header.Get("X-Auth-Token"); token != "" {
		return token
	}
	return e.request.Header.Get("Authorization")
}

// leak puts the caller's credentials into a member, written in some way.
func leak(pointer string, write func(string) string) edit {
	return func(e *exchange) {
		if credential := e.credential(); credential != "" {
			set(pointer, "received "+write(credential))(e)
		}
	}
}

func leakHeader(name string) edit {
	return func(e *exchange) {
		if credential := e.credential(); credential != "" {
			e.header.Set(name, credential)
		}
	}
}

func asIs(s string) string { return s }

func urlEncoded(s string) string { return url.QueryEscape(s) }

// plainText, page and redirect are answers of other software.
var (
	plainText = []edit{header("Content-Type", "text/plain; charset=utf-8"), text("Bad request\n")}
	page      = []edit{header("Content-Type", "text/html"), text("<html><body><h1>Error</h1></body></html>\n")}
	redirect  = []edit{status(http.StatusFound), header("Location", "/login"), text("")}
)
