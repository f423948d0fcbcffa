// Package scenario says what a fake deployment holds and how it behaves:
// projects, users, graphs, versions on offer, how upgrades go, and faults. A
// scenario is a value in Go, or a YAML file that keeps to [Schema].
package scenario

import (
	"time"
)

// A Scenario describes a deployment. Ids, tokens and access keys that are left
// out are made by the server, of its seed.
type Scenario struct {
	Description string    `yaml:"description"`
	Projects    []Project `yaml:"projects"`
	Users       []User    `yaml:"users"`
	Graphs      []Graph   `yaml:"graphs"`
	// Versions are on offer, ascending. Where there are none, any later version
	// is taken.
	Versions []string `yaml:"versions"`
	// Upgrades says how upgrades go, the nth as the nth entry says; the last
	// one holds for all that follow.
	Upgrades []Upgrade `yaml:"upgrades"`
	Faults   []Fault   `yaml:"faults"`
	// Prefer lets a request choose the status of its own answer with the header
	// `Prefer: code=503` (RFC 7240).
	Prefer bool `yaml:"prefer"`
	// Vary names lawful variations, or "all" for all of them.
	Vary []string `yaml:"vary"`
	// KeptJobs is how many ended jobs can be asked for; older ones are
	// forgotten. 0 stands for 10,000.
	KeptJobs int `yaml:"kept-jobs"`
}

// A Project is what graphs belong to and tokens are scoped to.
type Project struct {
	Name   string `yaml:"name"` // of the region, as IAM names projects: cn-north-4
	ID     string `yaml:"id"`
	Domain string `yaml:"domain"` // the account's name; "acme" if empty
}

// A Role is what a user may do.
type Role string

// The roles.
const (
	Operator Role = "operator" // reads and upgrades; the role of who has none
	Reader   Role = "reader"   // reads
)

// A User is somebody whom IAM knows.
type User struct {
	Name       string      `yaml:"name"`
	Password   string      `yaml:"password"` // none: the user gets no tokens by it
	Domain     string      `yaml:"domain"`   // "acme" if empty
	Role       Role        `yaml:"role"`
	Projects   []string    `yaml:"projects"` // by name; all of the domain if empty
	Tokens     []Token     `yaml:"tokens"`
	AccessKeys []AccessKey `yaml:"access-keys"`
}

// A Token has been issued before the server starts.
type Token struct {
	Value   string `yaml:"value"`
	Project string `yaml:"project"` // by name; scoped to the domain if empty
	// ExpiresIn counts from the server's start; negative for a token that has
	// expired, 0 for 24 hours.
	ExpiresIn time.Duration `yaml:"expires-in"`
}

// An AccessKey signs requests.
type AccessKey struct {
	Access        string `yaml:"access"`
	Secret        string `yaml:"secret"`
	SecurityToken string `yaml:"security-token"` // of a temporary key
}

// A Graph is one at the server's start.
type Graph struct {
	Name    string `yaml:"name"`
	ID      string `yaml:"id"`
	Project string `yaml:"project"` // by name
	Status  string `yaml:"status"`  // the name of a state of the contract; "running" if empty
	Version string `yaml:"version"` // "2.2.8" if empty
	Tasks   []Task `yaml:"tasks"`
}

// A Task is work that a graph is busy with, such as a long algorithm. An
// upgrade waits for it, and a forced one interrupts it.
type Task struct {
	Name  string        `yaml:"name"`
	Takes time.Duration `yaml:"takes"` // from the server's start
}

// An Upgrade is how an upgrade goes.
type Upgrade struct {
	// Takes is its time, beside what it waits for. One that takes no time has
	// ended when its job is first asked for.
	Takes time.Duration `yaml:"takes"`
	// Fails is why it fails; "" if it succeeds.
	Fails string `yaml:"fails"`
}

// A Fault is something that goes wrong with the requests that match it.
type Fault struct {
	Name  string `yaml:"name"` // in the journal and the counters; made up if empty
	Match Match  `yaml:"match"`
	// After lets the service act before the fault strikes, so that only its
	// answer is lost. A delay comes first in any case.
	After  bool   `yaml:"after"`
	Delay  *Delay `yaml:"delay"`
	Answer *Fail  `yaml:"answer"`
	Break  Break  `yaml:"break"`
}

// A Match says which requests a fault strikes. An empty one strikes all.
type Match struct {
	Operation string `yaml:"operation"` // upgradeGraph, showGraph, showJob, listGraphs, listJobs, createToken
	Graph     string `yaml:"graph"`     // by name or id
	// Calls are the ordinals, from 1, of the requests to strike among those
	// that match so far; all if empty.
	Calls []int `yaml:"calls"`
	// Probability, of the requests that match so far, is drawn of the seed;
	// 0 stands for 1.
	Probability float64 `yaml:"probability"`
}

// A Delay holds an answer back for a time from From to To.
type Delay struct {
	From time.Duration `yaml:"from"`
	To   time.Duration `yaml:"to"` // From if 0
}

// A Fail is the answer that a fault gives.
type Fail struct {
	Status     int           `yaml:"status"`
	Code       string        `yaml:"code"`    // the error code; one that fits the status if empty
	Message    string        `yaml:"message"` // that of the code if empty
	RetryAfter time.Duration `yaml:"retry-after"`
	Page       bool          `yaml:"page"` // an HTML page, as gateways and proxies send
}

// A Break is a way in which an answer does not arrive.
type Break string

// The breaks.
const (
	Hang     Break = "hang"     // nothing comes, and the connection stays
	Reset    Break = "reset"    // nothing comes, and the connection is reset
	Truncate Break = "truncate" // half of the body comes, and the connection is closed
)
