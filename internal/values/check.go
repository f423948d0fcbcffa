package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// problems returns what our own check finds wrong with a value.
func (s *Source) problems(all schemas, v any) []contract.Problem {
	return s.problemsOf(all, contract.ValueOf(v))
}

func (s *Source) problemsOf(all schemas, value *contract.Value) []contract.Problem {
	var problems []contract.Problem
	for _, schema := range all {
		s.checked++
		problems = append(problems, schema.Check(value, s.from)...)
	}
	return problems
}

// secondOpinion returns what kin-openapi finds wrong with a value.
func (s *Source) secondOpinion(all schemas, v any) error {
	for _, schema := range all {
		if err := schema.SecondOpinion(v, s.from); err != nil {
			return err
		}
	}
	return nil
}

// valid returns nil if both opinions are that a value is valid.
func (s *Source) valid(all schemas, v any) error {
	if problems := s.problems(all, v); len(problems) > 0 {
		return fmt.Errorf("%s at %q: %s", problems[0].Clause, problems[0].Pointer, problems[0].Message)
	}
	if err := s.secondOpinion(all, v); err != nil {
		for _, schema := range all {
			if len(schema.Unsupported) > 0 { // which is why
				return errors.New(schema.Unsupported[0].Reason)
			}
		}
		return differ("we find %s valid, kin-openapi does not: %s", shown(v), firstLine(err))
	}
	return nil
}

// errDiffer says that the opinions on a value differ.
var errDiffer = errors.New("opinions differ")

func differ(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errDiffer, fmt.Sprintf(format, args...))
}

// because returns a reason with its text and, as its detail, why it holds. That the opinions differ is a reason
// of its own.
func (r Reason) because(text, why string) Reason {
	if detail, differ := strings.CutPrefix(why, errDiffer.Error()+": "); differ {
		text, why = errDiffer.Error(), detail
	}
	r.Text, r.Detail = text, why
	return r
}

// breaks returns the problem that a value has, if it breaks just one keyword of a schema, and both
// opinions are that it is not valid.
func (s *Source) breaks(all schemas, v any, p part, keyword string) (found contract.Problem, through string, err error) {
	problems := s.problems(all, v)
	if len(problems) == 0 {
		if err := s.secondOpinion(all, v); err != nil {
			return found, "", differ("we find %s valid, kin-openapi does not: %s", shown(v), firstLine(err))
		}
		return found, "", fmt.Errorf("%s is valid", shown(v))
	}
	if keyword == "discriminator" {
		return s.breaksName(all, v, p, problems)
	}
	direct := slices.IndexFunc(problems, func(q contract.Problem) bool { return isAbout(q, p.schema, keyword) })
	for _, q := range problems {
		same := direct >= 0 && q.Pointer == problems[direct].Pointer && isKeyword(q, keyword) // another schema says the same
		if !same && !isFork(q, "") {
			return found, "", fmt.Errorf("%s breaks %s, too", shown(v), q.Clause)
		}
	}
	if direct < 0 {
		through = problems[0].Clause
		if found, err = s.breaksBranch(v, p, keyword); err != nil {
			return found, "", err
		}
	} else {
		found = problems[direct]
	}
	if s.hasSecondOpinion(all) && s.secondOpinion(all, v) == nil {
		return found, "", differ("kin-openapi finds %s valid, we do not: %s", shown(v), found.Message)
	}
	return found, through, nil
}

// breaksName is like breaks for a discriminator. A value that has the name of another branch breaks
// whatever that branch says.
func (s *Source) breaksName(all schemas, v any, p part, problems []contract.Problem) (found contract.Problem, through string, err error) {
	found = problems[0]
	found.Keyword, found.Clause = "discriminator", p.schema.Clause+"/discriminator"
	if s.hasSecondOpinion(all) && s.secondOpinion(all, v) == nil {
		return found, "", differ("kin-openapi finds %s valid, we do not: %s", shown(v), found.Message)
	}
	return found, "", nil
}

// breaksBranch returns the problem of a value by the branch for which it was made, if that is the
// keyword and nothing else.
func (s *Source) breaksBranch(v any, p part, keyword string) (found contract.Problem, err error) {
	if p.branch == nil {
		return found, fmt.Errorf("%s does not break it", shown(v))
	}
	problems := s.problems(schemas{p.branch}, v)
	for _, q := range problems {
		switch {
		case isAbout(q, p.schema, keyword):
			found = q
		case !isFork(q, ""):
			return found, fmt.Errorf("%s breaks %s, too", shown(v), q.Clause)
		}
	}
	if found.Keyword == "" {
		return found, fmt.Errorf("%s does not break it", shown(v))
	}
	return found, nil
}

// isAbout reports whether a problem is a schema's, and about a keyword.
func isAbout(p contract.Problem, s *contract.Schema, keyword string) bool {
	if rest, found := strings.CutPrefix(p.Clause, s.Clause+"/"); !found || strings.Contains(rest, "/") && !strings.HasPrefix(rest, "properties/") {
		return false
	}
	return isKeyword(p, keyword)
}

// isKeyword reports whether a problem is about a keyword. Some have several names for what common readers take.
func isKeyword(p contract.Problem, keyword string) bool {
	return p.IsKeyword(keyword) || keyword == "discriminator" || keyword == "type" && (p.Keyword == "nullable" || p.Keyword == "boolean-text" || p.Keyword == "scalar") ||
		keyword == "required" && p.Keyword == "letter-case"
}

// isFork reports whether a problem says that none or several branches match, at a place that a
// pointer leads through.
func isFork(p contract.Problem, pointer string) bool {
	switch p.Keyword {
	case "anyOf", "oneOf", "discriminator":
		return p.Pointer == pointer || p.Pointer == "" || strings.HasPrefix(pointer, p.Pointer+"/")
	}
	return false
}

func (s *Source) hasSecondOpinion(all schemas) bool {
	return slices.ContainsFunc(all, (*contract.Schema).HasSecondOpinion)
}

// shown writes a value for people, in a line.
func shown(v any) string {
	const most = 80
	text, err := jsonText(v)
	if err != nil {
		return "a value"
	}
	if r := []rune(string(text)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(text)
}

// jsonText writes a value as JSON, without escapes that only HTML needs.
func jsonText(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// normal returns a literal of the document as encoding/json decodes it, with json.Number.
func normal(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number:
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = normal(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			out[name] = normal(v[name])
		}
		return out
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out any
	if d.Decode(&out) != nil {
		return nil
	}
	return out
}

// equal reports whether two values are the same in JSON; numbers are compared as numbers.
func equal(a, b any) bool {
	x, isNumber := a.(json.Number)
	y, isOther := b.(json.Number)
	if isNumber && isOther {
		m, n := number(x), number(y)
		return m != nil && n != nil && m.Cmp(n) == 0
	}
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, equal)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return a == b
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// kindOf returns the kind of a value.
func kindOf(v any) contract.Kind {
	switch v.(type) {
	case nil:
		return contract.KindNull
	case bool:
		return contract.KindBoolean
	case string:
		return contract.KindString
	case []any:
		return contract.KindArray
	case map[string]any:
		return contract.KindObject
	}
	return contract.KindNumber
}
