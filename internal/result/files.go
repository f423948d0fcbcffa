package result

// The names of the files in the folder of a run. They stand here, beneath what
// writes them, since reports point to each other.
const (
	ResultsFile   = "results.json"
	ChangesFile   = "changes.json" // the comparison with an earlier run
	ExchangesFile = "exchanges.jsonl"
	PlanFile      = "plan.json"
	JUnitFile     = "junit.xml"
	PageFile      = "report.html"
	SummaryFile   = "summary.md"
	HARFile       = "exchanges.har"
	SumsFile      = "SHA256SUMS"
)

// The names of the files that show several targets side by side.
const (
	MatrixFile        = "matrix.json"
	MatrixPageFile    = "matrix.html"
	MatrixSummaryFile = "matrix.md"
)
