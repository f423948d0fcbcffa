package report

import (
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
)

// markup escapes the characters that Markdown interprets.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "&", `\&`, "|", `\|`,
	"~", `\~`, "#", `\#`, "!", `\!`, "$", `\$`,
)

// prose returns a sentence from the contract or this program as Markdown text.
func prose(s string) string { return markup.Replace(cut(printable.Line(s), summaryLine, "…")) }

// code returns untrusted text as a code span. Markdown has no escapes in code spans, so the
// delimiter is longer than any run of backticks in the text.
func code(s string) string {
	s = firstRunes(s, 16*summaryLine) // far more than is kept, though white space will be collapsed
	s = cut(printable.Line(s), summaryLine, "…")
	if s == "" {
		return "(nothing)"
	}
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// fenced returns a line as a fenced code block.
func fenced(language, line string) string {
	fence := strings.Repeat("`", max(3, longestRun(line)+1))
	return fence + language + "\n" + printable.Escape(line) + "\n" + fence + "\n"
}

// longestRun returns the length of the longest run of backticks.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, r := range s {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
