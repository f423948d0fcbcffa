package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Source is an entry of x-sources, on which clauses are based: a page, a section of an
// RFC, or a decision of ours.
type Source struct {
	ID    string `yaml:"-" json:"id"`
	Title string `yaml:"title" json:"title"`
	URL   string `yaml:"url" json:"url,omitempty"`
	Date  string `yaml:"date" json:"date,omitempty"` // of the page itself, or of when it was read: 2026-01-31
	// Reason is why we decided so, in one sentence; "" unless the source is a decision of
	// ours.
	Reason string `yaml:"reason" json:"reason,omitempty"`
	Line   int    `yaml:"-" json:"-"` // in the document
}

// Ours reports whether the source is a decision of ours, and not a page or an RFC.
func (s Source) Ours() bool { return s.Reason != "" }

// String returns the source as reports show it: title, date and URL, or for a decision of
// ours its number, title and reason.
func (s Source) String() string {
	if s.Ours() {
		return fmt.Sprintf("ours, %s (%s): %s", strings.ToUpper(strings.TrimPrefix(s.ID, "ours-")), s.Title, s.Reason)
	}
	return s.Title + ", " + s.Date + ", " + s.URL
}

// Source returns the source with the given id, or nil.
func (c *Contract) Source(id string) *Source { return c.sources[id] }

// Sources returns the sources with the given ids, without duplicates: pages and RFCs
// first, then decisions of ours, each in the order given. Ids of no source are left out.
func (c *Contract) Sources(ids ...string) []*Source {
	var documented, ours []*Source
	for _, id := range ids {
		s := c.sources[id]
		switch {
		case s == nil || slices.Contains(documented, s) || slices.Contains(ours, s):
		case s.Ours():
			ours = append(ours, s)
		default:
			documented = append(documented, s)
		}
	}
	return append(documented, ours...)
}

// SourcesAt returns the ids of the sources, under x-source, of the innermost parameter or
// schema around the clause at a JSON pointer.
func (c *Contract) SourcesAt(pointer string) []string {
	var ids []string
	if c.root == nil {
		return nil
	}
	node := c.root
	for _, token := range jsonpointer.Tokens(pointer) {
		_, value, found := yamlfile.Find(node, token)
		if !found {
			break
		}
		node = value
		if list := sourceList(node); list != nil {
			ids = list
		}
	}
	return ids
}

// sourceList returns the x-source of a parameter or schema, or nil.
func sourceList(node *yaml.Node) []string {
	var ids []string
	_, list, found := yamlfile.Find(node, "x-source")
	if !found || yamlfile.Decode(list, &ids) != nil {
		return nil
	}
	return ids
}

// ownDecision is the form of the ids of our decisions.
var ownDecision = regexp.MustCompile(`^ours-d[0-9]+$`)

// RFCs are cited by section.
const (
	rfcPrefix     = "https://www.rfc-editor.org/rfc/"
	sectionAnchor = "#section-"
)

func (c *Contract) parseSources() error {
	c.sources = map[string]*Source{}
	return entries(c, "/x-sources", "source", func(id string, line int, s *Source) error {
		s.ID, s.Line = id, line
		c.sources[id] = s
		_, section, _ := strings.Cut(s.URL, sectionAnchor)
		switch {
		case ownDecision.MatchString(id) && (s.Title == "" || s.Reason == ""):
			return errors.New("expected title and reason of a decision of ours")
		case ownDecision.MatchString(id):
			return nil
		case s.Reason != "":
			return errors.New("expected no reason, since the id is not that of a decision of ours, ours-dN")
		case s.Title == "" || s.URL == "" || s.Date == "":
			return errors.New("expected title, url and date")
		case strings.HasPrefix(s.URL, rfcPrefix) && (section == "" || !strings.Contains(s.Title, "section "+section)):
			return fmt.Errorf("expected the section of the RFC in url and title, got %q and %q", s.URL, s.Title)
		}
		return nil
	})
}

// checkSource makes sure that a clause has sources and that they exist.
func (c *Contract) checkSource(ids ...string) error {
	if len(ids) == 0 {
		return errors.New("has no source")
	}
	for _, id := range ids {
		if c.sources[id] == nil {
			return fmt.Errorf("unknown source %q, expected one of x-sources", id)
		}
	}
	return nil
}

// checkSchemaSources makes sure that in a document with x-sources every parameter, and every
// schema under components, has an x-source, and that all x-source lists name sources.
func (c *Contract) checkSchemaSources() error {
	if len(c.sources) == 0 {
		return nil
	}
	var owing []*yaml.Node
	for _, name := range []string{"parameters", "schemas"} {
		owing = append(owing, valuesOf(c.node("/components/"+name))...)
	}
	for _, item := range valuesOf(c.node("/paths")) {
		for _, holder := range append(valuesOf(item), item) { // of an operation, or of the path
			if _, list, found := yamlfile.Find(holder, "parameters"); found && list.Kind == yaml.SequenceNode {
				owing = append(owing, list.Content...)
			}
		}
	}
	for _, node := range owing {
		_, _, reference := yamlfile.Find(node, "$ref")
		if _, _, found := yamlfile.Find(node, "x-source"); !found && !reference && node.Kind == yaml.MappingNode {
			return yamlfile.At(node.Line, "has no x-source, which every parameter and every schema under components needs in a document with x-sources")
		}
	}
	return c.checkSourceLists(c.root)
}

// valuesOf returns the values of a mapping.
func valuesOf(node *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	if node != nil && node.Kind == yaml.MappingNode {
		for i := 1; i < len(node.Content); i += 2 {
			all = append(all, node.Content[i])
		}
	}
	return all
}

// checkSourceLists checks all x-source and x-published lists in a node.
func (c *Contract) checkSourceLists(node *yaml.Node) error {
	for i, child := range node.Content {
		key := ""
		if node.Kind == yaml.MappingNode && i%2 == 1 {
			key = node.Content[i-1].Value
		}
		if (key == "x-source" || key == "x-published") && child.Kind != yaml.MappingNode { // a mapping is a member of that name
			var ids []string
			if err := yamlfile.Decode(child, &ids); err != nil {
				return err
			}
			if err := c.checkSource(ids...); err != nil {
				return yamlfile.At(child.Line, "%s: %s", key, err)
			}
			continue
		}
		if err := c.checkSourceLists(child); err != nil {
			return err
		}
	}
	return nil
}

// all is the only entry of a requirement's Ours if no page and no RFC says its sentence.
const all = "all"

// Documented reports whether a page or an RFC says the requirement. aspects are what a
// finding is about: a case, by the end of its id, or a keyword of a schema. A decision of
// ours may add some of them to what is documented.
func (c *Contract) Documented(r *Requirement, aspects ...string) bool {
	documented := slices.ContainsFunc(c.Sources(r.Source...), func(s *Source) bool { return !s.Ours() })
	return documented && !slices.ContainsFunc(r.Ours, func(name string) bool { return name == all || slices.Contains(aspects, name) })
}

// checkOurs makes sure that a requirement with sources of both kinds, and no other, says
// what of it is ours.
func (c *Contract) checkOurs(r *Requirement) error {
	sources := c.Sources(r.Source...)
	mixed := len(sources) > 0 && !sources[0].Ours() && sources[len(sources)-1].Ours()
	switch {
	case mixed && r.Ours == nil:
		return errors.New("has sources of both kinds: expected ours to say what no page and no RFC says, [] or [all] or a list")
	case !mixed && r.Ours != nil:
		return errors.New("has sources of one kind: expected no ours")
	case len(r.Ours) > 1 && slices.Contains(r.Ours, all):
		return fmt.Errorf("ours: expected [%s] or a list without it, got %q", all, r.Ours)
	}
	return nil
}
