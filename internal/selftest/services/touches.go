package services

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A touch changes an answer.
type touch func(c *call, a *reply)

// answers changes what an operation answers with a status; "" is any operation, 0 any status.
func answers(op string, status int, touches ...touch) edit {
	return func(s *server) {
		if op != "" {
			s.op(op) // panics if there is none
		}
		s.finish = append(s.finish, func(c *call, a *reply) {
			if op != "" && c.op.name != op || status != 0 && a.status != status {
				return
			}
			for _, t := range touches {
				t(c, a)
			}
		})
	}
}

func status(n int) touch { return func(_ *call, a *reply) { a.status = n } }

func header(name, value string) touch { return func(_ *call, a *reply) { a.header.Set(name, value) } }

func noHeader(name string) touch { return func(_ *call, a *reply) { a.header.Del(name) } }

func media(name string) touch { return func(_ *call, a *reply) { a.media = name } }

// noBody answers with nothing.
func noBody(_ *call, a *reply) { a.media, a.body = "", nil }

// raw changes the bytes of a body.
func raw(change func(c *call, body string) string) touch {
	return func(c *call, a *reply) {
		if a.media == "" {
			return
		}
		a.encode = c.server.encode
		body := change(c, string(a.bytes()))
		a.body = []byte(body)
	}
}

// put sets a member, or an item, of a body; * is each item. Where there is no such place, nothing is set.
func put(pointer string, value any) touch {
	return func(_ *call, a *reply) {
		each(a.body, strings.Split(pointer, "/"), func(parent any, name string) {
			switch parent := parent.(type) {
			case members:
				parent[name] = value
			case []any:
				if i, err := strconv.Atoi(name); err == nil && i < len(parent) {
					parent[i] = value
				}
			}
		})
	}
}

// turn replaces each value at a place by another one that is made from it.
func turn(pointer string, change func(v any) any) touch {
	return func(_ *call, a *reply) {
		each(a.body, strings.Split(pointer, "/"), func(parent any, name string) {
			if object, ok := parent.(members); ok && object[name] != nil {
				object[name] = change(object[name])
			}
		})
	}
}

// drop removes members.
func drop(pointers ...string) touch {
	return func(_ *call, a *reply) {
		for _, pointer := range pointers {
			each(a.body, strings.Split(pointer, "/"), func(parent any, name string) {
				if object, ok := parent.(members); ok {
					delete(object, name)
				}
			})
		}
	}
}

// each visits the parents of a place.
func each(v any, parts []string, visit func(parent any, name string)) {
	if len(parts) == 1 {
		visit(v, parts[0])
		return
	}
	switch v := v.(type) {
	case members:
		each(v[parts[0]], parts[1:], visit)
	case []any:
		for i, item := range v {
			if parts[0] == "*" || parts[0] == strconv.Itoa(i) {
				each(item, parts[1:], visit)
			}
		}
	}
}

// asText makes a text of a number.
func asText(v any) any { return fmt.Sprint(v) }

// cloned copies a body, so that a touch leaves the state alone.
func cloned(v any) any {
	switch v := v.(type) {
	case members:
		m := make(members, len(v))
		for name, member := range v {
			m[name] = cloned(member)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = cloned(item)
		}
		return list
	}
	return v
}

// everywhere replaces members at any depth; what change returns false for is removed.
func everywhere(change func(name string, v any) (any, bool)) touch {
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case members:
			for name, member := range v {
				walk(member)
				if changed, keep := change(name, member); keep {
					v[name] = changed
				} else {
					delete(v, name)
				}
			}
		case []any:
			for _, item := range v {
				walk(item)
			}
		}
	}
	return func(_ *call, a *reply) { walk(a.body) }
}

// sparse leaves members out, at any depth.
func sparse(names ...string) touch {
	return everywhere(func(name string, v any) (any, bool) { return v, !slices.Contains(names, name) })
}

// nulls has null for members, at any depth.
func nulls(names ...string) touch {
	return everywhere(func(name string, v any) (any, bool) {
		if slices.Contains(names, name) {
			return nil, true
		}
		return v, true
	})
}

// unmade has a touch change only what no client has made: what a client gave, it has to see again.
func unmade(t touch) touch {
	return func(c *call, a *reply) {
		if a.status == http.StatusCreated {
			return
		}
		for _, object := range objects(a.body) {
			if id := identity(object); id == "" || !c.server.fresh[id] {
				t(c, &reply{body: object})
			}
		}
	}
}

// objects returns the one that a body is, or those in the list that it is, or that it has.
func objects(v any) []members {
	switch v := v.(type) {
	case []any:
		found := []members{}
		for _, item := range v {
			found = append(found, objects(item)...)
		}
		return found
	case members:
		for _, name := range []string{"customers", "readers", "items"} {
			if list, ok := v[name].([]any); ok && identity(v) == "" {
				return objects(list)
			}
		}
		return []members{v}
	}
	return nil
}

// identity returns the id of a thing, as text.
func identity(object members) string {
	for _, name := range []string{"id", "sku"} {
		if id := object[name]; id != nil {
			return fmt.Sprint(id)
		}
	}
	return ""
}
