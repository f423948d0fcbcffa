package contract

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// An ErrorCode is one row of the error tables.
type ErrorCode struct {
	Code     string `yaml:"-" json:"code"`
	Statuses []int  `yaml:"statuses" json:"statuses"`
	Message  string `yaml:"message" json:"message,omitempty"` // the literal one; samples carry others
	Meaning  string `yaml:"meaning" json:"meaning"`
	Plane    string `yaml:"plane" json:"plane"` // management, service or gateway
	Source   string `yaml:"source" json:"source"`
	Line     int    `yaml:"-" json:"line"`
}

// Code looks up an error code, whichever of two prefixes that are one it has. It
// returns nil where no page knows the code.
func (c *Contract) Code(code string) *ErrorCode { return c.codes[c.normalCode(code)] }

// Codes lists the error codes in the order of their names.
func (c *Contract) Codes() []*ErrorCode {
	return slices.SortedFunc(maps.Values(c.codes), func(a, b *ErrorCode) int { return strings.Compare(a.Code, b.Code) })
}

// codeForm is how error codes are written. Where the document does not say, any
// text is well-formed.
type codeForm struct {
	pattern *regexp.Regexp    // nil takes any
	aliases map[string]string // prefixes, up to the full stop, and those that they stand for
}

// parseCodeForm reads x-error-code-form. What a schema can say is said there, and
// so the pattern is a schema's.
func (c *Contract) parseCodeForm() error {
	const clause = "/x-error-code-form"
	if c.node(clause) == nil {
		return nil
	}
	var raw struct {
		Schema  string            `yaml:"schema"`
		Aliases map[string]string `yaml:"aliases"`
		Source  []string          `yaml:"source"`
	}
	if err := c.decode(clause, &raw); err != nil {
		return err
	}
	pattern := c.node(raw.Schema + "/pattern")
	if !strings.HasPrefix(raw.Schema, "#/") || pattern == nil {
		return c.fault(clause+"/schema", "error code form: expected a schema of this document that has a pattern, got %q", raw.Schema)
	}
	re, err := compilePattern(pattern.Value)
	if err != nil {
		return yamlfile.At(pattern.Line, "pattern: %s", err)
	}
	c.codeForm = codeForm{pattern: re, aliases: raw.Aliases}
	if err := c.checkSource(raw.Source...); err != nil {
		return c.fault(clause, "error code form: %s", err)
	}
	return nil
}

// wellFormed reports whether a text is written as error codes are.
func (f *codeForm) wellFormed(code string) bool {
	return code != "" && (f.pattern == nil || f.pattern.MatchString(code))
}

// normalCode is the code with the prefix that the catalogue writes.
func (c *Contract) normalCode(code string) string {
	prefix, digits, _ := strings.Cut(code, ".")
	if same, ok := c.codeForm.aliases[prefix]; ok {
		return same + "." + digits
	}
	return code
}

func (c *Contract) parseCodes() error {
	c.codes = map[string]*ErrorCode{}
	return entries(c, "/x-error-codes", "error code", func(code string, line int, e *ErrorCode) error {
		e.Code, e.Line = c.normalCode(code), line
		switch {
		case !c.codeForm.wellFormed(e.Code):
			return fmt.Errorf("expected the form %s", c.codeForm.pattern)
		case c.codes[e.Code] != nil:
			return fmt.Errorf("stands there twice, being the same as %s", e.Code)
		case len(e.Statuses) == 0 || e.Meaning == "" || e.Plane == "":
			return errors.New("expected statuses, meaning and plane")
		}
		c.codes[e.Code] = e
		return c.checkSource(e.Source)
	})
}
