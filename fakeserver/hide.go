package fakeserver

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/secrets"
)

// The journal shows no credentials: those that the headers of an exchange carry, those of the scenario
// and of IAM, and what is called a credential. A client may by mistake put them elsewhere: into the
// query, another header or another member, or into a request for a token that goes to a wrong path.

// redacted replaces a credential.
const redacted = "[redacted]"

// shortestHidden is the length from which a credential is redacted wherever it occurs. A
// shorter one is only redacted after a name such as password, because elsewhere it may
// occur by chance.
const shortestHidden = 6

// credentialWords match parts of names whose values are credentials.
const credentialWords = `password|passwd|passphrase|secret|token|credential|api[-_]?key`

var (
	headerName = lazily(`(?i)` + credentialWords)
	// A member of a JSON object that is a string; its end may have been cut off.
	memberValue = lazily(`(?i)("[^"\\]*(?:` + credentialWords + `)[^"\\]*"\s*:\s*")((?:[^"\\]|\\.)+)`)
	// A parameter of a query or a form.
	parameterValue = lazily(`(?i)([?&;\s][\w.%-]*(?:` + credentialWords + `)[\w.%-]*=|^[\w.%-]*(?:` + credentialWords + `)[\w.%-]*=)([^&;\s"'<>]+)`)
	// A token of IAM.
	tokenForm = lazily(`MII(?:[A-Za-z0-9+/=_-]|%[0-9A-Fa-f]{2}){61,}`)
)

const (
	// mostLooked is how many bytes of the credentials of a scenario are looked for in every spelling. Of those
	// beyond, and there are few scenarios with so many, only the plain one is found.
	mostLooked = 64 << 10
	// mostIssued is how many of the tokens that IAM has issued are looked for in exchanges that do not
	// carry them in a header.
	mostIssued = 16
)

// credentials are those that a service knows, because the scenario gives them or because it has made them.
type credentials struct {
	mu     sync.Mutex
	known  []string
	issued []string // by IAM, the newest last
	latest *hider   // nil if there have been others since
}

// add adds credentials of the scenario.
func (c *credentials) add(all ...string) { c.known = append(c.known, all...) }

// issue adds a token that IAM has issued.
func (c *credentials) issue(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.issued = append(c.issued, token); len(c.issued) > mostIssued {
		c.issued = slices.Delete(c.issued, 0, 1)
	}
	c.latest = nil
}

func (c *credentials) hider() *hider {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest == nil {
		c.latest = newHider(slices.Concat(c.issued, c.known))
	}
	return c.latest
}

// A hider redacts some credentials.
type hider struct {
	plain *strings.Replacer
	set   *secrets.Set
}

func newHider(all []string) *hider {
	// The longest come first: one may be a prefix of another.
	slices.SortStableFunc(all, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	var looked []secrets.Credential
	size := 0
	for _, text := range slices.Compact(all) {
		if len(text) < shortestHidden || text == redacted {
			continue
		}
		pairs = append(pairs, text, redacted)
		for _, form := range slices.Compact([]string{text, strings.ReplaceAll(text, " ", "+")}) { // as in forms
			if size += len(form); size <= mostLooked {
				looked = append(looked, secrets.Credential{Secret: secrets.Secret{Name: "credential", Text: form}})
			}
		}
	}
	return &hider{strings.NewReplacer(pairs...), secrets.New(looked...)}
}

// redactEnd redacts what a text that was cut has of a credential where it was.
func (h *hider) redactEnd(text *string) { *text = h.set.FindCut(*text).Marked(redacted)[0] }

// redact redacts the credentials in texts that belong together.
func (h *hider) redact(texts []*string) {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = h.plain.Replace(*text)
	}
	for i, clean := range h.set.Find(all...).Marked(redacted) {
		if strings.Contains(clean, "MII") {
			clean = tokenForm().ReplaceAllString(clean, redacted)
		}
		*texts[i] = clean
	}
}

// hide redacts the credentials in an exchange.
func (r *record) hide(x *Exchange, document *contract.Contract) {
	var found []string
	hideNamed := func(text *string) {
		if !mayName(*text) {
			return
		}
		for _, pattern := range []*regexp.Regexp{memberValue(), parameterValue()} {
			for _, match := range pattern.FindAllStringSubmatch(*text, -1) {
				found = append(found, match[2])
			}
			*text = pattern.ReplaceAllString(*text, "${1}"+redacted)
		}
	}
	sent, answered := linesOf(r.header), linesOf(r.answered)
	texts := []*string{&x.Method, &x.URL, &x.Body, &x.Answer, &x.Judgement.Method, &x.Judgement.Path}
	for _, text := range texts {
		hideNamed(text)
	}
	for _, line := range slices.Concat(sent, answered) {
		if document.CarriesCredentials(line.name) || mayName(line.name) && headerName().MatchString(line.name) {
			found = append(found, line.value)
			line.value = redacted
		}
		texts = append(texts, &line.name, &line.value)
	}
	var cut []*string
	for _, problems := range [][]contract.Problem{x.Judgement.Request, x.Judgement.Answer} {
		for i := range problems {
			p := &problems[i]
			cut = append(cut, &p.Message, &p.Pointer, &p.Name) // which may quote the beginning of something
		}
	}
	texts = append(texts, cut...)
	if r.cut || r.size > len(r.answer) {
		cut = append(cut, &x.Body, &x.Answer)
	}
	if len(cut) > 0 {
		carried := newHider(slices.Clone(found))
		for _, text := range cut {
			carried.redactEnd(text)
			r.held.hider().redactEnd(text)
		}
	}
	document.Redact([]http.Header{r.header, r.answered}, texts...)
	found = slices.DeleteFunc(found, func(s string) bool { return strings.Contains(s, redacted) || r.carries(document, s) })
	if len(found) > 0 {
		newHider(found).redact(texts)
	}
	r.held.hider().redact(texts)
	x.Header, x.Answered = headerOf(sent), headerOf(answered)
}

// carries reports whether a header that always carries credentials has a value.
func (r *record) carries(document *contract.Contract, value string) bool {
	for _, header := range []http.Header{r.header, r.answered} {
		for name, values := range header {
			if document.CarriesCredentials(name) && slices.Contains(values, value) {
				return true
			}
		}
	}
	return false
}

// A headerLine is a line of a header.
type headerLine struct{ name, value string }

func linesOf(header http.Header) (lines []*headerLine) {
	for _, name := range slices.Sorted(maps.Keys(header)) {
		for _, value := range header[name] {
			lines = append(lines, &headerLine{name, value})
		}
	}
	return lines
}

func headerOf(lines []*headerLine) http.Header {
	header := make(http.Header, len(lines))
	for _, line := range lines {
		header[line.name] = append(header[line.name], line.value)
	}
	return header
}

// mayName reports whether a text may have one of the credentialWords. Patterns take long, and few texts have one.
func mayName(text string) bool {
	text = strings.ToLower(text)
	return slices.ContainsFunc([]string{"pass", "secret", "token", "credential", "api"}, func(beginning string) bool { return strings.Contains(text, beginning) })
}

// lazily compiles a pattern when it is first used: most programs that import this package use few of
// them, and all together take a while at each start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
