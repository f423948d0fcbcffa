package ges

import (
	"regexp"
	"strings"
	"sync"
)

// VersionPlaceholder is replaced in a body by the version to request.
const VersionPlaceholder = "${version}"

var (
	versionLike   = lazily(`\p{N}`) // a lenient reader accepts digits of any script
	trueLike      = lazily(`(?i)\btrue\b`)
	forceMember   = lazily(`(?i)["']?force_?upgrade["']?\s*[:=]\s*`)
	harmless      = lazily(`^(?:false|null|0|"")\s*[,}\s]`)
	versionMember = lazily(`(?i)upgrade_?version["']?\s*[:=]?`)
	ownVersion    = lazily(`^(?:["'\[{\s]|"value":)*\$\{version\}`)
	namedVersion  = lazily(`^[\s\x{FEFF}]*(?:/\*[^*]*\*/)?\s*\{(?s:.*?)["']?upgrade_version["']?\s*:?\s*["']?\$\{version\}`)
	cutVersion    = lazily(`"\$\{version\}[^"]`) // more follows in the same string
	wholeVersion  = lazily(`(?:^|["'=:\s\[,])\$\{version\}(?:$|["'\s,}\]&])`)
)

// Guardable reports whether the body of an upgrade may be sent to the graph under test with
// the graph's current version in place of the placeholder: even a lenient reader could not
// read anything else in it as a version, or anything as a forced upgrade. A strict reader
// must find the version, too, since a server that finds none might use the latest.
func Guardable(body string) bool {
	versions := strings.Count(body, VersionPlaceholder)
	if versions == 0 || !namedVersion().MatchString(body) || len(wholeVersion().FindAllString(body, -1)) != versions {
		return false // next to more digits it would be another version
	}
	for _, at := range versionMember().FindAllStringIndex(body, -1) {
		if !ownVersion().MatchString(body[at[1]:]) {
			return false
		}
	}
	rest := strings.ReplaceAll(body, VersionPlaceholder, "")
	if cutVersion().MatchString(body) || strings.Contains(rest, "${") { // something else that is not known yet
		return false
	}
	if members := forceMember().FindAllStringIndex(rest, -1); members != nil {
		for _, at := range members {
			if !harmless().MatchString(rest[at[1]:]) {
				return false
			}
		}
		rest = forceMember().ReplaceAllString(rest, "")
	}
	return !trueLike().MatchString(rest) && !versionLike().MatchString(strings.ReplaceAll(rest, "0", ""))
}

// lazily compiles a pattern when it is first used: most programs that import this package use few of
// them, and all together take a while at each start.
func lazily(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
