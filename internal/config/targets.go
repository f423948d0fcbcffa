package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// Targets are what a targets file lists, with the flags and variables that hold
// for all of it.
type Targets struct {
	Targets  []Target
	Output   string   // the folder for a folder each; "" writes none
	Warnings []string // variables that nothing reads
}

// A Target is one deployment of a targets file.
type Target struct {
	Name   string
	Place  string // of the file, with the line
	Config Config
	// Unusable is why it cannot be judged, which keeps no other back: a variable
	// with its credentials is not set, say.
	Unusable error
}

// ofOneTarget are the options that describe one deployment: in a targets file they
// stand in the file only.
var ofOneTarget = []string{
	"endpoint", "region", "project-id", "graph-id", "token", "token-file", "token-command", "access-key", "secret-key", "security-token",
	"readonly-token", "expired-token", "stopped-graph-id", "foreign-graph-id", "upgrade-version", "confirm-graph",
}

// exclusive are options of which a target's own leave none of the defaults: they
// say the same in another way.
var exclusive = [][]string{
	{"endpoint", "region"},
	{"token", "token-file", "token-command", "access-key", "secret-key", "security-token"},
}

// LoadTargets reads a targets file. What a target says beats what the file says
// for all, and both are beaten by the variables of environ and by flags, of which
// given has the names; but for the risk, which flags bound and the file may
// lower. An error ends everything: it names the file and the line, and shows no
// secret.
func LoadTargets(path string, flags *Config, given map[string]bool, environ []string) (*Targets, error) {
	for _, name := range ofOneTarget {
		if given[name] {
			return nil, fmt.Errorf("%s: describes one deployment and is given beside --targets; write it into %s", name, path)
		}
	}
	data, err := readBounded(path)
	if err != nil {
		return nil, fmt.Errorf("load targets: %w", err)
	}
	targets := &Targets{Output: flags.Output}
	r := &targetsReader{path: path, flags: flags, given: given, environ: environ, targets: targets, names: map[string]int{}, graphs: map[string]string{}, used: map[string]bool{}}
	if err := r.read(data); err != nil {
		var f *yamlfile.Fault
		if errors.As(err, &f) { // anything else is no fault of the file
			return nil, fmt.Errorf("load targets: %w", yamlfile.InFile(path, f))
		}
		return nil, err
	}
	targets.Warnings = r.usefulWarnings()
	return targets, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // it was only read
	return io.ReadAll(io.LimitReader(file, yamlfile.MaxFile+1))
}

// A targetsReader makes targets of a file.
type targetsReader struct {
	path    string
	flags   *Config
	given   map[string]bool
	environ []string
	targets *Targets

	names    map[string]int    // the lines of names
	graphs   map[string]string // the names of targets, by what they judge
	used     map[string]bool   // variables that the file names
	warnings []string
}

func (r *targetsReader) read(data []byte) error {
	file, err := readTargets(data)
	if err != nil {
		return err
	}
	for _, entry := range file.targets {
		named, err := r.target(file.defaults, &entry)
		if err != nil {
			return err
		}
		r.targets.Targets = append(r.targets.Targets, *named)
	}
	return nil
}

// target makes a configuration of an entry and the defaults.
func (r *targetsReader) target(defaults settings, entry *targetEntry) (*Target, error) {
	if line, twice := r.names[entry.name]; twice {
		return nil, yamlfile.At(entry.line, "name: another target is called %q, in line %d", entry.name, line)
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

// apply sets an option. A variable that is missing or does not fit makes the
// target unusable; what stands in the file itself is the file's fault.
func (r *targetsReader) apply(c *Config, o *Option, s setting) (unusable, err error) {
	variable := variableName(s.text)
	switch {
	case variable == "" && o.Secret:
		return nil, yamlfile.At(s.line, "%s: expected a variable that holds it, such as $CN_NORTH_4_TOKEN; a secret has no place in the file, and what stands there is not shown", o.Name)
	case variable == "" || o.Name == "token-command": // a shell's own
		if err := o.Set(c, s.text); err != nil {
			return nil, yamlfile.At(s.line, "%s", err)
		}
		return nil, nil
	case o.LowersGuard && c.Endpoint != "" && !c.Loopback():
		return nil, yamlfile.At(s.line, "%s: lowers a guard and may be a variable only for an endpoint on a loopback address; elsewhere write the value itself", o.Name)
	}
	r.used[variable] = true
	value := lookUp(r.environ, variable)
	if value == "" {
		return fmt.Errorf("%s: the variable $%s is not set", o.Name, variable), nil
	}
	if o.Set(c, value) != nil { // which might show it
		return fmt.Errorf("%s: what the variable $%s holds cannot be used", o.Name, variable), nil
	}
	return nil, nil
}

// override lets flags and variables have their say. They bound the risk, and the
// file may lower it.
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
	for _, name := range ofOneTarget {
		decided[name] = true
	}
	environ := r.environ
	if unusable { // it must not get other credentials than those that it names
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
		return yamlfile.At(risk.line, "risk: expected at most %s, which is what --risk allows, got %s; raising a risk is for you to spell out: --risk %s", c.Risk, own, own)
	default:
		c.Risk = own
	}
	return nil
}

// check tells what is wrong with the file from what is wrong with one target's
// credentials.
func (r *targetsReader) check(named *Target, line int) error {
	bare := named.Config
	bare.CAFile, bare.ClientCert, bare.ClientKey = "", "", ""
	bare.Token, bare.ReadonlyToken, bare.ExpiredToken, bare.AccessKey, bare.SecretKey, bare.SecurityToken = "some", "", "", "", "", ""
	if err := bare.Check(); err != nil {
		return yamlfile.At(line, "%s: %s", named.Name, err)
	}
	c := &named.Config
	what := c.judges()
	if other := r.graphs[what]; other != "" {
		return yamlfile.At(line, "%s: judges the same graph as %s; two runs of one graph would disturb each other", named.Name, other)
	}
	r.graphs[what] = named.Name
	named.Unusable = c.Check()
	return nil
}

// judges says what a configuration judges. What is spelled in other letter case, or
// with the port that goes without saying, is the same.
func (c *Config) judges() string {
	endpoint := strings.TrimRight(c.Endpoint, "/")
	if u, err := url.Parse(endpoint); err == nil {
		port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
		endpoint = u.Scheme + "://" + net.JoinHostPort(strings.TrimRight(u.Hostname(), "."), port) + u.Path
	}
	return strings.ToLower(strings.Join([]string{endpoint, c.ProjectID, c.GraphID}, "\n"))
}

// usefulWarnings names variables that nothing reads, but for those that the file
// names, and those of one target, which count for nothing here.
func (r *targetsReader) usefulWarnings() []string {
	warnings := slices.DeleteFunc(r.warnings, func(w string) bool {
		name, _, _ := strings.Cut(w, " ")
		return r.used[name]
	})
	for _, name := range ofOneTarget {
		if v := Variable(name); lookUp(r.environ, v) != "" && !r.used[v] {
			warnings = append(warnings, fmt.Sprintf("%s counts for nothing beside --targets, where %s says what is judged", v, r.path))
		}
	}
	return warnings
}

// A variable is written in capitals, as they are by custom: a secret that begins
// with a dollar sign had better not pass for one.
var variableForm = regexp.MustCompile(`^\$(?:([A-Z_][A-Z0-9_]*)|\{([A-Z_][A-Z0-9_]*)\})$`)

// variableName is the name in $NAME or ${NAME}; "" of any other text.
func variableName(text string) string {
	m := variableForm.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2]
}

// lookUp is the value of a variable; the last one counts.
func lookUp(environ []string, name string) string {
	value := ""
	for _, pair := range environ {
		if v, found := strings.CutPrefix(pair, name+"="); found {
			value = v
		}
	}
	return value
}
