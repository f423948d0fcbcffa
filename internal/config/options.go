package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
)

// An Option is a setting of a run: a flag of `gesconform run` and an environment
// variable, which `go test` reads, too.
type Option struct {
	Name   string // the flag's name without its hyphens
	Usage  string
	Switch bool // true if it is given without a value
	Secret bool // never shown
	Local  bool // is about this machine, and not about what is sent
	// MayBeEmpty marks an option for which an empty text means something.
	MayBeEmpty bool
	// BesidePlan marks an option that may differ from the plan's, because it does not
	// change which requests are sent.
	BesidePlan bool
	// LowersGuard marks an option that makes a run more dangerous. It is only read from
	// the environment if the endpoint is a loopback address.
	LowersGuard bool
	// For says with which contracts the option has a meaning.
	For Use

	whole bool // is a whole number
	set   func(c *Config, value string) error
	get   func(c *Config) string
}

// A Use says with which contracts an option has a meaning.
type Use int

// The uses.
const (
	Always   Use = iota
	Stated       // a contract that states its requirements, as the built-in one does
	Unstated     // any other document, which is judged by what it implies
)

// Env is the option's environment variable.
func (o *Option) Env() string { return Variable(o.Name) }

// A ValueError is the error of a value that an option cannot have.
type ValueError struct {
	Option string // its name
	Err    error  // what was expected, and what came
}

// Error implements error.
func (e *ValueError) Error() string { return e.Option + ": " + e.Err.Error() }

// Unwrap returns what was expected.
func (e *ValueError) Unwrap() error { return e.Err }

// Set sets the option's field of c from text. The error is a [ValueError].
func (o *Option) Set(c *Config, value string) error {
	err := o.set(c, value)
	switch {
	case err == nil:
		return nil
	case o.Secret && o.For != Unstated: // whose errors show no value
		err = errors.New("cannot be used")
	}
	return &ValueError{Option: o.Name, Err: err}
}

// Get returns the option's field of c as text, or "" if it is a secret.
func (o *Option) Get(c *Config) string {
	if o.Secret {
		return ""
	}
	return o.get(c)
}

// Prefix is the prefix of all environment variables that are read.
const Prefix = "GESCONFORM_"

// Variable is the environment variable of a flag of `gesconform run`.
func Variable(option string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}

// Options is the table of all options, in the order of the help text.
var Options = slices.Concat(runOptions, documentOptions)

var runOptions = []*Option{
	text("endpoint", "the deployment to test, https://HOST[:PORT]; without it, the fake server in this process", func(c *Config) *string { return &c.Endpoint }),
	{
		Name: "region", For: Stated, Usage: "a region of Huawei Cloud, such as cn-north-4, instead of --endpoint",
		set: func(c *Config, v string) error {
			if !ges.IsRegion(v) {
				return fmt.Errorf("expected a name such as cn-north-4, got %q", v)
			}
			c.Region = v
			if c.Endpoint == "" {
				c.Endpoint = ges.Endpoint(v)
			}
			return nil
		},
		get: func(c *Config) string { return c.Region },
	},
	local(text("ca-file", "a PEM file with certificates to trust in addition to the system's", func(c *Config) *string { return &c.CAFile })),
	local(text("client-cert", "a PEM file with a client certificate, for a deployment that asks for one", func(c *Config) *string { return &c.ClientCert })),
	local(text("client-key", "a PEM file with the key of --client-cert", func(c *Config) *string { return &c.ClientKey })),
	guard(toggle("insecure", "do not verify the endpoint's certificate; every report says so", func(c *Config) *bool { return &c.Insecure })),
	guard(toggle("allow-http", "send the credentials over http:// beyond this machine, where anybody in between can read them; every report says so", func(c *Config) *bool { return &c.AllowHTTP })),
	stated(text("project-id", "the project that the token belongs to", func(c *Config) *string { return &c.ProjectID })),
	stated(text("graph-id", "the graph to test", func(c *Config) *string { return &c.GraphID })),
	guard(&Option{
		Name: "absent-graph-id", For: Stated, Usage: "an id that, as you vouch, no graph has: a deployment without the reads is then judged as far as it can be",
		set: func(c *Config, v string) error {
			if !ges.IsGraphID(v) {
				return fmt.Errorf("expected an id of 1 to 128 letters, digits, hyphens and underscores that no graph has, got %q", v)
			}
			c.AbsentGraphID = v
			return nil
		},
		get: func(c *Config) string { return c.AbsentGraphID },
	}),
	stated(secret("token", "a token that may upgrade the graph (better in GESCONFORM_TOKEN: other users can see command lines)", func(c *Config) *string { return &c.Token })),
	stated(local(text("token-file", "a file with the token; read again when the token is refused or, if the file says when, about to expire", func(c *Config) *string { return &c.TokenFile }))),
	stated(local(text("token-command", "a command for sh -c that prints the token; run again when the token is refused or, if the output says when, about to expire", func(c *Config) *string { return &c.TokenCommand }))),
	stated(local(text("access-key", "an access key that may upgrade the graph; signs the requests if there is no token", func(c *Config) *string { return &c.AccessKey }))),
	stated(secret("secret-key", "the secret key of --access-key (better in GESCONFORM_SECRET_KEY)", func(c *Config) *string { return &c.SecretKey })),
	stated(secret("security-token", "the security token of --access-key, if it is temporary (better in GESCONFORM_SECURITY_TOKEN)", func(c *Config) *string { return &c.SecurityToken })),
	stated(secret("readonly-token", "a token of the same project that may not upgrade the graph", func(c *Config) *string { return &c.ReadonlyToken })),
	stated(secret("expired-token", "an expired token", func(c *Config) *string { return &c.ExpiredToken })),
	stated(text("stopped-graph-id", "a stopped graph of the same project", func(c *Config) *string { return &c.StoppedGraphID })),
	stated(text("foreign-graph-id", "a graph of another project", func(c *Config) *string { return &c.ForeignGraphID })),
	{
		Name: "upgrade-version", For: Stated, Usage: "later versions that are available, comma-separated, in ascending order; each accepted upgrade uses one up",
		set: func(c *Config, v string) error {
			c.UpgradeVersions = nil
			for _, s := range strings.Split(v, ",") {
				if s = strings.TrimSpace(s); s != "" {
					c.UpgradeVersions = append(c.UpgradeVersions, s)
				}
			}
			return versionsFault(c.UpgradeVersions)
		},
		get: func(c *Config) string { return strings.Join(c.UpgradeVersions, ",") },
	},
	guard(&Option{
		Name: "risk", Usage: "the highest risk that a request may have: inert, guarded or destructive (starts upgrades)",
		set: func(c *Config, v string) error {
			r, ok := cases.ParseRisk(v)
			if !ok {
				return fmt.Errorf("expected inert, guarded or destructive, got %q", v)
			}
			c.Risk = r
			return nil
		},
		get: func(c *Config) string { return c.Risk.String() },
	}),
	stated(guard(number("max-upgrades", "maximum number of upgrades to start (default 1; on a loopback address, the number of versions)", func(c *Config) *int { return &c.MaxUpgrades }))),
	stated(guard(text("confirm-graph", "the graph's name; required to match before an upgrade starts, except on a loopback address", func(c *Config) *string { return &c.ConfirmGraph }))),
	stated(guard(toggle("confirm-foreign-graph", "allow upgrade requests to --foreign-graph-id", func(c *Config) *bool { return &c.ConfirmForeignGraph }))),
	stated(guard(toggle("keep-going", "continue after an upgrade that should have been refused (for throw-away targets)", func(c *Config) *bool { return &c.KeepGoing }))),
	period("request-timeout", "maximum duration of one request and its answer", func(c *Config) *time.Duration { return &c.RequestTimeout }),
	{
		Name: "max-response-time", For: Stated, BesidePlan: true, Usage: "judge whether each answer comes within this duration (answer.in-time, a SHOULD), network included; without it, every report shows how long they took",
		set: func(c *Config, v string) (err error) {
			if c.MaxResponseTime, err = time.ParseDuration(v); err != nil || c.MaxResponseTime <= 0 {
				return fmt.Errorf("expected a duration above 0 such as 500ms or 2s, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string {
			if c.MaxResponseTime == 0 {
				return "" // not judged
			}
			return c.MaxResponseTime.String()
		},
	},
	stated(period("job-timeout", "maximum duration of one upgrade", func(c *Config) *time.Duration { return &c.JobTimeout })),
	period("recovery-timeout", "how long to wait for an endpoint, a network or credentials that fail to work again", func(c *Config) *time.Duration { return &c.RecoveryTimeout }),
	guard(&Option{
		Name: "rate", Usage: "maximum number of requests per second, 0 for no limit (default 10; on a loopback address, no limit)",
		set: func(c *Config, v string) (err error) {
			if c.Rate, err = strconv.ParseFloat(v, 64); err != nil || c.Rate < 0 {
				return fmt.Errorf("expected a number of 0 or more, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string {
			if c.Rate < 0 {
				return "" // decided by the rest of the configuration
			}
			return strconv.FormatFloat(c.Rate, 'g', -1, 64)
		},
	}),
	number("max-requests", "maximum number of requests, including reads", func(c *Config) *int { return &c.MaxRequests }),
	number("concurrency", "maximum number of inert requests in flight at once", func(c *Config) *int { return &c.Concurrency }),
	{
		Name: "seed", whole: true, Usage: "the seed of generated ids; random by default, and reported, so that a run can be repeated",
		set: func(c *Config, v string) (err error) {
			if c.Seed, err = strconv.ParseInt(v, 10, 64); err != nil {
				return fmt.Errorf("expected a whole number, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string { return strconv.FormatInt(c.Seed, 10) },
	},
	{
		Name: "until", For: Stated, BesidePlan: true, Usage: "start nothing that might still be running at this time (such as 2026-11-24T04:00:00+08:00); an upgrade may take --job-timeout",
		set: func(c *Config, v string) (err error) {
			if c.Until, err = time.Parse(time.RFC3339, v); err != nil {
				return fmt.Errorf("expected a time with its zone such as 2026-11-24T04:00:00+08:00, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string {
			if c.Until.IsZero() {
				return ""
			}
			return c.Until.Format(time.RFC3339)
		},
	},
	mayBeEmpty(text("label-filter", "send only the cases whose labels match, in Ginkgo's filter language: 'body && MUST', '!lifecycle'; 'gesconform cases' lists the labels", func(c *Config) *string { return &c.LabelFilter })),
	toggle("strict", "count a broken SHOULD as a deviation", func(c *Config) *bool { return &c.Strict }),
	stated(toggle("only-documented", "count as MUST only what a page or an RFC says, and as SHOULD what is our own decision (docs/decisions.md)", func(c *Config) *bool { return &c.OnlyDocumented })),
	local(text("require", "exit with 2 unless the run decides all cases of these requirements that it could: all-must, or a file with one id per line; ID:any for any case", func(c *Config) *string { return &c.Require })),
	mayBeEmpty(besidePlan(text("ticket", "a reference, such as a change number, to show in every report", func(c *Config) *string { return &c.Ticket }))),
	local(text("output", "write report.html, summary.md, results.json, junit.xml, plan.json, exchanges.jsonl and exchanges.har to this folder", func(c *Config) *string { return &c.Output })),
}

func text(name, usage string, field func(*Config) *string) *Option {
	return &Option{
		Name: name, Usage: usage,
		set: func(c *Config, v string) error { *field(c) = v; return nil },
		get: func(c *Config) string { return *field(c) },
	}
}

func secret(name, usage string, field func(*Config) *string) *Option {
	o := text(name, usage, field)
	o.Secret = true
	return o
}

func stated(o *Option) *Option {
	o.For = Stated
	return o
}

func unstated(o *Option) *Option {
	o.For = Unstated
	return o
}

func local(o *Option) *Option {
	o.Local = true
	return o
}

func besidePlan(o *Option) *Option {
	o.BesidePlan = true
	return o
}

func mayBeEmpty(o *Option) *Option {
	o.MayBeEmpty = true
	return o
}

func guard(o *Option) *Option {
	o.LowersGuard = true
	return o
}

func number(name, usage string, field func(*Config) *int) *Option {
	return &Option{
		Name: name, Usage: usage, whole: true,
		set: func(c *Config, v string) (err error) {
			if *field(c), err = strconv.Atoi(v); err != nil {
				return fmt.Errorf("expected a whole number, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string {
			if *field(c) < 0 {
				return "" // decided by the rest of the configuration
			}
			return strconv.Itoa(*field(c))
		},
	}
}

func toggle(name, usage string, field func(*Config) *bool) *Option {
	return &Option{
		Name: name, Usage: usage, Switch: true,
		set: func(c *Config, v string) (err error) {
			if *field(c), err = strconv.ParseBool(v); err != nil {
				return fmt.Errorf("expected true or false, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string { return strconv.FormatBool(*field(c)) },
	}
}

func period(name, usage string, field func(*Config) *time.Duration) *Option {
	return &Option{
		Name: name, Usage: usage,
		set: func(c *Config, v string) (err error) {
			if *field(c), err = time.ParseDuration(v); err != nil {
				return fmt.Errorf("expected a duration such as 30s or 5m, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string { return field(c).String() },
	}
}
