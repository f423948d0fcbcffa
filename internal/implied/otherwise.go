package implied

import (
	"encoding/json"
	"math/big"

	"github.com/gesconform/gesconform/contract"
)

// otherwise returns a value that a request gives with choices (options, booleans, whole numbers) made otherwise than
// they are shown, and than what is assumed where nothing is given: a server that passes a member over shows nothing of it
// if the request gives what is there anyhow. What may refer to something else stays as it is. Not all that it returns need be
// allowed: it is a hint.
func otherwise(s *contract.Schema, value any, shown *contract.Value) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for name, v := range value {
			out[name] = v
			if member := memberOf(s, name, 0); member != nil && !member.ReadOnly && !references.MatchString(name) {
				out[name] = otherwise(member, v, memberShown(shown, name))
			}
		}
		return out
	case []any, nil:
		return value
	}
	usual := shown
	if usual == nil {
		usual = contract.ValueOf(value)
	}
	for _, v := range choices(s, value, usual) {
		if of := contract.ValueOf(v); v != nil && !of.Equal(usual) && (s.Default == nil || !of.Equal(contract.ValueOf(s.Default))) {
			return v
		}
	}
	return value
}

// choices lists what may be given in place of a scalar.
func choices(s *contract.Schema, value any, usual *contract.Value) []any {
	if len(s.Enum) > 0 {
		return s.Enum
	}
	if b, isBool := value.(bool); isBool {
		return []any{b, !b}
	}
	n, isWhole := new(big.Int).SetString(usual.Text, 10)
	if usual.Kind != contract.KindNumber || !s.Integer || !isWhole {
		return nil
	}
	return []any{json.Number(n.Add(n, step(s)).String())}
}

// step is by how much whole numbers of a schema differ.
func step(s *contract.Schema) *big.Int {
	if s.MultipleOf != nil {
		if m := new(big.Rat).SetFloat64(*s.MultipleOf); m != nil && m.IsInt() && m.Sign() > 0 {
			return m.Num()
		}
	}
	return big.NewInt(1)
}

func memberShown(v *contract.Value, name string) *contract.Value {
	if v == nil {
		return nil
	}
	return v.Member(name)
}

// bodies lists what a creation or a change gives, the most telling first: all members with other choices than are shown,
// all members, and those of the plain body.
func (r *run) bodies(g *ground, shown *contract.Value) []any {
	schema := g.body.media.Schema
	full, err := r.source.Full(schema, hintsOf(g.body.media)...)
	if err != nil {
		return []any{g.body.value}
	}
	hint := otherwise(schema, full, shown)
	if other, err := r.source.Full(schema, append([]any{hint}, hintsOf(g.body.media)...)...); err == nil && !contract.ValueOf(other).Equal(contract.ValueOf(full)) {
		return []any{other, full, g.body.value}
	}
	return []any{full, g.body.value}
}

// aimOf names the requests that give bodies.
func aimOf(n int) string { return []string{aimFirst, aimNext, aimNext + " 2"}[n] }
