package fakeserver

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// DefaultVersion is the version of a graph if the scenario gives none.
const DefaultVersion = "2.2.8"

// laterVersions is how many later versions the fixtures have if the scenario does not
// list the versions on offer.
const laterVersions = 80

// tokenLife is how long a token is valid if the scenario does not say.
const tokenLife = 24 * time.Hour

// Fixtures are what a client, or a run of gesconform, needs to know about a server: its
// graphs, versions and credentials. A field is empty if the scenario has nothing for it.
// The JSON form leaves out the credentials.
type Fixtures struct {
	ProjectID      string   `json:"project_id"` // of the first operator with a valid token
	ProjectName    string   `json:"project_name"`
	DomainName     string   `json:"domain_name"`
	UserName       string   `json:"user_name"` // of that operator
	Password       string   `json:"-"`         // of that operator
	AccessKey      string   `json:"-"`         // the operator's first that is not temporary
	SecretKey      string   `json:"-"`
	GraphID        string   `json:"graph_id"` // the first running graph of the project
	GraphName      string   `json:"graph_name"`
	Token          string   `json:"-"`                // of the project; may read and upgrade
	ReadonlyToken  string   `json:"-"`                // of the project; may read
	ExpiredToken   string   `json:"-"`                // of the project; was valid once
	StoppedGraphID string   `json:"stopped_graph_id"` // of the project
	ForeignGraphID string   `json:"foreign_graph_id"` // of another project
	Versions       []string `json:"versions"`         // on offer, later than that of the graph, and in ascending order
	// UpgradeTime is the longest that an upgrade of the graph can take, including the
	// time for which it waits for tasks.
	UpgradeTime time.Duration `json:"-"`
}

// Fixtures returns the fixtures as they were when the scenario was loaded; upgrades do
// not change them.
func (s *Server) Fixtures() Fixtures {
	f := s.current.Load().fixtures
	f.Versions = append([]string{}, f.Versions...)
	return f
}

// populate fills in the state that the scenario describes, and the fixtures.
func (s *service) populate() error {
	now := s.clock.now()
	s.projects = map[string]string{}
	for _, p := range s.scenario.Projects {
		s.projects[p.Name] = orGenerated(p.ID, s.ids.hex)
	}
	s.identities.tokens, s.identities.keys = map[digest]*caller{}, map[string]*accessKey{}
	var tokens []scenarioToken
	for i := range s.scenario.Users {
		tokens = append(tokens, s.addUser(&s.scenario.Users[i], now)...)
	}
	if s.identities.operator == nil {
		return errors.New("scenario: expected an operator with a valid token of a project, got none")
	}
	s.fixtures.setTokens(tokens, now)
	for _, g := range s.scenario.Graphs {
		if err := s.addGraph(g, s.projects[g.Project], now); err != nil {
			return err
		}
	}
	s.setVersions()
	s.setUpgradeTime()
	return nil
}

// orGenerated returns what the scenario says or, if that is empty, a generated value.
func orGenerated(said string, generate func() string) string {
	if said == "" {
		return generate()
	}
	return said
}

// addUser adds a user's tokens and access keys, and returns the tokens.
func (s *service) addUser(u *scenario.User, now time.Time) []scenarioToken {
	f := &s.fixtures
	var tokens []scenarioToken
	s.credentials.add(u.Password)
	for _, t := range u.Tokens {
		value, life := orGenerated(t.Value, s.ids.token), cmp.Or(t.ExpiresIn, tokenLife)
		who := &caller{user: u, project: s.projects[t.Project], readOnly: u.Role == scenario.Reader, expires: now.Add(life)}
		s.identities.tokens[digestOf(value)] = who
		s.credentials.add(value)
		tokens = append(tokens, scenarioToken{who, value})
		if t.Project != "" && life > 0 && !who.readOnly && s.identities.operator == nil {
			s.identities.operator = who
			f.Token, f.ProjectID, f.ProjectName = value, who.project, t.Project
			f.UserName, f.Password, f.DomainName = u.Name, u.Password, u.DomainName()
		}
	}
	for _, k := range u.AccessKeys {
		key := &accessKey{user: u, Key: aksk.Key{
			Access: orGenerated(k.Access, s.ids.accessKey), Secret: orGenerated(k.Secret, s.ids.secretKey), SecurityToken: k.SecurityToken,
		}}
		s.credentials.add(key.Secret, key.SecurityToken)
		for _, p := range s.scenario.ProjectsOf(*u) {
			key.projects = append(key.projects, s.projects[p.Name])
		}
		s.identities.keys[key.Access] = key
		if operator := s.identities.operator; operator != nil && operator.user == u && f.AccessKey == "" && key.SecurityToken == "" {
			f.AccessKey, f.SecretKey = key.Access, key.Secret
		}
	}
	return tokens
}

// A scenarioToken is a token of the scenario and its holder.
type scenarioToken struct {
	*caller
	value string
}

// setTokens sets the fixtures for the expired and the read-only token of the project.
func (f *Fixtures) setTokens(tokens []scenarioToken, now time.Time) {
	for _, t := range tokens {
		switch {
		case t.project != f.ProjectID:
		case !now.Before(t.expires):
			f.ExpiredToken = cmp.Or(f.ExpiredToken, t.value)
		case t.readOnly:
			f.ReadonlyToken = cmp.Or(f.ReadonlyToken, t.value)
		}
	}
}

// addGraph makes a graph with its tasks.
func (s *service) addGraph(g scenario.Graph, project string, now time.Time) error {
	made := &graph{
		id: orGenerated(g.ID, s.ids.uuid), project: project, name: g.Name, state: graphRunning, version: cmp.Or(g.Version, DefaultVersion),
		created: now.Add(-30 * 24 * time.Hour), updated: now.Add(-30 * 24 * time.Hour),
	}
	if g.Status != "" {
		states := s.states.GraphStates()
		i := slices.IndexFunc(states, func(state *contract.GraphState) bool { return state.Name == g.Status })
		if i < 0 {
			return fmt.Errorf("scenario: graph %q: expected the name of a state of the contract, got %q", g.Name, g.Status)
		}
		made.state = states[i].Status
	}
	s.graphs[made.id] = made
	for _, t := range g.Tasks {
		s.busy(made, t.Name, t.Takes, now)
	}
	f, state := &s.fixtures, s.states.GraphState(made.state)
	switch {
	case project != f.ProjectID:
		f.ForeignGraphID = cmp.Or(f.ForeignGraphID, made.id)
	case made.state == graphRunning && f.GraphID == "":
		f.GraphID, f.GraphName = made.id, made.name
	case state != nil && state.Relation == contract.Stopped:
		f.StoppedGraphID = cmp.Or(f.StoppedGraphID, made.id)
	}
	return nil
}

// setUpgradeTime sets the fixture for how long an upgrade can take.
func (s *service) setUpgradeTime() {
	for _, u := range s.upgrades {
		s.fixtures.UpgradeTime = max(s.fixtures.UpgradeTime, u.Takes)
	}
	var wait time.Duration
	if g := s.graphs[s.fixtures.GraphID]; g != nil {
		for _, task := range g.active {
			wait = max(wait, task.end.Sub(task.began))
		}
	}
	s.fixtures.UpgradeTime += wait
}

// setVersions sets the fixture for the versions to which the graph can be upgraded. If
// the scenario lists no versions, any later one will do, and some are made up.
func (s *service) setVersions() {
	g := s.graphs[s.fixtures.GraphID]
	if g == nil {
		return
	}
	for _, v := range s.scenario.Versions {
		if contract.Later(v, g.version) {
			s.fixtures.Versions = append(s.fixtures.Versions, v)
		}
	}
	version, err := contract.ParseVersion(g.version)
	if err != nil || len(s.scenario.Versions) > 0 {
		return
	}
	for range laterVersions {
		version[len(version)-1]++
		s.fixtures.Versions = append(s.fixtures.Versions, version.String())
	}
}
