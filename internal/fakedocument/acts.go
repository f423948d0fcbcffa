package fakedocument

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// bodyOf returns the body of a request, with defaults and without what only the server says; nil for none.
func (s *Server) bodyOf(op *contract.Operation, r *contract.Request) any {
	if op.Body == nil || len(r.Body) == 0 {
		return nil
	}
	contentType := r.Header.Get("Content-Type")
	m := mediaFor(op.Body.Content, contentType)
	if m == nil {
		return nil
	}
	read, _ := m.Decode(contentType, r.Body) // its problems have been judged
	if read == nil {
		return nil
	}
	v := without(plainOf(read), m.Schema, isReadOnly, 0)
	if m.Schema != nil && op.Method != http.MethodPatch {
		withDefaults(v, m.Schema)
	}
	return v
}

// mediaFor returns the entry that is for a Content-Type, or nil.
func mediaFor(content []*contract.MediaType, contentType string) *contract.MediaType {
	name, _, _ := mime.ParseMediaType(contentType)
	class, _, _ := strings.Cut(name, "/")
	for _, wanted := range []string{contentType, name, class + "/*", "*/*"} {
		for _, m := range content {
			own, _, err := mime.ParseMediaType(m.Name)
			if strings.EqualFold(m.Name, wanted) || err == nil && own == wanted {
				return m
			}
		}
	}
	return nil
}

// there reports whether what the path goes through exists.
func (s *Server) there(c *call) bool {
	for _, k := range c.above {
		if s.store.things[pathOf(k.template, s.found(c, k))] == nil {
			return false
		}
	}
	return true
}

// found returns the values of a path by the names that the template of a kind has for them.
func (s *Server) found(c *call, k *kind) map[string]string {
	own, theirs := strings.Split(c.op.Path, "/"), strings.Split(k.template, "/")
	found := map[string]string{}
	for i := range theirs {
		if name, ok := strings.CutPrefix(theirs[i], "{"); ok {
			found[strings.TrimSuffix(name, "}")] = c.found[strings.Trim(own[i], "{}")]
		}
	}
	return found
}

// answer answers with a thing.
func (s *Server) answer(c *call, to *reply, status int, t *thing, f facts) {
	v := without(t.value, nil, isWriteOnly, 0)
	if to.media != nil {
		schema := to.media.Schema
		if len(c.place) > 0 {
			schema = memberOf(schema, c.place[0])
		}
		shaped, ok := s.shaped(schema, t.value)
		if !ok || !c.isJSON(to.media) {
			v, _ = s.example(to.media) // was made when the server started
		} else {
			v = s.placed(to.media.Schema, c.place, shaped, nil)
		}
	}
	s.send(c, to, status, v, f)
}

func (c *call) isJSON(m *contract.MediaType) bool { return jsonOf([]*contract.MediaType{m}) != nil }

func show(s *Server, c *call, to *reply) {
	t := s.store.things[c.path]
	if t == nil || !s.there(c) {
		s.absent(c, to)
		return
	}
	s.answer(c, to, c.status, t, facts{})
}

func remove(s *Server, c *call, to *reply) {
	t := s.store.things[c.path]
	if t == nil || !s.there(c) {
		s.absent(c, to)
		return
	}
	s.store.remove(c.path)
	s.answer(c, to, c.status, t, facts{})
}

func replace(s *Server, c *call, to *reply) {
	old := s.store.things[c.path]
	status := c.status
	switch {
	case !s.there(c):
		s.absent(c, to)
		return
	case old == nil && listed(c.op, 0, http.StatusCreated) == 0:
		s.absent(c, to)
		return
	case old == nil:
		status = http.StatusCreated
	case status == http.StatusCreated:
		status = listed(c.op, status, http.StatusOK, http.StatusNoContent)
	}
	if s.store.full(c.size) {
		refuse(to.w, c.op, s, http.StatusInsufficientStorage, "the server keeps no more things")
		return
	}
	given, _ := c.given.(map[string]any)
	t := s.thing(c.kind, below(pathOf(c.kind.collection, s.found(c, c.kind)), c.id()), c.id(), given, old)
	t.size = c.size
	s.store.put(t)
	s.answer(c, to, status, t, facts{location: t.path})
}

// id returns the value of the last parameter of the path.
func (c *call) id() string {
	return c.found[strings.Trim(c.op.Path[strings.LastIndexByte(c.op.Path, '/')+1:], "{}")]
}

func change(s *Server, c *call, to *reply) {
	old := s.store.things[c.path]
	if old == nil || !s.there(c) {
		s.absent(c, to)
		return
	}
	if s.store.full(c.size) {
		refuse(to.w, c.op, s, http.StatusInsufficientStorage, "the server keeps no more things")
		return
	}
	t := *old
	t.size += c.size
	if patch, ok := c.given.(map[string]any); ok {
		t.value, _ = merged(old.value, patch).(map[string]any)
		if k := c.kind; k.member != "" && old.value[k.member] != nil {
			t.value[k.member] = old.value[k.member] // its path names it
		}
	}
	s.store.put(&t)
	s.answer(c, to, c.status, &t, facts{})
}

// merged applies a merge patch (RFC 7396).
func merged(target any, patch map[string]any) any {
	old, _ := target.(map[string]any)
	object := maps.Clone(old)
	if object == nil {
		object = map[string]any{}
	}
	for name, value := range patch {
		inner, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(object, name)
		case isObject:
			object[name] = merged(object[name], inner)
		default:
			object[name] = value
		}
	}
	return object
}

func create(s *Server, c *call, to *reply) {
	if !s.there(c) {
		s.absent(c, to)
		return
	}
	if s.store.full(c.size) {
		refuse(to.w, c.op, s, http.StatusInsufficientStorage, "the server keeps no more things")
		return
	}
	given, _ := c.given.(map[string]any)
	id, chosen := "", false
	if v, there := given[c.kind.member]; there && c.kind.parameter != nil {
		id = textOf(v)
		if chosen = s.names(c.kind, id); chosen && s.store.things[below(c.path, id)] != nil {
			refuse(to.w, c.op, s, http.StatusConflict, "there is one with the id "+id)
			return
		}
	}
	if !chosen {
		var ok bool
		if id, ok = s.newID(c.kind, c.path); !ok {
			refuse(to.w, c.op, s, http.StatusInsufficientStorage, "no further id is found that the document allows")
			return
		}
	}
	t := s.thing(c.kind, below(c.path, id), id, given, nil)
	t.size = c.size
	s.store.put(t)
	f := facts{}
	if c.kind.template != "" {
		f.location = t.path
	}
	s.answer(c, to, c.status, t, f)
}

// textOf returns the text of an id or a number; "" for anything else.
func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case json.Number, int, bool:
		return fmt.Sprint(v)
	}
	return ""
}

// thing makes one of a kind of what was given. What only the server says stays as it was, or is made.
func (s *Server) thing(k *kind, path, id string, given map[string]any, old *thing) *thing {
	t := &thing{kind: k, path: path, collection: path[:strings.LastIndexByte(path, '/')], id: id, value: maps.Clone(given)}
	if t.value == nil {
		t.value = map[string]any{}
	}
	if k.schema == nil {
		return t
	}
	if m := memberOf(k.schema, k.member); m != nil && k.parameter != nil {
		t.value[k.member] = typed(m, id)
	}
	if old != nil {
		for _, name := range memberNames(k.schema) {
			if m := memberOf(k.schema, name); m.ReadOnly && old.value[name] != nil {
				t.value[name] = old.value[name]
			}
		}
	}
	shaped, ok := s.shaped(k.schema, t.value)
	if filled, isObject := shaped.(map[string]any); ok && isObject {
		for name, value := range filled {
			if _, there := t.value[name]; !there {
				t.value[name] = value
			}
		}
	}
	return t
}

// single shows, or takes, what is not one of many.
func single(s *Server, c *call, to *reply) {
	if !s.there(c) {
		s.absent(c, to)
		return
	}
	kept := s.store.things[c.path]
	given, isObject := c.given.(map[string]any)
	takes := isObject && (c.op.Method == http.MethodPut || c.op.Method == http.MethodPatch)
	if takes {
		if s.store.full(c.size) {
			refuse(to.w, c.op, s, http.StatusInsufficientStorage, "the server keeps no more things")
			return
		}
		t := &thing{path: c.path, value: given, size: c.size}
		if kept != nil && c.op.Method == http.MethodPatch {
			t.value, _ = merged(kept.value, given).(map[string]any)
			t.size += kept.size
		}
		s.store.put(t)
		kept = t
	}
	if kept != nil && (takes || c.op.Method == http.MethodGet) && to.media != nil && c.isJSON(to.media) {
		s.answer(c, to, c.status, kept, facts{})
		return
	}
	var v any
	if to.media != nil {
		v, _ = s.example(to.media) // was made when the server started
	}
	s.send(c, to, c.status, v, facts{location: c.path})
}
