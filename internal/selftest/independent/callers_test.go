package independent_test

import (
	"net/http"
	"strings"
)

// Where the caller and the path are read from.

// plainly rewrites a path that is spelled otherwise to the plain one, as a proxy may.
func plainly(r *http.Request) {
	path, _, _ := strings.Cut(r.URL.Path, ";")
	path = strings.NewReplacer("/./", "/", "//", "/", "/UPGRADE", "/upgrade", "/GRAPHS/", "/graphs/").Replace(strings.TrimSuffix(path, "/"))
	if path != r.URL.Path || strings.Contains(r.URL.RawPath, "%75") || strings.Contains(r.URL.RawPath, "%67") {
		r.URL.Path, r.URL.RawPath = path, ""
	}
}

func spelled(r *http.Request) bool {
	other := r.Clone(r.Context())
	plainly(other)
	return other.URL.EscapedPath() != r.URL.EscapedPath()
}

// anyUpperCase takes a graph's id in upper case for the id.
func anyUpperCase(r *http.Request) {
	upper := strings.ToUpper(ownGraph)
	r.URL.Path = strings.Replace(r.URL.Path, upper, ownGraph, 1)
}

var lawfulCallers = []row{
	{name: "spelled paths mean the same", turn: func(k *knobs) { k.rewrite = plainly }},
	{name: "a trailing slash is redirected", turn: func(k *knobs) {
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			plain, slash := strings.CutSuffix(r.URL.EscapedPath(), "/")
			if slash {
				http.Redirect(w, r, plain, http.StatusPermanentRedirect)
			}
			return slash
		}
	}},
	{name: "spelled paths are a proxy's page", turn: func(k *knobs) {
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !spelled(r) {
				return false
			}
			http.Error(w, "<html><h1>404 Not Found</h1></html>", http.StatusNotFound)
			return true
		}
	}},
	{name: "spelled paths are a bad request", turn: func(k *knobs) {
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if !spelled(r) {
				return false
			}
			w.WriteHeader(http.StatusBadRequest)
			return true
		}
	}},
	{name: "ids in upper case are the same", turn: func(k *knobs) { k.rewrite = anyUpperCase }},
	{name: "no HEAD", turn: func(k *knobs) {
		k.instead = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodHead {
				return false
			}
			w.WriteHeader(http.StatusMethodNotAllowed)
			return true
		}
	}},
	{name: "overridden methods are obeyed for other methods than GET", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if method := r.Header.Get("X-HTTP-Method-Override"); method != "" && r.Method != http.MethodGet {
				r.Method = method
			}
		}
	}},
	{name: "the last of two tokens counts", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if tokens := r.Header.Values("X-Auth-Token"); len(tokens) > 1 {
				r.Header.Set("X-Auth-Token", tokens[len(tokens)-1])
			}
		}
	}},
}

// withoutToken lets requests in that plainly have no token, as if they had the right one.
func withoutToken(when func(*http.Request) bool, and func(*http.Request)) func(*knobs) {
	return func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if when(r) && r.Header.Get("X-Auth-Token") == "" {
				r.Header.Set("X-Auth-Token", goodToken)
				and(r)
			}
		}
	}
}

func pathHas(text string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.Contains(r.URL.EscapedPath(), text) }
}

func headerIs(name string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Header.Get(name) != "" }
}

func asItIs(*http.Request) {}

var wrongCallers = []row{
	{name: "no filter for paths with a parameter", turn: withoutToken(pathHas(";"), plainly)},
	{name: "no filter for paths in capitals", turn: withoutToken(pathHas("/GRAPHS/"), plainly)},
	{name: "no filter for escaped paths", turn: withoutToken(pathHas("%67"), plainly)},
	{name: "no filter for dots in paths", turn: withoutToken(pathHas("/./"), plainly)},
	{name: "a proxy says who it is", turn: withoutToken(headerIs("X-Remote-User"), asItIs)},
	{name: "keystone's middleware is not there", turn: withoutToken(headerIs("X-Identity-Status"), asItIs)},
	{name: "token in the URL", turn: withoutToken(func(r *http.Request) bool { return r.URL.Query().Get("access_token") == goodToken }, asItIs)},
	{name: "token in a session", turn: withoutToken(func(r *http.Request) bool { return strings.Contains(r.Header.Get("Cookie"), "token="+goodToken) }, asItIs)},
	{name: "HEAD is open", turn: withoutToken(func(r *http.Request) bool { return r.Method == http.MethodHead }, func(r *http.Request) { r.Method = http.MethodGet })},
	{name: "tokens without their case", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if strings.EqualFold(r.Header.Get("X-Auth-Token"), goodToken) {
				r.Header.Set("X-Auth-Token", goodToken)
			}
		}
	}},
	{name: "tokens in a column that is too short", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if strings.HasPrefix(r.Header.Get("X-Auth-Token"), goodToken) {
				r.Header.Set("X-Auth-Token", goodToken)
			}
		}
	}},
	{name: "graph ids padded as in a database", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if strings.HasSuffix(r.URL.Path, " ") {
				r.URL.Path, r.URL.RawPath = strings.TrimRight(r.URL.Path, " "), ""
			}
		}
	}},
	{name: "graph ids looked for by LIKE", turn: func(k *knobs) {
		k.rewrite = func(r *http.Request) {
			if short := "/graphs/" + ownGraph[:len(ownGraph)-1]; strings.HasSuffix(r.URL.Path, short) {
				r.URL.Path += ownGraph[len(ownGraph)-1:]
			}
		}
	}},
}
