package contract

import (
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// parse fills c from the document. kin-openapi resolves the references and
// knows the schemas; the extensions are read from the YAML nodes, which keep
// their lines.
func (c *Contract) parse(data []byte) error {
	var err error
	if c.root, err = readDocument(data); err != nil {
		return err
	}
	kin, err := c.loadKin()
	if err != nil {
		return err
	}
	c.version = kin.Info.Version
	for _, step := range []func() error{
		c.parseSources, c.parseCodeForm, c.parseCodes, c.parseRefusals, c.parseGraphStates,
		func() error { return c.parseOperations(kin) },
		func() error { return c.parseCredentialHeaders(kin) },
		c.parseRequirements, c.checkRequirements,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// entries calls f with each key and value of the mapping at pointer; a missing
// mapping is an empty one.
func (c *Contract) entries(pointer string, f func(key, value *yaml.Node) error) error {
	node := c.node(pointer)
	if node == nil {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return yamlfile.At(node.Line, "%s: expected a mapping, got %s", pointer, yamlfile.KindOf(node))
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if err := f(node.Content[i], node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Contract) parseSources() error {
	c.sources = map[string]*Source{}
	return c.entries("/x-sources", func(key, value *yaml.Node) error {
		s := &Source{ID: key.Value, Line: key.Line}
		if err := yamlfile.Decode(value, s); err != nil {
			return err
		}
		if s.Title == "" || s.URL == "" || s.Date == "" {
			return yamlfile.At(key.Line, "source %s: expected title, url and date", s.ID)
		}
		c.sources[s.ID] = s
		return nil
	})
}

var ownDecision = regexp.MustCompile(`^ours-d[0-9]+$`)

// checkSource makes sure that what stands at a line names sources that there are.
func (c *Contract) checkSource(line int, what string, ids ...string) error {
	if len(ids) == 0 {
		return yamlfile.At(line, "%s: has no source", what)
	}
	for _, id := range ids {
		if c.sources[id] == nil && !ownDecision.MatchString(id) {
			return yamlfile.At(line, "%s: unknown source %q, expected one of x-sources or ours-dN", what, id)
		}
	}
	return nil
}

func checkLevel(line int, what string, level Level) error {
	if !slices.Contains([]Level{Must, Should, May}, level) {
		return yamlfile.At(line, "%s: level: expected MUST, SHOULD or MAY, got %q", what, level)
	}
	return nil
}
