package fakeserver

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteEnv writes the fixtures as lines of a dotenv file that `set -a; . FILE`
// reads too. With them `gesconform run` finds the server at endpoint, and with
// the time limits and consents that suit a server without a past. More variables
// may follow, as NAME=value without quotes.
func (f Fixtures) WriteEnv(w io.Writer, endpoint string, more ...string) error {
	var b strings.Builder
	for _, line := range []struct{ name, value string }{
		{"ENDPOINT", endpoint},
		{"PROJECT_ID", f.ProjectID},
		{"GRAPH_ID", f.GraphID},
		{"TOKEN", f.Token},
		{"READONLY_TOKEN", f.ReadonlyToken},
		{"EXPIRED_TOKEN", f.ExpiredToken},
		{"STOPPED_GRAPH_ID", f.StoppedGraphID},
		{"FOREIGN_GRAPH_ID", f.ForeignGraphID},
		{"UPGRADE_VERSION", strings.Join(f.Versions, ",")},
		{"REQUEST_TIMEOUT", "2s"},
		{"JOB_TIMEOUT", "5s"},
		{"MAX_UPGRADES", strconv.Itoa(len(f.Versions))},
		{"CONFIRM_GRAPH", f.GraphName},
		{"CONFIRM_FOREIGN_GRAPH", "true"},
		{"KEEP_GOING", "true"},
	} {
		fmt.Fprintf(&b, "GESCONFORM_%s=%s\n", line.name, quote(line.value))
	}
	for _, variable := range more {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&b, "%s=%s\n", name, quote(value))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the environment file: %w", err)
	}
	return nil
}

// quote quotes a value for the shell where it must be.
func quote(value string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/+-"
	if strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
