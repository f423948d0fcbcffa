package config

import (
	"fmt"
	"maps"
	"slices"
)

// Settings returns the options that the plan of a run records, by name, as text. It
// leaves out credentials, and options about this machine, such as files.
func (c *Config) Settings() map[string]string {
	settings := map[string]string{}
	for _, o := range Options {
		if value := o.Get(c); !o.Local && value != "" {
			settings[o.Name] = value
		}
	}
	return settings
}

// Apply sets the options that a plan recorded. Options in given, which may be nil,
// were set by the user and must agree with the plan.
func (c *Config) Apply(settings map[string]string, given map[string]bool) error {
	for _, o := range Options {
		if o.Secret || o.Local {
			if _, found := settings[o.Name]; found {
				return fmt.Errorf("settings: %s is not part of a plan", o.Name)
			}
			continue
		}
		value := settings[o.Name]
		switch {
		case given[o.Name] && o.BesidePlan:
			continue
		case given[o.Name] && o.Get(c) != value:
			return fmt.Errorf("%s: expected the plan's value %q, or none, got %q", o.Name, value, o.Get(c))
		case value == "":
			continue
		}
		if err := o.Set(c, value); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.ContainsFunc(Options, func(o *Option) bool { return o.Name == name }) {
			return fmt.Errorf("settings: unknown option %.80q", name)
		}
	}
	return nil
}

// A credential is a kind of credential that cases need.
type credential struct {
	name    string // of its option
	fixture bool   // only some cases need it, and a run can do without
	given   func(c *Config) bool
	set     func(c *Config, value string)
}

var credentials = []credential{
	{"token", false, (*Config).HasToken, func(c *Config, v string) { c.Token = v }},
	{"access-key", false, (*Config).Signs, func(c *Config, v string) { c.AccessKey, c.SecretKey = v, v }},
	{"readonly-token", true, func(c *Config) bool { return c.ReadonlyToken != "" }, func(c *Config, v string) { c.ReadonlyToken = v }},
	{"expired-token", true, func(c *Config) bool { return c.ExpiredToken != "" }, func(c *Config, v string) { c.ExpiredToken = v }},
}

// Credentials returns the names of the run's credentials: token or access-key, and the
// tokens that are fixtures.
func (c *Config) Credentials() []string {
	names := []string{}
	for _, k := range credentials {
		if k.given(c) {
			names = append(names, k.name)
		}
	}
	return names
}

// SubstituteCredentials sets placeholders for the credentials that a recorded run had,
// such as $GESCONFORM_TOKEN, so that its cases can be judged without them.
func (c *Config) SubstituteCredentials(names []string) {
	for _, k := range credentials {
		if slices.Contains(names, k.name) {
			k.set(c, "$"+Variable(k.name))
		}
	}
}

// KeepCredentials removes the fixtures that are not in names.
func (c *Config) KeepCredentials(names []string) {
	for _, k := range credentials {
		if k.fixture && !slices.Contains(names, k.name) {
			k.set(c, "")
		}
	}
}
