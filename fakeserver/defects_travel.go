package fakeserver

import "net/http"

// travelDefects judge a request by how it travels: its headers, its query, and how its body is
// written, encoded and sent.
func travelDefects() []Defect {
	const notLegal = "GES.7016"
	return []Defect{
		defect("quoted-charset-refused", "upgrade.media-type-charset", "quotes around the charset are refused", refuseUpgrades(headerHas("Content-Type", `"`), http.StatusUnsupportedMediaType, notLegal)),
		defect("charset-case-sensitive", "upgrade.media-type-charset", "a charset in upper case is refused", refuseUpgrades(headerHas("Content-Type", "UTF-8"), http.StatusUnsupportedMediaType, notLegal)),
		defect("media-type-case-sensitive", "upgrade.media-type-letter-case", "a media type in upper case is refused", refuseUpgrades(headerHas("Content-Type", "APPLICATION"), http.StatusUnsupportedMediaType, notLegal)),
		defect("browser-accept-406", "upgrade.accept", "an Accept that names HTML first is refused", refuseUpgrades(headerHas("Accept", "text/html"), http.StatusNotAcceptable, notLegal)),
		defect("wildcard-accept-406", "upgrade.accept", "an Accept of */* alone is refused", refuseUpgrades(headerIs("Accept", "*/*"), http.StatusNotAcceptable, notLegal)),
		defect("language-header-refused", "upgrade.language", "X-Language is refused", refuseUpgrades(headerHas("X-Language", ""), http.StatusBadRequest, notLegal)),
		defect("language-english-only", "upgrade.language", "another X-Language than en-us is refused", refuseUpgrades(headerHas("X-Language", "zh"), http.StatusBadRequest, notLegal)),
		defect("language-chinese-only", "upgrade.language", "another X-Language than zh-cn is refused", refuseUpgrades(headerHas("X-Language", "en"), http.StatusBadRequest, notLegal)),

		defect("body-read-to-4096", "upgrade.body-length", "what comes after 4,096 bytes of a body is not read", refuseUpgrades(longerThan(4096), http.StatusBadRequest, notLegal)),
		defect("body-read-to-8192", "upgrade.body-length", "what comes after 8,192 bytes of a body is not read", refuseUpgrades(longerThan(8192), http.StatusBadRequest, notLegal)),
		defect("body-read-to-65536", "upgrade.body-length", "what comes after 65,536 bytes of a body is not read", refuseUpgrades(longerThan(65536), http.StatusRequestEntityTooLarge, notLegal)),
		defect("full-buffer-taken-for-cut", "upgrade.body-length", "a body that just fills a buffer of 4,096 bytes is taken for one that was cut", refuseUpgrades(asLongAs(4096), http.StatusBadRequest, notLegal)),
		defect("long-body-500", "request.answered", "a body of more than 8,192 bytes is answered 500", onAnyOf(longerThan(8192), failure(http.StatusInternalServerError, "GES.7006"))),

		defect("expect-continue-hangs", "request.answered", "a request with Expect is never answered", onAnyOf(headerHas("Expect", ""), deliver(hang))),
		defect("expect-continue-500", "request.answered", "a request with Expect is answered 500", onAnyOf(headerHas("Expect", ""), failure(http.StatusInternalServerError, "GES.7006"))),
		defect("chunked-body-dropped", "request.answered", "the connection is dropped at a body in chunks", onAnyOf(chunked, deliver(drop))),
		defect("chunked-body-500", "request.answered", "a body in chunks is answered 500", onAnyOf(chunked, failure(http.StatusInternalServerError, "GES.7006"))),
		defect("chunked-version-unchecked", "upgrade.target-later", "the version in a body in chunks is not compared", ignoreWhen(chunked, "target-not-later")),
		defect("gzip-body-500", "request.answered", "a compressed body is answered 500", onAnyOf(headerIs("Content-Encoding", "gzip"), failure(http.StatusInternalServerError, "GES.7006"))),
		defect("gzip-body-unread", "upgrade.target-later", "a compressed body is accepted unread", ignoreWhen(headerIs("Content-Encoding", "gzip"), append(bodyConditions, "target-not-later")...)),
		defect("content-encoding-500", "request.answered", "a Content-Encoding of identity is answered 500", onAnyOf(headerIs("Content-Encoding", "identity"), failure(http.StatusInternalServerError, "GES.7006"))),

		defect("query-version-read", "upgrade.version-required", "a version in the query is read if the body has none", ignoreWhen(queryHasVersion, "missing-member")),
		defect("query-overrides-body", "upgrade.target-later", "a version in the query counts instead of the one in the body", ignoreWhen(queryHasVersion, "target-not-later")),
	}
}
