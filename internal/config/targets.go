package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Targets are the targets of a targets file, combined with flags and variables.
type Targets struct {
	Targets  []Target
	Output   string   // the folder for their folders; "" for none
	Warnings []string // about variables that are not read
}

// A Target is one deployment of a targets file.
type Target struct {
	Name   string
	Place  string // FILE:LINE
	Config Config
	// Unusable is why this target cannot be judged, for example because the variable
	// with its credentials is not set. It does not affect other targets.
	Unusable error
}

// targetOnly are the options that describe one deployment. With a targets file, they
// can only be set in it.
var targetOnly = []string{
	"endpoint", "region", "project-id", "graph-id", "absent-graph-id", "token", "token-file", "token-command", "access-key", "secret-key", "security-token",
	"readonly-token", "expired-token", "stopped-graph-id", "foreign-graph-id", "upgrade-version", "confirm-graph",
}

// exclusive are groups of options that replace each other: if a target sets one of a
// group, it does not inherit the others from the defaults.
var exclusive = [][]string{
	{"endpoint", "region"},
	{"token", "token-file", "token-command", "access-key", "secret-key", "security-token"},
}

// LoadTargets reads a targets file. A target's options override the defaults, and both
// are overridden by the variables in environ and by flags, whose names are in given. The
// exception is the risk: the flag is an upper limit, and the file may lower it. The options in a
// configuration file are those that neither has. An error
// is about the whole file: it names the line, and shows no secret.
func LoadTargets(path string, flags *Config, given map[string]bool, file *File, environ []string) (*Targets, error) {
	for _, name := range targetOnly {
		if given[name] {
			return nil, fmt.Errorf("%s: describes one deployment and cannot be combined with --targets; set it in %s", name, path)
		}
	}
	data, err := yamlfile.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load targets: %w", err)
	}
	targets := &Targets{Output: flags.Output}
	r := &targetsReader{path: path, flags: flags, given: given, base: file.options(targetOnly), environ: environ, targets: targets, names: map[string]int{}, graphs: map[string]string{}, used: map[string]bool{}}
	if err := r.read(data); err != nil {
		var f *yamlfile.Fault
		if errors.As(err, &f) { // any other error is not about the file
			return nil, fmt.Errorf("load targets: %w", yamlfile.InFile(path, f))
		}
		return nil, err
	}
	targets.Warnings = r.usefulWarnings()
	for _, name := range targetOnly {
		if _, place := file.Get(name); place != "" {
			targets.Warnings = append(targets.Warnings, fmt.Sprintf("%s: %s is ignored with --targets; the targets are those of %s", place, name, path))
		}
	}
	return targets, nil
}

// A targetsReader makes targets from a file.
type targetsReader struct {
	path    string
	flags   *Config
	given   map[string]bool
	base    settings // of the configuration file
	environ []string
	targets *Targets

	names    map[string]int    // the lines of names
	graphs   map[string]string // names of targets by graphKey
	used     map[string]bool   // variables that the file names
	warnings []string
}

func (r *targetsReader) read(data []byte) error {
	file, err := readTargets(data)
	if err != nil {
		return err
	}
	for _, entry := range file.targets {
		named, err := r.target(file.defaults.over(r.base), &entry)
		if err != nil {
			return err
		}
		r.targets.Targets = append(r.targets.Targets, *named)
	}
	return nil
}

// target makes a target from an entry and the defaults.
func (r *targetsReader) target(defaults settings, entry *targetEntry) (*Target, error) {
	if line, twice := r.names[entry.name]; twice {
		return nil, yamlfile.At(entry.line, "name: the target in line %[2]d has the same name, %[1]q", entry.name, line)
	}
	r.names[entry.name] = entry.line
	all := entry.settings.over(defaults)
	if err := all.complete(entry.line); err != nil {
		return nil, err
	}
	named := &Target{Name: entry.name, Place: fmt.Sprintf("%s:%d", r.path, entry.line), Config: Default()}
	c := &named.Config
	for _, o := range Options { // the endpoint comes before the region
		s, said := all[o.Name]
		if !said {
			continue
		}
		unusable, err := r.apply(c, o, s)
		if err != nil {
			return nil, err
		}
		named.Unusable = errors.Join(named.Unusable, unusable)
	}
	if err := r.override(c, all["risk"], named.Unusable != nil); err != nil {
		return nil, err
	}
	if named.Unusable != nil {
		return named, nil
	}
	return named, r.check(named, entry.line)
}

// apply sets an option. A variable that is unset or has a wrong value makes the target
// unusable; a wrong value in the file is an error.
func (r *targetsReader) apply(c *Config, o *Option, s setting) (unusable, err error) {
	variable := variableName(s.text)
	switch {
	case variable == "" && o.Secret:
		return nil, yamlfile.At(s.line, "%s: expected a variable, such as $CN_NORTH_4_TOKEN, got a value (not shown); do not write secrets into the file", o.Name)
	case variable == "" || o.Name == "token-command": // its variables are the shell's
		if err := o.Set(c, s.text); err != nil {
			return nil, yamlfile.At(s.line, "%s", err)
		}
		return nil, nil
	case o.LowersGuard && c.Endpoint != "" && !c.Loopback():
		return nil, yamlfile.At(s.line, "%s: lowers a guard and may only be a variable for an endpoint on a loopback address; write the value itself", o.Name)
	}
	r.used[variable] = true
	value := lookUp(r.environ, variable)
	if value == "" {
		return fmt.Errorf("%s: the variable $%s is not set", o.Name, variable), nil
	}
	if o.Set(c, value) != nil { // the error might show the value
		return fmt.Errorf("%s: the value of the variable $%s cannot be used", o.Name, variable), nil
	}
	return nil, nil
}

// override applies flags and variables. For the risk they are an upper limit, which the
// file may lower.
func (r *targetsReader) override(c *Config, risk setting, unusable bool) error {
	own := c.Risk
	c.Risk = r.flags.Risk
	decided := maps.Clone(r.given)
	for _, o := range Options {
		if r.given[o.Name] {
			if err := o.Set(c, o.Get(r.flags)); err != nil {
				return err
			}
		}
	}
	for _, name := range targetOnly {
		decided[name] = true
	}
	environ := r.environ
	if unusable { // do not fall back to credentials that the target does not name
		environ = slices.DeleteFunc(slices.Clone(environ), func(pair string) bool { return !strings.HasPrefix(pair, Prefix) })
	}
	warnings, err := FromEnvironment(c, environ, decided)
	if err != nil {
		return err
	}
	r.warnings = warnings
	if r.targets.Output == "" {
		r.targets.Output = c.Output
	}
	c.Output = ""
	switch {
	case risk.text == "":
	case own > c.Risk:
		return yamlfile.At(risk.line, "risk: expected at most %s, which is what --risk allows, got %s; to allow it, set --risk %s", c.Risk, own, own)
	default:
		c.Risk = own
	}
	return nil
}

// check checks a target's configuration. What is wrong with its credentials or
// certificates makes it unusable; anything else is an error in the file.
func (r *targetsReader) check(named *Target, line int) error {
	bare := named.Config
	bare.CAFile, bare.ClientCert, bare.ClientKey = "", "", ""
	bare.Token, bare.ReadonlyToken, bare.ExpiredToken, bare.AccessKey, bare.SecretKey, bare.SecurityToken = "some", "", "", "", "", ""
	if err := bare.Check(); err != nil {
		return yamlfile.At(line, "%s: %s", named.Name, err)
	}
	c := &named.Config
	key := c.graphKey()
	if other := r.graphs[key]; other != "" {
		return yamlfile.At(line, "%s: has the same graph as %s; two runs against one graph would disturb each other", named.Name, other)
	}
	r.graphs[key] = named.Name
	named.Unusable = c.Check()
	return nil
}

// graphKey identifies the graph under test. It ignores letter case and adds the default
// port.
func (c *Config) graphKey() string {
	endpoint := strings.TrimRight(c.Endpoint, "/")
	if u, err := url.Parse(endpoint); err == nil {
		port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		endpoint = u.Scheme + "://" + net.JoinHostPort(strings.TrimRight(u.Hostname(), "."), port) + u.Path
	}
	return strings.ToLower(strings.Join([]string{endpoint, c.ProjectID, cmp.Or(c.GraphID, c.AbsentGraphID)}, "\n"))
}

// usefulWarnings returns warnings about unknown variables that the file does not use
// either, and about variables for a single target, which are ignored.
func (r *targetsReader) usefulWarnings() []string {
	warnings := slices.DeleteFunc(r.warnings, func(w string) bool {
		name, _, _ := strings.Cut(w, " ")
		return r.used[name]
	})
	for _, name := range targetOnly {
		if v := Variable(name); lookUp(r.environ, v) != "" && !r.used[v] {
			warnings = append(warnings, fmt.Sprintf("%s is ignored with --targets; the targets are those of %s", v, r.path))
		}
	}
	return warnings
}

// Variables are upper case by convention, so that a secret that begins with a dollar
// sign is not taken for one.
var variableForm = regexp.MustCompile(`^\$(?:([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})$`)

// variableName returns the name in $NAME or ${NAME}, or "" for any other text.
func variableName(text string) string {
	m := variableForm.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// lookUp returns the value of a variable; the last one counts.
func lookUp(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, found := strings.CutPrefix(pair, name+"="); found {
			value = v
		}
	}
	return value
}
