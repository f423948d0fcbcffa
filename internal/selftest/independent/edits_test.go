package independent_test

import (
	"strings"
	"testing"
)

// Each of these servers breaks a MUST of the contract.
func TestWrongServersDeviate(t *testing.T) {
	t.Parallel()
	for _, rows := range [][]row{
		wrongSuccesses, wrongErrors, wrongReads, wrongStatuses, wrongCodes, letIn, oddInput, wrongBytes,
		wrongReaders, wrongVersions, wrongEffects, wrongJobs, leaks, wrongTransport, wrongCallers, wrongTravel,
	} {
		testRows(t, rows, false)
	}
}

// edited applies an edit to the answers that which selects.
func edited(which func(c *call, r *reply) bool, edit func(c *call, r *reply)) func(*knobs) {
	return func(k *knobs) {
		k.edit = func(c *call, r *reply) {
			if which(c, r) {
				edit(c, r)
			}
		}
	}
}

func taken(c *call, r *reply) bool    { return c.op == "upgrade" && c.kind == "" }
func refused(c *call, _ *reply) bool  { return c.kind != "" }
func shown(c *call, _ *reply) bool    { return c.op == "graph" && c.kind == "" }
func reported(c *call, _ *reply) bool { return c.op == "job" && c.kind == "" }

func always(*call, *reply) bool { return true }

func kinds(all ...string) func(c *call, r *reply) bool {
	return func(c *call, _ *reply) bool {
		for _, kind := range all {
			if c.kind == kind {
				return true
			}
		}
		return false
	}
}

// The edits.

func status(code int) func(*call, *reply) { return func(_ *call, r *reply) { r.status = code } }

func text(body string) func(*call, *reply) { return func(_ *call, r *reply) { r.body = []byte(body) } }

func header(name, value string) func(*call, *reply) {
	return func(_ *call, r *reply) { r.header = map[string]string{name: value} }
}

// set sets a member of the body, by a path with dots; del removes it, and rename renames
// it.
func set(path string, value any) func(*call, *reply) {
	return func(_ *call, r *reply) {
		if m, name := member(r.body, path); m != nil {
			m[name] = value
		}
	}
}

func del(path string) func(*call, *reply) {
	return func(_ *call, r *reply) {
		if m, name := member(r.body, path); m != nil {
			delete(m, name)
		}
	}
}

func rename(path, other string) func(*call, *reply) {
	return func(_ *call, r *reply) {
		if m, name := member(r.body, path); m != nil {
			m[other] = m[name]
			delete(m, name)
		}
	}
}

func member(body any, path string) (in object, name string) {
	in, _ = body.(object)
	for {
		first, rest, more := strings.Cut(path, ".")
		if !more {
			return in, first
		}
		in, _ = in[first].(object)
		path = rest
	}
}

func and(edits ...func(*call, *reply)) func(*call, *reply) {
	return func(c *call, r *reply) {
		for _, edit := range edits {
			edit(c, r)
		}
	}
}

// mapped transforms the body.
func mapped(f func(body object) any) func(*call, *reply) {
	return func(_ *call, r *reply) {
		if body, ok := r.body.(object); ok {
			r.body = f(body)
		}
	}
}
