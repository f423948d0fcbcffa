package service

import (
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
)

// What is answered and posted is described by docs/client-serve.schema.json.

type scenarioList struct {
	Scenarios []scenario `json:"scenarios"` // the first has to start first
}

type scenario struct {
	Name     string   `json:"name"`
	Answered string   `json:"answered"`
	Expected string   `json:"expected"`
	Decides  []string `json:"decides"` // the requirements that it is there for
}

type endpoint struct {
	Scenario       string            `json:"scenario"`
	Endpoint       string            `json:"endpoint"`
	Token          string            `json:"token"`
	AccessKey      string            `json:"access_key"`
	SecretKey      string            `json:"secret_key"`
	ProjectID      string            `json:"project_id"`
	GraphID        string            `json:"graph_id"`
	UpgradeVersion string            `json:"upgrade_version"`
	ForceUpgrade   *bool             `json:"force_upgrade,omitempty"` // left out if it is not to be sent
	Environment    map[string]string `json:"environment"`             // the same as variables
	Outcome        string            `json:"outcome"`                 // the URL to post the outcome to
}

type outcome struct {
	Said       judge.Said `json:"said"`
	Stdout     string     `json:"stdout"`
	Stderr     string     `json:"stderr"`
	Error      string     `json:"error"`
	ExitStatus *int       `json:"exit_status"`
}

type verdict struct {
	Scenario string        `json:"scenario"`
	Verdict  judge.Verdict `json:"verdict"`
	Failed   bool          `json:"failed"`            // whether it fails the run: a known deviation does not
	Reason   string        `json:"reason,omitempty"`  // why there is no better verdict, such as an error's
	Message  string        `json:"message,omitempty"` // what is broken, in full
	Again    bool          `json:"again"`             // whether only want of time may be the cause
	Findings []finding     `json:"findings"`
}

type finding struct {
	Requirement string         `json:"requirement"`
	Level       contract.Level `json:"level"`
	Verdict     judge.Verdict  `json:"verdict"`
	Sentence    string         `json:"sentence"`
	Got         string         `json:"got,omitempty"` // what came instead of what the sentence says
}

type results struct {
	Results []verdict `json:"results"`
	Left    []string  `json:"left"` // the scenarios that have no result
}

type failure struct {
	Error  string   `json:"error"`
	Result *verdict `json:"result,omitempty"` // of the scenario, if it has one
}

func (s *Service) scenario(one *client.Scenario) scenario {
	own := append([]string{}, one.OwnRequirements(s.contract)...) // in JSON a list, even if it is empty
	return scenario{Name: one.Name, Answered: one.Answered, Expected: one.Expected, Decides: own}
}

func endpointOf(e *client.Endpoint, outcome string) endpoint {
	all := map[string]string{}
	for _, variable := range e.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		all[name] = value
	}
	return endpoint{
		Scenario: e.Scenario, Endpoint: e.URL, Token: e.Token, AccessKey: e.AccessKey, SecretKey: e.SecretKey, ProjectID: e.ProjectID,
		GraphID: e.GraphID, UpgradeVersion: e.UpgradeVersion, ForceUpgrade: e.ForceUpgrade, Environment: all, Outcome: outcome,
	}
}

func (s *Service) verdict(r *judge.Result) *verdict {
	v := &verdict{Scenario: r.Case, Verdict: r.Verdict, Reason: r.Reason, Failed: s.fails(*r), Findings: []finding{}}
	var messages []string
	for _, f := range r.Findings {
		shown := finding{Requirement: f.Requirement, Level: f.Level, Verdict: f.Verdict, Got: f.Got}
		if of := s.contract.Requirement(f.Requirement); of != nil {
			shown.Sentence = of.Text
		}
		v.Findings = append(v.Findings, shown)
		if f.Verdict == judge.Deviates || f.Verdict == judge.Advisory {
			messages = append(messages, strings.TrimSpace(report.FailureText(s.contract, *r, f)))
		}
	}
	v.Message = strings.Join(messages, "\n\n")
	return v
}
