package main

// anyDocument are mistakes of judging a server by any document.
var anyDocument = []mutant{
	{name: "implied-unconfirmed", file: "internal/implied/control.go", old: "\tif len(result.Deviations(true)) == 0 {", new: "\tif true {", by: "internal/implied.TestNobodyIsAccused"},
	{name: "implied-uncontrolled", file: "internal/implied/control.go", old: "\treturn x, outcomeOf(control.op, &x) == g.expects\n", new: "\treturn x, true\n", by: "internal/implied.TestNobodyIsAccused"},
	{name: "implied-risk", file: "internal/implied/run.go", old: "if k.Risk > r.o.Risk {", new: "if false {", by: "internal/implied.TestRiskHolds"},
	{name: "implied-risk-of-what-is-made", file: "internal/implied/derive.go", old: "\tcase whatIsMade, whatHasAParent:\n\t\treturn cases.Destructive\n", new: "\tcase whatIsMade:\n\t\treturn cases.Inert\n", by: "internal/implied.TestRiskHolds"},
	{name: "implied-requests", file: "internal/implied/send.go", old: "case r.o.MaxRequests > 0 && r.sent+kept >= r.o.MaxRequests:", new: "case false:", by: "internal/implied.TestBudget"},
	{name: "implied-left-over", file: "internal/implied/clean.go", old: "\tif !m.Deleted {\n\t\tx, sent := r.delete(", new: "\tif false {\n\t\tx, sent := r.delete(", by: "internal/implied.TestCreations"},
	{name: "implied-free-body", file: "internal/implied/control.go", old: "r.unsuitedBody(ctx, k, g, &first); refuses {", new: "r.unsuitedBody(ctx, k, g, &first); refuses && false {", by: "internal/implied.TestFreeTextsOfBodies"},
	{name: "implied-taken-is-shown", file: "internal/implied/decide.go", old: "|| r.isShown(f) ||", new: "||", by: "internal/implied.TestFreeTextsOfBodies"},
	{name: "implied-unique", file: "internal/implied/unique.go", old: "\tg.inForm, g.control.inForm = true, true\n", new: "", by: "internal/implied.TestWhatMustBeUnique"},
	{name: "implied-stream", file: "internal/implied/decide.go", old: "\tif streams(&x) {", new: "\tif false {", by: "internal/implied.TestAStreamIsNoMissingAnswer"},
	{name: "implied-real-credentials", file: "internal/implied/credentials.go", old: "case own && a.lapse != inOrder:", new: "case false:", by: "internal/implied.TestReadsOfACorrectServer"},
	{name: "implied-unproved", file: "internal/implied/variations.go", old: "if a := k.change.attempt; a != nil && !a.bare() && g.refused[a.alternative] != \"\" {", new: "if a := k.change.attempt; false && a != nil {", by: "internal/implied.TestAlternatives"},
	{name: "implied-refused-proof", file: "internal/implied/variations.go", old: "k.kind == proofKind || g.alternative", new: "g.alternative", by: "internal/implied.TestAlternatives"},
	{name: "implied-each-cause-everywhere", file: "internal/implied/decide.go", old: "return slices.ContainsFunc(g.known, sameCause(f)) || ", new: "return ", by: "internal/implied.TestReadsOfIncorrectServers"},
	{name: "implied-body-of-another", file: "internal/implied/derive.go", old: "\td.media = nil\n", new: "", by: "internal/implied.TestReadsHaveNoBody"},
	{name: "implied-nothing-passes", file: "internal/implied/ungrounded.go", old: "if !r.report.Passed {", new: "if false {", by: "cmd/gesconform.TestNothingPasses"},
	{name: "implied-page-passes", file: "internal/implied/ungrounded.go", old: "outcomeOf(op, x) == passed && !isPage(op, x)", new: "outcomeOf(op, x) == passed", by: "cmd/gesconform.TestNothingPasses"},
	{name: "implied-own-failure", file: "internal/implied/ungrounded.go", old: "return !failsItself(x)", new: "return true", by: "cmd/gesconform.TestWhatIsTheServersOwn"},
	{name: "implied-unproved-refusals", file: "internal/implied/ungrounded.go", old: "} else if !r.proved {", new: "} else if false {", by: "cmd/gesconform.TestWhatIsTheServersOwn"},
	{name: "implied-enough-without", file: "internal/implied/derive_reads.go", old: "s.Type != \"mutualTLS\" && !slices.Contains(some, s)", new: "true", by: "internal/implied.TestWhatIsLeftIsEnough"},
	{name: "implied-first-alternative-only", file: "internal/implied/alternatives.go", old: "\tfor g.alternative >= 0 && hasLeft(&last) && refusal(&last) {", new: "\tfor false {", by: "internal/implied.TestTheFirstAlternativeThatPasses"},
	{name: "implied-refused-alternative-judged", file: "internal/implied/alternatives.go", old: "\t\t\tg.refused[i] = says\n", new: "", by: "internal/implied.TestTheFirstAlternativeThatPasses"},
	{name: "implied-bare-needs-proof", file: "internal/implied/credentials.go", old: "return a.lapse == missing && a.scheme == \"\"", new: "return false", by: "internal/implied.TestTheFirstAlternativeThatPasses"},
	{name: "implied-decoder-reads-the-same", file: "internal/implied/credentials.go", old: "at := max(end-2, 0)", new: "at := max(end-1, 0)", by: "internal/implied.TestMadeUpCredentials"},
}
