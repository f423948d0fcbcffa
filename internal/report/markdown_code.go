package report

import (
	"strings"

	"github.com/gesconform/gesconform/internal/printable"
)

// markup is what could be markup in a sentence.
var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "&", `\&`, "|", `\|`,
	"~", `\~`, "#", `\#`, "!", `\!`, "$", `\$`,
)

// prose writes a sentence of the contract or of ours as text.
func prose(s string) string { return markup.Replace(cut(printable.Line(s), summaryLine, "…")) }

// code writes what others have sent as a code span. In there Markdown knows no
// escapes: the fence is longer than any run of backticks in it.
func code(s string) string {
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

// fenced writes a line as a block of code.
func fenced(language, line string) string {
	fence := strings.Repeat("`", max(3, longestRun(line)+1))
	return fence + language + "\n" + printable.Escape(line) + "\n" + fence + "\n"
}

// longestRun is how many backticks stand in a row at most.
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
