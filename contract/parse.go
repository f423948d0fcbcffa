package contract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// wellFormedCode is how error codes are written on both planes and by the
// gateway.
var wellFormedCode = regexp.MustCompile(`^(GES|APIGW|APIG)\.[0-9]{4}$`)

// parse fills c from the document. kin-openapi resolves the references and
// knows the schemas; the extensions are read from the YAML nodes, which keep
// their lines, and those that need no schemas in the meantime.
func (c *Contract) parse(data []byte) error {
	root, err := readYAML(data)
	if err != nil {
		return c.inFile(err)
	}
	c.lines = &lineIndex{root: root}
	clauses := make(chan error, 1)
	go func() { clauses <- inOrder(c.parseSources, c.parseCodes, c.parseRefusals, c.parseGraphStates) }()
	kin, err := c.loadKin()
	if other := <-clauses; err == nil {
		err = other
	}
	if err != nil {
		return c.inFile(err)
	}
	c.version = kin.Info.Version
	return c.inFile(inOrder(func() error { return c.parseOperations(kin) }, c.parseRequirements, c.checkRequirements))
}

// inOrder takes steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// inFile puts the document's name and the line before an error.
func (c *Contract) inFile(err error) error {
	if err == nil {
		return nil
	}
	var ce *clauseError
	if errors.As(err, &ce) {
		return fmt.Errorf("%s:%d: %s", c.name, c.Line(ce.clause), ce.reason)
	}
	var le *lineError
	if errors.As(err, &le) {
		return fmt.Errorf("%s:%d: %s", c.name, le.line, le.reason)
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

// pairs calls f with each key and value of the mapping at pointer; a missing
// mapping is an empty one.
func (c *Contract) pairs(pointer string, f func(key, value *yaml.Node) error) error {
	node := c.lines.at(pointer)
	if node == nil {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return atLine(node, "%s: expected a mapping", pointer)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; seen[key.Value] {
			return atLine(key, "%s: %q stands there twice", pointer, key.Value)
		}
		seen[node.Content[i].Value] = true
		if err := f(node.Content[i], node.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Contract) parseSources() error {
	c.sources = map[string]*Source{}
	return c.pairs("/x-sources", func(key, value *yaml.Node) error {
		s := &Source{ID: key.Value, Line: key.Line}
		if err := decodeKnown(value, s); err != nil {
			return err
		}
		if s.Title == "" || s.URL == "" || s.Date == "" {
			return atLine(key, "source %s: expected title, url and date", s.ID)
		}
		c.sources[s.ID] = s
		return nil
	})
}

var ownDecision = regexp.MustCompile(`^ours-d[0-9]+$`)

func (c *Contract) checkSource(at *yaml.Node, what string, ids ...string) error {
	if len(ids) == 0 {
		return atLine(at, "%s: has no source", what)
	}
	for _, id := range ids {
		if c.sources[id] == nil && !ownDecision.MatchString(id) {
			return atLine(at, "%s: unknown source %q, expected one of x-sources or ours-dN", what, id)
		}
	}
	return nil
}

func (c *Contract) parseCodes() error {
	c.codes = map[string]*ErrorCode{}
	return c.pairs("/x-error-codes", func(key, value *yaml.Node) error {
		e := &ErrorCode{Code: normalCode(key.Value), Line: key.Line}
		if err := decodeKnown(value, e); err != nil {
			return err
		}
		switch {
		case !wellFormedCode.MatchString(e.Code):
			return atLine(key, "error code %q: expected the form %s", e.Code, wellFormedCode)
		case c.codes[e.Code] != nil:
			return atLine(key, "error code %s: stands there twice, APIG. and APIGW. being one", e.Code)
		case len(e.Statuses) == 0 || e.Meaning == "" || e.Plane == "":
			return atLine(key, "error code %s: expected statuses, meaning and plane", e.Code)
		}
		c.codes[e.Code] = e
		return c.checkSource(key, "error code "+e.Code, e.Source)
	})
}

func (c *Contract) parseRefusals() error {
	c.byCondition = map[string]*Refusal{}
	return c.pairs("/x-refusals", func(key, value *yaml.Node) error {
		r := &Refusal{Condition: key.Value, Line: key.Line, Clause: "/x-refusals/" + escapePointer(key.Value)}
		what := "refusal " + r.Condition
		var raw struct {
			When      []yaml.Node `yaml:"when"`
			First     bool        `yaml:"first"`
			Front     bool        `yaml:"front"`
			Level     Level       `yaml:"level"`
			Answers   []yaml.Node `yaml:"answers"`
			Tolerated []yaml.Node `yaml:"tolerated"`
			Source    []string    `yaml:"source"`
		}
		if err := decodeKnown(value, &raw); err != nil {
			return err
		}
		r.First, r.Front, r.Level, r.Source = raw.First, raw.Front, raw.Level, raw.Source
		for i := range raw.When {
			var w When
			if err := decodeKnown(&raw.When[i], &w); err != nil {
				return err
			}
			if err := w.check(); err != nil {
				return atLine(&raw.When[i], "%s: %s", what, err)
			}
			r.When = append(r.When, w)
		}
		if err := c.readAnswers(r, raw.Answers, raw.Tolerated); err != nil {
			return err
		}
		if len(r.When) == 0 || len(r.Answers) == 0 {
			return atLine(key, "%s: expected when and answers", what)
		}
		if err := checkLevel(key, what, r.Level); err != nil {
			return err
		}
		c.refusals = append(c.refusals, r)
		c.byCondition[r.Condition] = r
		return c.checkSource(key, what, r.Source...)
	})
}

// readAnswers reads the outcomes of a refusal, whose codes must all be known.
func (c *Contract) readAnswers(r *Refusal, answers, tolerated []yaml.Node) (err error) {
	if r.Answers, err = readOutcomes(answers); err != nil {
		return err
	}
	if r.Tolerated, err = readOutcomes(tolerated); err != nil {
		return err
	}
	for i, o := range slices.Concat(r.Answers, r.Tolerated) {
		for _, code := range o.Codes {
			if c.codes[code] == nil {
				at := slices.Concat(answers, tolerated)[i]
				return atLine(&at, "refusal %s: unknown error code %q, expected one of x-error-codes", r.Condition, code)
			}
		}
	}
	return nil
}

func checkLevel(at *yaml.Node, what string, level Level) error {
	if !slices.Contains([]Level{Must, Should, May}, level) {
		return atLine(at, "%s: level: expected MUST, SHOULD or MAY, got %q", what, level)
	}
	return nil
}
