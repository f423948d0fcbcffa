package fakeserver

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// beforeService changes requests before the service sees them.
func beforeService(change func(*http.Request)) effect {
	return func(e *effects) { e.requests = append(e.requests, change) }
}

func tokenFromQuery(name string) func(*http.Request) {
	return func(r *http.Request) {
		if token := r.URL.Query().Get(name); token != "" && len(r.Header.Values("X-Auth-Token")) == 0 {
			r.Header.Set("X-Auth-Token", token)
		}
	}
}

func cookieOf(r *http.Request) string {
	for _, pair := range strings.Split(r.Header.Get("Cookie"), "; ") { // net/http drops values that are none
		if name, value, _ := strings.Cut(pair, "="); name == "X-Auth-Token" {
			return value
		}
	}
	return ""
}

func tokenFromCookie(r *http.Request) {
	if token := cookieOf(r); token != "" && len(r.Header.Values("X-Auth-Token")) == 0 {
		r.Header.Set("X-Auth-Token", token)
	}
}

func cookieFirst(r *http.Request) {
	if token := cookieOf(r); token != "" && r.Header.Get("X-Auth-Token") != "" {
		r.Header.Set("X-Auth-Token", token)
	}
}

// tokenFromHeader reads the token from another header. first is whether that counts more.
func tokenFromHeader(name string, first bool) func(*http.Request) {
	return func(r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get(name), "Bearer ")
		if given := len(r.Header.Values("X-Auth-Token")) > 0; token != "" && given == first && !strings.HasPrefix(token, "SDK-") {
			r.Header.Set("X-Auth-Token", token)
		}
	}
}

func sentWith(header string) func(*call) bool {
	return func(c *call) bool { return c.request.Header.Get(header) != "" }
}

// tokenNear chooses calls by how their token relates to the operator's.
func tokenNear(is func(given, issued string) bool) func(*call) bool {
	return func(c *call) bool {
		given, issued := c.request.Header.Get("X-Auth-Token"), c.fixtures.Token
		return given != issued && len(given) > len(issued)/2 && is(given, issued)
	}
}

func beginsToken(given, issued string) bool    { return strings.HasPrefix(issued, given) }
func continuesToken(given, issued string) bool { return strings.HasPrefix(given, issued) }
func foldsToToken(given, issued string) bool   { return strings.EqualFold(given, issued) }

// spelledSkips serves paths in a spelling as if it were the plain one, and does not enforce a
// condition for them.
func spelledSkips(spelled func(path string) bool, condition string) effect {
	return func(e *effects) {
		e.requests = append(e.requests, func(r *http.Request) {
			if path := r.URL.EscapedPath(); spelled(path) {
				setPath(r, respelled(path))
				r.Header.Set(spelledHeader, condition)
			}
		})
		ignoreWhen(func(c *call) bool { return c.request.Header.Get(spelledHeader) == condition }, condition)(e)
	}
}

// spelledHeader marks a request within the fake whose path was written otherwise.
const spelledHeader = "X-Fake-Spelled"

func setPath(r *http.Request, escaped string) {
	if path, err := url.PathUnescape(escaped); err == nil {
		r.URL.Path, r.URL.RawPath = path, escaped
	}
}

var (
	matrixParameter = regexp.MustCompile(`;[^/]*$`)
	capitals        = strings.NewReplacer("/GRAPHS/", "/graphs/", "/UPGRADE", "/upgrade", "%75pgrade", "upgrade", "%67raphs", "graphs")
)

// respelled returns the plain spelling of a path.
func respelled(path string) string {
	path = strings.ReplaceAll(strings.ReplaceAll(path, "/./", "/"), "//", "/")
	return capitals.Replace(matrixParameter.ReplaceAllString(strings.TrimSuffix(path, "/"), ""))
}

func endsWith(suffix string) func(string) bool {
	return func(path string) bool { return strings.HasSuffix(path, suffix) }
}

func contains(text string) func(string) bool {
	return func(path string) bool { return strings.Contains(path, text) }
}

func doubled(path string) bool { return strings.HasSuffix(path, "//upgrade") }

func inCapitals(path string) bool {
	return strings.Contains(path, "/GRAPHS/") || strings.HasSuffix(path, "/UPGRADE")
}

func overrideMethod(r *http.Request) {
	if method := r.Header.Get("X-HTTP-Method-Override"); r.Method == http.MethodGet && method != "" {
		r.Method = method
	}
}

func headAnswered(e *outgoing) {
	if e.request.Method == http.MethodHead && !strings.HasSuffix(e.request.URL.Path, "/upgrade") && cmp.Or(e.request.Header.Get("X-Auth-Token"), e.request.Header.Get("Authorization")) == "" {
		e.status = http.StatusOK
	}
}

// graphID makes the service read malformed graph ids otherwise.
func graphID(read func(id string) string) effect {
	return func(e *effects) {
		e.policy.reads = func(_ *service, c *call) { c.values["graph_id"] = read(c.values["graph_id"]) }
		ignoreWhen(func(c *call) bool { id := c.values["graph_id"]; return read(id) != id }, "malformed-id")(e)
	}
}

// graphIDBegins takes the beginning of a graph's id for the id, in reads of the graph.
func graphIDBegins(s *service, c *call) {
	for id := range s.graphs {
		if given := c.values["graph_id"]; c.route.ID == "showGraph" && len(given) == len(id)-1 && strings.HasPrefix(id, given) {
			c.values["graph_id"] = id
		}
	}
}

// graphIDCut ignores what follows the longest id that the service makes, in upgrades.
func graphIDCut(_ *service, c *call) {
	const longest = 36
	if id := c.values["graph_id"]; c.route.ID == "upgradeGraph" && len(id) > longest {
		c.values["graph_id"] = id[:longest]
	}
}

// jobIDBegins takes the beginning of a job's id for the id.
func jobIDBegins(s *service, c *call) {
	for id := range s.jobs.byID {
		if given := c.values["job_id"]; len(given) == len(id)-1 && strings.HasPrefix(id, given) {
			c.values["job_id"] = id
		}
	}
}

// asksForJob chooses the calls for a job whose id the service may have made.
func asksForJob(c *call) bool {
	return c.route.ID == "showJob" && ownJob.MatchString(c.values["job_id"])
}

var ownJob = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f-]{27}[0-9]{2,}$`)

func trimmed(id string) string { return strings.TrimRight(id, " ") }

func firstOfList(id string) string {
	id, _, _ = strings.Cut(id, ",")
	return id
}

func both(a, b func(*call) bool) func(*call) bool {
	return func(c *call) bool { return a(c) && b(c) }
}

func projectShorter(c *call) bool {
	own, given := c.who.project, c.values["project_id"]
	return len(given) == len(own)-1 && strings.HasPrefix(own, given)
}
