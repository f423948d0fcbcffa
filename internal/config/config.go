// Package config is the configuration of a run: the deployment under test, its
// credentials and fixtures, and how far the run may go. One table of options serves
// the command, `go test` and the targets file.
package config

import (
	"context"
	"fmt"
	"math"
	"net"
	"slices"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/iam"
)

// A Config describes the deployment and the run. Options lists the flag of each field.
type Config struct {
	Endpoint       string
	Region         string // of Huawei Cloud, instead of an endpoint
	CAFile         string // certificates to trust in addition to the system's; "" for none
	ClientCert     string // a file with the client certificate; "" for none
	ClientKey      string // a file with its key
	Insecure       bool   // the endpoint's certificate is not verified
	AllowHTTP      bool   // credentials may go over http:// beyond this machine
	ProjectID      string
	GraphID        string // may be "" if AbsentGraphID is not
	AbsentGraphID  string // of no graph, as the user vouches; "" for none
	Token          string
	TokenFile      string    // contains the token
	TokenCommand   string    // prints the token; run with sh -c
	Login          iam.Login // gets a token from IAM
	AccessKey      string    // signs requests if there is no token
	SecretKey      string
	SecurityToken  string // of a temporary access key
	ReadonlyToken  string
	ExpiredToken   string
	StoppedGraphID string
	ForeignGraphID string
	// UpgradeVersions are the available later versions, in ascending order. Each
	// accepted upgrade uses one up.
	UpgradeVersions []string

	Risk                cases.Risk
	MaxUpgrades         int // -1: the number of versions on a loopback address, otherwise 1
	ConfirmGraph        string
	ConfirmForeignGraph bool
	KeepGoing           bool

	RequestTimeout time.Duration
	JobTimeout     time.Duration
	// MaxResponseTime is how long an answer should take at most; 0 if that is not judged.
	MaxResponseTime time.Duration
	// RecoveryTimeout is how long a run waits for plain requests to be answered again.
	RecoveryTimeout time.Duration
	Concurrency     int
	Rate            float64 // requests per second; 0: no limit, -1: none on a loopback address, otherwise 10
	MaxRequests     int     // that may be sent in total
	Seed            int64   // 0: chosen at random, and reported
	LabelFilter     string
	Strict          bool
	OnlyDocumented  bool      // what only a decision of ours says counts as SHOULD
	Until           time.Time // start nothing that might still be running then; zero for no limit
	Ticket          string    // a reference to show in reports
	RunID           string    // in User-Agent; "" for none
	Require         string    // requirements that must be decided: a file, all-must or all-must:any; "" for none
	Output          string    // the folder for the reports; "" for none

	// Document has what only a document that states no requirements of its own is judged with.
	Document Document

	// ReadsOnly is whether nothing but GET may be sent. No option sets it.
	ReadsOnly bool

	// Embedded is whether the endpoint is a fake server in this process.
	Embedded bool

	// Dial replaces the network in tests, as http.Transport's DialContext; nil for the
	// system's. No option sets it.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// ToolVersion is the version of the tool.
const ToolVersion = "0.1.0"

// Default is the configuration without any options.
func Default() Config {
	return Config{
		Risk: cases.Inert, MaxUpgrades: -1, RequestTimeout: 30 * time.Second, JobTimeout: time.Hour, RecoveryTimeout: 30 * time.Second, Concurrency: 8,
		Rate: -1, MaxRequests: 10_000, Document: Document{MaxPlaces: DefaultMaxPlaces},
	}
}

// Check reports what is wrong with the configuration, and what to do about it.
func (c *Config) Check() error {
	if err := allOf(c.endpointFault(), c.checkIDs(), c.checkMissing(), c.checkSecrets()); err != nil {
		return err
	}
	_, unusable := c.TLS()
	return allOf(c.plainFault(), c.checkAbsent(), c.checkLimits(), c.checkVersions(), unusable)
}

// checkAbsent reports an id that is said to be of no graph, but could be taken for one that is.
func (c *Config) checkAbsent() error {
	if c.AbsentGraphID == "" {
		return nil
	}
	for _, other := range []struct{ name, id string }{
		{"graph-id", c.GraphID}, {"stopped-graph-id", c.StoppedGraphID}, {"foreign-graph-id", c.ForeignGraphID},
	} {
		if other.id != "" && ges.AlikeIDs(c.AbsentGraphID, other.id) {
			return fmt.Errorf("absent-graph-id: expected the id of no graph, got %q, which a server could take for --%s %q", c.AbsentGraphID, other.name, other.id)
		}
	}
	return nil
}

// checkLimits reports all limits that are none.
func (c *Config) checkLimits() error {
	var faults []error
	for _, limit := range []struct {
		broken         bool
		name, expected string
		got            any
	}{
		{c.RecoveryTimeout < 0, "recovery-timeout", "a duration of 0 or more", c.RecoveryTimeout},
		{c.RequestTimeout <= 0, "request-timeout", "a duration above 0", c.RequestTimeout},
		{c.JobTimeout <= 0, "job-timeout", "a duration above 0", c.JobTimeout},
		{c.Concurrency < 1 || c.Concurrency > 1000, "concurrency", "1 to 1000", c.Concurrency},
		{c.Rate < 0 && c.Rate != -1 || math.IsNaN(c.Rate), "rate", "0 or more requests per second", c.Rate},
		{c.MaxRequests < 1, "max-requests", "1 or more", c.MaxRequests},
		{c.Document.MaxPlaces < 0, "max-places", "0 or more", c.Document.MaxPlaces},
		{c.MaxUpgrades < -1, "max-upgrades", "0 or more", c.MaxUpgrades},
	} {
		if limit.broken {
			faults = append(faults, fmt.Errorf("%s: expected %s, got %v", limit.name, limit.expected, limit.got))
		}
	}
	return allOf(faults...)
}

func (c *Config) checkVersions() error {
	if err := versionsFault(c.UpgradeVersions); err != nil {
		return fmt.Errorf("upgrade-version: %w", err)
	}
	return nil
}

// versionsFault says what is wrong with a list of later versions.
func versionsFault(versions []string) error {
	for i, v := range versions {
		if _, err := contract.ParseVersion(v); err != nil {
			return fmt.Errorf("expected versions such as 2.2.17, got %q", v)
		}
		if i > 0 && !contract.Later(v, versions[i-1]) {
			return fmt.Errorf("expected an ascending list, got %s after %s", v, versions[i-1])
		}
	}
	return nil
}

// Upgrades returns how many upgrades the run may start.
func (c *Config) Upgrades() int {
	switch {
	case c.Risk < cases.Destructive:
		return 0
	case c.MaxUpgrades >= 0:
		return c.MaxUpgrades
	case c.Loopback():
		return len(c.UpgradeVersions)
	default:
		return 1
	}
}

// defaultRate is the number of requests per second to a deployment: the gateway
// throttles each API at 200 per second, and there are other callers.
const defaultRate = 10

// RequestRate returns how many requests per second the run may send; 0 for no limit.
func (c *Config) RequestRate() float64 {
	switch {
	case c.Rate >= 0:
		return c.Rate
	case c.Loopback():
		return 0
	default:
		return defaultRate
	}
}

// Has reports whether a fixture that an aim needs is configured. It is named after its
// flag.
func (c *Config) Has(need string) bool {
	switch need {
	case "token":
		return c.HasToken()
	case "readonly-token":
		return c.ReadonlyToken != ""
	case "expired-token":
		return c.ExpiredToken != ""
	case "stopped-graph-id":
		return c.StoppedGraphID != ""
	case "foreign-graph-id":
		return c.ForeignGraphID != ""
	case "confirm-foreign-graph":
		return c.ConfirmForeignGraph
	case "upgrade-version":
		return len(c.UpgradeVersions) > 0
	default:
		return false
	}
}

// Missing returns the first of needs that is not configured, or "".
func (c *Config) Missing(needs []string) string {
	if i := slices.IndexFunc(needs, func(need string) bool { return !c.Has(need) }); i >= 0 {
		return needs[i]
	}
	return ""
}
