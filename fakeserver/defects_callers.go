package fakeserver

// callersDefects read who the caller is, or what the request is for, from where or how they
// should not.
func callersDefects() []Defect {
	return []Defect{
		defect("token-read-from-query", "auth.required", "X-Auth-Token is read from the query, too", beforeService(tokenFromQuery("X-Auth-Token"))),
		defect("access-token-read-from-query", "auth.required", "access_token is read from the query, as OAuth has it", beforeService(tokenFromQuery("access_token"))),
		defect("token-read-from-cookie", "auth.required", "X-Auth-Token is read from a cookie, too", beforeService(tokenFromCookie)),
		defect("token-read-from-subject-token", "auth.required", "X-Subject-Token is read as X-Auth-Token", beforeService(tokenFromHeader("X-Subject-Token", false))),
		defect("token-read-from-authorization", "auth.valid", "the token is read from Authorization: Bearer, too", beforeService(tokenFromHeader("Authorization", false))),
		defect("wrong-token-replaced-by-cookie", "auth.valid", "a cookie counts more than X-Auth-Token", beforeService(cookieFirst)),
		defect("wrong-token-replaced-by-header", "auth.valid", "X-Subject-Token counts more than X-Auth-Token", beforeService(tokenFromHeader("X-Subject-Token", true))),
		defect("trusted-proxy-header", "auth.required", "X-Remote-User and its like are trusted, whoever sends them", ignoreWhen(sentWith("X-Remote-User"), "missing-credentials")),

		defect("token-compared-by-prefix", "auth.valid", "a token is accepted without its last character", ignoreWhen(tokenNear(beginsToken), "invalid-credentials")),
		defect("token-cut-at-its-length", "auth.valid", "what follows the token is ignored", ignoreWhen(tokenNear(continuesToken), "invalid-credentials")),
		defect("token-case-insensitive", "auth.valid", "letter case makes no difference in tokens", ignoreWhen(tokenNear(foldsToToken), "invalid-credentials")),

		defect("trailing-slash-skips-auth", "auth.required", "with a slash at the end the path is served without credentials", spelledSkips(endsWith("/"), "missing-credentials")),
		defect("dot-segment-skips-auth", "auth.required", "with /./ in the path it is served without credentials", spelledSkips(contains("/./"), "missing-credentials")),
		defect("matrix-parameter-skips-auth", "auth.required", "with a parameter on its last segment the path is served without credentials", spelledSkips(contains(";"), "missing-credentials")),
		defect("upper-case-skips-auth", "auth.required", "with a segment in capitals the path is served without credentials", spelledSkips(inCapitals, "missing-credentials")),
		defect("encoded-path-skips-permission", "auth.permitted", "with an escaped letter in the path, who may only read may upgrade", spelledSkips(contains("%75"), "not-permitted")),
		defect("double-slash-skips-permission", "auth.permitted", "with a doubled slash in the path, who may only read may upgrade", spelledSkips(doubled, "not-permitted")),
		defect("trailing-slash-skips-project", "request.project", "with a slash at the end of the path, any project is served", spelledSkips(endsWith("/"), "other-project")),

		defect("method-override-upgrades", "upgrade.method", "GET with X-HTTP-Method-Override: POST starts an upgrade", beforeService(overrideMethod)),
		defect("method-override-skips-permission", "auth.permitted", "permission is checked for the method that X-HTTP-Method-Override names", ignoreWhen(sentWith("X-HTTP-Method-Override"), "not-permitted")),
		defect("head-without-credentials", "auth.required", "HEAD is answered without credentials", onAny(headAnswered)),

		defect("graph-id-trimmed", "request.ids", "white space after a graph id is ignored", graphID(trimmed)),
		defect("graph-id-cut-at-nul", "request.ids", "a graph id ends at a NUL", graphID(untilNUL)),
		defect("graph-id-first-of-list", "request.ids", "of several graph ids the first counts", graphID(firstOfList)),
		defect("graph-id-prefix-match", "graph.known", "the beginning of a graph's id is enough to read it", change(func(p *policy) { p.reads = graphIDBegins })),
		defect("graph-id-cut-at-36", "upgrade.graph-known", "an upgrade ignores what follows the 36th character of a graph's id", change(func(p *policy) { p.reads = graphIDCut })),
		defect("other-project-shorter-accepted", "request.project", "a project id without its last character is accepted", ignoreWhen(projectShorter, "other-project")),
		defect("other-project-sees-jobs", "request.project", "a job that exists is shown under any project", ignoreWhen(asksForJob, "other-project")),
		defect("job-shown-without-credentials", "auth.required", "a job that exists is shown without credentials", ignoreWhen(both(asksForJob, credentialsMissing), "missing-credentials")),
		defect("job-id-prefix-match", "job.known", "the beginning of a job's id is enough", change(func(p *policy) { p.reads = jobIDBegins })),
	}
}
