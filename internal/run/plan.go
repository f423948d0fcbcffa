package run

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
)

// planVersion is the version of the form of plan.json.
const planVersion = 1

// A Plan is what a run may send, for review before it does: plan.json. Cases may
// be taken out of it. With the exchanges it is all that the verdicts rest on.
type Plan struct {
	SchemaVersion int                    `json:"schema_version"`
	Tool          result.Tool            `json:"tool"`
	Contract      result.ContractVersion `json:"contract"`
	Embedded      bool                   `json:"embedded,omitempty"` // the fake server in the same process
	// Settings are the options of the run by name, but for credentials and for
	// what concerns the user's machine alone.
	Settings map[string]string `json:"settings"`
	// Credentials names the options for which there was one.
	Credentials []string `json:"credentials"`
	// Shard is I/N if it is but a part of what was selected.
	Shard string `json:"shard,omitempty"`
	// Required are the requirements that have to be exercised.
	Required []string    `json:"required,omitempty"`
	Counts   result.Plan `json:"counts"`
	Cases    []PlanCase  `json:"cases"` // sorted by id
}

// A PlanCase is a case, and the requests that it may send, the least dangerous
// first: a later one is sent only if those before it decide nothing.
type PlanCase struct {
	ID          string         `json:"id"`
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	// Supports is set for a case that was not selected and may be sent for the
	// sake of others: a well-formed one before all dangerous ones, for example.
	Supports bool `json:"supports,omitempty"`
	// Observes is the step of the lifecycle that it looks at, in upgrades of other
	// cases or in one of its own.
	Observes string    `json:"observes,omitempty"`
	Aims     []PlanAim `json:"aims,omitempty"`
}

// A PlanAim is one request of a case, or why it will not be sent.
type PlanAim struct {
	Name    string       `json:"name"`
	Risk    cases.Risk   `json:"risk"`
	NotSent string       `json:"not_sent,omitempty"`
	Request *PlanRequest `json:"request,omitempty"`
}

// A PlanRequest is a request before it is sent. What a run reads first stands there
// in words, such as <the graph's own version>; credentials are variables.
type PlanRequest struct {
	Method  string         `json:"method"`
	URL     string         `json:"url"`
	Headers []cases.Header `json:"headers,omitempty"`
	Body    cases.Text     `json:"body,omitempty"`
}

// ReadPlan reads a plan that a run or a dry run wrote.
func ReadPlan(path string) (*Plan, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return parsePlan(path, text)
}

func parsePlan(path string, text []byte) (*Plan, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var p Plan
	if err := d.Decode(&p); err != nil {
		return nil, fmt.Errorf("plan: read %s: %w", path, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("plan: read %s: expected nothing after the plan", path)
	}
	if p.SchemaVersion != planVersion {
		return nil, fmt.Errorf("plan: read %s: schema_version: expected %d, got %d", path, planVersion, p.SchemaVersion)
	}
	return &p, nil
}

// Configure makes config the one that was planned. What the user has given besides
// must be the same; given names it, and may be nil.
func (p *Plan) Configure(cfg *config.Config, given map[string]bool) error {
	if err := cfg.Apply(p.Settings, given); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	if planned, err := time.Parse(time.RFC3339, p.Settings["until"]); err == nil && cfg.Until.After(planned) {
		return fmt.Errorf("plan: until: expected no later time than the plan says, %s, got %s", planned.Format(time.RFC3339), cfg.Until.Format(time.RFC3339))
	}
	cfg.Embedded = p.Embedded
	return nil
}

// plan lists what the suite may send.
func (s *session) plan() *Plan {
	p := &Plan{
		SchemaVersion: planVersion, Tool: tool(), Contract: s.contractVersion(), Embedded: s.config.Embedded,
		Settings: s.config.Settings(), Credentials: s.config.Credentials(), Required: s.required, Counts: s.counts(), Shard: s.shard.String(),
	}
	supporting := engine.Supporting(s.contract, &s.config, s.all, s.selected)
	for _, k := range s.all {
		selected := slices.Contains(s.selected, k)
		if selected || slices.Contains(supporting, k) {
			p.Cases = append(p.Cases, s.planCase(k, !selected))
		}
	}
	return p
}

func (s *session) planCase(k *cases.Case, supports bool) PlanCase {
	c := PlanCase{ID: k.ID, Requirement: k.Requirement, Level: k.Level, Supports: supports, Observes: k.Observes}
	for i := range k.Aims {
		aim := &k.Aims[i]
		a := PlanAim{Name: aim.Name, Risk: aim.Risk}
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

// encode writes the plan as plan.json has it, each case in a line of its own, so
// that a reviewer can take one out and a diff shows which.
func (p *Plan) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	head := *p
	head.Cases = nil
	if err := e.Encode(head); err != nil {
		return nil, fmt.Errorf("write the plan: %w", err)
	}
	b.Truncate(b.Len() - len("null\n}\n")) // in the place of the cases, the last member
	b.WriteByte('[')
	e.SetIndent("", "")
	for i := range p.Cases {
		if i > 0 {
			b.Truncate(b.Len() - 1)
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		if err := e.Encode(p.Cases[i]); err != nil { // and a line break
			return nil, fmt.Errorf("write the plan: %w", err)
		}
	}
	b.WriteString("  ]\n}\n")
	return b.Bytes(), nil
}

// write writes plan.json into a folder and returns its digest.
func (p *Plan) write(folder string) (digest string, err error) {
	text, err := p.encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), evidence.WriteFile(folder, result.PlanFile, text)
}

// restrict keeps of the suite what a plan has, which must be what this contract
// gives for it: nothing may be sent that was not reviewed.
func (s *session) restrict(p *Plan) error {
	switch {
	case p.Contract.SHA256 != s.contract.SHA256():
		return fmt.Errorf("plan: expected one for contract %s %s (sha256 %.12s), got one for %s %s (sha256 %.12s)",
			s.contract.Name(), s.contract.Version(), s.contract.SHA256(), p.Contract.Name, p.Contract.Version, p.Contract.SHA256)
	case len(p.Cases) == 0:
		return errors.New("plan: expected cases, got none")
	}
	for _, name := range p.Credentials {
		if !slices.Contains(s.config.Credentials(), name) {
			return fmt.Errorf("plan: it was made with --%s, which is not given", name)
		}
	}
	s.config.KeepCredentials(p.Credentials)
	planned := map[string]*PlanCase{}
	for i := range p.Cases {
		c := &p.Cases[i]
		if planned[c.ID] != nil || !slices.ContainsFunc(s.derived, func(k *cases.Case) bool { return k.ID == c.ID }) {
			return fmt.Errorf("plan: there is no case %.120q, or it is there twice", c.ID)
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
			return fmt.Errorf("plan: case %s: expected the requests that the contract and the settings give, got others", k.ID)
		case c != nil && !c.Supports:
			s.selected = append(s.selected, k)
		}
		s.all = append(s.all, k) // what only observes sends nothing unless it is selected, and its name stands in exchanges
	}
	for _, k := range engine.Supporting(s.contract, &s.config, s.derived, s.selected) {
		if !slices.Contains(s.all, k) {
			return fmt.Errorf("plan: expected case %s, without which the others must not be sent", k.ID)
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

func (s *session) contractVersion() result.ContractVersion {
	return result.ContractVersion{Name: s.contract.Name(), Version: s.contract.Version(), SHA256: s.contract.SHA256()}
}
