package main

import "slices"

// mutants are all of them, those that would endanger a deployment first.
var mutants = slices.Concat(safety, runs, verdicts, contracts)

// safety are mistakes after which a request could leave that must not.
var safety = []mutant{
	// What the gate lets through.
	{name: "gate-off", file: "internal/wire/gate.go", old: "if risk > g.config.Risk {", new: "if false {", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-one-too-many", file: "internal/wire/gate.go", old: "if risk > g.config.Risk {", new: "if risk > g.config.Risk+1 {", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-delete-anything", file: "internal/wire/gate.go", old: "if r.Method == http.MethodDelete && (", new: "if false && (", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-delete-graph", file: "internal/wire/gate.go", old: "(leadsElsewhere(r.Path) || !ges.IsUpgradePath(r.Path))", new: "leadsElsewhere(r.Path)", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-delete-elsewhere", file: "internal/wire/gate.go", old: "(leadsElsewhere(r.Path) || !ges.IsUpgradePath(r.Path))", new: "!ges.IsUpgradePath(r.Path)", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-foreign", file: "internal/wire/gate.go", old: "if graph != \"\" && graph == g.config.ForeignGraphID", new: "if false && graph == g.config.ForeignGraphID", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-foreign-escaped", file: "internal/wire/gate.go", old: "id, err := url.PathUnescape(ges.GraphSegment(escapedPath))", new: "id, err := ges.GraphSegment(escapedPath), error(nil)\n\t_, _ = url.PathUnescape(id)", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-foreign-confirmed-turned", file: "internal/wire/gate.go", old: "&& !g.config.ConfirmForeignGraph {", new: "&& g.config.ConfirmForeignGraph {", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-until", file: "internal/wire/gate.go", old: "time.Now().Add(g.config.JobTimeout).After(until)", new: "time.Now().After(until)", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-get-upgrade", file: "internal/wire/gate.go", old: "if r.Method == http.MethodGet && !strings.HasSuffix(r.Path, \"/upgrade\") {", new: "if r.Method == http.MethodGet {", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-elsewhere", file: "internal/wire/gate.go", old: "\tif leadsElsewhere(r.Path) {\n\t\treturn cases.Destructive\n\t}\n", new: "", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-elsewhere-letter-case", file: "internal/wire/gate.go", old: "path := strings.ToLower(escapedPath)", new: "path := escapedPath", by: "internal/wire.TestGateKeepsBack"},
	{name: "gate-elsewhere-dots", file: "internal/wire/gate.go", old: "\"//\", \"/.\", ", new: "\"//\", ", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-absent-unproven", file: "internal/wire/gate.go", old: "if graph != \"\" && g.isAbsent(graph) {", new: "if graph != \"\" {", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-own-version", file: "internal/wire/gate.go", old: "version != \"\" && strings.Contains(string(r.Body), version) &&", new: "true &&", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-guardable", file: "internal/wire/gate.go", old: "ges.Guardable(strings.ReplaceAll(string(r.Body), version, cases.VersionPlaceholder)) {", new: "true {", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-guarded-method", file: "internal/wire/gate.go", old: "if r.Method == http.MethodPost && ges.IsUpgradePath(r.Path) && version", new: "if ges.IsUpgradePath(r.Path) && version", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-guarded-path", file: "internal/wire/gate.go", old: "if r.Method == http.MethodPost && ges.IsUpgradePath(r.Path) && version", new: "if r.Method == http.MethodPost && version", by: "internal/wire.TestGateClassifiesByBytes"},
	{name: "gate-version-junk", file: "internal/wire/gate.go", old: "version = \"\" // could be any text", new: "_ = version", by: "internal/wire.TestGateForgetsAVersionThatIsNone"},
	{name: "redirects", file: "internal/wire/client.go", old: "return http.ErrUseLastResponse // a redirect would forward the token", new: "return nil", by: "internal/engine.TestRedirectsAreNotFollowed"},

	// What a body can make a lenient reader do.
	{name: "guardable-no-version", file: "internal/ges/guard.go", old: "versions == 0 || !namedVersion", new: "!namedVersion", equivalent: "namedVersion matches only what has a version; the count is the quicker answer"},
	{name: "guardable-named", file: "internal/ges/guard.go", old: "!namedVersion.MatchString(body) || ", new: "", by: "internal/ges.TestGuardable"},
	{name: "guardable-whole", file: "internal/ges/guard.go", old: "len(wholeVersion.FindAllString(body, -1)) != versions", new: "false", by: "internal/ges.TestGuardable"},
	{name: "guardable-second-version", file: "internal/ges/guard.go", old: "if !ownVersion.MatchString(body[at[1]:]) {", new: "if at == nil {", by: "internal/ges.TestGuardable"},
	{name: "guardable-forced", file: "internal/ges/guard.go", old: "if !harmless.MatchString(rest[at[1]:]) {", new: "if at == nil {", by: "internal/ges.TestGuardable"},
	{name: "guardable-true", file: "internal/ges/guard.go", old: "!trueLike.MatchString(rest) && ", new: "", by: "internal/ges.TestGuardable"},
	{name: "guardable-digits", file: "internal/ges/guard.go", old: "versionLike.MatchString(strings.ReplaceAll(rest, \"0\", \"\"))", new: "false", by: "internal/ges.TestGuardable"},
	{name: "guardable-other-digits", file: "internal/ges/guard.go", old: "`\\p{N}`", new: "`[0-9]`", by: "internal/ges.TestGuardable"},

	// When a run stops.
	{name: "stop-after-forbidden", file: "internal/engine/serial.go", old: "if e.forbidden(aim) && !e.config.KeepGoing {", new: "if false && !e.config.KeepGoing {", by: "internal/engine.TestDestructiveStopsAtTheFirstForbiddenAcceptance"},
	{name: "stop-after-second", file: "internal/engine/lifecycle.go", old: "if accepted(&x) && !e.config.KeepGoing {", new: "if false {", by: "internal/engine.TestASecondUpgradeIsTheLast"},
	{name: "stop-after-invented", file: "internal/engine/send.go", old: "if invented && !e.config.KeepGoing {", new: "if false {", by: "internal/engine.TestAnInventedUpgradeEndsTheInertOnes"},
	{name: "stop-after-invented-inert", file: "internal/engine/independent.go", old: "if why := e.upgradesEnded(); why != \"\" && ", new: "if why := e.upgradesEnded(); false && ", by: "internal/engine.TestAnInventedUpgradeEndsTheInertOnes"},
	{name: "stop-without-evidence", file: "internal/engine/send.go", old: "e.endUpgrades(fmt.Sprintf(\"the evidence cannot be written: %s\", err))", new: "_ = err", by: "internal/engine.TestNoUpgradeWithoutEvidence"},
	{name: "stop-ignored", file: "internal/engine/barred.go", old: "case e.upgradesEnded() != \"\":", new: "case false:", by: "internal/engine.TestNoUpgradeWithoutEvidence"},
	{name: "stop-no-version", file: "internal/engine/serial.go", old: "_, err := contract.ParseVersion(e.graph.version); err != nil {", new: "_, err := contract.ParseVersion(e.graph.version); false {\n\t\t_ = err", by: "internal/engine.TestAVersionThatIsNoneEndsTheMutations"},
	{name: "stop-not-running", file: "internal/engine/serial.go", old: "} else if e.graph.status != ges.GraphRunning {", new: "} else if false {", by: "internal/engine.TestNoUpgradeOfAGraphThatIsNotRunning"},
	{name: "budget-accepted", file: "internal/engine/serial.go", old: "\tm.budget--\n\tm.moved = true", new: "\tm.moved = true", by: "internal/engine.TestMaxUpgradesIsNeverExceeded"},
	{name: "budget-second", file: "internal/engine/lifecycle.go", old: "\t\t\te.upgrades.budget--\n", new: "", by: "internal/engine.TestMaxUpgradesIsNeverExceeded"},
	{name: "budget-unanswered", file: "internal/engine/serial.go", old: "\tif unanswered && aim.Risk == cases.Destructive {\n\t\tm.budget--\n\t}\n", new: "", by: "internal/engine.TestUnansweredRequestsUseUpTheirUpgrade"},
	{name: "budget-ignored", file: "internal/engine/barred.go", old: "&& e.upgrades.budget < 1:", new: "&& false:", by: "internal/engine.TestMaxUpgradesIsNeverExceeded"},
	{name: "budget-one-more", file: "internal/engine/barred.go", old: "&& e.upgrades.budget < 1:", new: "&& e.upgrades.budget < 0:", by: "internal/engine.TestMaxUpgradesIsNeverExceeded"},
	{name: "budget-guarded", file: "internal/engine/barred.go", old: "(aim.Risk == cases.Destructive || e.upgrades.guardedCosts)", new: "(aim.Risk == cases.Destructive)", by: "internal/engine.TestMaxUpgradesIsNeverExceeded"},
	{name: "risk-ignored", file: "internal/engine/barred.go", old: "case aim.Risk > e.config.Risk:", new: "case false:", by: "internal/engine.TestWhatIsNotAllowedSaysWhatItNeeds"},
	{name: "until-ignored", file: "internal/engine/barred.go", old: "case aim.Risk > cases.Inert && e.tooLate(", new: "case false && e.tooLate(", by: "internal/engine.TestNothingIsStartedThatWouldNotEndInTime"},
	{name: "canary-skipped", file: "internal/engine/serial.go", old: "if k := e.equalVersion(); k != nil {", new: "if k := e.equalVersion(); false {", by: "internal/engine.TestTheCanaryGoesFirst"},
	{name: "inert-canary-skipped", file: "internal/engine/independent.go", old: "\t\te.inertCanary(ctx, some)\n", new: "", by: "internal/engine.TestAnInventedUpgradeEndsTheInertOnes"},
	{name: "absent-by-any-answer", file: "internal/engine/preflight.go", old: "if x.Status() == http.StatusNotFound || e.unknownGraph(&x) || e.malformed(graph) && refused {", new: "if !accepted(&x) || refused {", by: "internal/engine.TestOnlyAnAnswerThatMeansAbsentProvesIt"},
	{name: "absent-by-400", file: "internal/engine/preflight.go", old: "e.malformed(graph) && refused {", new: "refused {", by: "internal/engine.TestOnlyAnAnswerThatMeansAbsentProvesIt"},
	{name: "absent-not-read", file: "internal/engine/independent.go", old: "if e.aimsAtAbsent(k) && absent != nil {", new: "if false {", by: "internal/engine.TestNothingGoesToAGraphThatTurnsOutToExist"},
	{name: "confirm-graph", file: "internal/engine/preflight.go", old: "case e.config.ConfirmGraph != e.graph.name:", new: "case false:", by: "internal/engine.TestConfirmGraph"},
	{name: "confirm-graph-missing", file: "internal/engine/preflight.go", old: "case e.config.ConfirmGraph == \"\":", new: "case false:", by: "internal/engine.TestConfirmGraph"},
	{name: "throttled-mutation-again", file: "internal/engine/send.go", old: "judge.Throttled(x) && (x.Risk == cases.Inert.String() || !ges.FromService(x.Code()))", new: "judge.Throttled(x) && (x.Risk == cases.Inert.String() || !ges.FromService(x.Code()) || true)", by: "internal/engine.TestThrottledRequestsAreSentAgain"},
	{name: "throttled-counts", file: "internal/judge/decide.go", old: "case Throttled(x):\n\t\tf.Verdict, f.Hint = Error,", new: "case false:\n\t\tf.Verdict, f.Hint = Error,", by: "internal/judge.TestDecide"},
	{name: "repeat-anything", file: "internal/engine/ground.go", old: "\treturn x.Risk == cases.Inert.String() ||\n\t\tx.Failure != nil", new: "\treturn true ||\n\t\tx.Failure != nil", by: "internal/engine.TestUnansweredRequestsUseUpTheirUpgrade"},
	{name: "repeat-breaker-accepted", file: "internal/engine/breaker.go", old: "r.risk == cases.Guarded.String() && r.refused && e.upgrades.ended == \"\" && !e.upgrades.guardedCosts", new: "r.risk == cases.Guarded.String()", by: "internal/engine.TestWhatWasAcceptedIsNotSentAgain"},
	{name: "repeat-what-may-have-arrived", file: "internal/engine/ground.go", old: "case !mayRepeat(last):", new: "case !mayRepeat(&suspect):", by: "internal/engine.TestWhatMayHaveArrivedIsNotSentAgain"},
	{name: "settle-skipped", file: "internal/engine/settle.go", old: "\t\tif !accepted(&x) {\n\t\t\treturn seen", new: "\t\tif true {\n\t\t\treturn seen", by: "internal/engine.TestTheGraphSettlesAfterAnAcceptance"},
	{name: "mutations-not-last", file: "internal/engine/independent.go", old: "\tclose(work)\n\tworkers.Wait()\n", new: "\tclose(work)\n", by: "internal/engine.TestMutationsGoLastAndAlone"},
	{name: "climbs-when-decided", file: "internal/engine/independent.go", old: "switch f.Verdict {\n\tcase judge.Masked:", new: "switch f.Verdict {\n\tcase judge.Masked, judge.Conforms:", by: "internal/selftest.TestACaseOnlyClimbsIfItWasMasked"},
	{name: "stop-after-forbidden-fake", file: "internal/engine/serial.go", old: "if e.forbidden(aim) && !e.config.KeepGoing {", new: "if e.forbidden(aim) && e.config.KeepGoing {", by: "internal/selftest.TestARunStopsAtTheFirstForbiddenUpgrade"},
	{name: "real-key-in-bad-signature", file: "internal/wire/sign.go", old: "value != authentic && value != tampered", new: "value != authentic && value != tampered && false", by: "internal/wire.TestRequestsAreSigned"},
	{name: "plan-unsaid", file: "internal/run/run.go", old: "\t\tfmt.Fprintln(o.Out, planLine(run))\n", new: "", by: "cmd/gesconform.TestRunOfTheFakeHeedsRisk"},
	{name: "redaction-off", file: "internal/wire/client.go", old: "t.redactor.Store(newRedactor(t.secrets...))\n\tt.budget", new: "t.redactor.Store(newRedactor())\n\tt.budget", by: "internal/wire.TestCredentialsAreRedactedInEveryForm"},
}
