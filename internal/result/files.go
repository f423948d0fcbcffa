package result

// The names of the files in the output folder of a run. They are in this package because
// both report, whose files refer to each other, and evidence, which writes them, import it.
const (
	ResultsFile   = "results.json"
	ChangesFile   = "changes.json" // the comparison with an earlier run
	ExchangesFile = "exchanges.jsonl"
	PlanFile      = "plan.json"
	MadeFile      = "made.jsonl" // what a run by a document has made and deleted, as it happens
	JUnitFile     = "junit.xml"
	PageFile      = "report.html"
	SummaryFile   = "summary.md"
	HARFile       = "exchanges.har"
	SumsFile      = "SHA256SUMS"
)

// The names of the files of a run against many targets.
const (
	MatrixFile        = "matrix.json"
	MatrixPageFile    = "matrix.html"
	MatrixSummaryFile = "matrix.md"
)
