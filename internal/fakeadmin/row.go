package fakeadmin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// shownBody is how much of a body the page shows; the rest is in the journal.
const shownBody = 8 << 10

// A row is an exchange as the page shows it.
type row struct {
	fakeserver.Exchange
	Target []string // path and query, its long ids shortened, in parts between which a line may end
	Graph  string   // name of the one in the path
	Curl   string
	Note   string // on the curl line
}

// longID finds ids that would push the rest of a path out of sight.
var longID = regexp.MustCompile(`[0-9A-Za-z._~-]{24,}`)

func newRow(x fakeserver.Exchange, names map[string]string) row {
	shown := row{Exchange: x}
	shown.Curl, shown.Note = repeat(x)
	target := longID.ReplaceAllStringFunc(shown.Whole(), func(id string) string {
		if name, ok := names[id]; ok {
			shown.Graph = name
		}
		return id[:8] + "…"
	})
	shown.Target = strings.SplitAfter(target, "/")
	return shown
}

// Whole is the path with the query, as they were asked for.
func (r row) Whole() string {
	_, rest, found := strings.Cut(r.URL, "://")
	if at := strings.IndexByte(rest, '/'); found && at >= 0 {
		return rest[at:]
	}
	return r.URL
}

// Host is whom the request was for.
func (r row) Host() string {
	if u, err := url.Parse(r.URL); err == nil {
		return u.Host
	}
	return ""
}

// Duration is how long the answer took, in as many digits as matter.
func (r row) Duration() string {
	switch d := r.Took; {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	default:
		return d.Round(10 * time.Millisecond).String()
	}
}

// Kind sorts statuses for the eye.
func (r row) Kind() string {
	switch {
	case r.Status == 0:
		return "none"
	case r.Status >= 500:
		return "broken"
	case r.Status >= 400:
		return "refused"
	default:
		return "fine"
	}
}

// StatusText is the status with its phrase.
func (r row) StatusText() string {
	if r.Status == 0 {
		return "no answer left"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status)))
}

// Faulty are the client's problems, Amiss the fake's own.
func (r row) Faulty() []contract.Problem { return r.Judgement.Request }

// Amiss are the fake's own problems: a defect or a fault shows in them.
func (r row) Amiss() []contract.Problem { return r.Judgement.Answer }

// Asked is the request's body as the page shows it.
func (r row) Asked() text { return newText(r.Body, len(r.Body)) }

// Given is the answer's body as the page shows it.
func (r row) Given() text { return newText(r.Answer, r.Size) }

// A text is a body for people.
type text struct {
	Shown string
	More  int // bytes that are not shown
}

// deepest is how many brackets JSON may open to be laid out. Of thousands each
// would push what is in it farther to the right, and the page to megabytes.
const deepest = 64

// newText lays JSON out, and cuts what is too long.
func newText(body string, size int) text {
	if len(body) > shownBody {
		return text{strings.ToValidUTF8(body[:shownBody], ""), size - shownBody}
	}
	var b bytes.Buffer
	flat := strings.Count(body, "{")+strings.Count(body, "[") <= deepest
	if flat && size == len(body) && json.Indent(&b, []byte(body), "", "  ") == nil {
		return text{Shown: b.String()}
	}
	return text{body, size - len(body)}
}

// where says where in a request or an answer a problem is.
func where(p contract.Problem) string {
	place := string(p.In)
	if p.Name+p.Pointer != "" {
		place += " " + p.Name + p.Pointer
	}
	return place
}

// mentions reports whether an exchange has a text somewhere, in whatever case.
func mentions(x fakeserver.Exchange, wanted string) bool {
	wanted = strings.ToLower(wanted)
	texts := []string{x.Method, x.URL, x.Operation, x.Condition, x.Fault, fmt.Sprint(x.Status), x.Body, x.Answer}
	for _, header := range []http.Header{x.Header, x.Answered} {
		for name, values := range header {
			texts = append(texts, name+": "+strings.Join(values, ", "))
		}
	}
	for _, problems := range [][]contract.Problem{x.Judgement.Request, x.Judgement.Answer} {
		for _, p := range problems {
			texts = append(texts, p.String())
		}
	}
	for _, t := range texts {
		if strings.Contains(strings.ToLower(t), wanted) {
			return true
		}
	}
	return false
}
