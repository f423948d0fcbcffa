package config

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A Document has the settings of a run by a document that states no requirements of its own.
type Document struct {
	Headers      []Named // to send with each request, or credentials
	Queries      []Named // likewise
	Cookies      []Named // likewise
	Credentials  []Named // by the ids of security schemes
	Fixtures     []Fixture
	FixturesFile string        // has more fixtures; "" for none
	Operations   []string      // patterns of the operations to judge; none for all
	Time         time.Duration // how long the run may take; 0 for no limit
	MaxPlaces    int           // of bodies at which values are derived; 0 for no limit
}

// A Named is a value with its name.
type Named struct{ Name, Value string }

// A Fixture is a value that the user gives for a parameter.
type Fixture struct {
	Name  string // of the parameter, or OPERATION.parameter
	Value string
	Free  bool // whether what it names may be changed
}

// String returns the fixture as --fixture has it.
func (f Fixture) String() string {
	if f.Free {
		return f.Name + "=" + f.Value + "!"
	}
	return f.Name + "=" + f.Value
}

// ParseFixture reads NAME=VALUE, with an exclamation mark behind it for what may be changed.
func ParseFixture(text string) (Fixture, error) {
	name, value, found := strings.Cut(text, "=")
	value, free := strings.CutSuffix(value, "!")
	if !found || name == "" || value == "" || strings.TrimSpace(name) != name {
		return Fixture{}, fmt.Errorf("expected NAME=VALUE, or NAME=VALUE! for what may be changed, got %q", printable.Line(text))
	}
	return Fixture{name, value, free}, nil
}

// sendsSecrets reports whether something is sent that may be a credential.
func (d *Document) sendsSecrets() bool {
	return len(d.Headers)+len(d.Queries)+len(d.Cookies)+len(d.Credentials) > 0
}

// readFixtures reads a YAML file that has values by the names of fixtures, which must be among names.
func readFixtures(file string, names []string) ([]Fixture, error) {
	data, err := yamlfile.ReadRegular(file)
	if err != nil {
		return nil, fmt.Errorf("fixtures: expected a YAML file with values by the names of parameters, got: %w", err)
	}
	if yamlfile.IsEmpty(data) {
		return nil, fmt.Errorf("fixtures: %s: expected values by the names of parameters, got an empty file", printable.Line(file))
	}
	root, err := yamlfile.Strict.Read(data, "fixtures")
	if err != nil {
		return nil, fmt.Errorf("fixtures: %w", yamlfile.InFile(file, err))
	}
	var all []Fixture
	members, err := yamlfile.Members(root, names)
	for i := 0; err == nil && i < len(members); i++ {
		var text string
		if text, err = members[i].Text(); err != nil {
			break
		}
		var f Fixture
		if f, err = ParseFixture(members[i].Key.Value + "=" + text); err != nil {
			err = yamlfile.At(members[i].Key.Line, "%s", err)
		}
		all = append(all, f)
	}
	if err != nil {
		return nil, fmt.Errorf("fixtures: %w", yamlfile.InFile(file, err))
	}
	return all, nil
}

// A splitter separates the name of a value from the value.
type splitter struct{ separator, form string }

var (
	asHeader = splitter{":", "'Name: value'"}
	asPair   = splitter{"=", "NAME=VALUE"}
)

// pairs is an option that may be given more than once, for a value with a name. Its values are
// never shown, for each may be a credential.
func pairs(name, usage string, split splitter, field func(*Document) *[]Named) *Option {
	o := repeated(name, usage, func(d *Document, text string) error {
		key, value, found := strings.Cut(text, split.separator)
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		if !found || key == "" || value == "" {
			return fmt.Errorf("expected %s", split.form)
		}
		*field(d) = append(*field(d), Named{key, value})
		return nil
	}, func(*Document) []string { return nil })
	o.Secret = true
	return o
}

// repeated is an option that may be given more than once; in a variable or a file, each value has a line.
func repeated(name, usage string, add func(*Document, string) error, all func(*Document) []string) *Option {
	return &Option{
		Name: name, Usage: usage + "; may be repeated", For: Unstated,
		set: func(c *Config, v string) error {
			for _, line := range strings.Split(strings.TrimRight(v, "\n"), "\n") {
				if err := add(&c.Document, line); err != nil {
					return err
				}
			}
			return nil
		},
		get: func(c *Config) string { return strings.Join(all(&c.Document), "\n") },
	}
}

// documentOptions are the options of a run by a document that states no requirements of its own.
var documentOptions = []*Option{
	pairs("header", "a header to send with each request, 'Name: value'; that of a security scheme is its credential; $NAME as the value is read from that variable", asHeader, func(d *Document) *[]Named { return &d.Headers }),
	pairs("query", "the same for a query parameter, NAME=VALUE", asPair, func(d *Document) *[]Named { return &d.Queries }),
	pairs("cookie", "the same for a cookie, NAME=VALUE", asPair, func(d *Document) *[]Named { return &d.Cookies }),
	pairs("credential", "the credential of a security scheme of the document, SCHEME=VALUE, for http basic SCHEME=USER:PASSWORD (better SCHEME='$NAME', a variable: other users can see command lines)", asPair, func(d *Document) *[]Named { return &d.Credentials }),
	guard(repeated("fixture", "the value of a parameter, NAME=VALUE or OPERATION.NAME=VALUE, such as an id that exists; with an exclamation mark behind it, what it names may be changed",
		func(d *Document, text string) error {
			f, err := ParseFixture(text)
			if err == nil {
				d.Fixtures = append(d.Fixtures, f)
			}
			return err
		},
		func(d *Document) []string {
			texts := make([]string, len(d.Fixtures))
			for i, f := range d.Fixtures {
				texts[i] = f.String()
			}
			return texts
		})),
	guard(local(unstated(text("fixtures", "a YAML file with such values by name", func(c *Config) *string { return &c.Document.FixturesFile })))),
	repeated("operation", "judge only the operations whose id, or METHOD and path, match this pattern, such as 'list*' or 'GET /pets*'",
		func(d *Document, text string) error {
			if _, err := path.Match(text, ""); err != nil || text == "" {
				return fmt.Errorf("expected a pattern such as 'list*' or 'GET /pets*', got %q", printable.Line(text))
			}
			d.Operations = append(d.Operations, text)
			return nil
		},
		func(d *Document) []string { return d.Operations }),
	{
		Name: "time", For: Unstated, Usage: "how long the run may take, such as 60s; what was not reached by then is named",
		set: func(c *Config, v string) (err error) {
			if c.Document.Time, err = time.ParseDuration(v); err != nil || c.Document.Time <= 0 {
				return fmt.Errorf("expected a duration above 0 such as 60s or 5m, got %q", printable.Line(v))
			}
			return nil
		},
		get: func(c *Config) string {
			if c.Document.Time == 0 {
				return "" // no limit
			}
			return c.Document.Time.String()
		},
	},
	unstated(number("max-places", MaxPlacesUsage, func(c *Config) *int { return &c.Document.MaxPlaces })),
}

// MaxPlacesUsage is the usage of the option for Document.MaxPlaces.
const MaxPlacesUsage = "at how many places of bodies and parameters values are derived, in all operations together, the shallowest first; 0 for no limit"

// DefaultMaxPlaces is Document.MaxPlaces unless it is given. It is far above what documents of some hundred operations
// have, and gives more cases than a run sends.
const DefaultMaxPlaces = 10_000

// CheckDocument does what Check does, for a run by a document that states no requirements of its own.
func (c *Config) CheckDocument() error {
	var missing error
	if c.Endpoint == "" {
		missing = fmt.Errorf("endpoint: expected the URL of a server to judge by the document, got none; set --endpoint http://HOST[:PORT]/PATH or %s", Variable("endpoint"))
	}
	if err := allOf(c.addressFault(), missing, c.Document.unsendable()); err != nil {
		return err
	}
	plain := c.plainFault()
	if !c.Document.sendsSecrets() {
		plain = nil
	}
	_, unusable := c.TLS()
	return allOf(plain, c.checkLimits(), unusable)
}

// unsendable reports values that cannot be sent in their places, without showing them.
func (d *Document) unsendable() error {
	var faults []error
	for _, of := range []struct {
		option string
		values []Named
	}{{"header", d.Headers}, {"query", d.Queries}, {"cookie", d.Cookies}, {"credential", d.Credentials}} {
		for _, v := range of.values {
			if strings.ContainsFunc(v.Value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
				faults = append(faults, fmt.Errorf("%s: %s: expected the value alone, got one with a control character in it", of.option, printable.Line(v.Name)))
			}
		}
	}
	for _, h := range d.Headers {
		if strings.ContainsFunc(h.Name, func(r rune) bool { return !isTokenRune(r) }) {
			faults = append(faults, errors.New("header: expected 'Name: value', got a name that no header can have"))
		}
	}
	return allOf(faults...)
}

// isTokenRune reports whether a header's name may have the character (RFC 9110, section 5.6.2).
func isTokenRune(r rune) bool {
	return r < 0x7f && (r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// ForDocument returns the configuration without the options that only a contract which states its
// requirements has, as a login at its service.
func (c *Config) ForDocument() Config {
	own := Default()
	own.Dial, own.RunID, own.Document = c.Dial, c.RunID, c.Document
	for _, o := range Options {
		if v := o.get(c); o.For == Always && v != "" {
			_ = o.set(&own, v) // has been set to it before
		}
	}
	return own
}

// Misplaced returns an error if an option in given is for another kind of contract: for one that
// states its requirements, or for one that states none.
func Misplaced(given []string, stated bool) error {
	of := Stated
	if stated {
		of = Unstated
	}
	var flags []string
	for _, o := range Options {
		if o.For == of && slices.Contains(given, o.Name) {
			flags = append(flags, "--"+o.Name)
		}
	}
	if len(flags) == 0 {
		return nil
	}
	verb := printable.Plural(len(flags), "is", "are")
	if stated {
		return fmt.Errorf("%s: %s for a document that states no requirements of its own; name one with --spec FILE", printable.AllOf(flags), verb)
	}
	return fmt.Errorf("%s: %s for the built-in contract, or one that states its requirements, and the document of --spec states none; `gesconform run --help` lists what is for any document", printable.AllOf(flags), verb)
}
