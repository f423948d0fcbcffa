package fakeserver

import (
	"net/http"

	"github.com/gesconform/gesconform/contract"
)

// The conditions that concern the body, and those that concern the graph.
var (
	bodyConditions = []string{
		"unsupported-media-type", "absent-body", "malformed-body", "trailing-bytes", "utf16-body", "extended-json", "invalid-utf8",
		"duplicate-member", "body-not-object", "missing-member", "null-required-member", "wrong-type", "scalar-type",
		"empty-member", "malformed-version", "space-around-version", "letter-case",
	}
	graphConditions = []string{"unknown-graph", "foreign-graph", "stopped-graph", "upgrade-under-way"}
)

// leniencyDefects accept requests that break a rule, or refuse lawful ones because of
// their form.
func leniencyDefects() []Defect {
	return []Defect{
		defect("missing-token-accepted", "auth.required", "a request without credentials is accepted", ignoreWhen(credentialsMissing, "missing-credentials")),
		defect("empty-token-accepted", "auth.required", "an empty token is accepted", ignoreWhen(tokenEmpty, "missing-credentials")),
		defect("unknown-token-accepted", "auth.valid", "any token is accepted", ignoreWhen(tokenGiven, "invalid-credentials")),
		defect("tampered-token-accepted", "auth.valid", "the operator's token with a few characters changed is accepted", ignoreWhen(tampered, "invalid-credentials")),
		defect("bearer-accepted", "auth.valid", "a bearer token in Authorization is accepted", ignoreWhen(bearer, "invalid-credentials", "missing-credentials")),
		defect("signature-unverified", "auth.valid", "any AK/SK signature is accepted", ignoreWhen(signed, "invalid-credentials")),
		defect("malformed-signature-accepted", "auth.valid", "any Authorization header other than a bearer token is accepted", ignoreWhen(otherAuthorization, "invalid-credentials")),
		defect("expired-token-accepted", "auth.unexpired", "an expired token is accepted", ignore("expired-credentials")),
		defect("readonly-token-upgrades", "auth.permitted", "a caller who may only read can upgrade", ignore("not-permitted")),
		defect("auth-after-graph", "auth.required", "the graph is looked up before the credentials are", judgeFirst(graphConditions...)),
		defect("auth-after-body", "auth.required", "the body is judged before the credentials are", judgeFirst(bodyConditions...)),
		defect("auth-after-version", "auth.required", "the versions are compared before the credentials are judged", judgeFirst("target-not-later")),
		defect("auth-after-project", "auth.required", "the project is judged before the credentials are", judgeFirst("malformed-project-id", "other-project")),

		defect("other-project-accepted", "request.project", "a request for a project other than the token's is accepted", ignore("other-project")),
		defect("malformed-project-accepted", "request.project-id", "a malformed project id is accepted", ignoreWhen(projectMalformed, "malformed-project-id", "other-project")),
		defect("malformed-graph-id-accepted", "request.ids", "an upgrade of a graph with a malformed id is accepted", ignoreWhen(operationIs("upgradeGraph"), "malformed-id"), ignoreWhen(upgradeOfMalformedID, "unknown-graph")),
		defect("slash-in-path-accepted", "upgrade.path", "a path with an empty segment or an escaped slash reaches the operation", ignoreWhen(operationIs("upgradeGraph"), "unroutable-path"), ignoreWhen(upgradeOfMalformedID, "unknown-graph", "malformed-id")),

		defect("missing-version-accepted", "upgrade.version-required", "a body without upgrade_version is accepted", ignoreWhen(notEmptyObject, "missing-member")),
		defect("empty-object-accepted", "upgrade.version-required", "{} is accepted", ignoreWhen(emptyObject, "missing-member")),
		defect("null-version-accepted", "upgrade.version-required", "null for upgrade_version is accepted", ignore("null-required-member")),
		defect("empty-version-accepted", "upgrade.version-not-empty", "an empty upgrade_version is accepted", ignore("empty-member")),
		defect("malformed-version-accepted", "upgrade.version-form", "an upgrade_version that is not a version is accepted", ignore("malformed-version")),
		defect("version-number-accepted", "upgrade.version-form", "a number for upgrade_version is accepted", ignoreWhen(memberIs("upgrade_version", contract.KindNumber), "scalar-type")),
		defect("version-boolean-accepted", "upgrade.version-form", "a boolean for upgrade_version is accepted", ignoreWhen(memberIs("upgrade_version", contract.KindBoolean), "scalar-type")),
		defect("version-array-accepted", "upgrade.member-types", "an array for upgrade_version is accepted", ignoreWhen(memberIs("upgrade_version", contract.KindArray), "wrong-type")),
		defect("version-object-accepted", "upgrade.member-types", "an object for upgrade_version is accepted", ignoreWhen(memberIs("upgrade_version", contract.KindObject), "wrong-type")),
		defect("force-string-accepted", "upgrade.scalar-types", "a string for force_upgrade is accepted", ignoreWhen(memberIs("force_upgrade", contract.KindString), "scalar-type")),
		defect("force-number-accepted", "upgrade.scalar-types", "a number for force_upgrade is accepted", ignoreWhen(memberIs("force_upgrade", contract.KindNumber), "scalar-type")),
		defect("force-array-accepted", "upgrade.member-types", "an array for force_upgrade is accepted", ignoreWhen(memberIs("force_upgrade", contract.KindArray), "wrong-type")),
		defect("force-object-accepted", "upgrade.member-types", "an object for force_upgrade is accepted", ignoreWhen(memberIs("force_upgrade", contract.KindObject), "wrong-type")),

		defect("spaced-version-accepted", "upgrade.version-trimmed", "white space around the version is ignored", ignore("space-around-version")),

		defect("missing-body-accepted", "upgrade.body-required", "a request without a body is accepted", ignore("absent-body")),
		defect("blank-body-accepted", "upgrade.body-json", "a body of white space is accepted", ignoreWhen(onlyWhiteSpace, "malformed-body")),
		defect("array-body-accepted", "upgrade.body-object", "an array for a body is accepted", ignoreWhen(bodyIs(contract.KindArray), "body-not-object")),
		defect("scalar-body-accepted", "upgrade.body-object", "a string, number or boolean for a body is accepted", ignoreWhen(bodyIs(contract.KindString, contract.KindNumber, contract.KindBoolean), "body-not-object")),
		defect("null-body-accepted", "upgrade.body-object", "null for a body is accepted", ignoreWhen(bodyIs(contract.KindNull), "body-not-object")),
		defect("truncated-body-accepted", "upgrade.body-json", "JSON that ends too early is accepted", ignoreWhen(truncated, "malformed-body")),
		defect("trailing-comma-accepted", "upgrade.body-extensions", "a comma before the closing brace is accepted", ignoreWhen(trailingComma, "extended-json")),
		defect("single-quotes-accepted", "upgrade.body-extensions", "single quotes are accepted", ignoreWhen(singleQuoted, "extended-json")),
		defect("trailing-garbage-accepted", "upgrade.body-trailing", "anything after the JSON is ignored", ignore("trailing-bytes")),
		defect("utf16-body-accepted", "upgrade.body-utf16", "UTF-16 is read, too", ignore("utf16-body")),
		defect("malformed-body-accepted", "upgrade.body-json", "a body that is not JSON is accepted, unless it is a form", ignoreWhen(isNoForm, "malformed-body")),
		defect("form-body-accepted", "upgrade.media-type", "an HTML form is accepted", ignoreWhen(isForm, "unsupported-media-type")),
		defect("wrong-media-type-accepted", "upgrade.media-type", "any Content-Type is accepted", ignoreWhen(isNoForm, "unsupported-media-type")),
		defect("text-plain-accepted", "upgrade.media-type", "text/plain is accepted", ignoreWhen(contentTypeIs("text/plain"), "unsupported-media-type")),
		defect("duplicate-member-accepted", "upgrade.body-unique-members", "a duplicate member is accepted, and the last one counts", ignore("duplicate-member")),
		defect("invalid-utf8-accepted", "upgrade.body-utf8", "bytes that are not UTF-8 are accepted", ignore("invalid-utf8")),
		defect("letter-case-accepted", "upgrade.member-letter-case", "member names are accepted in any letter case", ignore("letter-case")),

		defect("charset-refused", "upgrade.media-type-charset", "a charset on the Content-Type is refused", refuseUpgrades(contentTypeHasParameter, http.StatusUnsupportedMediaType, "GES.7016")),
		defect("force-true-refused", "upgrade.force-true", "force_upgrade: true is refused", refuseUpgrades(forceUpgradeIs(true), http.StatusBadRequest, "GES.7016")),
		defect("force-false-refused", "upgrade.force-false", "force_upgrade: false is refused", refuseUpgrades(forceUpgradeIs(false), http.StatusBadRequest, "GES.7016")),
		defect("force-absent-refused", "upgrade.force-optional", "force_upgrade must be given", refuseUpgrades(forceUpgradeAbsent, http.StatusBadRequest, "GES.7049")),
		defect("white-space-refused", "upgrade.json-equivalence", "line breaks in the JSON are refused", refuseUpgrades(bodyHas("\r\n\t"), http.StatusBadRequest, "GES.7016")),
		defect("escapes-refused", "upgrade.json-equivalence", "escapes in the JSON are refused", refuseUpgrades(bodyHas(`\`), http.StatusBadRequest, "GES.7049")),
		defect("member-order-refused", "upgrade.json-equivalence", "force_upgrade must come last", refuseUpgrades(forceUpgradeFirst, http.StatusBadRequest, "GES.7016")),

		defect("put-upgrades", "upgrade.method", "PUT starts an upgrade", reroute(http.MethodPut)),
		defect("patch-upgrades", "upgrade.method", "PATCH starts an upgrade", reroute(http.MethodPatch)),
		defect("get-upgrades", "upgrade.method", "GET starts an upgrade", reroute(http.MethodGet)),
		defect("delete-upgrades", "upgrade.method", "DELETE starts an upgrade", reroute(http.MethodDelete)),
	}
}
