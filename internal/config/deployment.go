package config

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Deployment is what a Go program says of the deployment under test, without flags
// and variables. conformancetest.Target has the same fields, and documents them.
type Deployment struct {
	URL             string
	ProjectID       string
	GraphID         string
	Token           string
	ReadonlyToken   string
	ExpiredToken    string
	StoppedGraphID  string
	ForeignGraphID  string
	UpgradeVersions []string
	Risk            string
	MaxUpgrades     int
	ConfirmGraph    string
	Options         map[string]string
}

// inGo are the options that a test in Go has no use for: go test selects and reports.
var inGo = map[string]string{
	"label-filter": "go test -run selects",
	"require":      "go test -run selects",
	"output":       "go test reports",
}

// Config is the configuration of a run that judges the deployment. Its error names the
// option that cannot be used.
func (d *Deployment) Config() (Config, error) {
	fields := map[string]string{
		"endpoint": d.URL, "project-id": d.ProjectID, "graph-id": d.GraphID, "token": d.Token,
		"readonly-token": d.ReadonlyToken, "expired-token": d.ExpiredToken, "stopped-graph-id": d.StoppedGraphID,
		"foreign-graph-id": d.ForeignGraphID, "upgrade-version": strings.Join(d.UpgradeVersions, ","), "risk": d.Risk,
		"confirm-graph": d.ConfirmGraph,
	}
	if d.MaxUpgrades > 0 {
		fields["max-upgrades"] = strconv.Itoa(d.MaxUpgrades)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Options)) {
		switch why := inGo[name]; {
		case why != "":
			return Config{}, fmt.Errorf("options: %s is not for tests in Go: %s", name, why)
		case fields[name] != "":
			return Config{}, fmt.Errorf("options: %s is given by a field as well", name)
		case !slices.ContainsFunc(Options, func(o *Option) bool { return o.Name == name }):
			return Config{}, fmt.Errorf("options: there is no option %.80q; `gesconform run --help` lists them", name)
		}
		fields[name] = d.Options[name]
	}
	c := Default()
	for _, o := range Options { // the endpoint comes before the region
		if fields[o.Name] == "" {
			continue
		}
		if err := o.Set(&c, fields[o.Name]); err != nil {
			return Config{}, err
		}
	}
	return c, nil
}

// Complete checks the configuration, and makes up what a run has besides: its seed and
// its id. Its error says what to do.
func (c *Config) Complete() error {
	if err := c.Check(); err != nil {
		return err
	}
	if !c.Until.IsZero() && !time.Now().Before(c.Until) {
		return fmt.Errorf("until: expected a time that is to come, got %s", c.Until.Format(time.RFC3339))
	}
	if c.Seed == 0 {
		c.Seed = mathrand.Int64N(1 << 53)
	}
	if c.RunID == "" {
		var id [6]byte
		_, _ = rand.Read(id[:]) // never fails
		c.RunID = hex.EncodeToString(id[:])
	}
	return nil
}
