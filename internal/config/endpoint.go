package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/printable"
)

// endpointFault says what is wrong with the endpoint of a service whose paths are known.
func (c *Config) endpointFault() error {
	if err := c.addressFault(); err != nil {
		return err
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil // has been reported
	}
	if i := slices.Index(strings.Split(u.EscapedPath(), "/"), ges.APIVersion); i >= 0 {
		base := *u
		base.Path, base.RawPath = strings.Join(strings.Split(u.Path, "/")[:i], "/"), ""
		return fmt.Errorf("endpoint: expected the address without the path of the API, which begins with /%s and is added to it, got %q; set --endpoint %s", ges.APIVersion, printable.URL(c.Endpoint), base.String())
	}
	return nil
}

// addressFault says what is wrong with the address of the endpoint, in the words of whoever has
// pasted it.
func (c *Config) addressFault() error {
	text := c.Endpoint
	if text == "" {
		return nil // is missing
	}
	if err := pasted(text); err != nil {
		return fmt.Errorf("endpoint: expected https://HOST[:PORT], got %w", err)
	}
	scheme, rest, found := strings.Cut(text, "://")
	u, err := url.Parse(text)
	switch {
	case !found && strings.Contains(text, "@"):
		return errors.New("endpoint: expected https://HOST[:PORT], got a text without a scheme (not shown)")
	case !found:
		likely := "https"
		if host, _, _ := strings.Cut(text, ":"); host == "localhost" || strings.HasPrefix(host, "127.") {
			likely = "http"
		}
		return fmt.Errorf("endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got %q, which has no scheme; set --endpoint %s://%s", text, likely, strings.TrimLeft(text, ":/"))
	case !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https"):
		return fmt.Errorf("endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got the scheme %.40q", scheme)
	case err == nil && u.User != nil, err != nil && strings.Contains(rest, "@"):
		return errors.New("endpoint: expected no user or password in the URL; set --token, or --credential beside --spec")
	case err != nil && badPort(rest), err == nil && !isPort(u.Port()):
		return fmt.Errorf("endpoint: expected http://HOST[:PORT] or https://HOST[:PORT] with a port from 1 to 65535, got %q", printable.Line(beforeQuery(text)))
	case err != nil || u.Hostname() == "":
		return fmt.Errorf("endpoint: expected http://HOST[:PORT] or https://HOST[:PORT], got %q", printable.Line(beforeQuery(text)))
	case c.Region != "" && text != ges.Endpoint(c.Region):
		return fmt.Errorf("region: expected either --region or --endpoint, got %q and %q", c.Region, printable.URL(text))
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return fmt.Errorf("endpoint: expected no query and no fragment, got %q", printable.URL(text))
	}
	return nil
}

func beforeQuery(text string) string {
	before, _, _ := strings.Cut(text, "?")
	return before
}

// badPort reports whether what follows the host, in a URL that cannot be parsed, is no port.
func badPort(rest string) bool {
	host, _, _ := strings.Cut(rest, "/")
	_, port, err := net.SplitHostPort(host)
	return err == nil && !isPort(port)
}

// isPort reports whether a text is a port, or nothing.
func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n > 0 && n < 1<<16
}

// Loopback reports whether the endpoint is a loopback address.
func (c *Config) Loopback() bool {
	u, err := url.Parse(c.Endpoint)
	return err == nil && isLoopback(u.Hostname())
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
