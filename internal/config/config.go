// Package config is the configuration of a run: the deployment under test, its
// credentials and fixtures, and how far the run may go. One table of options serves
// the command, `go test` and the targets file.
package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/iam"
	"github.com/gesconform/gesconform/internal/printable"
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
		Rate: -1, MaxRequests: 10_000,
	}
}

// Check reports what is wrong with the configuration, and what to do about it.
func (c *Config) Check() error {
	u, err := url.Parse(c.Endpoint)
	switch {
	case c.Endpoint == "":
		return errors.New("endpoint: is empty; set --endpoint https://HOST, or omit the flag to judge the fake server")
	case err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "":
		return fmt.Errorf("endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got %q", printable.URL(c.Endpoint))
	case u.User != nil:
		return errors.New("endpoint: expected no user or password in the URL; set --token or GESCONFORM_TOKEN")
	case c.Region != "" && c.Endpoint != ges.Endpoint(c.Region):
		return fmt.Errorf("region: expected either --region or --endpoint, got %q and %q", c.Region, printable.URL(c.Endpoint))
	case u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("endpoint: expected no query and no fragment, got %q", printable.URL(c.Endpoint))
	}
	for _, need := range []struct{ name, value string }{
		{"project-id", c.ProjectID}, {"graph-id", cmp.Or(c.GraphID, c.AbsentGraphID)},
	} {
		if need.value == "" {
			return fmt.Errorf("%s: is missing; set --%s or %s", need.name, need.name, Variable(need.name))
		}
	}
	if err := errors.Join(c.checkCredentials(), c.checkAbsent(), c.CheckPlain(u)); err != nil {
		return err
	}
	_, unusable := c.TLS()
	return errors.Join(c.checkLimits(), c.checkVersions(), c.checkSecrets(), unusable)
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

// checkCredentials reports missing or incomplete credentials.
func (c *Config) checkCredentials() error {
	switch {
	case c.HasToken():
		return nil // takes precedence over an access key
	case c.AccessKey == "" && c.SecretKey == "":
		return fmt.Errorf("token: is missing; set --token or %s, --token-file or --token-command, OS_AUTH_URL and the variables of a login, or an access key in %s and %s",
			Variable("token"), Variable("access-key"), Variable("secret-key"))
	case c.SecretKey == "":
		return fmt.Errorf("secret-key: is required with an access key; set %s", Variable("secret-key"))
	case c.AccessKey == "":
		return fmt.Errorf("access-key: is required with a secret key; set --access-key or %s", Variable("access-key"))
	}
	return nil
}

func (c *Config) checkLimits() error {
	switch {
	case c.RecoveryTimeout < 0:
		return fmt.Errorf("recovery-timeout: expected a duration of 0 or more, got %s", c.RecoveryTimeout)
	case c.RequestTimeout <= 0:
		return fmt.Errorf("request-timeout: expected a duration above 0, got %s", c.RequestTimeout)
	case c.JobTimeout <= 0:
		return fmt.Errorf("job-timeout: expected a duration above 0, got %s", c.JobTimeout)
	case c.Concurrency < 1 || c.Concurrency > 1000:
		return fmt.Errorf("concurrency: expected 1 to 1000, got %d", c.Concurrency)
	case c.Rate < 0 && c.Rate != -1 || math.IsNaN(c.Rate):
		return fmt.Errorf("rate: expected 0 or more requests per second, got %v", c.Rate)
	case c.MaxRequests < 1:
		return fmt.Errorf("max-requests: expected 1 or more, got %d", c.MaxRequests)
	case c.MaxUpgrades < -1:
		return fmt.Errorf("max-upgrades: expected 0 or more, got %d", c.MaxUpgrades)
	}
	return nil
}

func (c *Config) checkVersions() error {
	for i, v := range c.UpgradeVersions {
		if _, err := contract.ParseVersion(v); err != nil {
			return fmt.Errorf("upgrade-version: expected versions such as 2.2.17, got %q", v)
		}
		if i > 0 && !contract.Later(v, c.UpgradeVersions[i-1]) {
			return fmt.Errorf("upgrade-version: expected an ascending list, got %s after %s", v, c.UpgradeVersions[i-1])
		}
	}
	return nil
}

// checkSecrets reports credentials that cannot be sent in a header, without showing
// them.
func (c *Config) checkSecrets() error {
	for name, value := range map[string]string{
		"token": c.Token, "readonly-token": c.ReadonlyToken, "expired-token": c.ExpiredToken,
		"access-key": c.AccessKey, "secret-key": c.SecretKey, "security-token": c.SecurityToken,
	} {
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return fmt.Errorf("%s: contains a control character, such as a line break", name)
		}
	}
	return nil
}

// Loopback reports whether the endpoint is a loopback address.
func (c *Config) Loopback() bool {
	u, err := url.Parse(c.Endpoint)
	return err == nil && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
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
