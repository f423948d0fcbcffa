package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

//go:embed frame.html run.html targets.html style.css page.js
var pageFiles embed.FS

// The pages are parsed when the first is written: most runs write none.
var (
	runTemplate     = sync.OnceValue(func() *template.Template { return parsePage("run.html") })
	targetsTemplate = sync.OnceValue(func() *template.Template { return parsePage("targets.html") })
)

// WriteHTML writes the run as one page that needs nothing else: no network, no
// other file, and no script to be read.
func WriteHTML(w io.Writer, run result.Run) error {
	return writePage(w, runTemplate(), newPage(digestOf(&run)))
}

// WriteTargetsHTML writes the targets side by side as one page that needs nothing
// else, as WriteHTML does.
func WriteTargetsHTML(w io.Writer, targets *result.Targets) error {
	return writePage(w, targetsTemplate(), digestOfTargets(targets))
}

func writePage(w io.Writer, t *template.Template, data any) error {
	b := bufio.NewWriter(w)
	if err := t.Execute(b, data); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// parsePage parses the frame of all pages with what a page puts into it.
func parsePage(content string) *template.Template {
	style, script := inline("style", "style.css"), inline("script", "page.js")
	policy := strings.Join([]string{
		"default-src 'none'", "style-src " + style.Source, "script-src " + script.Source,
		"img-src data:", "base-uri 'none'", "form-action 'none'",
	}, "; ")
	return template.Must(template.New("frame.html").Funcs(template.FuncMap{
		"style":    func() template.HTML { return style.Element },
		"script":   func() template.HTML { return script.Element },
		"policy":   func() string { return policy }, // what a browser may obey and fetch
		"visible":  printable.Escape,
		"sentence": sentence,
		"title":    capitalised,
		"mark":     func(v judge.Verdict) string { return styles[v].mark },
		"plural":   plural,
		"took":     took,
		"page":     func(t result.TargetSummary) string { return targetPage(&t) },
		"failures": func(all []*failure) partOf[*failure] { return firstOf(all, shownFailures) },
		"others":   func(all []string) partOf[string] { return firstOf(all, shownOthers) },
	}).ParseFS(pageFiles, "frame.html", content))
}

// An inlined file is an element of the page. As the page carries what others
// have sent, a browser is told to obey no style and no script but the one with
// this hash.
type inlined struct {
	Element template.HTML
	Source  string // for a Content-Security-Policy
}

func inline(element, name string) inlined {
	content, err := pageFiles.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("report: %v", err)) // the file is part of the program
	}
	sum := sha256.Sum256(content)
	return inlined{
		Element: template.HTML("<" + element + ">" + string(content) + "</" + element + ">"), //nolint:gosec // our own file
		Source:  "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
}

// sentence writes as much of what others wrote as a page has room for.
func sentence(s string) string { return printable.Escape(cut(s, shownSentence, "…")) }

// took writes how long an exchange took, with two digits that matter.
func took(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d <= 0:
		return "0 ms"
	case ms < 1:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 10:
		return fmt.Sprintf("%.1f ms", ms)
	case d < time.Second:
		return fmt.Sprintf("%.0f ms", ms)
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}
