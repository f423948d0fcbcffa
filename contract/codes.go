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

// An ErrorCode is an entry of x-error-codes, the catalogue of the error codes that the
// service's pages list.
type ErrorCode struct {
	Code     string `yaml:"-" json:"code"`
	Statuses []int  `yaml:"statuses" json:"statuses"`
	Message  string `yaml:"message" json:"message,omitempty"` // as the tables of codes give it; samples on other pages differ
	Meaning  string `yaml:"meaning" json:"meaning"`
	Plane    string `yaml:"plane" json:"plane"` // management, service or gateway
	Source   string `yaml:"source" json:"source"`
	Line     int    `yaml:"-" json:"line"`
}

// Code returns the catalogue's entry for an error code, whose prefix may be an alias of
// the one that the catalogue uses, or nil.
func (c *Contract) Code(code string) *ErrorCode { return c.codes[c.normalCode(code)] }

// Codes returns the catalogue, sorted by code.
func (c *Contract) Codes() []*ErrorCode {
	return slices.SortedFunc(maps.Values(c.codes), func(a, b *ErrorCode) int { return strings.Compare(a.Code, b.Code) })
}

// codeForm is the form that error codes must have. The zero value takes any text but
// the empty one.
type codeForm struct {
	pattern *regexp.Regexp    // nil takes any
	aliases map[string]string // alias -> prefix; a prefix is what precedes the full stop
}

// parseCodeForm reads x-error-code-form, which names the schema whose pattern is the
// form.
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

// wellFormed reports whether a text has the form of an error code.
func (f *codeForm) wellFormed(code string) bool {
	return code != "" && (f.pattern == nil || f.pattern.MatchString(code))
}

// normalCode replaces an alias prefix with the prefix that the catalogue uses.
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
			return fmt.Errorf("appears twice, because it is an alias of %s", e.Code)
		case len(e.Statuses) == 0 || e.Meaning == "" || e.Plane == "":
			return errors.New("expected statuses, meaning and plane")
		}
		c.codes[e.Code] = e
		return c.checkSource(e.Source)
	})
}
