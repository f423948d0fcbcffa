package contract

import (
	"strings"

	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// JudgeIDEcho returns a problem for each id in an answer of op that differs from the id
// in the request's path. path is the escaped one; which members are such ids is said by
// x-echoes in the schemas.
func (c *Contract) JudgeIDEcho(op *Operation, path string, a *Answer) []Problem {
	values, ok := op.Match(path)
	response := op.Response(a.Status)
	if !ok || response == nil || response.Schema() == nil {
		return nil
	}
	v, _ := a.JSON()
	return c.located(echoProblems(response.Schema(), v, "", values, nil))
}

func echoProblems(s *Schema, v *Value, pointer string, values map[string]string, problems []Problem) []Problem {
	if v == nil {
		return problems
	}
	if want, asked := values[s.echoedParameter]; asked && v.Kind == KindString && !strings.EqualFold(v.Text, want) {
		return append(problems, Problem{
			In: InBody, Pointer: pointer, Keyword: "x-echoes", Aspect: AspectIDEcho,
			Message: "expected the " + s.echoedParameter + " of the request's path, got another", Clause: s.Clause + "/x-echoes",
		})
	}
	for _, p := range s.Properties {
		problems = echoProblems(p.Schema, v.Member(p.Name), pointer+"/"+jsonpointer.Escape(p.Name), values, problems)
	}
	return problems
}
