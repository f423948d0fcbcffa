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

// A Deployment describes the deployment under test to a Go test, without flags and
// variables. conformancetest.Target has the same fields, and documents them.
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

// notInGo are the options that a Go test does not support, with the reason.
var notInGo = map[string]string{
	"label-filter": "go test -run selects",
	"require":      "go test -run selects",
	"output":       "go test reports",
}

// Config returns the configuration of a run against the deployment. The error names the
// option that is wrong.
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
		switch why := notInGo[name]; {
		case why != "":
			return Config{}, fmt.Errorf("options: %s is not supported in Go tests: %s", name, why)
		case fields[name] != "":
			return Config{}, fmt.Errorf("options: %s is also set by a field", name)
		case !slices.ContainsFunc(Options, func(o *Option) bool { return o.Name == name }):
			return Config{}, fmt.Errorf("options: unknown option %.80q; `gesconform run --help` lists them", name)
		case optionOf(name).For == Unstated:
			return Config{}, fmt.Errorf("options: %s is not supported in Go tests: it is for a document that states no requirements of its own", name)
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

// Complete checks the configuration, and chooses a seed and a run id if there is none.
// The error says what to do.
func (c *Config) Complete() error { return c.complete(c.Check()) }

// CompleteDocument does the same for a run by a document that states no requirements of its own.
func (c *Config) CompleteDocument() error { return c.complete(c.CheckDocument()) }

// complete completes a configuration with this fault, or none.
func (c *Config) complete(fault error) error {
	if fault != nil {
		return fault
	}
	if !c.Until.IsZero() && !time.Now().Before(c.Until) {
		return fmt.Errorf("until: expected a time in the future, got %s", c.Until.Format(time.RFC3339))
	}
	if c.Seed == 0 {
		c.Seed = mathrand.Int64N(1 << 53)
	}
	if c.RunID == "" {
		c.RunID = NewRunID()
	}
	return nil
}

// NewRunID returns an id for a run.
func NewRunID() string {
	var id [6]byte
	_, _ = rand.Read(id[:]) // never fails
	return hex.EncodeToString(id[:])
}
