package wire

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gesconform/gesconform/internal/secrets"
)

// proxyVariables are the variables that configure the proxies of net/http.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}

// proxySecrets returns the passwords of the proxies, which an error may repeat, alone and
// with the user's name, as in Proxy-Authorization. They are cut from the text, since a
// value that is not a URL may be shown, too.
func proxySecrets(lookup func(name string) string) (all []secrets.Credential) {
	for _, name := range proxyVariables {
		text := lookup(name)
		if _, rest, found := strings.Cut(text, "://"); found {
			text = rest
		}
		at := strings.LastIndex(text, "@")
		if at < 0 {
			continue
		}
		all = append(all, named(name, text[:at]))
		user, password, _ := strings.Cut(text[:at], ":")
		all = append(all, named(name, password))
		if plain, err := url.PathUnescape(password); err == nil {
			all = append(all, named(name, plain), named(name, user+":"+plain))
		}
	}
	return all
}

// proxyOf returns the host and port of the proxy through which a request goes, or "".
func proxyOf(r *http.Request) string {
	proxy, err := http.ProxyFromEnvironment(r)
	if err != nil || proxy == nil {
		return ""
	}
	return proxy.Host
}
