// Package scenario describes a fake deployment and how it behaves: projects,
// users, graphs, versions on offer, how upgrades go, and faults. A scenario is a
// value in Go, or a YAML file that is valid by [Schema]. What is left out in the
// file is the zero value in Go.
package scenario

import (
	"slices"
	"time"
)

// A Scenario describes a deployment. The server makes ids, tokens and access keys
// that are left out from its seed.
type Scenario struct {
	Description string    `yaml:"description,omitempty"`
	Projects    []Project `yaml:"projects"`
	Users       []User    `yaml:"users"`
	Graphs      []Graph   `yaml:"graphs"`
	// Versions are those on offer, ascending. Without any, a graph can be upgraded
	// to any later version.
	Versions []string `yaml:"versions,omitempty"`
	// Upgrades says how upgrades go, the nth as the nth entry says; the last
	// one holds for all that follow.
	Upgrades []Upgrade `yaml:"upgrades,omitempty"`
	Faults   []Fault   `yaml:"faults,omitempty"`
	// Prefer lets a request choose the status of its own answer with the header
	// `Prefer: code=503` (RFC 7240).
	Prefer bool `yaml:"prefer,omitempty"`
	// Vary names lawful variations, or "all" for all of them.
	Vary []string `yaml:"vary,omitempty"`
	// KeptJobs is how many ended jobs the server remembers; 0 stands for 10,000.
	KeptJobs int `yaml:"kept-jobs,omitempty"`
}

// A Project has graphs, and tokens are scoped to it.
type Project struct {
	Name   string `yaml:"name"` // of the region, as IAM names projects: cn-north-4
	ID     string `yaml:"id,omitempty"`
	Domain string `yaml:"domain,omitempty"` // the account's name; "acme" if empty
}

// A Role is what a user may do.
type Role string

// The roles.
const (
	Operator Role = "operator" // reads and upgrades; the role of a user without one
	Reader   Role = "reader"   // reads
)

// A User is a user of IAM.
type User struct {
	Name       string      `yaml:"name"`
	Password   string      `yaml:"password,omitempty"` // without one IAM issues no tokens to the user
	Domain     string      `yaml:"domain,omitempty"`   // "acme" if empty
	Role       Role        `yaml:"role,omitempty"`
	Projects   []string    `yaml:"projects,omitempty"` // by name; all of the domain if empty
	Tokens     []Token     `yaml:"tokens,omitempty"`
	AccessKeys []AccessKey `yaml:"access-keys,omitempty"`
}

// A Token is one that was issued before the server starts.
type Token struct {
	Value   string `yaml:"value,omitempty"`
	Project string `yaml:"project,omitempty"` // by name; scoped to the domain if empty
	// ExpiresIn is from the server's start; negative for a token that has expired,
	// 0 for 24 hours.
	ExpiresIn time.Duration `yaml:"expires-in,omitempty"`
}

// An AccessKey signs requests.
type AccessKey struct {
	Access        string `yaml:"access,omitempty"`
	Secret        string `yaml:"secret,omitempty"`
	SecurityToken string `yaml:"security-token,omitempty"` // of a temporary key
}

// A Graph is a graph as it is at the server's start.
type Graph struct {
	Name    string `yaml:"name"`
	ID      string `yaml:"id,omitempty"`
	Project string `yaml:"project"`           // by name
	Status  string `yaml:"status,omitempty"`  // the name of a state of the contract; "running" if empty
	Version string `yaml:"version,omitempty"` // "2.2.8" if empty
	Tasks   []Task `yaml:"tasks,omitempty"`
}

// A Task is work that a graph is busy with, such as a long algorithm. An
// upgrade waits for it, and a forced one interrupts it.
type Task struct {
	Name  string        `yaml:"name"`
	Takes time.Duration `yaml:"takes"` // from the server's start
}

// An Upgrade is how an upgrade goes.
type Upgrade struct {
	// Takes is how long it takes, without what it waits for. With 0 it has ended
	// when its job is first asked for.
	Takes time.Duration `yaml:"takes,omitempty"`
	// Fails is why it fails; "" if it succeeds.
	Fails string `yaml:"fails,omitempty"`
}

// A Fault is something that goes wrong with the requests that match it.
type Fault struct {
	Name  string `yaml:"name,omitempty"` // in the journal and the counters; numbered if empty
	Match Match  `yaml:"match,omitempty"`
	// After lets the service act before the fault strikes, so that only its
	// answer is lost. A delay comes first in any case.
	After  bool    `yaml:"after,omitempty"`
	Delay  *Delay  `yaml:"delay,omitempty"`
	Answer *Answer `yaml:"answer,omitempty"`
	Break  Break   `yaml:"break,omitempty"`
}

// A Match says which requests a fault strikes. An empty one strikes all.
type Match struct {
	Operation string `yaml:"operation,omitempty"` // upgradeGraph, showGraph, showJob, listGraphs, listJobs, createToken
	Graph     string `yaml:"graph,omitempty"`     // by name or id
	// Calls are the ordinals, from 1, of the requests to strike among those
	// that match so far; all if empty.
	Calls []int `yaml:"calls,omitempty"`
	// Probability is that with which a request that matches so far is struck, drawn
	// from the seed; 0 stands for 1.
	Probability float64 `yaml:"probability,omitempty"`
}

// A Delay holds an answer back for a random time between From and To.
type Delay struct {
	From time.Duration `yaml:"from"`
	To   time.Duration `yaml:"to,omitempty"` // From if 0
}

// An Answer is what a fault answers.
type Answer struct {
	Status     int           `yaml:"status"`
	Code       string        `yaml:"code,omitempty"`    // the error code; one that fits the status if empty
	Message    string        `yaml:"message,omitempty"` // that of the code if empty
	RetryAfter time.Duration `yaml:"retry-after,omitempty"`
	Page       bool          `yaml:"page,omitempty"` // an HTML page, as gateways and proxies send
}

// A Break is a way in which an answer fails to arrive.
type Break string

// The breaks.
const (
	Hang     Break = "hang"     // nothing is sent, and the connection stays open
	Reset    Break = "reset"    // nothing is sent, and the connection is reset
	Truncate Break = "truncate" // half of the body is sent, and the connection is closed
)

// defaultDomain is the domain (account) of projects and users without one.
const defaultDomain = "acme"

// DomainName is the project's domain.
func (p Project) DomainName() string { return orDefault(p.Domain) }

// DomainName is the user's domain.
func (u User) DomainName() string { return orDefault(u.Domain) }

func orDefault(domain string) string {
	if domain == "" {
		return defaultDomain
	}
	return domain
}

// Project returns the project with a name, or nil.
func (s *Scenario) Project(name string) *Project {
	i := slices.IndexFunc(s.Projects, func(p Project) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Projects[i]
}

// reaches reports whether a user may act in a project.
func (s *Scenario) reaches(u User, project string) bool {
	if len(u.Projects) > 0 {
		return slices.Contains(u.Projects, project)
	}
	p := s.Project(project)
	return p != nil && p.DomainName() == u.DomainName()
}

// ProjectsOf lists the projects in which a user may act.
func (s *Scenario) ProjectsOf(u User) []Project {
	return slices.DeleteFunc(slices.Clone(s.Projects), func(p Project) bool { return !s.reaches(u, p.Name) })
}
