package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/suggest"
)

// FromEnvironment fills c from environment variables (as os.Environ gives
// them), but for the options that have been given already, by flags. It adds
// those that it sets to given, which may be nil. An empty
// variable counts as unset, but for an empty endpoint, which is an error: it is
// never meant to be the fake server. What lowers a guard counts only while the
// endpoint is a loopback address. The warnings name variables that nothing
// reads.
func FromEnvironment(c *Config, environ []string, given map[string]bool) (warnings []string, err error) {
	if given == nil {
		given = map[string]bool{}
	}
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, Prefix) {
			values[name] = value
		}
	}
	if v, set := values[Variable("endpoint")]; set && v == "" && !given["endpoint"] {
		return nil, fmt.Errorf("%s is set and empty; unset it to judge the fake server, or name the endpoint", Variable("endpoint"))
	}
	for _, o := range Options { // the endpoint comes first, since the guards depend on it
		v := values[o.Env()]
		if given[o.Name] || v == "" {
			continue
		}
		if o.LowersGuard && c.Endpoint != "" && !c.Loopback() {
			return nil, fmt.Errorf("%s lowers a guard and counts only for an endpoint on a loopback address; elsewhere say it with gesconform run --%s", o.Env(), o.Name)
		}
		if err := o.Set(c, v); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Env(), err)
		}
		given[o.Name] = true
	}
	c.takeCredentialsOfOthers(environ)
	return unknownVariables(values), nil
}

// CommandFlags are the flags of `gesconform run` that say nothing of the target.
// The command reads their variables itself.
var CommandFlags = []string{"contract", "plan", "expect", "baseline", "fail-on-change", "targets", "parallel", "shard", "verbose", "dry-run", "github"}

// otherVariables, without their prefix, are read elsewhere: by the tests and
// benchmarks of this module.
var otherVariables = []string{"UPDATE", "BENCH_PEERS", "PRISM"}

func unknownVariables(values map[string]string) []string {
	known := slices.Clone(otherVariables)
	for _, flag := range CommandFlags {
		known = append(known, strings.TrimPrefix(Variable(flag), Prefix))
	}
	for _, o := range Options {
		known = append(known, strings.TrimPrefix(o.Env(), Prefix))
	}
	var warnings []string
	for name := range values {
		bare := strings.TrimPrefix(name, Prefix) // what all have in common makes none near
		if slices.Contains(known, bare) {
			continue
		}
		hint := "`gesconform run --help` lists the flags, which have a variable each"
		if near := suggest.Nearest(bare, known); near != "" {
			hint = "the nearest that is: " + Prefix + near
		}
		warnings = append(warnings, fmt.Sprintf("%s is not read; %s", name, hint))
	}
	slices.Sort(warnings)
	return warnings
}
