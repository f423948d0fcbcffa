package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
)

// An Option is one thing that a user can say: as a flag of `gesconform run`, or
// as an environment variable, which serves `go test`, too.
type Option struct {
	Name   string // the flag's name without its hyphens
	Usage  string
	Switch bool // stands for true where no value is given
	Secret bool // never shown
	Local  bool // says something of this machine, and nothing of what is sent
	// BesidePlan says that it may be given beside a plan that says otherwise, since
	// no other requests are sent for it.
	BesidePlan bool
	// LowersGuard marks what makes a run more dangerous: from the environment it
	// counts only while the endpoint is a loopback address.
	LowersGuard bool

	set func(c *Config, value string) error
	get func(c *Config) string
}

// Env is the option's environment variable.
func (o *Option) Env() string { return Variable(o.Name) }

// Set sets the option's field of c from text.
func (o *Option) Set(c *Config, value string) error {
	if err := o.set(c, value); err != nil {
		if o.Secret {
			return fmt.Errorf("%s: cannot be used", o.Name)
		}
		return fmt.Errorf("%s: %w", o.Name, err)
	}
	return nil
}

// Get returns the option's field of c as text; of a secret, nothing.
func (o *Option) Get(c *Config) string {
	if o.Secret {
		return ""
	}
	return o.get(c)
}

// Prefix begins the names of all environment variables that are read.
const Prefix = "GESCONFORM_"

// Variable is the environment variable of a flag of `gesconform run`.
func Variable(option string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(option, "-", "_"))
}

// Options is the table of all options, in the order in which help shows them.
var Options = []*Option{
	text("endpoint", "the deployment, https://HOST[:PORT]; without it the fake server in the same process", func(c *Config) *string { return &c.Endpoint }),
	{
		Name: "region", Usage: "a region of Huawei's own cloud, cn-north-4 for example, in the place of its endpoint",
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
	local(text("ca-file", "certificates in PEM to trust besides the system's", func(c *Config) *string { return &c.CAFile })),
	local(text("client-cert", "the run's own certificate in PEM, for a deployment that asks for one", func(c *Config) *string { return &c.ClientCert })),
	local(text("client-key", "the key of --client-cert in PEM", func(c *Config) *string { return &c.ClientKey })),
	guard(toggle("insecure", "do not check the endpoint's certificate; said in every report", func(c *Config) *bool { return &c.Insecure })),
	text("project-id", "the project that the token belongs to", func(c *Config) *string { return &c.ProjectID }),
	text("graph-id", "the graph that is judged with", func(c *Config) *string { return &c.GraphID }),
	secret("token", "a token that may upgrade (better in GESCONFORM_TOKEN: other users see command lines)", func(c *Config) *string { return &c.Token }),
	local(text("token-file", "a file with the token, which is read again when the token is refused, and before it ends if it says when", func(c *Config) *string { return &c.TokenFile })),
	local(text("token-command", "a command that prints the token, for sh -c; run again when the token is refused, and before it ends if it says when", func(c *Config) *string { return &c.TokenCommand })),
	local(text("access-key", "an access key that may upgrade; signs the requests where there is no token", func(c *Config) *string { return &c.AccessKey })),
	secret("secret-key", "its secret (better in GESCONFORM_SECRET_KEY)", func(c *Config) *string { return &c.SecretKey }),
	secret("security-token", "its security token, if it is a temporary one (better in GESCONFORM_SECURITY_TOKEN)", func(c *Config) *string { return &c.SecurityToken }),
	secret("readonly-token", "a token of the same project that may not upgrade", func(c *Config) *string { return &c.ReadonlyToken }),
	secret("expired-token", "a token whose time is over", func(c *Config) *string { return &c.ExpiredToken }),
	text("stopped-graph-id", "a stopped graph of the same project", func(c *Config) *string { return &c.StoppedGraphID }),
	text("foreign-graph-id", "a graph of another project", func(c *Config) *string { return &c.ForeignGraphID }),
	{
		Name: "upgrade-version", Usage: "later versions on offer, ascending, separated by commas; each accepted upgrade uses one up",
		set: func(c *Config, v string) error {
			c.UpgradeVersions = nil
			for _, s := range strings.Split(v, ",") {
				if s = strings.TrimSpace(s); s != "" {
					c.UpgradeVersions = append(c.UpgradeVersions, s)
				}
			}
			return c.checkVersions()
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
	guard(number("max-upgrades", "how many upgrades may start; 1 by default, on a loopback address as many as there are versions", func(c *Config) *int { return &c.MaxUpgrades })),
	guard(text("confirm-graph", "the name of the graph; must match before an upgrade may start anywhere but on a loopback address", func(c *Config) *string { return &c.ConfirmGraph })),
	guard(toggle("confirm-foreign-graph", "allow upgrades to be asked for on --foreign-graph-id", func(c *Config) *bool { return &c.ConfirmForeignGraph })),
	guard(toggle("keep-going", "go on after an upgrade that should have been refused (for throw-away targets)", func(c *Config) *bool { return &c.KeepGoing })),
	period("request-timeout", "how long one exchange may take", func(c *Config) *time.Duration { return &c.RequestTimeout }),
	period("job-timeout", "how long one upgrade may take", func(c *Config) *time.Duration { return &c.JobTimeout }),
	guard(&Option{
		Name: "rate", Usage: "how many requests a second may be sent, 0 for no limit; 10 by default, on a loopback address without limit",
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
	number("max-requests", "how many requests may be sent in all, reads included", func(c *Config) *int { return &c.MaxRequests }),
	number("concurrency", "how many inert requests may be under way at once", func(c *Config) *int { return &c.Concurrency }),
	{
		Name: "seed", Usage: "what made-up ids are made of; reported, so that a run can be repeated",
		set: func(c *Config, v string) (err error) {
			if c.Seed, err = strconv.ParseInt(v, 10, 64); err != nil {
				return fmt.Errorf("expected a whole number, got %q", v)
			}
			return nil
		},
		get: func(c *Config) string { return strconv.FormatInt(c.Seed, 10) },
	},
	{
		Name: "until", BesidePlan: true, Usage: "start nothing that might not have ended by then, as in 2026-11-24T04:00:00+08:00; an upgrade may take --job-timeout",
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
	text("label-filter", "which cases to send, in Ginkgo's language: 'body && MUST', '!lifecycle'; 'gesconform cases' lists the labels", func(c *Config) *string { return &c.LabelFilter }),
	toggle("strict", "count a broken SHOULD as a deviation", func(c *Config) *bool { return &c.Strict }),
	local(text("require", "requirements that the run has to exercise, or it ends with 2: all-must, or a file with an id in each line", func(c *Config) *string { return &c.Require })),
	beside(text("ticket", "what the run is to be found by, the number of a change for example; stands in every report", func(c *Config) *string { return &c.Ticket })),
	local(text("output", "the folder for what a run leaves: report.html, summary.md, results.json, junit.xml, plan.json, exchanges.jsonl and exchanges.har", func(c *Config) *string { return &c.Output })),
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

func local(o *Option) *Option {
	o.Local = true
	return o
}

func beside(o *Option) *Option {
	o.BesidePlan = true
	return o
}

func guard(o *Option) *Option {
	o.LowersGuard = true
	return o
}

func number(name, usage string, field func(*Config) *int) *Option {
	return &Option{
		Name: name, Usage: usage,
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
