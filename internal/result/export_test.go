package result

// What the tests of this package alone may see.
var (
	NoCaseSelected   = noCaseSelected
	NoCaseClaims     = notClaimed
	OthersCame       = otherwise
	NoAnswerHadIt    = noneHadIt
	ReasonInShort    = inShort
	MessageAsWritten = Normaliser.message
)

// Named are expectations that name no case.
func Named(all ...Expectation) Expectations {
	var known Expectations
	for _, e := range all {
		known.all = append(known.all, expectation{Expectation: e})
	}
	return known
}

// Entries are the expectations of a file.
func (e Expectations) Entries() []Expectation {
	var all []Expectation
	for _, one := range e.all {
		all = append(all, one.Expectation)
	}
	return all
}

// CasesOf are those that an entry names.
func (e Expectations) CasesOf(entry int) []string { return e.all[entry].named }
