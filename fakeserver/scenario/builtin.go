package scenario

import (
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/printable"
)

//go:embed builtin
var builtIn embed.FS

// Names returns the names of the built-in scenarios, sorted.
func Names() []string {
	entries, _ := builtIn.ReadDir("builtin") // cannot fail: the folder is embedded
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	slices.Sort(names)
	return names
}

// Source returns the YAML of the built-in scenario with the given name.
func Source(name string) ([]byte, error) {
	names := Names()
	if !slices.Contains(names, name) {
		return nil, fmt.Errorf("unknown scenario %q, expected %s%s", shortened(name), printable.AnyOf(names), didYouMean(name, names))
	}
	return builtIn.ReadFile(path.Join("builtin", name+".yaml"))
}

// Named returns the built-in scenario with the given name.
func Named(name string) (*Scenario, error) {
	data, err := Source(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, data)
}

// Default returns the scenario that a server uses if it is given none: a project with a
// running and a stopped graph, another project with a graph, an operator, a reader, and a
// user with an expired token. Each call returns a new value, which may be changed.
func Default() *Scenario {
	const project, domain = "cn-north-4", defaultDomain
	return &Scenario{
		Description: "a project with a running and a stopped graph, and another project",
		Projects:    []Project{{Name: project}, {Name: "cn-north-1", Domain: "globex"}},
		Users: []User{
			{
				Name: "operator", Password: "Operate-1", Domain: domain, Role: Operator,
				Tokens:     []Token{{Project: project}},
				AccessKeys: []AccessKey{{}},
			},
			{Name: "reader", Password: "Read-only-1", Domain: domain, Role: Reader, Tokens: []Token{{Project: project}}},
			{Name: "former", Domain: domain, Role: Operator, Tokens: []Token{{Project: project, ExpiresIn: -24 * time.Hour}}},
		},
		Graphs: []Graph{
			{Name: "ges_demo", Project: project},
			{Name: "ges_stopped", Project: project, Status: "stopped"},
			{Name: "ges_foreign", Project: "cn-north-1"},
		},
	}
}
