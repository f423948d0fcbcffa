package fakeserver

import (
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// pairDefects only show where rules meet: a member that switches another rule off, a version
// close to the graph's own or to one on offer, two readings of one request.
func pairDefects() []Defect {
	force := func(name, breaks, what string, conditions ...string) Defect {
		return defect("force-skips-"+name, breaks, "force_upgrade: true "+what, ignoreWhen(forced, conditions...))
	}
	given := func(name, breaks, what string, condition string) Defect {
		return defect("force-false-skips-"+name, breaks, "force_upgrade: false "+what, ignoreWhen(forceUpgradeIs(false), condition))
	}
	reads := func(name, what string, fix func(string) string) Defect {
		return defect(name, "upgrade.version-form", what, readsVersion(fix))
	}
	return []Defect{
		force("version-check", "upgrade.target-later", "lets an older version through", "target-not-later"),
		force("state-check", "upgrade.graph-running", "lets the upgrade of a stopped graph through", "stopped-graph"),
		force("permission", "auth.permitted", "lets a caller upgrade who may only read", "not-permitted"),
		force("project-check", "request.project", "lets a request for another project through", "other-project"),
		force("graph-owner", "upgrade.graph-of-project", "lets the upgrade of another project's graph through", "foreign-graph"),
		force("graph-lookup", "upgrade.graph-known", "lets the upgrade of a graph that does not exist through", "unknown-graph"),
		force("authentication", "auth.required", "needs no credentials", "missing-credentials"),
		force("token-check", "auth.valid", "lets any token through", "invalid-credentials"),
		force("token-expiry", "auth.unexpired", "lets an expired token through", "expired-credentials"),
		force("version-form", "upgrade.version-form", "lets a malformed version through", "malformed-version"),
		force("required-version", "upgrade.version-required", "needs no upgrade_version", "missing-member"),
		force("null-check", "upgrade.version-required", "lets null for upgrade_version through", "null-required-member"),
		force("media-type", "upgrade.media-type", "lets any Content-Type through", "unsupported-media-type"),
		force("unique-members", "upgrade.body-unique-members", "lets a member that is there twice through", "duplicate-member"),
		defect("force-reinstalls", "upgrade.target-later", "with force_upgrade: true a graph can be upgraded to the version that it has",
			ignoreWhen(func(c *call) bool { return forced(c) && equalVersion(c) }, "target-not-later")),
		given("version-check", "upgrade.target-later", "lets an older version through, too", "target-not-later"),
		given("state-check", "upgrade.graph-running", "lets the upgrade of a stopped graph through, too", "stopped-graph"),
		given("permission", "auth.permitted", "lets a caller upgrade who may only read, too", "not-permitted"),

		defect("versions-as-text-with-more-parts", "upgrade.target-later", "a version with more parts than the graph's own is later", compared(func(v, w contract.Version) bool { return len(v) > len(w) || v.Compare(w) > 0 })),
		defect("trailing-zero-part-is-later", "upgrade.target-later", "2.2.9.0 is later than 2.2.9", compared(func(v, w contract.Version) bool { return v.Compare(w) > 0 || len(v) > len(w) && samePrefix(v, w) })),
		defect("missing-part-is-later", "upgrade.target-later", "2.2 is later than 2.2.9", compared(func(v, w contract.Version) bool { return v.Compare(w) > 0 || len(v) < len(w) && samePrefix(v, w) })),
		defect("leading-zeros-accepted", "upgrade.target-later", "02.2.9 is another version than 2.2.9, and not an earlier one", comparedAsText(func(target, current string) bool {
			return contract.Later(target, current) || padded(target) && !contract.Later(current, target)
		})),
		defect("equal-version-by-spelling", "upgrade.target-later", "only the version as it is spelled is refused as equal", comparedAsText(func(target, current string) bool { return notEarlier(target, current) && target != current })),
		defect("versions-by-weighted-sum", "upgrade.target-later", "versions are compared as sums, in which each part weighs a thousand times the next", compared(func(v, w contract.Version) bool { return weighted(v) > weighted(w) })),
		defect("versions-packed-in-32-bits", "upgrade.target-later", "versions are compared as numbers of 32 bits, 8 for each part", compared(func(v, w contract.Version) bool { return packed(v) > packed(w) })),

		reads("version-read-to-nul", "an upgrade_version ends at a NUL", untilNUL),
		reads("full-width-digits-read", "full-width digits are read like others", digitsFrom('０')),
		reads("arabic-digits-read", "Arabic digits are read like others", digitsFrom('٠')),
		reads("comma-read-as-dot", "2,3,0 is read as 2.3.0", dotsFor(",")),
		reads("slash-read-as-dot", "2/3/0 is read as 2.3.0", dotsFor("/")),
		reads("underscore-read-as-dot", "2_3_0 is read as 2.3.0", dotsFor("_")),
		reads("plus-sign-ignored", "+2.3.0 is read as 2.3.0", withoutBefore("+")),
		reads("letter-v-ignored", "v2.3.0 is read as 2.3.0", withoutBefore("v")),
		reads("leading-dot-ignored", ".2.3.0 is read as 2.3.0", withoutBefore(".")),
		reads("version-suffix-ignored", "2.3.0-beta is read as 2.3.0", withoutSuffix),
		reads("version-read-to-quote", "an upgrade_version ends at a quote", untilQuote),
		reads("version-markup-stripped", "tags around the version are left out", withoutMarkup),
		reads("version-expression-evaluated", "${2.3.0} is read as 2.3.0", evaluated),
		reads("fifth-part-ignored", "what follows the fourth part of a version is left out", fourParts),
		reads("hexadecimal-version-read", "the parts of a version may be in other bases", anyBase),
		reads("version-path-cleaned", "the last segment of a path is read as the version", lastPathSegment),
		reads("version-found-in-text", "the first thing in a text that looks like a version is read as it", foundAnywhere),

		defect("first-member-checked-last-used", "upgrade.target-later", "of two upgrade_version the first is compared and the last is installed",
			ignore("duplicate-member"), checksOneUsesAnother(versionAt(0), versionAt(-1))),
		defect("last-member-checked-first-used", "upgrade.target-later", "of two upgrade_version the last is compared and the first is installed",
			ignore("duplicate-member"), checksOneUsesAnother(versionAt(-1), versionAt(0))),
		defect("letter-case-used-but-not-checked", "upgrade.target-later", "upgrade_version is compared, and one in other letter case beside it is installed",
			ignore("letter-case"), checksOneUsesAnother(versionAt(-1), versionInOtherCase)),
		defect("letter-case-checked-but-not-used", "upgrade.target-later", "an upgrade_version in other letter case is compared, and the other beside it is installed",
			ignore("letter-case"), checksOneUsesAnother(versionInOtherCase, versionAt(-1))),
		defect("number-version-not-compared", "upgrade.target-later", "a number for upgrade_version is installed without being compared",
			ignoreWhen(func(c *call) bool { return strings.Contains(numberAsVersion(c), ".") }, "scalar-type", "target-not-later"), checksOneUsesAnother(nothing, numberAsVersion)),
	}
}
