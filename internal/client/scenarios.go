package client

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Scenario is a course of events that a client must cope with.
type Scenario struct {
	Name     string               `yaml:"name"`     // GROUP/NAME
	Answered string               `yaml:"answered"` // what the service does
	Expected string               `yaml:"expected"` // how a client takes it well
	Decides  []contract.Behaviour `yaml:"decides"`  // what the contract expects of a client; the first is what it is about
	// Force is what the client is to send as force_upgrade; nil if it is to leave it out.
	Force *bool `yaml:"force,omitempty"`
	// IfWaiting is whether it only says anything about clients that wait for the job.
	IfWaiting bool `yaml:"if-waiting,omitempty"`
	Observed  bool `yaml:"observed,omitempty"` // whether nothing is right or wrong
	Strict    bool `yaml:"strict,omitempty"`   // whether it belongs to strict runs only
	Long      bool `yaml:"long,omitempty"`     // whether it takes seconds
	// Endpoint is "closed" if nobody listens at the endpoint.
	Endpoint string        `yaml:"endpoint,omitempty"`
	PerRead  time.Duration `yaml:"per-read,omitempty"` // how far the service's clock advances with each read
	Service  yaml.Node     `yaml:"service,omitempty"`  // a part of a scenario of the fake
	ForEach  string        `yaml:"for-each,omitempty"`
	Only     []string      `yaml:"only,omitempty"`
	Except   []string      `yaml:"except,omitempty"`

	always []contract.Behaviour
}

// Group returns the part of the name before the slash.
func (s *Scenario) Group() string {
	group, _, _ := strings.Cut(s.Name, "/")
	return group
}

// About returns what the scenario is about: the first of what it decides.
func (s *Scenario) About() contract.Behaviour { return s.Decides[0] }

// hangs reports whether the service never ends its answer.
func (s *Scenario) hangs() bool { return s.About() == contract.ClientEnds }

// All returns all that the scenario decides, if the client gives cause to.
func (s *Scenario) All() []contract.Behaviour {
	all := slices.Clone(s.Decides)
	for _, b := range s.always {
		if !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all
}

// Requirement returns the id of the requirement that the scenario is about; "" if the contract has
// no such.
func (s *Scenario) Requirement(c *contract.Contract) string { return id(c, s.About()) }

// Requirements returns the ids of those that it decides, if the client gives cause to.
func (s *Scenario) Requirements(c *contract.Contract) []string { return ids(c, s.All()) }

// OwnRequirements returns the ids of those that it is there for, of which Requirement is the first.
func (s *Scenario) OwnRequirements(c *contract.Contract) []string { return ids(c, s.Decides) }

// ids returns the ids of the requirements that say what is expected of a client, as far as the contract expects it.
func ids(c *contract.Contract, expected []contract.Behaviour) []string {
	var all []string
	for _, b := range expected {
		if of := id(c, b); of != "" {
			all = append(all, of)
		}
	}
	return all
}

func (s *Scenario) decides(b contract.Behaviour) bool {
	return slices.Contains(s.Decides, b) || slices.Contains(s.always, b)
}

//go:embed scenarios.yaml
var source []byte

// Scenarios returns the scenarios for clients of a contract, in their order; the first one is the
// plain success. They are not to be changed.
func Scenarios(c *contract.Contract) ([]*Scenario, error) {
	if all, ok := read.Load(c.SHA256()); ok {
		return slices.Clone(all.([]*Scenario)), nil //nolint:forcetypeassert // nothing else is stored
	}
	all, err := readScenarios(c)
	if err == nil {
		read.Store(c.SHA256(), slices.Clone(all))
	}
	return all, err
}

// read has the scenarios of each contract that was asked for, of which there are few.
var read sync.Map

func readScenarios(c *contract.Contract) ([]*Scenario, error) {
	var document struct {
		Always    []contract.Behaviour `yaml:"always"`
		Scenarios []*Scenario          `yaml:"scenarios"`
	}
	root, err := yamlfile.Strict.Read(source, "a list of scenarios")
	if err == nil {
		err = yamlfile.Decode(root, &document)
	}
	if err != nil {
		return nil, fmt.Errorf("read the scenarios for clients: %w", yamlfile.InFile("scenarios.yaml", err))
	}
	var all []*Scenario
	for _, entry := range document.Scenarios {
		entry.always = document.Always
		made, err := entry.expand(c)
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", entry.Name, err)
		}
		all = append(all, made...)
	}
	seen := map[string]bool{}
	for _, s := range all {
		if seen[s.Name] {
			return nil, fmt.Errorf("scenario %s: appears twice", s.Name)
		}
		seen[s.Name] = true
	}
	return all, nil
}

// A found is something for which there is a scenario.
type found struct {
	name, status, code, summary, message string
	service                              string // YAML, in place of the entry's
}

// sources are what entries can be for each of.
var sources = map[string]func(*contract.Contract) []found{
	"variation": func(*contract.Contract) []found {
		var all []found
		for _, v := range fakeserver.Variations() {
			all = append(all, found{name: v.Name, summary: v.Summary, service: "{vary: [" + v.Name + "], vary-always: true}"})
		}
		return all
	},
	"defect": func(*contract.Contract) []found {
		var all []found
		for _, d := range fakeserver.Defects() {
			all = append(all, found{name: d.Name, summary: d.Summary, service: "{defects: [{name: " + d.Name + "}]}"})
		}
		return all
	},
	"refusal": refusals,
	"redirect": func(*contract.Contract) []found {
		var all []found
		for _, status := range []string{"301", "302", "303", "307", "308"} {
			all = append(all, found{name: status, status: status})
		}
		return all
	},
}

// refusals returns each status and code with which an upgrade may be refused.
func refusals(c *contract.Contract) []found {
	op := c.Operation(ges.UpgradeGraph)
	if op == nil {
		return nil
	}
	var all []found
	seen := map[string]bool{}
	for _, r := range op.Refusals() {
		for _, a := range r.Answers {
			for _, status := range strings.Fields(a.Status) {
				if _, err := strconv.Atoi(status); err != nil {
					continue // a class; any code goes with it
				}
				for _, code := range a.Codes {
					f := found{name: status + "-" + code, status: status, code: code}
					if seen[f.name] {
						continue
					}
					if known := c.Code(code); known != nil {
						f.message = known.Message
					}
					seen[f.name], all = true, append(all, f)
				}
			}
		}
	}
	return all
}

// expand returns the scenarios that an entry stands for.
func (s *Scenario) expand(c *contract.Contract) ([]*Scenario, error) {
	if s.ForEach == "" {
		return []*Scenario{s}, nil
	}
	from := sources[s.ForEach]
	if from == nil {
		return nil, fmt.Errorf("for-each: unknown %q", s.ForEach)
	}
	var all []*Scenario
	left := slices.Concat(s.Only, s.Except)
	for _, f := range from(c) {
		left = slices.DeleteFunc(left, func(name string) bool { return name == f.name })
		if len(s.Only) > 0 && !slices.Contains(s.Only, f.name) || slices.Contains(s.Except, f.name) {
			continue
		}
		replacer := strings.NewReplacer("{name}", f.name, "{status}", f.status, "{code}", f.code, "{summary}", f.summary, "{message}", f.message)
		made := *s
		made.ForEach, made.Only, made.Except = "", nil, nil
		made.Name, made.Answered, made.Expected = replacer.Replace(s.Name), strings.TrimSpace(replacer.Replace(s.Answered)), replacer.Replace(s.Expected)
		text := []byte(f.service)
		if s.Service.Kind != 0 {
			encoded, err := yaml.Marshal(&s.Service)
			if err != nil {
				return nil, err
			}
			text = []byte(strings.ReplaceAll(replacer.Replace(string(encoded)), `"`+f.status+`"`, f.status))
		}
		var node yaml.Node
		if err := yaml.Unmarshal(text, &node); err != nil {
			return nil, err
		}
		made.Service = *node.Content[0]
		all = append(all, &made)
	}
	if len(left) > 0 {
		return nil, fmt.Errorf("only or except: unknown %s %q", s.ForEach, left)
	}
	return all, nil
}

// upgradeVersion is the version that is on offer in each scenario.
const upgradeVersion = "2.2.17"

// The rest of what the fake of each scenario has.
const deployment = `
projects: [{name: cn-north-4}]
users:
- {name: operator, domain: acme, tokens: [{project: cn-north-4}], access-keys: [{}]}
graphs: [{name: ges_client, project: cn-north-4}]
versions: [` + upgradeVersion + `]
`

// service returns the fake's scenario. other is the URL of another origin, at another port of the
// same host.
func (s *Scenario) service(other string) (*scenario.Scenario, error) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(deployment), &document); err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	all := document.Content[0]
	all.Content = append(all.Content, s.Service.Content...)
	text, err := yaml.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	host := strings.Replace(other, "127.0.0.1", "localhost", 1) // many clients only look at that
	text = []byte(strings.NewReplacer("{port}", other, "{other}", host).Replace(string(text)))
	made, err := scenario.Parse(s.Name, text)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: %w", s.Name, err)
	}
	return made, nil
}
