package contract

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// stackTracePatterns match the stack traces of common runtimes. A text is only searched
// if it contains one of the hints, because the search is expensive.
var stackTracePatterns = []struct {
	runtime string
	hints   []string
	pattern func() *regexp.Regexp
}{
	{"Java", []string{".java", ".kt", ".scala", ".groovy", ".clj", "Native Method", "Unknown Source"},
		lazily(`\bat (?:[\w.$@-]*/)*[\w$.]+\.[\w$<>&;]+\((?:[\w$-]+\.(?:java|kt|scala|groovy|clj)(?::\d+)?|Native Method|Unknown Source)\)`)},
	{"Java", []string{"Caused by: ", "Exception in thread"},
		lazily(`\bException in thread "|\bCaused by: (?:[\w$]+\.)+[\w$]+`)},
	{"Go", []string{"goroutine ", "panic: ", ".go:", "runtime error: "},
		lazily(`\bgoroutine \d+ \[[a-z]|\.go:\d+ \+0x[0-9a-f]+|\bruntime error: (?:index out of range|slice bounds|invalid memory address|integer divide|hash of unhashable|makeslice)|\bpanic: .*\[recovered|^panic: \S`)},
	{"Python", []string{"Traceback (", ".py"},
		lazily(`\bTraceback \(most recent call last\)|\bFile (?:"|&quot;)[^"\n]+\.py(?:"|&quot;), line \d+`)},
	{"JavaScript", []string{"at "},
		lazily(`\bat (?:async )?(?:new )?(?:[\w$.<>\[\] ]+ )?\(?(?:(?:file://|/|[A-Za-z]:[\\/])[^\s()]*\.[cm]?[jt]s|node:[\w/]+):\d+:\d+|\bat [\w$.<>]+ \([\w./-]+\.[cm]?[jt]s:\d+:\d+\)`)},
	{".NET", []string{":line ", "stack trace ---", "at System."},
		lazily("\\bat [\\w.<>`\\[\\],|+]+\\([^)\\n]*\\) in [^\\n]+?:line \\d+|--- End of .*stack trace|\\bat System\\.[\\w.`<>]+\\([^)\\n]*\\)")},
	{"PHP", []string{"Stack trace:", ".php"},
		lazily(`\bStack trace:\s*#0 |#\d+ [^\s(]+\.php\(\d+\)|\bFatal error(?:</b>)?: .* in .*\.php`)},
	{"Ruby", []string{".rb:"},
		lazily("\\.rb:\\d+:in [`']")},
	{"Rust", []string{"panicked at", "stack backtrace:"},
		lazily(`\bthread '[^']*' (?:\(\d+\) )?panicked at|\bstack backtrace:\s+0: `)},
}

// asWritten undoes the escapes of JSON as far as stack traces have them: the
// line end and the tab before a frame, and quotes. The text of a body is searched and
// not its JSON values, because it may not be valid JSON.
var asWritten = strings.NewReplacer(
	`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\"`, `"`, `\/`, "/",
	`\u0009`, "\t", `\u000a`, "\n", `\u000A`, "\n", `\u000d`, "\r", `\u000D`, "\r",
	`\u0022`, `"`, `\u0027`, "'", `\u003c`, "<", `\u003C`, "<", `\u003e`, ">", `\u003E`, ">",
)

// stackTraceIn returns the runtime whose stack trace a text contains, or "".
func stackTraceIn(text string) string {
	find := func(text string) string {
		for _, t := range stackTracePatterns {
			hinted := slices.ContainsFunc(t.hints, func(hint string) bool { return strings.Contains(text, hint) })
			if hinted && t.pattern().MatchString(text) {
				return t.runtime
			}
		}
		return ""
	}
	if found := find(text); found != "" || !strings.Contains(text, `\`) {
		return found
	}
	return find(asWritten.Replace(text))
}

func stackTraces(a *Answer) []Problem {
	if a.Abridged != nil {
		return a.Abridged.StackTraces
	}
	var problems []Problem
	find := func(in In, name, text string) {
		if runtime := stackTraceIn(text); runtime != "" {
			problems = append(problems, Problem{
				In: in, Name: name, Keyword: "stack-trace", Aspect: AspectNoStackTrace,
				Message: "carries what looks like a stack trace of " + runtime,
			})
		}
	}
	find(InBody, "", string(a.Body))
	for name, values := range a.Header {
		for _, value := range values {
			find(InHeader, http.CanonicalHeaderKey(name), value)
		}
	}
	if len(problems) > 1 {
		slices.SortStableFunc(problems, func(p, q Problem) int { return cmp.Compare(p.Name, q.Name) })
	}
	return problems
}
