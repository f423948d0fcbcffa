package cases

import (
	"github.com/gesconform/gesconform/contract"
)

// A mutation is a way to break one part of a request. For each such part of an operation it
// becomes a case, if the contract finds a problem in the resulting request or has a
// condition for the relation.
type mutation struct {
	name string // the last part of the case's id
	// text replaces the part. The placeholders of part.values in it are filled in here,
	// and those of a Template when the request is sent.
	text string
	// offered is the text instead for the member that names the version.
	offered string
	old     string // the text of a body to replace, wherever it occurs; all of it if empty
	pad     string // is appended until the text has the length
	length  length
	// keyword is the keyword of the schema that the request must break, or a part of it; ""
	// for any.
	keyword string
	// lenient is what the request breaks even for who passes over what is under test: a reader
	// that trims a member or takes a scalar of another kind, a router that does not know the
	// path. A refusal for that keeps the rule, too.
	lenient contract.When
	// possible is what the member breaks for some readers.
	possible []contract.When
	taken    bool          // if the request is accepted, that is for what is under test
	kind     contract.Kind // of the members that it is for; "" for any
	paired   bool          // it stands for its condition where that is tried with other members
	// relation is what is wrong if the request itself does not show it, but only what the
	// server knows.
	relation contract.Relation
	also     change  // another change
	version  Version // the version that the request names; "" if that is not under test
	risk     Risk    // of requesting it
	of       kind    // the operations that it is for; all if 0
}

// A kind is a kind of operation, or several.
type kind int

const (
	graphReads  kind = 1 << iota // they show the graph: an acceptance is seen at once, and harmless
	graphWrites                  // they change it
)

// A change replaces a part with a text.
type change struct {
	at   place
	text string
}

// absent, as a text, removes the part.
const absent = "${absent}"

// A length is relative to the bounds of a schema.
type length int

const (
	asWritten length = iota
	shortest         // minLength, at least 1
	longest          // maxLength
	tooLong          // one more than maxLength
)

// A place is a kind of part of a request.
type place int

const (
	nowhere        place = iota
	atCredentials        // the header of the preferred security scheme
	atSecondHeader       // the same header again
	atSignature          // the header of a scheme with a pattern, instead of the preferred one
	atQuery              // a query after the path
	atHeaders            // further headers, one a line
	atWholePath          // the path, already escaped
	atProject            // the path parameter that names the caller's project
	atGraph              // the one that names the graph
	atID                 // one that names a graph or a part of it
	atSegment            // the graph's path segment, already escaped
	atNearID             // likewise, with an id that is close to that of the graph under test
	atJob                // the path parameter that names a job
	atMethod
	atHeader // a header parameter
	atMediaType
	atBody
	atAddedMember   // a member added to a valid body, as JSON text
	atMember        // a documented member, as JSON text
	atMemberValue   // its value, as JSON text
	atMemberText    // its value, as a string
	atVersionMember // likewise, the member that names the version, as JSON text
	atVersionText   // likewise, for the member that names the version
	atVersionWanted // the version itself; the template is unchanged
	atVersionQuery  // a query that names the version
	placeCount
)
