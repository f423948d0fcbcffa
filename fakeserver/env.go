package fakeserver

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// WriteEnv writes the fixtures that are not empty as lines of a dotenv file, which a
// shell can read with `set -a; . FILE`. `gesconform run` reads the GESCONFORM_ variables;
// they include time limits and confirmations that suit a throw-away server. The official
// SDKs read the HUAWEICLOUD_SDK_ variables, and clients of Keystone the OS_ ones.
// endpoint is the server's base URL. Each of more is a further line, NAME=value without
// quotes.
func (f Fixtures) WriteEnv(w io.Writer, endpoint string, more ...string) error {
	var b strings.Builder
	for _, line := range []struct{ name, value string }{
		{"GESCONFORM_ENDPOINT", endpoint},
		{"GESCONFORM_PROJECT_ID", f.ProjectID},
		{"GESCONFORM_GRAPH_ID", f.GraphID},
		{"GESCONFORM_TOKEN", f.Token},
		{"GESCONFORM_READONLY_TOKEN", f.ReadonlyToken},
		{"GESCONFORM_EXPIRED_TOKEN", f.ExpiredToken},
		{"GESCONFORM_STOPPED_GRAPH_ID", f.StoppedGraphID},
		{"GESCONFORM_FOREIGN_GRAPH_ID", f.ForeignGraphID},
		{"GESCONFORM_UPGRADE_VERSION", strings.Join(f.Versions, ",")},
		{"GESCONFORM_REQUEST_TIMEOUT", "10s"},
		{"GESCONFORM_JOB_TIMEOUT", max(5*time.Second, 2*f.UpgradeTime+time.Second).String()},
		{"GESCONFORM_MAX_UPGRADES", strconv.Itoa(len(f.Versions))},
		{"GESCONFORM_RATE", "0"},
		{"GESCONFORM_CONFIRM_GRAPH", f.GraphName},
		{"GESCONFORM_CONFIRM_FOREIGN_GRAPH", "true"},
		{"GESCONFORM_KEEP_GOING", "true"},
		{"HUAWEICLOUD_SDK_AK", f.AccessKey},
		{"HUAWEICLOUD_SDK_SK", f.SecretKey},
		{"HUAWEICLOUD_SDK_PROJECT_ID", f.ProjectID},
		{"OS_AUTH_URL", endpoint + "/v3"},
		{"OS_USERNAME", f.UserName},
		{"OS_PASSWORD", f.Password},
		{"OS_USER_DOMAIN_NAME", f.DomainName},
		{"OS_PROJECT_NAME", f.ProjectName},
		{"OS_PROJECT_DOMAIN_NAME", f.DomainName},
		{"OS_REGION_NAME", f.ProjectName},
	} {
		if line.value != "" {
			fmt.Fprintf(&b, "%s=%s\n", line.name, quote(line.value))
		}
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

// quote quotes a value for the shell, if necessary.
func quote(value string) string {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:/+-"
	if strings.Trim(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
