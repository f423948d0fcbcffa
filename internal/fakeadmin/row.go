package fakeadmin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
)

// shownBody is how many bytes of a body the page shows; the JSON of the journal has more.
const shownBody = 8 << 10

// A row is an exchange as the page shows it.
type row struct {
	fakeserver.Exchange
	Target []string // path and query with long ids shortened, split where a line may break
	Graph  string   // name of the graph in the path, if it exists
	Curl   string   // command that repeats the request
	Note   string   // about Curl
}

// longID matches ids that are so long that the rest of a path would not be visible.
var longID = regexp.MustCompile(`[0-9A-Za-z._~-]{24,}`)

func newRow(x fakeserver.Exchange, names map[string]string) row {
	shown := row{Exchange: x}
	shown.Curl, shown.Note = repeat(x)
	target := longID.ReplaceAllStringFunc(shown.RequestTarget(), func(id string) string {
		if name, ok := names[id]; ok {
			shown.Graph = name
		}
		return id[:8] + "…"
	})
	shown.Target = strings.SplitAfter(target, "/")
	return shown
}

// RequestTarget returns the path and query, as requested.
func (r row) RequestTarget() string {
	_, rest, found := strings.Cut(r.URL, "://")
	if at := strings.IndexByte(rest, '/'); found && at >= 0 {
		return rest[at:]
	}
	return r.URL
}

// Host returns the host of the URL.
func (r row) Host() string {
	if u, err := url.Parse(r.URL); err == nil {
		return u.Host
	}
	return ""
}

// Duration returns how long the answer took, to about three digits.
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

// StatusKind returns the kind by which style.css colours a status.
func (r row) StatusKind() string {
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

// StatusText returns the status with its reason phrase.
func (r row) StatusText() string {
	if r.Status == 0 {
		return "no answer was sent"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status)))
}

// RequestBody returns the request's body as the page shows it.
func (r row) RequestBody() bodyText { return newBodyText(r.Body, len(r.Body)) }

// AnswerBody returns the answer's body as the page shows it.
func (r row) AnswerBody() bodyText { return newBodyText(r.Answer, r.Size) }

// A bodyText is a body as the page shows it.
type bodyText struct {
	Shown string
	More  int // bytes that are not shown
}

// deepestIndented is how many brackets and braces JSON may have to be indented. With
// thousands of nested ones, the indentation would take megabytes.
const deepestIndented = 64

// newBodyText indents JSON, and cuts bodies that are too long. size is the length of the
// whole body, of which the journal may have kept less.
func newBodyText(body string, size int) bodyText {
	if len(body) > shownBody {
		return bodyText{strings.ToValidUTF8(body[:shownBody], ""), size - shownBody}
	}
	var b bytes.Buffer
	flat := strings.Count(body, "{")+strings.Count(body, "[") <= deepestIndented
	if flat && size == len(body) && json.Indent(&b, []byte(body), "", "  ") == nil {
		return bodyText{Shown: b.String()}
	}
	return bodyText{body, size - len(body)}
}

// where returns the place of a problem in a request or an answer.
func where(p contract.Problem) string {
	place := string(p.In)
	if p.Name+p.Pointer != "" {
		place += " " + p.Name + p.Pointer
	}
	return place
}

// mentions reports whether an exchange contains a text, ignoring case.
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
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), wanted) })
}
