package config

import (
	"fmt"
	"maps"
	"slices"
)

// Settings are what a plan of the run records of the configuration: the options by
// name, as text. Credentials and what says something of this machine alone, its
// files for example, are not among them.
func (c *Config) Settings() map[string]string {
	settings := map[string]string{}
	for _, o := range Options {
		if value := o.Get(c); !o.Local && value != "" {
			settings[o.Name] = value
		}
	}
	return settings
}

// Apply sets the options that a plan recorded. What the user has given already
// must be the same; given names it, and may be nil.
func (c *Config) Apply(settings map[string]string, given map[string]bool) error {
	for _, o := range Options {
		if o.Secret || o.Local {
			if _, found := settings[o.Name]; found {
				return fmt.Errorf("settings: expected nothing of %s, which is no part of a plan", o.Name)
			}
			continue
		}
		value := settings[o.Name]
		switch {
		case given[o.Name] && o.BesidePlan:
			continue
		case given[o.Name] && o.Get(c) != value:
			return fmt.Errorf("%s: expected what the plan says, %q, or nothing, got %q", o.Name, value, o.Get(c))
		case value == "":
			continue
		}
		if err := o.Set(c, value); err != nil {
			return fmt.Errorf("settings: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !slices.ContainsFunc(Options, func(o *Option) bool { return o.Name == name }) {
			return fmt.Errorf("settings: there is no option %.80q", name)
		}
	}
	return nil
}

// A credential is one that a run may have, as cases need them.
type credential struct {
	name    string // of its option
	fixture bool   // it serves cases of its own, and a run can do without
	given   func(c *Config) bool
	set     func(c *Config, value string)
}

var credentials = []credential{
	{"token", false, (*Config).HasToken, func(c *Config, v string) { c.Token = v }},
	{"access-key", false, (*Config).Signs, func(c *Config, v string) { c.AccessKey, c.SecretKey = v, v }},
	{"readonly-token", true, func(c *Config) bool { return c.ReadonlyToken != "" }, func(c *Config, v string) { c.ReadonlyToken = v }},
	{"expired-token", true, func(c *Config) bool { return c.ExpiredToken != "" }, func(c *Config, v string) { c.ExpiredToken = v }},
}

// Credentials names those that the run has: token, which may come from elsewhere,
// or access-key, and the tokens that are fixtures.
func (c *Config) Credentials() []string {
	names := []string{}
	for _, k := range credentials {
		if k.given(c) {
			names = append(names, k.name)
		}
	}
	return names
}

// SubstituteCredentials puts variables in the place of the credentials that a run had, so
// that its cases can be judged without them: $GESCONFORM_TOKEN for a token.
func (c *Config) SubstituteCredentials(names []string) {
	for _, k := range credentials {
		if slices.Contains(names, k.name) {
			k.set(c, "$"+Variable(k.name))
		}
	}
}

// KeepCredentials drops the fixtures among the credentials that are not named.
func (c *Config) KeepCredentials(names []string) {
	for _, k := range credentials {
		if k.fixture && !slices.Contains(names, k.name) {
			k.set(c, "")
		}
	}
}
