package fakeserver

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// The effects in this file change which version the service reads in a request, and which it
// compares.

// readsVersion makes the service take malformed versions for those that fix makes of them.
func readsVersion(fix func(string) string) effect {
	read := func(c *call) string {
		given := c.value.Member("upgrade_version").String()
		if fixed := fix(given); fixed != given && wellFormed.MatchString(fixed) {
			return fixed
		}
		return ""
	}
	return func(e *effects) {
		ignoreWhen(func(c *call) bool { return read(c) != "" }, "malformed-version")(e)
		e.policy.target = func(c *call) string {
			if fixed := read(c); fixed != "" {
				return fixed
			}
			return c.requestedVersion()
		}
	}
}

var wellFormed = regexp.MustCompile(`^[0-9]{1,9}(\.[0-9]{1,9}){1,3}$`)

// checksOneUsesAnother makes the service compare one version of a request and upgrade to
// another. Where there is no such version, the other is meant.
func checksOneUsesAnother(checks, uses func(*call) string) effect {
	or := func(read, other func(*call) string) func(*call) string {
		return func(c *call) string {
			for _, version := range []string{read(c), other(c)} {
				if version != "" {
					return version
				}
			}
			return c.requestedVersion()
		}
	}
	return change(func(p *policy) { p.compared, p.target = or(checks, uses), or(uses, checks) })
}

// versionAt returns the nth upgrade_version of the body, from the end if n is negative.
func versionAt(n int) func(*call) string {
	return memberAt(n, func(name string) bool { return name == "upgrade_version" })
}

// versionInOtherCase returns the member whose name differs from upgrade_version in letter case.
func versionInOtherCase(c *call) string {
	return memberAt(0, func(name string) bool { return name != "upgrade_version" && strings.EqualFold(name, "upgrade_version") })(c)
}

func memberAt(n int, named func(string) bool) func(*call) string {
	return func(c *call) string {
		if c.value == nil {
			return ""
		}
		var all []string
		for _, m := range c.value.Members {
			if named(m.Name) {
				all = append(all, m.Value.String())
			}
		}
		at := n
		if n < 0 {
			at += len(all)
		}
		if at < 0 || at >= len(all) {
			return ""
		}
		return all[at]
	}
}

// numberAsVersion returns the upgrade_version as it is written, if it is a number.
func numberAsVersion(c *call) string {
	if v := c.value.Member("upgrade_version"); v != nil && v.Kind == contract.KindNumber {
		return v.Text
	}
	return ""
}

func nothing(*call) string { return "" }

// compared makes the service compare versions in another way.
func compared(later func(target, current contract.Version) bool) effect {
	return change(func(p *policy) {
		p.later = func(target, current string) bool {
			t, errTarget := contract.ParseVersion(target)
			c, errCurrent := contract.ParseVersion(current)
			return errTarget == nil && errCurrent == nil && later(t, c)
		}
	})
}

// comparedAsText is like compared, for what the numbers do not show.
func comparedAsText(later func(target, current string) bool) effect {
	return change(func(p *policy) { p.later = later })
}

func weighted(v contract.Version) uint64 {
	sum, weight := uint64(0), uint64(1000000000)
	for _, part := range v {
		sum, weight = sum+part*weight, weight/1000
	}
	return sum
}

// packed packs three parts of a version into 32 bits.
func packed(v contract.Version) uint32 {
	sum := uint32(0)
	for i := range 3 {
		sum <<= 8
		if i < len(v) {
			sum += uint32(v[i]) // of a great number, the low bits
		}
	}
	return sum
}

// padded reports whether a part of a version has a 0 before it.
func padded(version string) bool {
	for part := range strings.SplitSeq(version, ".") {
		if len(part) > 1 && part[0] == '0' {
			return true
		}
	}
	return false
}

// samePrefix reports whether two versions agree as far as both go.
func samePrefix(v, w contract.Version) bool {
	n := min(len(v), len(w))
	return v[:n].Compare(w[:n]) == 0
}

// The following make a version of what is none.

func untilNUL(s string) string { before, _, _ := strings.Cut(s, "\x00"); return before }

func digitsFrom(zero rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= zero && r <= zero+9 {
				return '0' + r - zero
			}
			return r
		}, s)
	}
}

func dotsFor(separator string) func(string) string {
	return func(s string) string { return strings.ReplaceAll(s, separator, ".") }
}

func withoutBefore(prefix string) func(string) string {
	return func(s string) string { return strings.TrimPrefix(s, prefix) }
}

func withoutSuffix(s string) string { before, _, _ := strings.Cut(s, "-"); return before }
func untilQuote(s string) string {
	if i := strings.IndexAny(s, `'"`); i >= 0 {
		return s[:i]
	}
	return s
}

var tags = regexp.MustCompile(`<[^>]*>`)

func withoutMarkup(s string) string { return tags.ReplaceAllString(s, "") }

func evaluated(s string) string {
	if inner, found := strings.CutPrefix(s, "${"); found {
		return strings.TrimSuffix(inner, "}")
	}
	return s
}

// fourParts leaves out what follows the fourth part.
func fourParts(s string) string {
	parts := strings.Split(s, ".")
	return strings.Join(parts[:min(len(parts), 4)], ".")
}

// anyBase reads each part in the base that it says, and as a number with an exponent.
func anyBase(s string) string {
	parts := strings.Split(s, ".")
	for i, part := range parts {
		if n, err := strconv.ParseInt(part, 0, 32); err == nil {
			parts[i] = strconv.FormatInt(n, 10)
		} else if f, err := strconv.ParseFloat(part, 64); err == nil {
			parts[i] = strconv.FormatFloat(f, 'f', -1, 64)
		}
	}
	return strings.Join(parts, ".")
}

func lastPathSegment(s string) string { return path.Base(s) }

var firstVersion = regexp.MustCompile(`[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}`)

func foundAnywhere(s string) string { return firstVersion.FindString(s) }

// The following choose calls by force_upgrade and by the versions.

func forced(c *call) bool { return forceUpgradeIs(true)(c) }

func equalVersion(c *call) bool { return c.graph != nil && c.target == c.graph.version }
