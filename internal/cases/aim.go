package cases

import (
	"regexp"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// aims is the ladder of a request: the graph that does not exist, the named
// graph with its own version, the named graph with a later one. Each step up is
// taken only where the one below could not decide and the user allows it.
func (d *deriver) aims(t Template, conditions []string) []Aim {
	needs := needs(t)
	if d.op.Safe() {
		return []Aim{{Name: "read", Graph: Named, Risk: Inert, Conditions: conditions, Needs: needs}}
	}
	aims := []Aim{{
		Name: "absent-graph", Graph: Absent, Version: d.anyVersion(t), Risk: Inert, Needs: needs,
		Conditions: d.and(conditions, contract.Unknown, d.graphParameter),
	}}
	if d.decidedFirst(conditions) {
		return aims
	}
	if d.version != "" && t.Method == d.op.Method && Guardable(string(t.Body)) {
		aims = append(aims, Aim{
			Name: "current-version", Graph: Named, Version: Current, Risk: Guarded, Needs: needs,
			Conditions: d.and(conditions, contract.NotLater, "/"+d.version),
		})
	}
	return append(aims, Aim{
		Name: "later-version", Graph: Named, Version: LaterVersion, Risk: Destructive, Conditions: conditions,
		Needs: append([]string{"upgrade-version"}, needs...),
	})
}

// decidedFirst reports whether the conditions are judged before all others, so
// that a more dangerous request could say no more.
func (d *deriver) decidedFirst(conditions []string) bool {
	return len(conditions) > 0 && d.c.Refusal(conditions[0]).First
}

func (d *deriver) anyVersion(t Template) Version {
	if t.HasVersion() {
		return AnyVersion
	}
	return ""
}

// needs lists the fixtures that a template's placeholders stand for.
func needs(t Template) []string {
	var all []string
	tokens := 0
	for _, h := range t.Headers {
		switch {
		case strings.Contains(h.Value, ReadonlyTokenPlaceholder):
			all = append(all, "readonly-token")
		case strings.Contains(h.Value, ExpiredTokenPlaceholder):
			all = append(all, "expired-token")
		case strings.Contains(h.Value, TamperedTokenPlaceholder):
			all = append(all, "token")
		case strings.Contains(h.Value, TokenPlaceholder):
			tokens++
		}
	}
	if tokens > 1 { // a signature in its place would not do
		all = append(all, "token")
	}
	return all
}

var (
	versionLike   = regexp.MustCompile(`\p{N}`) // a lenient reader takes digits of any script
	trueLike      = regexp.MustCompile(`(?i)\btrue\b`)
	forceMember   = regexp.MustCompile(`(?i)["']?force_?upgrade["']?\s*[:=]\s*`)
	harmless      = regexp.MustCompile(`^(?:false|null|0|"")\s*[,}\s]`)
	versionMember = regexp.MustCompile(`(?i)upgrade_?version["']?\s*[:=]?`)
	ownVersion    = regexp.MustCompile(`^(?:["'\[{\s]|"value":)*\$\{version\}`)
	namedVersion  = regexp.MustCompile(`^[\s\x{FEFF}]*(?:/\*[^*]*\*/)?\s*\{(?s:.*?)["']?upgrade_version["']?\s*:?\s*["']?\$\{version\}`)
	wholeVersion  = regexp.MustCompile(`(?:^|["'=:\s\[,])\$\{version\}(?:$|["'\s,}\]&])`)
)

// Guardable reports whether a body may go to the named graph with the graph's
// own version in place of the placeholder: nothing else in it could be read as
// a version, however lenient the reader, and nothing as a forced upgrade. A strict
// reader must find the version, too: who finds none might take the latest.
func Guardable(body string) bool {
	versions := strings.Count(body, VersionPlaceholder)
	if versions == 0 || !namedVersion.MatchString(body) || len(wholeVersion.FindAllString(body, -1)) != versions {
		return false // with more digits at its side it is another version
	}
	for _, at := range versionMember.FindAllStringIndex(body, -1) {
		if !ownVersion.MatchString(body[at[1]:]) {
			return false
		}
	}
	rest := strings.ReplaceAll(body, VersionPlaceholder, "")
	for _, at := range forceMember.FindAllStringIndex(rest, -1) {
		if !harmless.MatchString(rest[at[1]:]) {
			return false
		}
	}
	rest = forceMember.ReplaceAllString(rest, "")
	return !trueLike.MatchString(rest) && !versionLike.MatchString(strings.ReplaceAll(rest, "0", ""))
}
