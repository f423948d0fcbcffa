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

//go:embed page.html style.css page.js targets.html targets.css targets.js
var pageFiles embed.FS

// pageTemplate is parsed when the first page is written: most runs write none.
var pageTemplate = sync.OnceValue(func() *template.Template { return parsePage("page.html") })

func parsePage(name string) *template.Template {
	return template.Must(template.New(name).Funcs(template.FuncMap{
		"visible": printable.Escape,
		"mark":    func(v judge.Verdict) string { return styles[v].mark },
		"plural":  func(n int, one, many string) string { return fmt.Sprintf("%d %s", n, printable.Plural(n, one, many)) },
		"took":    took,
		"page":    func(t result.TargetSummary) string { return targetPage(&t) },
	}).ParseFS(pageFiles, name))
}

// An inlined file is an element of the page. As the page carries what others
// have sent, a browser is told to obey no style and no script but the one with
// this hash.
type inlined struct {
	Element template.HTML
	Source  string // for a Content-Security-Policy
}

// inline makes one element of files.
func inline(element string, names ...string) inlined {
	var content []byte
	for _, name := range names {
		file, err := pageFiles.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("report: %v", err)) // the file is part of the program
		}
		content = append(content, file...)
	}
	sum := sha256.Sum256(content)
	return inlined{
		Element: template.HTML("<" + element + ">" + string(content) + "</" + element + ">"), //nolint:gosec // our own file
		Source:  "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'",
	}
}

var (
	pageStyle  = sync.OnceValue(func() inlined { return inline("style", "style.css") })
	pageScript = sync.OnceValue(func() inlined { return inline("script", "page.js") })
)

// WriteHTML writes the run as one page that needs nothing else: no network, no
// other file, and no script to be read.
func WriteHTML(w io.Writer, run result.Run) error {
	b := bufio.NewWriter(w)
	if err := pageTemplate().Execute(b, newPage(&run)); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// Style is the page's style sheet.
func (p *page) Style() template.HTML { return pageStyle().Element }

// Script is what filters the page.
func (p *page) Script() template.HTML { return pageScript().Element }

// Policy is what a browser may obey and fetch.
func (p *page) Policy() string { return policy(pageStyle(), pageScript()) }

func policy(style, script inlined) string {
	return strings.Join([]string{
		"default-src 'none'", "style-src " + style.Source, "script-src " + script.Source,
		"img-src data:", "base-uri 'none'", "form-action 'none'",
	}, "; ")
}

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
