package independent_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// repaired turns what resembles JSON into JSON before it is read.
func repaired(fix func(body string) string) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) { return readPlainly([]byte(fix(string(body)))) }
	}
}

// dynamic reads the body as dynamically typed languages do.
func dynamic(read func(m map[string]any) (wanted, string)) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind == "" || kind == "syntax" || kind == "absent" || kind == "not-object" {
				return w, kind
			}
			var m map[string]any
			if err := json.Unmarshal(body, &m); err != nil {
				return wanted{}, kindOf(err)
			}
			return read(m)
		}
	}
}

// latest is what a server may use if there is no version.
const latest = "1.0.90"

func takesLatest(when ...string) func(*knobs) {
	return func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			w, kind := readPlainly(body)
			for _, name := range when {
				if kind == name {
					return wanted{version: latest}, ""
				}
			}
			return w, kind
		}
	}
}

// forcing reads force_upgrade as truthy languages do; the version must be a
// string.
func forcing(good func(v any) bool) func(*knobs) {
	return dynamic(func(m map[string]any) (wanted, string) {
		version, ok := m["upgrade_version"].(string)
		switch force, there := m["force_upgrade"]; {
		case !ok && m["upgrade_version"] != nil:
			return wanted{}, "type"
		case version == "":
			return wanted{}, "missing"
		case there && !good(force):
			return wanted{}, "type"
		}
		return wanted{version: version}, ""
	})
}

// unwrapping reads the version with a function of its own.
func unwrapping(version func(v any) (string, bool)) func(*knobs) {
	return dynamic(func(m map[string]any) (wanted, string) {
		if f, there := m["force_upgrade"]; there && f != nil {
			if _, ok := f.(bool); !ok {
				return wanted{}, "type"
			}
		}
		v, ok := version(m["upgrade_version"])
		switch {
		case m["upgrade_version"] == nil:
			return wanted{}, "missing"
		case !ok:
			return wanted{}, "type"
		case v == "":
			return wanted{}, "empty"
		}
		return wanted{version: v}, ""
	})
}

func oneOf(v any) (string, bool) {
	if all, ok := v.([]any); ok && len(all) == 1 {
		s, ok := all[0].(string)
		return s, ok
	}
	s, ok := v.(string)
	return s, ok
}

var comments = regexp.MustCompile(`/\*.*?\*/`)

var wrongReaders = []row{
	{name: "array of one", turn: repaired(func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(s, "["), "]") }), foundFrom: oneUpgrade, why: notLater},
	{name: "what follows the value", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			var first json.RawMessage
			if json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil {
				return readPlainly(first)
			}
			return readPlainly(body)
		}
	}, should: "upgrade.body-trailing"},
	{name: "comments", turn: repaired(func(s string) string { return comments.ReplaceAllString(s, "") }), should: "upgrade.body-extensions"},
	{name: "comma too many", turn: repaired(func(s string) string { return strings.ReplaceAll(s, ",}", "}") }), should: "upgrade.body-extensions"},
	{name: "single quotes", turn: repaired(func(s string) string { return strings.ReplaceAll(s, "'", `"`) }), should: "upgrade.body-extensions"},
	{name: "name without quotes", turn: repaired(func(s string) string { return strings.ReplaceAll(s, "{upgrade_version:", `{"upgrade_version":`) }), should: "upgrade.body-extensions"},
	{name: "no colon", turn: repaired(func(s string) string { return strings.ReplaceAll(s, `"upgrade_version" "`, `"upgrade_version":"`) }), foundFrom: oneUpgrade, why: notLater},
	{name: "brace missing", turn: repaired(func(s string) string {
		if strings.HasPrefix(s, "{") && !strings.Contains(s, "}") {
			return s + "}"
		}
		return s
	}), foundFrom: oneUpgrade, why: notLater},
	{name: "quote and brace missing", turn: repaired(func(s string) string {
		if strings.HasPrefix(s, "{") && !strings.Contains(s, "}") && strings.Count(s, `"`) == 3 {
			return s + `"}`
		}
		return s
	}), foundFrom: oneUpgrade, why: notLater},
	{name: "NaN", turn: repaired(func(s string) string { return strings.ReplaceAll(s, "NaN", "0") }), should: "upgrade.body-extensions"},
	{name: "unknown escapes", turn: repaired(func(s string) string { return strings.ReplaceAll(s, `\x`, "x") }), foundFrom: oneUpgrade, why: notLater},
	{name: "line end in a string", turn: repaired(func(s string) string { return strings.ReplaceAll(s, "a\nb", "ab") }), foundFrom: oneUpgrade, why: notLater},
	{name: "UTF-16", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.HasPrefix(body, []byte{0xff, 0xfe}) {
				return wanted{version: "0"}, ""
			}
			return readPlainly(body)
		}
		k.formed = func(string) bool { return true }
	}, foundFrom: oneUpgrade, why: "a request without the graph's version may start anything"},
	{name: "forms", turn: func(k *knobs) {
		k.skip["media"] = true
		k.read = func(body []byte) (wanted, string) {
			if values, err := url.ParseQuery(string(body)); err == nil && values.Has("upgrade_version") {
				return wanted{version: values.Get("upgrade_version")}, ""
			}
			return readPlainly(body)
		}
	}, should: "upgrade.media-type"},
	{name: "version alone", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			var s string
			if json.Unmarshal(body, &s) == nil && s != "" {
				return wanted{version: s}, ""
			}
			return readPlainly(body)
		}
	}, foundFrom: oneUpgrade, why: notLater},
	{name: "latest without a body", turn: takesLatest("absent"), foundFrom: oneUpgrade, why: unsafe},
	{name: "latest without a version", turn: takesLatest("missing"), foundFrom: oneUpgrade, why: unsafe},
	{name: "latest for an empty version", turn: takesLatest("empty"), foundFrom: oneUpgrade, why: unsafe},
	{name: "latest for bad JSON", turn: takesLatest("syntax"), foundFrom: guarded, why: graphFirst},
	{name: "latest for no object", turn: takesLatest("not-object"), foundFrom: oneUpgrade, why: unsafe},
	{name: "latest for wrong types", turn: takesLatest("type"), foundFrom: guarded, why: graphFirst},
	{name: "version in an array", turn: unwrapping(oneOf), foundFrom: oneUpgrade, why: notLater},
	{name: "version in an object", turn: unwrapping(func(v any) (string, bool) {
		if m, ok := v.(map[string]any); ok {
			v = m["value"]
		}
		s, ok := v.(string)
		return s, ok
	}), foundFrom: oneUpgrade, why: notLater},
	{name: "version as a number", turn: unwrapping(func(v any) (string, bool) { return fmt.Sprint(v), v != nil }), foundFrom: never, why: "no number can be an offered version, so that it is refused as malformed"},
	{name: "any force", turn: forcing(func(any) bool { return true }), foundFrom: oneUpgrade, why: notLater},
	{name: "force as a number", turn: forcing(func(v any) bool { _, ok := v.(float64); return ok }), should: "upgrade.scalar-types"},
	{name: "force as a word", turn: forcing(func(v any) bool { s, ok := v.(string); return ok && (s == "yes" || s == "no") }), should: "upgrade.scalar-types"},
	{name: "force as true or false in quotes", turn: forcing(func(v any) bool { return v == "true" || v == "false" }), foundFrom: never, why: "decision D12 leaves it open"},
	{name: "force in an array", turn: forcing(func(v any) bool { _, ok := v.([]any); return ok }), foundFrom: oneUpgrade, why: notLater},
	{name: "force must be there", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind != "" || bytes.Contains(body, []byte("force_upgrade")) {
				return w, kind
			}
			return wanted{}, "missing"
		}
	}, foundFrom: guarded, why: graphFirst},
	{name: "force must not be true", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if w, kind := readPlainly(body); kind != "" || !w.force {
				return w, kind
			}
			return wanted{}, "type"
		}
	}, foundFrom: destructive, why: needsMany},
	{name: "force must not be false", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.Contains(body, []byte("false")) {
				return wanted{}, "type"
			}
			return readPlainly(body)
		}
	}, foundFrom: destructive, why: sameCode},
	{name: "version must come first", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.HasPrefix(body, []byte(`{"force_upgrade"`)) && bytes.Contains(body, []byte("upgrade_version")) {
				return wanted{}, "syntax"
			}
			return readPlainly(body)
		}
	}, foundFrom: destructive, why: sameCode},
	{name: "no white space", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.ContainsAny(body, "\t\r") {
				return wanted{}, "syntax"
			}
			return readPlainly(body)
		}
	}, foundFrom: oneUpgrade, why: sameCode},
	{name: "no escapes", turn: func(k *knobs) {
		k.read = func(body []byte) (wanted, string) {
			if bytes.Contains(body, []byte(`\u00`)) {
				return wanted{}, "missing"
			}
			return readPlainly(body)
		}
	}, foundFrom: oneUpgrade, why: sameCode},
	{name: "no charset", turn: func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.Header.Get("Content-Type"), ";") {
				r.Header.Set("Content-Type", "text/plain")
			}
			return false
		}
	}, foundFrom: oneUpgrade, why: sameCode},
	{name: "no charset in upper case", turn: func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if strings.Contains(r.Header.Get("Content-Type"), "UTF") {
				r.Header.Set("Content-Type", "text/plain")
			}
			return false
		}
	}, foundFrom: destructive, why: sameCode},
}
