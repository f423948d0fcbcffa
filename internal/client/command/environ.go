package command

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/client"
)

// environ returns the environment of a client: the surroundings without what they tell of another
// endpoint, and the endpoint's own. The endpoint is reached directly, whatever proxy there is; the
// proxy itself stays as it is, for whatever else the client needs. There is no ::1, on which a
// widespread client (httpx) fails.
func environ(surroundings []string, e *client.Endpoint) []string {
	direct := []string{"localhost", "127.0.0.1"}
	if u, err := url.Parse(e.URL); err == nil && u.Hostname() != "" && !slices.Contains(direct, u.Hostname()) {
		direct = append(direct, u.Hostname())
	}
	var all []string
	for _, v := range surroundings {
		name, value, _ := strings.Cut(v, "=")
		switch name = strings.ToUpper(name); { // on Windows their case does not count
		case strings.HasPrefix(name, "GESCONFORM_"):
		case name == "NO_PROXY":
			if value = strings.TrimSpace(value); value != "" && !slices.Contains(direct, value) {
				direct = append(direct, value)
			}
		default:
			all = append(all, v)
		}
	}
	list := strings.Join(direct, ",")
	if slices.Contains(direct, "*") {
		list = "*" // which must stand alone
	}
	return append(append(all, "NO_PROXY="+list, "no_proxy="+list), e.Environ()...)
}
