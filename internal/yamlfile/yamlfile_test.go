package yamlfile

import (
	"strings"
	"testing"
)

func TestReadNamesTheLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":          {"", "line 1: expected a list, got nothing"},
		"too much":         {strings.Repeat("#", MaxFile+1), "line 1: expected at most 1048576 bytes, got more"},
		"no UTF-8":         {"a: 1\nb: \xff\n", "line 2: expected text in UTF-8, got the byte 0xff"},
		"control":          {"a: 1\n\nb: \x1b\n", "line 3: expected text, got the control character U+001B"},
		"two documents":    {"a: 1\n---\nb: 2\n", "line 2: expected one document, got another after it"},
		"scanner's error":  {"a: 1\nb: 'c\n", "line 2: found unexpected end of stream"},
		"parser's error":   {"a: [1\nb: 2\n", "line 2: did not find expected ',' or ']'"},
		"password as name": {"a: 1\nb: *MARKED\n", "line 2: " + NoAliases},
	} {
		if _, err := Read([]byte(tt.text), "a list"); err == nil || err.Error() != tt.want {
			t.Errorf("%s: expected %q, got %v", name, tt.want, err)
		}
	}
	root, err := Read([]byte("# first\na: [1]\n"), "a list")
	if err != nil || root.Content[0].Value != "a" || root.Content[0].Line != 2 {
		t.Errorf("expected the key a of line 2, got %+v, %v", root, err)
	}
}
