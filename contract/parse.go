package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// wellFormedCode is how error codes are written on both planes and by the
// gateway.
var wellFormedCode = regexp.MustCompile(`^(GES|APIGW|APIG)\.[0-9]{4}$`)

// parse fills c from the document. kin-openapi resolves the references and
// knows the schemas; the extensions are read from the YAML nodes, which keep
// their lines.
func (c *Contract) parse(data []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("%s: line 1: expected an OpenAPI document, got no mapping", c.name)
	}
	c.lines = &lineIndex{root: doc.Content[0]}
	kin, err := c.loadKin(data)
	if err != nil {
		return err
	}
	c.version = kin.Info.Version
	return c.inFile(c.index(kin))
}

func (c *Contract) loadKin(data []byte) (*openapi3.T, error) {
	if v := c.lines.at("/openapi"); v == nil || !strings.HasPrefix(v.Value, "3.0.") {
		return nil, fmt.Errorf("%s: line %d: openapi: expected 3.0.x", c.name, c.lines.line("/openapi"))
	}
	loader := openapi3.NewLoader()
	kin, err := loader.LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	if err := kin.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s: line %d: %s", c.name, c.lineOfFault(err), firstLine(err))
	}
	return kin, nil
}

// lineOfFault finds the line of a fault in kin's sentence, which names places
// in words: it follows the quoted and colon-separated names as far as they lead.
func (c *Contract) lineOfFault(err error) int {
	line := 1
	node := c.lines.root
	for _, word := range regexp.MustCompile(`[^\s":,]+`).FindAllString(err.Error(), -1) {
		if key, value := child(node, word); value != nil {
			node, line = value, key.Line
		}
	}
	return line
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}

// inFile puts the document's name before an error that knows a line.
func (c *Contract) inFile(err error) error {
	if err == nil {
		return nil
	}
	var le *lineError
	if errors.As(err, &le) {
		return fmt.Errorf("%s:%d: %s", c.name, le.line, le.reason)
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

func (c *Contract) index(kin *openapi3.T) error {
	steps := []func() error{
		c.parseSources,
		c.parseCodes,
		c.parseRefusals,
		func() error { return c.parseOperations(kin) },
		c.parseRequirements,
		c.checkRequirements,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
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
		e := &ErrorCode{Code: key.Value, Line: key.Line}
		if err := decodeKnown(value, e); err != nil {
			return err
		}
		switch {
		case !wellFormedCode.MatchString(e.Code):
			return atLine(key, "error code %q: expected the form %s", e.Code, wellFormedCode)
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
			Answers   []Outcome   `yaml:"answers"`
			Tolerated []Outcome   `yaml:"tolerated"`
			Source    []string    `yaml:"source"`
		}
		if err := decodeKnown(value, &raw); err != nil {
			return err
		}
		r.First, r.Front, r.Level, r.Answers, r.Tolerated, r.Source = raw.First, raw.Front, raw.Level, raw.Answers, raw.Tolerated, raw.Source
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
		if len(r.When) == 0 || len(r.Answers) == 0 {
			return atLine(key, "%s: expected when and answers", what)
		}
		if err := checkLevel(key, what, r.Level); err != nil {
			return err
		}
		for _, o := range slices.Concat(r.Answers, r.Tolerated) {
			for _, code := range o.Codes {
				if c.codes[code] == nil {
					return atLine(key, "%s: unknown error code %q, expected one of x-error-codes", what, code)
				}
			}
		}
		c.refusals = append(c.refusals, r)
		c.byCondition[r.Condition] = r
		return c.checkSource(key, what, r.Source...)
	})
}

func checkLevel(at *yaml.Node, what string, level Level) error {
	if !slices.Contains([]Level{Must, Should, May}, level) {
		return atLine(at, "%s: level: expected MUST, SHOULD or MAY, got %q", what, level)
	}
	return nil
}

func (c *Contract) parseRequirements() error {
	for _, op := range append(c.inDocumentOrder(), &Operation{}) {
		pointer := op.Clause + "/x-requirements"
		node := c.lines.at(pointer)
		if node == nil {
			continue
		}
		for i, item := range node.Content {
			r := &Requirement{Operation: op.ID, Line: item.Line, Clause: fmt.Sprintf("%s/%d", pointer, i)}
			if err := decodeKnown(item, r); err != nil {
				return err
			}
			c.requirements = append(c.requirements, r)
		}
	}
	return nil
}

func (c *Contract) inDocumentOrder() []*Operation {
	ops := slices.Clone(c.operations)
	slices.SortFunc(ops, func(a, b *Operation) int { return cmp.Compare(a.Line, b.Line) })
	return ops
}

var requirementID = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$`)

func (c *Contract) checkRequirements() error {
	seen := map[string]bool{}
	for _, r := range c.requirements {
		at := c.lines.at(r.Clause)
		what := "requirement " + r.ID
		switch {
		case !requirementID.MatchString(r.ID):
			return atLine(at, "requirement id %q: expected the form %s", r.ID, requirementID)
		case seen[r.ID]:
			return atLine(at, "%s: stands there twice", what)
		case r.Text == "":
			return atLine(at, "%s: has no text", what)
		}
		seen[r.ID] = true
		if err := checkLevel(at, what, r.Level); err != nil {
			return err
		}
		if err := c.checkSource(at, what, r.Source...); err != nil {
			return err
		}
		if err := c.checkExercise(r); err != nil {
			return atLine(at, "%s: %s", what, err)
		}
	}
	return c.checkConditionsOwned()
}

// checkExercise makes sure that just one thing exercises a requirement, and
// that it exists.
func (c *Contract) checkExercise(r *Requirement) error {
	ways := 0
	for _, given := range []bool{len(r.Refuses) > 0 && r.Observes == "", len(r.Accepts) > 0, r.Observes != "", r.Judges != ""} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("expected one of refuses, accepts, observes and judges, got %d", ways)
	}
	for _, condition := range r.Refuses {
		if c.byCondition[condition] == nil {
			return fmt.Errorf("unknown condition %q, expected one of x-refusals", condition)
		}
	}
	if r.Judges != "" && !slices.Contains(aspects, r.Judges) {
		return fmt.Errorf("unknown aspect %q, expected one of %q", r.Judges, aspects)
	}
	for _, side := range r.AppliesTo {
		if side != "server" && side != "client" {
			return fmt.Errorf("appliesTo: expected server or client, got %q", side)
		}
	}
	return nil
}

// checkConditionsOwned makes sure that what an operation refuses belongs to a
// requirement, so that no case is judged for nothing.
func (c *Contract) checkConditionsOwned() error {
	for _, op := range c.operations {
		for _, refusal := range op.refusals {
			if c.RequirementFor(op, refusal.Condition) == nil {
				return atLine(c.lines.at(op.Clause+"/x-refusals"), "operation %s: no requirement refuses %q", op.ID, refusal.Condition)
			}
		}
	}
	return nil
}
