// Package scenario describes what a fake deployment has and how it behaves: projects,
// users, graphs, versions on offer, the course of upgrades, and faults. A scenario is a Go
// value or a YAML file that is valid against [Schema]. A key that the file leaves out is
// the zero value in Go.
package scenario

import (
	"slices"
	"time"
)

// A Scenario describes a deployment. Ids, tokens and access keys that are left out are
// generated from the server's seed.
type Scenario struct {
	Description string    `yaml:"description,omitempty"`
	Projects    []Project `yaml:"projects"`
	Users       []User    `yaml:"users"`
	Graphs      []Graph   `yaml:"graphs"`
	// Versions are the versions on offer, in ascending order. If there are none, a graph
	// can be upgraded to any later version.
	Versions []string `yaml:"versions,omitempty"`
	// Upgrades says how the nth upgrade goes, whichever the graph; the last entry is
	// for all that follow. If empty, upgrades succeed and the server decides how long
	// they take.
	Upgrades []Upgrade `yaml:"upgrades,omitempty"`
	Faults   []Fault   `yaml:"faults,omitempty"`
	// Defects are the defects that the server shows, beside those of its options.
	Defects []Defect `yaml:"defects,omitempty"`
	// Strict has the server refuse whatever a service may refuse, and not only what it must.
	Strict bool `yaml:"strict,omitempty"`
	// Prefer lets a request ask for an error status with the header `Prefer: code=503`
	// (RFC 7240).
	Prefer bool `yaml:"prefer,omitempty"`
	// Vary names the lawful variations that answers show; "all" is for all of them. Each
	// answer shows each with a chance of one half.
	Vary []string `yaml:"vary,omitempty"`
	// VaryAlways has every answer show the variations.
	VaryAlways bool `yaml:"vary-always,omitempty"`
	// KeptJobs is how many jobs that have ended the server keeps; 0 stands for 10,000.
	KeptJobs int `yaml:"kept-jobs,omitempty"`
}

// A Project is what graphs belong to and tokens are scoped to.
type Project struct {
	Name   string `yaml:"name"` // IAM names projects after their regions: cn-north-4
	ID     string `yaml:"id,omitempty"`
	Domain string `yaml:"domain,omitempty"` // the domain (account) by name; "acme" if empty
}

// A Role is what a user may do.
type Role string

// The roles.
const (
	Operator Role = "operator" // may read and upgrade; the role if empty
	Reader   Role = "reader"   // may read
)

// A User is a user of IAM.
type User struct {
	Name       string      `yaml:"name"`
	Password   string      `yaml:"password,omitempty"` // if empty, IAM issues no tokens to the user
	Domain     string      `yaml:"domain,omitempty"`   // by name; "acme" if empty
	Role       Role        `yaml:"role,omitempty"`
	Projects   []string    `yaml:"projects,omitempty"` // by name; all those of the domain if empty
	Tokens     []Token     `yaml:"tokens,omitempty"`
	AccessKeys []AccessKey `yaml:"access-keys,omitempty"`
}

// A Token is a token that was issued before the server started.
type Token struct {
	Value   string `yaml:"value,omitempty"`
	Project string `yaml:"project,omitempty"` // by name; if empty, the token is scoped to the domain
	// ExpiresIn is the time from loading the scenario until the token expires; 0 stands
	// for 24 hours. It is negative for an expired token.
	ExpiresIn time.Duration `yaml:"expires-in,omitempty"`
}

// An AccessKey is an access key with which a user can sign requests (AK/SK).
type AccessKey struct {
	Access        string `yaml:"access,omitempty"`
	Secret        string `yaml:"secret,omitempty"`
	SecurityToken string `yaml:"security-token,omitempty"` // for a temporary key
}

// A Graph is a graph as it is when the scenario is loaded.
type Graph struct {
	Name    string `yaml:"name"`
	ID      string `yaml:"id,omitempty"`
	Project string `yaml:"project"`           // by name
	Status  string `yaml:"status,omitempty"`  // the name of a state in x-graph-states; "running" if empty
	Version string `yaml:"version,omitempty"` // "2.2.8" if empty
	Tasks   []Task `yaml:"tasks,omitempty"`
}

// A Task is work that keeps a graph busy, such as a long-running algorithm. An upgrade
// waits for it; a forced one interrupts it.
type Task struct {
	Name  string        `yaml:"name"`
	Takes time.Duration `yaml:"takes"` // from loading the scenario
}

// An Upgrade says how an upgrade goes.
type Upgrade struct {
	// Takes is how long it takes, not counting the tasks that it waits for. With 0 it has
	// ended when its job is first queried.
	Takes time.Duration `yaml:"takes,omitempty"`
	// Fails is the reason with which it fails; "" if it succeeds.
	Fails string `yaml:"fails,omitempty"`
	// Partly lets it fail in part only: its job ends as partiallyFailed.
	Partly bool `yaml:"partly,omitempty"`
	// JobID is the id of its job; generated if empty. If the entry is for several upgrades, only
	// the first has it.
	JobID string `yaml:"job-id,omitempty"`
}

// A Defect is a defect of the fake, by name. It shows in all calls that it can change or, if
// Calls are given, in those of them with these numbers, from 1; then it must be one that only
// changes answers.
type Defect struct {
	Name  string `yaml:"name"`
	Calls []int  `yaml:"calls,omitempty"`
}

// A Fault is something that goes wrong with the requests that it matches. At least one of
// Delay, Answer, Enlarge and Break is set.
type Fault struct {
	Name  string `yaml:"name,omitempty"` // for the journal and the metrics; fault-N if empty
	Match Match  `yaml:"match,omitempty"`
	// After lets the service handle the request before the fault strikes, so that only
	// the answer is lost. The delay comes before that in any case.
	After  bool    `yaml:"after,omitempty"`
	Delay  *Delay  `yaml:"delay,omitempty"`
	Answer *Answer `yaml:"answer,omitempty"`
	// Enlarge adds a member to the answer.
	Enlarge *Enlarge `yaml:"enlarge,omitempty"`
	Break   Break    `yaml:"break,omitempty"`
}

// A Match says which requests a fault strikes. An empty one matches all.
type Match struct {
	Operation string `yaml:"operation,omitempty"` // upgradeGraph, showGraph, showJob, listGraphs, listJobs, createToken
	Graph     string `yaml:"graph,omitempty"`     // by name or id
	// Calls are the numbers, from 1, of the requests to strike, counted among those that
	// Operation and Graph match; all if empty.
	Calls []int `yaml:"calls,omitempty"`
	// Probability is the probability that a request which matches the above is struck.
	// The server's seed decides; 0 stands for 1.
	Probability float64 `yaml:"probability,omitempty"`
}

// A Delay delays a request by a random time between From and To.
type Delay struct {
	From time.Duration `yaml:"from"`
	To   time.Duration `yaml:"to,omitempty"` // equal to From if 0
}

// An Answer is the answer of a fault.
type Answer struct {
	Status     int            `yaml:"status"`            // from 200 to 599; one below 400 has no body, unless it is given
	Code       string         `yaml:"code,omitempty"`    // the error code; if empty, the first of the contract for the status
	Message    string         `yaml:"message,omitempty"` // if empty, the message of the code
	RetryAfter *time.Duration `yaml:"retry-after,omitempty"`
	RetryDate  bool           `yaml:"retry-date,omitempty"` // whether Retry-After is a date, and not a number of seconds
	// Location is the header of that name; {target} in it stands for the path and query of the
	// request.
	Location string `yaml:"location,omitempty"`
	Page     bool   `yaml:"page,omitempty"` // an HTML page, as gateways and proxies send
	// Body is the body, as it is sent, in place of the error code and its message.
	Body string `yaml:"body,omitempty"`
	// Headers are lines of the header, such as "Set-Cookie: a=b". They replace those with the same name that the
	// answer would have. A body without a Content-Type is application/json.
	Headers []string `yaml:"headers,omitempty"`
}

// An Enlarge adds a member to an answer whose body is an object, with a string of so many
// bytes, or with arrays that are nested so deeply.
type Enlarge struct {
	Bytes int `yaml:"bytes,omitempty"`
	Depth int `yaml:"depth,omitempty"`
}

// A Break is a way in which an answer fails to arrive.
type Break string

// The breaks. HTTP/2 has no headers or lengths to break as the last three do; there, the stream
// is reset.
const (
	Hang       Break = "hang"        // nothing is sent, and the connection stays open
	Reset      Break = "reset"       // nothing is sent, and the connection is reset
	ResetEarly Break = "reset-early" // the connection is reset before the request's body is read
	Close      Break = "close"       // nothing is sent, and the connection is closed
	Truncate   Break = "truncate"    // half of the body is sent, and the connection is closed
	Stall      Break = "stall"       // half of the body is sent, and the connection stays open
	Drip       Break = "drip"        // the body is sent, but byte by byte
	Endless    Break = "endless"     // the body does not end before the client leaves
	HalfHead   Break = "half-head"   // the connection is closed in the middle of the headers
	TwoLengths Break = "two-lengths" // there are two Content-Lengths, which contradict each other
	NotHTTP    Break = "not-http"    // what is sent is not HTTP
)

// WithBody reports whether an answer is sent at all, be it in part.
func (b Break) WithBody() bool {
	return !slices.Contains([]Break{Hang, Reset, ResetEarly, Close, HalfHead, NotHTTP}, b)
}

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
