package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// note records which shard a matrix is of.
func (m *merger) note(matrix *result.Targets) error {
	if matrix.Shard == "" {
		return nil
	}
	s, err := session.ParseShard(matrix.Shard)
	if err != nil {
		return err
	}
	m.shards[s.Of] = append(m.shards[s.Of], s.Index)
	return nil
}

// missing says which shards of the cases have no result.
func (j *mergedRun) missing() string {
	var have []int
	of := 0
	for _, p := range j.parts {
		s, err := session.ParseShard(p.run.Shard)
		if err != nil {
			continue
		}
		if of != 0 && s.Of != of {
			return fmt.Sprintf("the shards are of different splits, into %d and into %d", of, s.Of)
		}
		of = s.Of
		have = append(have, s.Index)
	}
	return missingOf(of, append(have, j.without(of)...))
}

// without returns the shards that say that they have no cases, as far as that is so.
func (j *mergedRun) without(of int) []int {
	if len(j.shards[of]) == 0 {
		return nil
	}
	risk := cases.Inert
	for _, p := range j.parts {
		if r, ok := cases.ParseRisk(p.run.Target.Risk); ok {
			risk = max(risk, r)
		}
	}
	return slices.DeleteFunc(slices.Clone(j.shards[of]), func(i int) bool {
		none, err := session.Shard{Index: i, Of: of}.HasNone(j.Contract, j.parts[0].run.Target.Filter, risk)
		return err != nil || !none
	})
}

// missingShards says which shards of the targets have no result. Missing shards of cases
// are reported by each target.
func (m *merger) missingShards() string {
	for _, of := range slices.Sorted(maps.Keys(m.shards)) {
		have := m.shards[of]
		ofCases := slices.ContainsFunc(m.found, func(p part) bool { return strings.HasSuffix(p.run.Shard, fmt.Sprintf("/%d", of)) })
		if missing := missingOf(of, have); missing != "" && !ofCases {
			return missing
		}
	}
	return ""
}

func missingOf(of int, have []int) string {
	var missing []string
	for i := range of {
		if !slices.Contains(have, i) {
			missing = append(missing, fmt.Sprintf("%d/%d", i, of))
		}
	}
	switch {
	case len(missing) == 0:
		return ""
	case len(missing) > 5:
		return fmt.Sprintf("%d of %d shards are missing, %s among them", len(missing), of, missing[0])
	default:
		return "missing shards: " + strings.Join(missing, ", ")
	}
}
