package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
)

// allOf returns one error that says everything that is wrong, on one line, or nil.
func allOf(errs ...error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) < 2 {
		return errors.Join(errs...)
	}
	return severalFaults(errs)
}

// severalFaults are errors that are independent of each other.
type severalFaults []error

// Error implements error.
func (f severalFaults) Error() string {
	texts := make([]string, len(f))
	for i, err := range f {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors.
func (f severalFaults) Unwrap() []error { return f }

// checkMissing names all that is missing at once, and how to set it.
func (c *Config) checkMissing() error {
	var names, ways []string
	missing := func(name, way string) { names, ways = append(names, name), append(ways, way) }
	flag := func(name string) string { return fmt.Sprintf("--%s or %s", name, Variable(name)) }
	if c.Endpoint == "" {
		missing("endpoint", fmt.Sprintf("--endpoint https://HOST or %s", Variable("endpoint")))
	}
	if c.ProjectID == "" {
		missing("project-id", flag("project-id"))
	}
	if cmp.Or(c.GraphID, c.AbsentGraphID) == "" {
		missing("graph-id", flag("graph-id"))
	}
	switch {
	case c.HasToken(): // takes precedence over an access key
	case c.AccessKey == "" && c.SecretKey == "":
		missing("token", fmt.Sprintf("--token or %s, --token-file or --token-command, OS_AUTH_URL and the variables of a login, or an access key in %s and %s",
			Variable("token"), Variable("access-key"), Variable("secret-key")))
	case c.SecretKey == "":
		missing("secret-key", Variable("secret-key")+", which goes with the access key")
	case c.AccessKey == "":
		missing("access-key", flag("access-key")+", which goes with the secret key")
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s missing; set %s", printable.AllOf(names), printable.Plural(len(names), "is", "are"), strings.Join(ways, "; "))
}

// checkIDs reports ids that are none.
func (c *Config) checkIDs() error {
	var faults []error
	for _, id := range []struct{ name, value string }{
		{"project-id", c.ProjectID}, {"graph-id", c.GraphID}, {"stopped-graph-id", c.StoppedGraphID}, {"foreign-graph-id", c.ForeignGraphID},
	} {
		if err := idFault(id.value); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", id.name, err))
		}
	}
	return allOf(faults...)
}

// checkSecrets reports credentials that cannot be sent in a header, without showing them.
func (c *Config) checkSecrets() error {
	var faults []error
	for _, secret := range []struct{ name, value string }{
		{"token", c.Token}, {"readonly-token", c.ReadonlyToken}, {"expired-token", c.ExpiredToken},
		{"access-key", c.AccessKey}, {"secret-key", c.SecretKey}, {"security-token", c.SecurityToken},
	} {
		if err := secretFault(secret.value); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", secret.name, err))
		}
	}
	return allOf(faults...)
}
