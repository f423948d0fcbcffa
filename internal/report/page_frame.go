package report

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
)

//go:embed frame.html run.html run_pictures.html run_document.html client.html targets.html style.css client.css page.js client.js
var pageFiles embed.FS

// The templates are parsed when they are first used, since most runs write no pages.
var (
	runTemplate = sync.OnceValue(func() *template.Template {
		return parsePage(frameFiles, "run.html", "run_pictures.html", "run_document.html")
	})
	clientTemplate = sync.OnceValue(func() *template.Template {
		return parsePage(frameFiles.with("client.css", "client.js"), "run.html", "run_pictures.html", "run_document.html", "client.html") // the last one counts
	})
	targetsTemplate = sync.OnceValue(func() *template.Template { return parsePage(frameFiles, "targets.html") })
)

// WriteHTML writes the run as an HTML page that loads nothing else, and can be read without
// scripts.
func WriteHTML(w io.Writer, run result.Run) error {
	if run.Client != nil {
		return writePage(w, clientTemplate(), newPage(digestOf(&run)))
	}
	return writePage(w, runTemplate(), newPage(digestOf(&run)))
}

// WriteTargetsHTML writes the matrix of requirements and targets as an HTML page, with the
// same properties.
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

// pageParts are the names of the styles and scripts of a page.
type pageParts struct{ styles, scripts []string }

var frameFiles = pageParts{[]string{"style.css"}, []string{"page.js"}}

// with adds a style and a script.
func (p pageParts) with(style, script string) pageParts {
	return pageParts{append(slices.Clone(p.styles), style), append(slices.Clone(p.scripts), script)}
}

// parsePage parses the frame of all pages with the content of one.
func parsePage(parts pageParts, content ...string) *template.Template {
	style, script := inline("style", parts.styles), inline("script", parts.scripts)
	policy := strings.Join([]string{
		"default-src 'none'", "style-src " + style.Source, "script-src " + script.Source,
		"img-src data:", "base-uri 'none'", "form-action 'none'",
	}, "; ")
	return template.Must(template.New("frame.html").Funcs(template.FuncMap{
		"style":    func() template.HTML { return style.Element },
		"script":   func() template.HTML { return script.Element },
		"policy":   func() string { return policy }, // the Content-Security-Policy
		"visible":  printable.Escape,
		"sentence": sentence,
		"title":    capitalised,
		"mark":     func(v judge.Verdict) string { return styles[v].mark },
		"sign":     signOf,
		"plural":   plural,
		"ofColumn": ofColumn,
		"took":     took,
		"target":   func(t result.TargetSummary) judge.Verdict { return shownTarget(&t) },
		"decided":  decided,
		"apart":    apart,
		"page":     func(t result.TargetSummary) string { return targetPage(&t) },
		"failures": func(all []*failure) partOf[*failure] { return firstOf(all, shownFailures) },
		"others":   func(all []string) partOf[string] { return firstOf(all, shownOthers) },
	}).ParseFS(pageFiles, append(content, "frame.html")...))
}

// An inlined file is a style or script element. The page contains text from the target, so
// browsers are told to use only the style and the script with these hashes.
type inlined struct {
	Element template.HTML
	Source  string // its hash source in the Content-Security-Policy
}

func inline(element string, names []string) inlined {
	var content []byte
	for _, name := range names {
		text, err := pageFiles.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("report: %v", err)) // the file is part of the program
		}
		content = append(content, text...)
	}
	sum := sha256.Sum256(content)
	return inlined{
		Element: template.HTML("<" + element + ">" + string(content) + "</" + element + ">"), //nolint:gosec // our own file
		Source:  "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
}

// sentence returns untrusted text, escaped and shortened.
func sentence(s string) string { return printable.Escape(cut(s, shownSentence, "…")) }

// took returns the duration of an exchange with at least two significant digits.
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
