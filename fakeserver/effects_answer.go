package fakeserver

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// The effects in this file work between the service and the wire: they say which answers
// are edited, and how.

// editWhen edits the answers for which when is true.
func editWhen(when func(*outgoing) bool, edits []edit) effect {
	return func(all *effects) {
		var count atomic.Int64
		all.limited++
		all.edits = append(all.edits, func(e *outgoing) {
			if !when(e) || all.calls != nil && !slices.Contains(all.calls, int(count.Add(1))) {
				return
			}
			for _, edit := range edits {
				edit(e)
			}
		})
	}
}

// onAcceptance edits the answers to accepted upgrades.
func onAcceptance(edits ...edit) effect { return editWhen(successOf("upgradeGraph"), edits) }

// onGraph edits the successful answers of showGraph.
func onGraph(edits ...edit) effect { return editWhen(successOf("showGraph"), edits) }

// onJob edits the successful answers of showJob.
func onJob(edits ...edit) effect { return editWhen(successOf("showJob"), edits) }

// onRefusal edits all refusals.
func onRefusal(edits ...edit) effect {
	return editWhen(func(e *outgoing) bool { return e.call.condition != "" }, edits)
}

// onRefusalOf edits the refusals for a condition.
func onRefusalOf(condition string, edits ...edit) effect {
	return onRefusalWhen(condition, anyCall, edits...)
}

// onRefusalWhen edits the refusals for a condition of the calls for which when is true.
func onRefusalWhen(condition string, when func(*call) bool, edits ...edit) effect {
	return editWhen(func(e *outgoing) bool { return e.call.condition == condition && when(e.call) }, edits)
}

// onFirstRefusalOf does the same for the first of the calls with one body.
func onFirstRefusalOf(condition string, edits ...edit) effect {
	return func(e *effects) {
		var seen sync.Map
		onRefusalWhen(condition, func(c *call) bool {
			_, again := seen.LoadOrStore(string(c.body), true)
			return !again
		}, edits...)(e)
	}
}

// onIgnored edits the answers to upgrades that were accepted although a condition holds,
// because another effect ignores it.
func onIgnored(condition string, edits ...edit) effect {
	return editWhen(func(e *outgoing) bool {
		return successOf("upgradeGraph")(e) && slices.Contains(e.call.ignored, condition)
	}, edits)
}

// onAny edits all answers.
func onAny(edits ...edit) effect {
	return editWhen(func(*outgoing) bool { return true }, edits)
}

func successOf(operation string) func(*outgoing) bool {
	return func(e *outgoing) bool {
		return e.call.condition == "" && e.call.route != nil && e.call.route.ID == operation
	}
}

// The edits.

func status(n int) edit { return func(e *outgoing) { e.status = n } }

func header(name, value string) edit { return func(e *outgoing) { e.header.Set(name, value) } }

func noHeader(name string) edit { return func(e *outgoing) { e.header[name] = nil } }

func text(body string) edit { return func(e *outgoing) { e.body = []byte(body) } }

func deliver(d delivery) edit { return func(e *outgoing) { e.delivery = d } }

// lengthen makes Content-Length greater than the body is.
func lengthen(bytes int) edit { return func(e *outgoing) { e.missing = bytes } }

func suffix(more string) edit { return func(e *outgoing) { e.body = append(e.body, more...) } }

// cut removes the last n bytes.
func cut(n int) edit {
	return func(e *outgoing) { e.body = e.body[:max(0, len(bytes.TrimSpace(e.body))-n)] }
}

func replace(old, with string) edit {
	return func(e *outgoing) { e.body = bytes.Replace(e.body, []byte(old), []byte(with), 1) }
}

// failure replaces the answer with a refusal in the service's own form.
func failure(n int, code string) edit {
	return func(e *outgoing) {
		e.status = n
		e.body = []byte(`{"error_code":"` + code + `","error_msg":"The request was refused."}` + "\n")
	}
}

// set, remove and rename change the member at a JSON pointer.
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
	return func(e *outgoing) {
		e.body = slices.Concat([]byte(`{"`+member+`":`), bytes.TrimSpace(e.body), []byte("}\n"))
	}
}

// at changes the object that has the member at a JSON pointer. It leaves a body without
// such an object as it is.
func at(pointer string, change func(object map[string]any, name string)) edit {
	path := strings.Split(pointer, "/")[1:]
	return func(e *outgoing) {
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

// credential returns the credential that the request carries, or "".
func (e *outgoing) credential() string {
	return cmp.Or(e.request.Header.Get("X-Auth-Token"), e.request.Header.Get("Authorization"))
}

// leak copies the credential of the request into a member.
func leak(pointer string, write func(string) string) edit {
	return func(e *outgoing) {
		if credential := e.credential(); credential != "" {
			set(pointer, "received "+write(credential))(e)
		}
	}
}

// leakHeader copies the credential of the request into a header.
func leakHeader(name string) edit {
	return func(e *outgoing) {
		if credential := e.credential(); credential != "" {
			e.header.Set(name, credential)
		}
	}
}

func asIs(s string) string { return s }

// plainText, page and redirect are answers that come from other software than the
// service, such as a proxy.
var (
	plainText = []edit{header("Content-Type", "text/plain; charset=utf-8"), text("Bad request\n")}
	page      = []edit{header("Content-Type", "text/html"), text("<html><body><h1>Error</h1></body></html>\n")}
	redirect  = []edit{status(http.StatusFound), header("Location", "/login"), text("")}
)
