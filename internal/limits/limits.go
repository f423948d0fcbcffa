// Package limits has the limits of what a run takes from a deployment, keeps of it and writes
// about it, whatever the deployment sends.
package limits

// What is read of an answer. What goes beyond that is no answer.
const (
	ReadBody   = 1 << 20
	ReadHeader = 64 << 10
)

// What is kept of the body of an answer: less than KeptBody when more than half of Evidence is used
// up, but no less than LeastBody.
const (
	KeptBody  = 64 << 10
	LeastBody = 512
)

// KeptHeader and KeptJSON are what is kept of the header of such an answer and of the value of its
// body, if they are not more than of the body, and KeptField what is kept of a header field.
const (
	KeptHeader = 8 << 10
	KeptJSON   = 16 << 10
	KeptField  = 4 << 10
)

// PrintedFirst and PrintedLast are what is kept of the beginning and of the end of what a client
// prints, of stdout and of stderr each.
const (
	PrintedFirst = 48 << 10
	PrintedLast  = 16 << 10
)

// Evidence is how many bytes the exchanges of a run may take in memory, and in exchanges.jsonl,
// beside the little that is kept of each answer in any case. Both together stay below
// ExchangesFile.
const (
	Evidence      = 48 << 20
	ExchangesFile = 64 << 20
)

// Memory is how much a process takes before it collects garbage more often, to take no more. Beside
// the exchanges it has the cases, the results and the reports as they are written.
const Memory = 128 << 20

// MemoryFor is the same for a run by a document of so many bytes. What is known of a document, and the cases that
// are derived from it, take fifty times its size where its bodies are deep: a limit below that would have a
// process do little else than collect garbage.
func MemoryFor(document int64) int64 {
	const perByte, most = 110, 880 << 20
	return min(max(Memory, min(document, most)*perByte), most)
}

// Finding is the length of a text in a finding, and Findings the number of those of an answer that
// are alike.
const (
	Finding  = 1 << 10
	Findings = 5
)

// The longest files. What a file would have beyond that, it says, is left out.
const (
	HARFile     = 64 << 20
	ResultsFile = 64 << 20
	PageFile    = 32 << 20
	JUnitFile   = 16 << 20
	SummaryFile = 64 << 10
)
