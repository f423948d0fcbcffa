package session

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
)

// Plan lists what the session may send.
func (s *Session) Plan() *plan.Plan {
	p := &plan.Plan{
		SchemaVersion: plan.Version, Tool: tool(), Contract: s.contractVersion(), Embedded: s.config.Embedded,
		Settings: s.config.Settings(), Credentials: s.config.Credentials(), Required: s.required, Counts: s.counts(), Shard: s.shard.String(),
	}
	supporting := engine.Supporting(s.contract, &s.config, s.all, s.selected)
	for _, k := range s.all {
		selected := slices.Contains(s.selected, k)
		if selected || slices.Contains(supporting, k) {
			p.Cases = append(p.Cases, s.planCase(k, !selected))
		}
	}
	p.Shared = s.planShared()
	return p
}

// planShared lists the requests that the valid requests of an upgrade share, for each risk.
func (s *Session) planShared() []plan.Shared {
	var all []plan.Shared
	for risk := cases.Inert; risk <= s.config.Risk; risk++ {
		at := func(k *cases.Case) *cases.Aim {
			i := slices.IndexFunc(k.Aims, func(a cases.Aim) bool { return a.Risk == risk && s.config.Missing(a.Needs) == "" })
			if i < 0 || !k.Shares(k.Aims[i]) {
				return nil
			}
			return &k.Aims[i]
		}
		var valid []*cases.Case
		for _, k := range s.selected {
			if at(k) != nil {
				valid = append(valid, k)
			}
		}
		for _, shared := range cases.Share(valid, func(k *cases.Case) cases.Aim { return *at(k) }) {
			if len(shared.Cases) < 2 {
				continue
			}
			together := *shared.Cases[0]
			together.Request = shared.Request
			aim := at(&together)
			row := plan.Shared{Aim: aim.Name, Risk: risk, Request: s.planRequest(&together, aim)}
			for _, k := range shared.Cases {
				row.Cases = append(row.Cases, k.ID)
			}
			all = append(all, row)
		}
	}
	return all
}

// upgrades returns how many upgrades a server without a fault accepts at most.
func (s *Session) upgrades() int {
	return min(s.upgradesWanted(), s.config.Upgrades(), len(s.config.UpgradeVersions))
}

// upgradesWanted returns how many upgrades a server without a fault would accept if the run could
// start as many as it has a use for.
func (s *Session) upgradesWanted() int {
	later := func(k *cases.Case) bool {
		last := len(k.Aims) - 1
		return last >= 0 && k.Aims[last].Version == cases.LaterVersion && k.Aims[last].Risk <= s.config.Risk && s.config.Missing(k.Aims[last].Needs) == ""
	}
	n, observed, own := 0, 0, 0
	var shared []*cases.Case
	for _, k := range s.selected {
		switch {
		case !later(k):
		case ges.LifecycleSteps[k.Observes].Starts:
			own++
		case k.Observes != "":
			observed = 1
		case k.Shares(k.Aims[len(k.Aims)-1]):
			shared = append(shared, k)
		case k.Level == contract.May: // what it may accept
			n++
		}
	}
	n += len(cases.Share(shared, func(k *cases.Case) cases.Aim { return k.Aims[len(k.Aims)-1] }))
	return max(n, observed) + own
}

func (s *Session) planCase(k *cases.Case, supports bool) plan.Case {
	c := plan.Case{ID: k.ID, Requirement: k.Requirement, Level: k.Level, Supports: supports, Observes: k.Observes}
	for i := range k.Aims {
		aim := &k.Aims[i]
		a := plan.Aim{Name: aim.Name, Risk: aim.Risk}
		switch need := s.config.Missing(aim.Needs); {
		case aim.Risk > s.config.Risk:
			a.NotSent = "the risk is not allowed"
		case need != "":
			a.NotSent = "--" + need + " is not given"
		default:
			r := s.planRequest(k, aim)
			a.Request = &r
		}
		c.Aims = append(c.Aims, a)
	}
	return c
}

// restrict limits the session to a plan. The plan's requests must be those that the
// contract gives, so that nothing is sent that was not reviewed.
func (s *Session) restrict(p *plan.Plan) error {
	switch {
	case p.Contract.SHA256 != s.contract.SHA256():
		return fmt.Errorf("plan: expected one for contract %s %s (sha256 %.12s), got one for %s %s (sha256 %.12s)",
			s.contract.Name(), s.contract.Version(), s.contract.SHA256(), p.Contract.Name, p.Contract.Version, p.Contract.SHA256)
	case len(p.Cases) == 0:
		return errors.New("plan: expected cases, got none")
	}
	for _, name := range p.Credentials {
		if !slices.Contains(s.config.Credentials(), name) {
			return fmt.Errorf("plan: expected --%s, with which it was made, got none", name)
		}
	}
	s.config.KeepCredentials(p.Credentials)
	planned := map[string]*plan.Case{}
	for i := range p.Cases {
		c := &p.Cases[i]
		if planned[c.ID] != nil || !slices.ContainsFunc(s.derived, func(k *cases.Case) bool { return k.ID == c.ID }) {
			return fmt.Errorf("plan: case %.120q is unknown or listed twice", c.ID)
		}
		planned[c.ID] = c
	}
	s.all, s.selected = nil, nil
	for _, k := range s.derived {
		c := planned[k.ID]
		switch {
		case c == nil && k.Observes == "":
			continue
		case c != nil && !reflect.DeepEqual(s.planCase(k, c.Supports), *c):
			return fmt.Errorf("plan: case %s: its requests are not those that the contract and the settings give", k.ID)
		case c != nil && !c.Supports:
			s.selected = append(s.selected, k)
		}
		s.all = append(s.all, k) // an unselected observing case sends nothing, but exchanges refer to it
	}
	for _, k := range engine.Supporting(s.contract, &s.config, s.derived, s.selected) {
		if !slices.Contains(s.all, k) {
			return fmt.Errorf("plan: expected case %s, which the other cases depend on, got none", k.ID)
		}
	}
	s.required = p.Required
	var err error
	if p.Shard != "" {
		s.shard, err = ParseShard(p.Shard)
	}
	return err
}

func tool() result.Tool { return result.Tool{Name: "gesconform", Version: config.ToolVersion} }

func (s *Session) contractVersion() result.ContractVersion {
	return result.ContractVersion{Name: s.contract.Name(), Version: s.contract.Version(), SHA256: s.contract.SHA256()}
}
