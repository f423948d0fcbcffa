package cases

import (
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

const madeUpText = "gesconform-not-listed" // in no list of allowed values

const madeUpToken = "gesconform-made-up-token"

// otherProject is a well-formed id that is no caller's project.
const otherProject = "f00dfacef00dfacef00dfacef00dface"

// override names another method in each of the headers that frameworks read it from.
const override = "X-HTTP-Method-Override: ${method}\nX-Method-Override: ${method}\nX-HTTP-Method: ${method}"

// proxyUser is what a proxy that has authenticated the caller might add.
const proxyUser = "X-Forwarded-User: admin\nX-Remote-User: admin\nX-Identity-Status: Confirmed\nX-User-Id: admin\nX-Roles: admin\nX-Project-Id: ${project}"

// cookies are those that a token might be read from.
const cookies = "Cookie: ${name}=${placed_token}; token=${placed_token}; access_token=${placed_token}"

var (
	unknownRoute = contract.When{In: contract.InPath, Keyword: "required"}
	otherMethod  = contract.When{In: contract.InMethod, Keyword: "method"}
	unknownJob   = contract.When{In: contract.InPath, Relation: contract.Unknown}
	ofRealJob    = change{atJob, RealJobPlaceholder}
)

// pathSpellings are ways to write a path that some router, proxy or filter takes for the plain one.
var pathSpellings = []struct{ name, text string }{
	{"trailing-slash", "${path}/"},
	{"matrix-parameter", "${path};v=1"},
	{"dot-segment", "${parent}/./${last}"},
	{"double-slash", "${parent}//${last}"},
	{"percent-encoded", "${path_with_escape}"},
	{"upper-case", "${path_with_capitals}"},
}

// spelledPaths tries each spelling with each kind of caller who must be refused: what checks
// the caller and what routes the request may read a path differently.
func spelledPaths() []mutation {
	all := []mutation{{name: "trailing-slash", text: "${path}/", of: graphReads}}
	for _, s := range pathSpellings {
		for _, caller := range []mutation{
			{name: "token-missing", also: change{atCredentials, absent}},
			{name: "token-readonly", also: change{atCredentials, ReadonlyTokenPlaceholder}, relation: contract.NotPermitted},
			{name: "project-other", also: change{atProject, otherProject}, relation: contract.OtherProject},
		} {
			caller.name, caller.text, caller.lenient = s.name+"-and-"+caller.name, s.text, unknownRoute
			all = append(all, caller)
		}
	}
	return all
}

// What a reader may lawfully pass over must not be accepted for that: 0.0.1 is not later, and 0
// is no version.
var (
	stillNotLater  = contract.When{Relation: contract.NotLater}
	stillMalformed = contract.When{Keyword: "pattern"}
)

// otherForm is what some servers find in a version that is spelled in another way than theirs,
// though all of these match the pattern.
var otherForm = []contract.When{stillMalformed}

// otherMember is what readers find who take another of two members for the one that counts.
var otherMember = []contract.When{{Relation: contract.NotLater}}

// mutations are all the ways to break a request, by the place that each changes.
//
// A lenient server must not be able to read one as a version that is later than the one on
// offer, or as a forced upgrade: a malformed version is derived from 0.0.1 or, so that nothing
// else hides that it was taken on, from the version on offer, and a value of another type means
// 0 or no.
var mutations = [placeCount][]mutation{
	atCredentials: {
		{name: "missing", text: absent},
		{name: "empty", text: ""},
		{name: "made-up", text: madeUpToken, relation: contract.NotIssued},
		{name: "tampered", text: TamperedTokenPlaceholder, relation: contract.NotIssued},
		{name: "cut", text: "MIIE", relation: contract.NotIssued},
		{name: "long", text: strings.Repeat("A", 2000), relation: contract.NotIssued},
		{name: "null-word", text: "null", relation: contract.NotIssued},
		{name: "expired", text: ExpiredTokenPlaceholder, relation: contract.Expired},
		{name: "readonly", text: ReadonlyTokenPlaceholder, relation: contract.NotPermitted},
		{name: "missing-and-project-other", text: absent, also: change{atProject, otherProject}},
		{name: "missing-and-body-malformed", text: absent, also: change{atBody, "{"}},
		{name: "missing-and-member-missing", text: absent, also: change{atBody, "{}"}},
		{name: "missing-and-media-type-wrong", text: absent, also: change{atMediaType, "text/plain"}},
		// A server that compares versions first discloses what the caller may not know.
		{name: "missing-and-version-equal", text: absent, version: CurrentVersion, risk: Guarded},
		{name: "missing-and-job-real", text: absent, also: ofRealJob},
		{name: "missing-and-method-head", text: absent, also: change{atMethod, "HEAD"}, lenient: unknownRoute, of: graphReads},
		{name: "readonly-and-override-get", text: ReadonlyTokenPlaceholder, relation: contract.NotPermitted, also: change{atHeaders, strings.ReplaceAll(override, "${method}", "GET")}, lenient: otherMethod},
		// Close to the token.
		{name: "near-other-case", text: OtherCaseTokenPlaceholder, relation: contract.NotIssued, of: graphReads},
		{name: "near-longer", text: LongerTokenPlaceholder, relation: contract.NotIssued, of: graphReads},
		{name: "near-shorter", text: ShorterTokenPlaceholder, relation: contract.NotIssued, of: graphReads},
		// The token where none should be read, alone and beside a wrong one.
		{name: "missing-and-in-query", text: absent, also: change{atQuery, "${name}=${placed_token}"}, of: graphReads | graphWrites},
		{name: "missing-and-in-query-as-oauth", text: absent, also: change{atQuery, "access_token=${placed_token}&token=${placed_token}"}, of: graphReads},
		{name: "missing-and-in-cookie", text: absent, also: change{atHeaders, cookies}, of: graphReads | graphWrites},
		{name: "missing-and-in-subject-token", text: absent, also: change{atHeaders, "X-Subject-Token: ${placed_token}"}, of: graphReads},
		{name: "missing-and-in-authorization", text: absent, also: change{atHeaders, "Authorization: Bearer ${placed_token}"}, of: graphReads},
		{name: "missing-and-proxy-user", text: absent, also: change{atHeaders, proxyUser}, of: graphReads | graphWrites},
		{name: "made-up-and-in-query", text: madeUpToken, relation: contract.NotIssued, also: change{atQuery, "${name}=${placed_token}&access_token=${placed_token}&token=${placed_token}"}, of: graphReads},
		{name: "made-up-and-in-cookie", text: madeUpToken, relation: contract.NotIssued, also: change{atHeaders, cookies}, of: graphReads},
		{name: "made-up-and-in-header", text: madeUpToken, relation: contract.NotIssued, also: change{atHeaders, "X-Subject-Token: ${placed_token}\nAuthorization: Bearer ${placed_token}"}, of: graphReads},
		{name: "repeated-made-up-first", text: madeUpToken, also: change{atSecondHeader, TokenPlaceholder}, of: graphReads},
	},
	atSecondHeader: {
		{name: "repeated", text: TokenPlaceholder},
		{name: "repeated-made-up-last", text: madeUpToken, of: graphReads},
	},
	atWholePath: spelledPaths(),
	atSignature: {
		{name: "unknown-access-key", text: ges.UnknownKeySignature, relation: contract.NotIssued},
		{name: "missing-signature", text: ges.MissingSignature, relation: contract.NotIssued},
		{name: "short-signature", text: ges.ShortSignature, relation: contract.NotIssued},
		{name: "scheme-alone", text: aksk.Scheme, relation: contract.NotIssued},
		{name: "bearer", text: "Bearer gesconform-made-up-token", relation: contract.NotIssued},
		{name: "basic", text: "Basic Z2VzY29uZm9ybTptYWRlLXVw", relation: contract.NotIssued},
	},
	atProject: {
		{name: "other", text: otherProject, relation: contract.OtherProject},
		{name: "other-similar", text: SimilarProjectPlaceholder, relation: contract.OtherProject},
		{name: "longest", pad: "a", length: longest, relation: contract.OtherProject},
		{name: "shortest", pad: "a", length: shortest, relation: contract.OtherProject},
		{name: "too-long", pad: "a", length: tooLong},
		{name: "very-long", text: strings.Repeat("a", 1000), keyword: "maxLength"},
		{name: "malformed-hyphen", text: "0123456789abcdef-0123456789abcdef"},
		{name: "malformed-underscore", text: "0123456789abcdef_0123456789abcdef"},
		{name: "malformed-full-stop", text: "0123456789abcdef.0123456789abcdef"},
		{name: "malformed-space", text: "0123456789abcdef 0123456789abcdef"},
		{name: "malformed-newline-after", text: "0123456789abcdef0123456789abcdef\n"},
		{name: "malformed-non-ascii", text: "0123456789äbcdef0123456789äbcdef"},
		{name: "malformed-full-width-digits", text: "０１２３４５６７８９"},
		{name: "malformed-template", text: "{${name}}"},
		{name: "malformed-quote", text: `0123456789abcdef'"`},
		{name: "malformed-nul", text: "0123456789abcdef\x00"},
		{name: "other-longer", text: LongerProjectPlaceholder, relation: contract.OtherProject, of: graphReads},
		{name: "other-shorter", text: ShorterProjectPlaceholder, relation: contract.OtherProject, of: graphReads},
		{name: "other-and-job-real", text: otherProject, relation: contract.OtherProject, also: ofRealJob, lenient: unknownJob},
	},
	atGraph: {
		{name: "foreign", text: "${value}", relation: contract.Foreign},
		{name: "stopped", text: "${value}", relation: contract.Stopped},
		{name: "unknown-and-job-real", text: "${value}", relation: contract.Unknown, also: ofRealJob, lenient: unknownJob},
		{name: "foreign-and-job-real", text: "${value}", relation: contract.Foreign, also: ofRealJob, lenient: unknownJob},
	},
	// Close to the id of the graph under test. One that is longer or shorter may be another
	// graph's, which its read shows.
	atNearID: {
		{name: "near-longer", text: "${value}0", relation: contract.Unknown, of: graphReads | graphWrites},
		{name: "near-shorter", text: ShorterGraphPlaceholder, relation: contract.Unknown, of: graphReads | graphWrites},
		{name: "near-upper-case", text: UpperGraphPlaceholder, relation: contract.OtherCase, of: graphReads},
		{name: "near-space-after", text: "${value}%20", of: graphReads},
		{name: "near-nul-after", text: "${value}%00", of: graphReads},
		{name: "near-list", text: "${value},${value}", of: graphReads},
	},
	// Close to the id of a job that exists.
	atJob: {
		{name: "near-longer", text: RealJobPlaceholder + "0", relation: contract.Unknown},
		{name: "near-shorter", text: ShorterJobPlaceholder, relation: contract.Unknown},
	},
	// Ids that nothing has; some are malformed.
	atID: {
		{name: "unknown", text: "${value}", relation: contract.Unknown},
		{name: "unknown-short", text: "gesconform-no-such", relation: contract.Unknown},
		{name: "unknown-upper-case", text: "5AFE0000-0000-4000-8000-0000005AFE00", relation: contract.Unknown},
		{name: "unknown-digits", text: "123456789", relation: contract.Unknown},
		{name: "unknown-longest", text: strings.Repeat("5afe", 32), relation: contract.Unknown},
		{name: "malformed-too-long", text: strings.Repeat("5afe", 64), relation: contract.Unknown},
		{name: "malformed-non-ascii", text: "no-such-gräph", relation: contract.Unknown},
		{name: "malformed-space", text: "no such", relation: contract.Unknown},
		{name: "malformed-quote", text: `no-such'"`, relation: contract.Unknown},
		{name: "malformed-markup", text: "<no-such>", relation: contract.Unknown},
		{name: "malformed-nul", text: "no-such\x00", relation: contract.Unknown},
		{name: "malformed-format", text: "%s%n", relation: contract.Unknown},
	},
	atSegment: {
		{name: "unroutable-empty", text: ""},
		{name: "unroutable-escaped-slash", text: "a%2Fb"},
	},
	// Without OPTIONS, which may succeed, and methods that RFC 9110 allows a server to
	// answer with 501.
	atMethod: {
		{name: "get", text: "GET"},
		{name: "head", text: "HEAD"},
		{name: "put", text: "PUT", paired: true},
		{name: "patch", text: "PATCH"},
		{name: "delete", text: "DELETE"},
		{name: "post", text: "POST"},
		{name: "get-and-override", text: "GET", also: change{atHeaders, override}},
	},
	atHeader: {
		{name: "missing", text: absent},
		{name: "empty", text: ""},
		{name: "not-listed", text: madeUpText},
	},
	atMediaType: {
		{name: "missing", text: absent},
		{name: "text", text: "text/plain"},
		{name: "xml", text: "application/xml"},
		{name: "form", text: "application/x-www-form-urlencoded"},
		{name: "multipart", text: "multipart/form-data; boundary=b"},
		{name: "octets", text: "application/octet-stream"},
		{name: "near-miss", text: "application/jsonx"},
		{name: "malformed", text: "json"},
	},
	atBody: {
		{name: "absent", text: ""},
		{name: "white-space", text: " \n\t "},
		{name: "empty-object", text: "{}"},
		{name: "array", text: "[${body}]"},
		{name: "array-empty", text: "[]"},
		{name: "scalar-string", text: `"${version}"`},
		{name: "scalar-number", text: "0"},
		{name: "scalar-true", text: "true"},
		{name: "scalar-null", text: "null"},
		{name: "truncated", text: "{${members}"},
		{name: "truncated-string", old: `"}`, text: ""},
		{name: "trailing-comma", text: "{${members},}"},
		{name: "missing-colon", old: ":", text: " "},
		{name: "single-quotes", old: `"`, text: "'"},
		{name: "unquoted-name", old: `"${member}"`, text: "${member}"},
		{name: "comment", text: "/* upgrade */${body}"},
		{name: "garbage-after", text: "${body}garbage"},
		{name: "second-value", text: "${body}${body}"},
		{name: "unescaped-newline", text: "{\"note\":\"a\nb\",${members}}"},
		{name: "byte-order-mark", text: "\xef\xbb\xbf${body}"},
		{name: "utf-16", text: "\xff\xfe${body_in_utf16}"},
		{name: "deep-array", text: strings.Repeat("[", 500) + strings.Repeat("]", 500)},
		{name: "form-encoded", text: "${member}=${version}", also: change{atMediaType, "application/x-www-form-urlencoded"}},
	},
	atAddedMember: {
		{name: "unknown-member", text: `"note":"text"`},
		{name: "unknown-member-long", text: `"remark":"` + strings.Repeat("x", 4<<10) + `"`},
		{name: "unknown-member-empty-name", text: `"":"text"`},
		{name: "not-a-number", text: `"note":NaN`},
		{name: "bad-escape", text: `"note":"\x"`},
		{name: "invalid-utf8", text: "\"note\":\"a\xff\xfeb\""},
		{name: "deep-nesting", text: `"nested":` + strings.Repeat("[", 500) + strings.Repeat("]", 500)},
	},
	atMember: {
		{name: "missing", text: `"${optional}":false`, keyword: "required"},
		{name: "letter-case-upper", text: `"${upper_name}":${value}`, keyword: "letter-case"},
		{name: "letter-case-title", text: `"${title_name}":${value}`, keyword: "letter-case"},
		{name: "duplicate", text: `"${name}":${value},"${name}":${value}`, keyword: "duplicate"},
		{name: "duplicate-false-true", text: `"${name}":false,"${name}":true`, keyword: "duplicate", kind: contract.KindBoolean},
	},
	atMemberValue: {
		{name: "null", text: "null", keyword: "nullable"},
		{name: "wrong-type-number", text: "0", keyword: "type", lenient: stillMalformed},
		{name: "wrong-type-boolean", text: "false", keyword: "type", lenient: stillMalformed},
		{name: "wrong-type-string", text: `"no"`, keyword: "type"},
		{name: "wrong-type-array", text: "[]", keyword: "type"},
		{name: "wrong-type-object", text: "{}", keyword: "type"},
		{name: "wrong-type-array-of-one", text: "[${value}]", keyword: "type"},
		{name: "wrong-type-object-of-one", text: `{"value":${value}}`, keyword: "type"},
		{name: "wrong-type-string-false", text: `"false"`, keyword: "boolean-text"},
		{name: "wrong-type-string-true", text: `"true"`, keyword: "boolean-text"},
		{name: "below-minimum", text: "${below_minimum}", keyword: "minimum"},
		{name: "above-maximum", text: "${above_maximum}", keyword: "maximum"},
		{name: "not-whole", text: "${not_whole}", keyword: "type"},
	},
	atMemberText: {
		{name: "empty", text: "", keyword: "minLength"},
		{name: "too-long", text: "0.0.", pad: "0", length: tooLong},
		{name: "very-long", text: "0.0." + strings.Repeat("0", 9996), keyword: "maxLength"},
		{name: "not-listed", text: madeUpText, keyword: "enum"},
		// Close to what a pattern may allow, such as a dotted version.
		{name: "malformed-one-part", text: "0", keyword: "pattern"},
		{name: "malformed-five-parts", text: "0.0.0.0.1", offered: "${version_five_parts}", keyword: "pattern"},
		{name: "malformed-leading-dot", text: ".0.0.1", offered: ".${version}", keyword: "pattern"},
		{name: "malformed-trailing-dot", text: "0.0.1.", keyword: "pattern"},
		{name: "malformed-double-dot", text: "0..0.1", keyword: "pattern"},
		{name: "malformed-letter-first", text: "v0.0.1", keyword: "pattern"},
		{name: "malformed-letter-last", text: "0.0.1a", offered: "${version}a", keyword: "pattern"},
		{name: "malformed-suffix", text: "0.0.1-beta", keyword: "pattern"},
		{name: "malformed-words", text: "latest", keyword: "pattern"},
		{name: "malformed-sign", text: "-0.0.1", offered: "+${version}", keyword: "pattern"},
		{name: "malformed-comma", text: "0,0,1", offered: "${version_comma}", keyword: "pattern"},
		{name: "malformed-space-before", text: " 0.0.1", keyword: "pattern", lenient: stillNotLater},
		{name: "malformed-space-after", text: "0.0.1 ", keyword: "pattern", lenient: stillNotLater},
		{name: "malformed-newline-after", text: "0.0.1\n", keyword: "pattern", lenient: stillNotLater},
		{name: "malformed-nul", text: "0.0.1\x00", offered: "${version}\x00x", keyword: "pattern"},
		{name: "malformed-blank", text: " ", keyword: "pattern"},
		{name: "malformed-full-width-digits", text: "０.０.１", offered: "${version_full_width}", keyword: "pattern"},
		{name: "malformed-arabic-digits", text: "٠.٠.١", offered: "${version_arabic}", keyword: "pattern"},
		{name: "malformed-emoji", text: "0.0.😀", keyword: "pattern"},
		{name: "malformed-slash", text: "0/0/1", offered: "${version_slash}", keyword: "pattern"},
		{name: "malformed-underscore", text: "0_0_1", offered: "${version_underscore}", keyword: "pattern"},
		{name: "malformed-hexadecimal", text: "0x0.0.1", offered: "0x${version}", keyword: "pattern"},
		{name: "malformed-exponent", text: "0.0.1e0", offered: "${version}e0", keyword: "pattern"},
		{name: "malformed-path", text: "../../0.0.1", offered: "../../${version}", keyword: "pattern"},
		{name: "malformed-quote", text: `0.0.1"`, offered: `${version}"`, keyword: "pattern"},
		{name: "malformed-sql", text: "0.0.1' OR '0'='0", offered: "${version}' OR '0'='0", keyword: "pattern"},
		{name: "malformed-markup", text: "<b>0.0.1</b>", offered: "<b>${version}</b>", keyword: "pattern"},
		{name: "malformed-format", text: "%s%n0.0.1", offered: "%s%n${version}", keyword: "pattern"},
		{name: "malformed-expression", text: "${0.0.1}", offered: "${${version}}", keyword: "pattern"},
	},
	// Two readers of the same request, the one who checks it and the one who acts on it, may find
	// different versions in it.
	atVersionMember: {
		{name: "duplicate-older-last", text: `"${name}":"${version}","${name}":"${older_version}"`, keyword: "duplicate", possible: otherMember},
		{name: "duplicate-older-first", text: `"${name}":"${older_version}","${name}":"${version}"`, keyword: "duplicate", possible: otherMember},
		{name: "letter-case-older-beside", text: `"${name}":"${version}","${title_name}":"${older_version}"`, keyword: "letter-case", possible: otherMember},
		{name: "letter-case-later-beside", text: `"${name}":"${older_version}","${title_name}":"${version}"`, keyword: "letter-case", possible: otherMember, taken: true},
		{name: "wrong-type-number-older", text: `"${name}":${older_number}`, keyword: "type", possible: []contract.When{stillNotLater, stillMalformed}},
	},
	// A lenient reader takes these for the version on offer, and none for a later one.
	atVersionText: {
		{name: "malformed-letter-before-offered", text: "v${version}"},
		{name: "malformed-space-before-offered", text: " ${version}"},
		{name: "malformed-newline-after-offered", text: "${version}\n"},
		{name: "malformed-dot-after-offered", text: "${version}."},
		{name: "malformed-suffix-after-offered", text: "${version}-beta", paired: true},
	},
	// Only the current version may be sent to the graph without being destructive.
	atVersionWanted: {
		{name: "not-later-equal", relation: contract.NotLater, version: CurrentVersion, risk: Guarded, paired: true},
		{name: "not-later-equal-part-more", relation: contract.NotLater, version: EqualMore, risk: Destructive, possible: otherForm},
		{name: "not-later-equal-padded", relation: contract.NotLater, version: EqualPadded, risk: Destructive, possible: otherForm},
		{name: "not-later-equal-padded-first", relation: contract.NotLater, version: EqualPadFirst, risk: Destructive, possible: otherForm},
		{name: "not-later-older-part-fewer", relation: contract.NotLater, version: OlderFewer, risk: Destructive, possible: otherForm},
		{name: "not-later-older-part-more", relation: contract.NotLater, version: OlderMore, risk: Destructive, possible: otherForm},
		{name: "not-later-older-wide-part", relation: contract.NotLater, version: OlderWidePart, risk: Destructive, possible: otherForm},
		{name: "not-later-older-wide-parts", relation: contract.NotLater, version: OlderWide, risk: Destructive, possible: otherForm},
		{name: "not-later-older-patch", relation: contract.NotLater, version: OlderPatch, risk: Destructive, paired: true},
		{name: "not-later-older-minor", relation: contract.NotLater, version: OlderMinor, risk: Destructive},
		{name: "not-later-older-major", relation: contract.NotLater, version: OlderMajor, risk: Destructive},
		{name: "not-later-older-with-more-digits", relation: contract.NotLater, version: OlderLonger, risk: Destructive},
		{name: "not-later-older-as-number-later-as-string", relation: contract.NotLater, version: OlderDigits, risk: Destructive},
		{name: "not-later-older-zero", relation: contract.NotLater, version: ZeroVersion, risk: Destructive},
		{name: "not-later-previous", relation: contract.NotLater, version: PreviousVersion, risk: Destructive},
	},
	// What is in the query is not read. A server that does takes these for the version on offer.
	atVersionQuery: {
		{name: "version-beside-empty-object", text: "${name}=${version}", also: change{atBody, "{}"}},
		{name: "later-version-beside-older", text: "${name}=${version}", also: change{atVersionText, "0.0.1"}, relation: contract.NotLater, version: LaterVersion, risk: Destructive},
	},
}
