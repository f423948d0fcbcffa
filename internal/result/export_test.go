package result

// Unexported names that only the tests of this package use.
var (
	NoCaseSelected   = noCaseSelected
	NoCaseClaims     = notClaimed
	OthersCame       = otherwise
	NoAnswerHadIt    = noneHadIt
	ReasonInShort    = inShort
	MessageAsWritten = Normaliser.message
)

// Named returns the expectations without the cases that they name.
func Named(all ...Expectation) Expectations {
	var known Expectations
	for _, e := range all {
		known.all = append(known.all, expectation{Expectation: e})
	}
	return known
}

// Entries returns the entries of a file.
func (e Expectations) Entries() []Expectation {
	var all []Expectation
	for _, one := range e.all {
		all = append(all, one.Expectation)
	}
	return all
}

// CasesOf returns the ids of the cases that an entry names.
func (e Expectations) CasesOf(entry int) []string { return e.all[entry].named }
