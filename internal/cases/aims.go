package cases

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
)

// ladder returns the aims of a request whose graph and version are not under test: a graph
// that does not exist, the graph with its current version, the graph with a later one. The
// next aim is used only if the one before could not decide and the user allows it.
func (d *deriver) ladder(t Template, conditions []string) []Aim {
	needs := needs(t)
	if d.op.Safe() {
		return []Aim{{Name: "read", Graph: NamedGraph, Risk: Inert, Conditions: conditions, Needs: needs}}
	}
	aims := []Aim{{
		Name: "absent-" + d.target.Name, Graph: AbsentGraph, Version: d.anyVersion(t), Risk: Inert, Needs: needs,
		Conditions: d.and(conditions, contract.Unknown, d.target.NamedBy),
	}}
	if d.decidedFirst(conditions) {
		return aims
	}
	if d.guardable(t) && ges.IsUpgradePath(t.Path) {
		aims = append(aims, Aim{
			Name: "current-version", Graph: NamedGraph, Version: CurrentVersion, Risk: Guarded, Needs: needs,
			Conditions: d.and(conditions, contract.NotLater, "/"+d.version),
		})
	}
	return append(aims, Aim{
		Name: "later-version", Graph: NamedGraph, Version: LaterVersion, Risk: Destructive, Conditions: conditions,
		Needs: append([]string{"upgrade-version"}, needs...),
	})
}

// guardable reports whether a request may be sent to a graph with the graph's own version.
func (d *deriver) guardable(t Template) bool {
	return d.version != "" && t.Method == d.op.Method && ges.Guardable(string(t.Body))
}

// decidedFirst reports whether the conditions are judged before all others, so that a
// riskier request would not say more.
func (d *deriver) decidedFirst(conditions []string) bool {
	return len(conditions) > 0 && !slices.ContainsFunc(conditions, func(c string) bool { return !d.c.Refusal(c).First })
}

func (d *deriver) anyVersion(t Template) Version {
	if t.hasVersion() {
		return AnyVersion
	}
	return ""
}

// needs lists the fixtures that a template requires.
func needs(t Template) []string {
	var all []string
	names := map[string]bool{}
	repeated := false
	for _, h := range t.Headers {
		repeated = repeated || names[h.Name]
		names[h.Name] = true
		switch {
		case strings.Contains(h.Value, ReadonlyTokenPlaceholder):
			all = append(all, "readonly-token")
		case strings.Contains(h.Value, ExpiredTokenPlaceholder):
			all = append(all, "expired-token")
		case slices.ContainsFunc(ofToken, func(placeholder string) bool { return strings.Contains(h.Value, placeholder) }):
			all = append(all, "token")
		}
	}
	if repeated || strings.Contains(t.Path, PlacedTokenPlaceholder) { // a signature cannot replace it
		all = append(all, "token")
	}
	return all
}

// ofToken are the placeholders of what is made from the token.
var ofToken = []string{TamperedTokenPlaceholder, PlacedTokenPlaceholder, OtherCaseTokenPlaceholder, LongerTokenPlaceholder, ShorterTokenPlaceholder}

// aims returns the aims of a broken request: the ladder, unless the mutation is about the
// graph or the version.
func (d *deriver) aims(at place, p part, m *mutation, t Template, conditions []string) []Aim {
	switch {
	case m.version == LaterVersion:
		return []Aim{{Name: "later-version", Graph: NamedGraph, Version: m.version, Risk: m.risk, Conditions: conditions, Needs: append([]string{"upgrade-version"}, needs(t)...)}}
	case m.version != "":
		return []Aim{{Name: string(m.version) + "-version", Graph: NamedGraph, Version: m.version, Risk: m.risk, Conditions: conditions}}
	case at == atSegment: // destructive, since a router may take it for another path
		return []Aim{{
			Name: "no-" + d.target.Name, Graph: LiteralGraph, Version: AnyVersion, Risk: Destructive,
			Conditions: d.and(conditions, contract.Unknown, d.target.NamedBy),
		}}
	case at == atNearID && !d.op.Safe():
		return []Aim{
			{Name: "near-" + d.target.Name + "-current-version", Graph: NearGraph, Version: CurrentVersion, Risk: Guarded, Conditions: d.and(conditions, contract.NotLater, "/"+d.version)},
			{Name: "near-" + d.target.Name + "-later-version", Graph: NearGraph, Version: LaterVersion, Risk: Destructive, Conditions: conditions, Needs: []string{"upgrade-version"}},
		}
	case at == atNearID:
		return []Aim{{Name: "near-" + d.target.Name, Graph: NearGraph, Risk: Inert, Conditions: conditions}}
	case (at == atGraph || at == atID) && p.name == d.target.NamedBy:
		return d.graphAims(m.relation, t, conditions)
	}
	return d.ladder(t, conditions)
}

// graphAims returns the aims of a request whose graph is under test.
func (d *deriver) graphAims(relation contract.Relation, t Template, conditions []string) []Aim {
	switch {
	case relation == contract.Stopped:
		needs := []string{"stopped-graph-id"}
		var aims []Aim
		if d.guardable(t) {
			aims = append(aims, Aim{Name: "stopped-" + d.target.Name + "-current-version", Graph: StoppedGraph, Version: CurrentVersion, Risk: Guarded, Needs: needs,
				Conditions: d.and(conditions, contract.NotLater, "/"+d.version)})
		}
		return append(aims, Aim{Name: "stopped-" + d.target.Name + "-later-version", Graph: StoppedGraph, Version: LaterVersion, Risk: Destructive,
			Needs: append([]string{"upgrade-version"}, needs...), Conditions: conditions})
	case relation == contract.Foreign && d.op.Safe():
		return []Aim{{Name: "foreign-" + d.target.Name, Graph: ForeignGraph, Risk: Inert, Conditions: conditions, Needs: []string{"foreign-graph-id"}}}
	case relation == contract.Foreign:
		return []Aim{{Name: "foreign-" + d.target.Name, Graph: ForeignGraph, Version: LaterVersion, Risk: Destructive, Conditions: conditions,
			Needs: []string{"foreign-graph-id", "confirm-foreign-graph", "upgrade-version"}}}
	}
	aim := Aim{Name: "absent-" + d.target.Name, Graph: AbsentGraph, Version: d.anyVersion(t), Risk: Inert, Conditions: conditions}
	if !strings.Contains(t.Path, GraphPlaceholder) {
		aim.Graph = LiteralGraph
	}
	return []Aim{aim}
}
