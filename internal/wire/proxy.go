package wire

import (
	"net/url"
	"strings"
)

// proxyVariables are what net/http takes its proxies from.
var proxyVariables = []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"}

// proxySecrets are the passwords of the proxies, which an error may repeat, and
// with the user's name, as Proxy-Authorization has them. They are taken from the
// text, for one that is no URL may be shown, too.
func proxySecrets(lookup func(name string) string) (all []secretText) {
	for _, name := range proxyVariables {
		text := lookup(name)
		if _, rest, found := strings.Cut(text, "://"); found {
			text = rest
		}
		at := strings.LastIndex(text, "@")
		if at < 0 {
			continue
		}
		all = append(all, secretText{name, text[:at]})
		user, password, _ := strings.Cut(text[:at], ":")
		all = append(all, secretText{name, password})
		if plain, err := url.PathUnescape(password); err == nil {
			all = append(all, secretText{name, plain}, secretText{name, user + ":" + plain})
		}
	}
	return all
}
