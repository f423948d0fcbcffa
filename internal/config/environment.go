package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/suggest"
)

// FromEnvironment sets the options of c from environment variables (as os.Environ
// returns them), except those in given, which were set by flags. It adds the options
// that it sets to given, which may be nil. An empty variable counts as unset, but an
// empty endpoint is an error: it never means the fake server. An option that lowers a
// guard is an error unless the endpoint is a loopback address. The warnings name
// unknown variables.
func FromEnvironment(c *Config, environ []string, given map[string]bool) (warnings []string, err error) {
	return Settle(c, environ, nil, given)
}

// Settle does what FromEnvironment does, and sets from a configuration file what neither a flag
// nor a variable has set.
func Settle(c *Config, environ []string, file *File, given map[string]bool) (warnings []string, err error) {
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
		return nil, fmt.Errorf("%s: expected the URL of a deployment, got an empty one; unset it to judge the fake server", Variable("endpoint"))
	}
	inFile := file.options(replaced(values, given))
	var guards []*Option
	var faults []error
	for _, o := range Options { // the endpoint comes first, since the guards depend on it
		v := values[o.Env()]
		said, isSaid := inFile[o.Name]
		switch {
		case given[o.Name] || v == "" && !isSaid:
			continue
		case v == "":
			if err := o.Set(c, said.text); err != nil {
				faults = append(faults, err)
			}
		case o.LowersGuard && c.Endpoint != "" && !c.Loopback():
			guards = append(guards, o)
			continue
		default:
			if err := o.Set(c, v); err != nil {
				faults = append(faults, fmt.Errorf("%s: %w", o.Env(), errors.Unwrap(err)))
			}
		}
		given[o.Name] = true
	}
	if err := allOf(append(faults, guardsFault(guards))...); err != nil {
		return nil, err
	}
	c.useOtherTools(environ)
	return unknownVariables(values), nil
}

// replaced returns the options that a flag or a variable replaces: its own, and those of its group
// of exclusive options.
func replaced(values map[string]string, given map[string]bool) []string {
	set := func(name string) bool { return given[name] || values[Variable(name)] != "" }
	var names []string
	for _, group := range exclusive {
		if slices.ContainsFunc(group, set) {
			names = append(names, group...)
		}
	}
	return names
}

// guardsFault says that the variables of these options are not read.
func guardsFault(guards []*Option) error {
	if len(guards) == 0 {
		return nil
	}
	var variables, flags []string
	for _, o := range guards {
		variables, flags = append(variables, o.Env()), append(flags, "--"+o.Name)
	}
	return fmt.Errorf("%s %s a guard and %s only read for an endpoint on a loopback address; set gesconform run %s instead", printable.AllOf(variables),
		printable.Plural(len(guards), "lowers", "lower"), printable.Plural(len(guards), "is", "are"), strings.Join(flags, " "))
}

// CommandFlags are the flags of `gesconform run` that are not options of a target. The
// command reads their variables itself.
var CommandFlags = []string{"spec", "contract", "plan", "expect", "baseline", "fail-on-change", "targets", "parallel", "shard", "verbose", "dry-run", "github", "config", "no-config", "quiet", "format", "write-expect", "force"}

// otherVariables, without their prefix, are read by the tests and benchmarks of this
// module.
var otherVariables = []string{"UPDATE", "TEST_ALL", "TEST_SAMPLE", "BENCH_PEERS", "PRISM"}

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
		bare := strings.TrimPrefix(name, Prefix) // the common prefix says nothing about similarity
		if slices.Contains(known, bare) {
			continue
		}
		hint := "`gesconform run --help` lists the flags, each of which has a variable"
		if near := suggest.Nearest(bare, known); near != "" {
			hint = "did you mean " + Prefix + near + "?"
		}
		warnings = append(warnings, fmt.Sprintf("%s is unknown; %s", name, hint))
	}
	slices.Sort(warnings)
	return warnings
}
