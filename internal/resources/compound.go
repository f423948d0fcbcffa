package resources

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A thing in an answer may show the ids of what it belongs to: owner.login and name are what {owner} and {repo} stand for in
// /repos/{owner}/{repo}, if repositories are listed. Such ids are guesses, if good ones: what is answered with 404 is not
// judged.

// inWords are names of members that name somebody or something in words.
var inWords = []string{"login", "username", "slug", "handle", "key", "name", "code"}

// called returns what the last fixed segment of a path calls its things, in the singular.
func called(path string) string {
	for path != "" {
		at := strings.LastIndex(path, "/")
		segment := path[at+1:]
		if segment != "" && !strings.Contains(segment, "{") {
			return singular(folded(segment))
		}
		path = path[:max(at, 0)]
	}
	return ""
}

// compound keeps the ids of a thing that is called noun, all of whose path it shows.
func (w *walk) compound(noun string, here found, v *contract.Value) {
	for _, c := range w.store.below[noun] {
		if c.within(here) {
			continue // they are known, and it has an id of its own
		}
		r := w.store.byKey[c.key]
		var ids []string
		for n, st := range r {
			for _, p := range st.parameters {
				text, ok := shownFor(p, called(st.key), n == len(r)-1, v)
				if !ok {
					break
				}
				ids = append(ids, text)
			}
		}
		if len(ids) == r.width(len(r)) {
			w.store.keep(found{c.key, ids}, FromItem)
		}
	}
}

// shownFor returns the value for a parameter of the path of v that v shows: in a member that is called as the parameter or
// what it names is, or for v's own id in one that all things may have.
func shownFor(p *contract.Parameter, noun string, own bool, v *contract.Value) (text string, ok bool) {
	for _, m := range v.Members {
		name := folded(m.Name)
		if name != folded(p.Name) && name != noun+"id" && (name != noun || own) {
			continue
		}
		if text, ok = scalar(m.Value); ok && fault(p, text) == "" {
			return text, true
		}
		if text, ok = nameIn(p, m.Value); ok && !own {
			return text, true
		}
	}
	if own {
		return nameIn(p, v)
	}
	return "", false
}

// nameIn returns the value for a parameter that a thing shows of itself: its id, or for a parameter that is a text and is not
// called an id, what names it in words.
func nameIn(p *contract.Parameter, v *contract.Value) (text string, ok bool) {
	names, inText := generic, p.Schema != nil && p.Schema.Type == contract.KindString && !strings.HasSuffix(folded(p.Name), "id")
	if inText {
		names = append(slices.Clip(inWords), "id")
	}
	for _, name := range names {
		for _, m := range v.Members {
			if folded(m.Name) != name || inText && m.Value.Kind != contract.KindString {
				continue
			}
			if text, ok = scalar(m.Value); ok && fault(p, text) == "" {
				return text, true
			}
		}
	}
	return "", false
}

// mapped returns the things of a map whose keys are their ids, as far as the document says that it is one.
func (w *walk) mapped(op *contract.Operation, c *child, v *contract.Value) (ids []string) {
	response := op.Response(w.status)
	if response == nil || v.Kind != contract.KindObject {
		return nil
	}
	isMap := slices.ContainsFunc(response.Content, func(m *contract.MediaType) bool {
		return m.IsJSON() && m.Schema != nil && len(m.Schema.Properties) == 0 && m.Schema.AdditionalProperties != nil
	})
	for _, m := range v.Members {
		if !isMap || m.Value.Kind != contract.KindObject || !w.store.fits(c.key, m.Name) {
			return nil
		}
		ids = append(ids, m.Name)
	}
	return ids
}
