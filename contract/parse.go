package contract

import (
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// parse fills c from the document. kin-openapi resolves the references and
// knows the schemas; the extensions are read from the YAML nodes, which keep
// their lines.
func (c *Contract) parse(data []byte) error {
	root, err := readDocument(data)
	if err != nil {
		return err
	}
	c.lines = &lineIndex{root: root}
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
	node := c.lines.at(pointer)
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

func (c *Contract) parseRefusals() error {
	c.byCondition = map[string]*Refusal{}
	return c.entries("/x-refusals", func(key, value *yaml.Node) error {
		r := &Refusal{Condition: key.Value, Line: key.Line, Clause: "/x-refusals/" + escapePointer(key.Value)}
		what := "refusal " + r.Condition
		var raw struct {
			When      []When       `yaml:"when"`
			First     bool         `yaml:"first"`
			Front     bool         `yaml:"front"`
			Level     Level        `yaml:"level"`
			Answers   []rawOutcome `yaml:"answers"`
			Tolerated []rawOutcome `yaml:"tolerated"`
			Source    []string     `yaml:"source"`
		}
		if err := yamlfile.Decode(value, &raw); err != nil {
			return err
		}
		r.When, r.First, r.Front, r.Level, r.Source = raw.When, raw.First, raw.Front, raw.Level, raw.Source
		for i, w := range r.When {
			if err := w.check(); err != nil {
				return c.fault(r.Clause+"/when/"+strconv.Itoa(i), "%s: %s", what, err)
			}
		}
		var err error
		if r.Answers, err = c.outcomes(r, "answers", raw.Answers); err != nil {
			return err
		}
		if r.Tolerated, err = c.outcomes(r, "tolerated", raw.Tolerated); err != nil {
			return err
		}
		if len(r.When) == 0 || len(r.Answers) == 0 {
			return yamlfile.At(key.Line, "%s: expected when and answers", what)
		}
		if err := checkLevel(key.Line, what, r.Level); err != nil {
			return err
		}
		c.refusals = append(c.refusals, r)
		c.byCondition[r.Condition] = r
		return c.checkSource(key.Line, what, r.Source...)
	})
}

// A rawOutcome is one as it is written; codes are a list, or `any` for all.
type rawOutcome struct {
	Status string    `yaml:"status"`
	Codes  yaml.Node `yaml:"codes"`
}

var statusOrClass = regexp.MustCompile(`^[1-5]([0-9][0-9]|XX)$`)

// outcomes makes sense of a refusal's outcomes under a key. Their codes must all be
// known.
func (c *Contract) outcomes(r *Refusal, key string, raw []rawOutcome) ([]Outcome, error) {
	outcomes := make([]Outcome, len(raw))
	for i, o := range raw {
		at := r.Clause + "/" + key + "/" + strconv.Itoa(i)
		if !statusOrClass.MatchString(o.Status) {
			return nil, c.fault(at, "status: expected three digits or a class such as 4XX, got %q", o.Status)
		}
		outcomes[i].Status = o.Status
		if o.Codes.Value == "any" {
			continue
		}
		codes := &outcomes[i].Codes
		if err := yamlfile.Decode(&o.Codes, codes); err != nil || len(*codes) == 0 {
			return nil, c.fault(at, "codes: expected a list of error codes, or any")
		}
		for j, code := range *codes {
			if c.Code(code) == nil {
				return nil, c.fault(at, "refusal %s: unknown error code %q, expected one of x-error-codes", r.Condition, code)
			}
			(*codes)[j] = c.normalCode(code)
		}
	}
	return outcomes, nil
}

func checkLevel(line int, what string, level Level) error {
	if !slices.Contains([]Level{Must, Should, May}, level) {
		return yamlfile.At(line, "%s: level: expected MUST, SHOULD or MAY, got %q", what, level)
	}
	return nil
}
