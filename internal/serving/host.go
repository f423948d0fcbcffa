package serving

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// IsOwnHost reports whether a Host header, with or without a port, is localhost, an IP address or one
// of these names. Whoever owns another name can point it at this machine, and so let a page of that
// name read what is served here (DNS rebinding).
func IsOwnHost(header string, names ...string) bool {
	host := strings.TrimSuffix(strings.TrimPrefix(header, "["), "]")
	if name, _, err := net.SplitHostPort(header); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(host)
	return err == nil || slices.ContainsFunc(append([]string{"localhost"}, names...), func(name string) bool { return strings.EqualFold(name, host) })
}
