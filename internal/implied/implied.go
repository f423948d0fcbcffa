// Package implied judges a server by what any OpenAPI document implies: it derives cases from a
// contract that states no requirements of its own, sends them, and decides. Every verdict has a
// control in the same run.
package implied

import (
	"context"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/values"
)

// A Sender sends one request. Its credentials are filled in, and it returns the exchange, redacted.
type Sender interface {
	Send(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange
	// SendFresh does the same on a connection of its own.
	SendFresh(ctx context.Context, caseID, aim string, r cases.Template) exchange.Exchange
}

// Options say how a server is judged.
type Options struct {
	Contract *contract.Contract
	Sender   Sender
	Endpoint string // the address of the server, with the path that operations are below
	// Credentials are values by the ids of security schemes; for http basic, user:password.
	Credentials map[string]string
	Fixtures    []Fixture
	// Added are in every request, beside what the document describes.
	Added []Added
	// Operations are patterns of the operations to judge, by id or by "METHOD path", as path.Match
	// has them; empty for all.
	Operations []string
	// Selects, if not nil, reports whether a case is to be decided. The plain requests of the others
	// are sent all the same, where something rests on them.
	Selects func(*Case) bool
	Risk    cases.Risk
	// MaxRequests is how many requests may be sent in all; 0 for no limit. Time is how long the run
	// may take; 0 for no limit.
	MaxRequests int
	Time        time.Duration
	// MaxPlaces is at how many places of bodies and parameters values are derived, over all operations that are to be judged; 0 for
	// no limit. Of more, the shallowest are taken.
	MaxPlaces   int
	Concurrency int // 0 for 8
	// Recovery is how long a run waits for a server that no longer answers plain requests; 0 for
	// 10 seconds.
	Recovery time.Duration
	Seed     int64
	// Derived is what Cases has given for the same options, so that it is not derived once more; nil to derive it.
	Derived []*Case
	// Judged, if not nil, is called with each result as it comes, by one goroutine at a time, and
	// Exchange with each exchange.
	Judged   func(judge.Result)
	Exchange func(exchange.Exchange)
	// Made, if not nil, is called with each thing that the run has made, or may have made, and again when more is known
	// of it, and when it is deleted. Its error says why it is not certain that the run has made it: then it is not deleted.
	Made func(resources.Made) error
}

// A Fixture is an id, or another value of a parameter, that the user gives.
type Fixture = resources.Fixture

// Added is a header, a query parameter or a cookie that each request has.
type Added struct {
	In    contract.In // InHeader, InQuery or InCookie
	Name  string
	Value string
}

// A Case tests one clause of one operation.
type Case struct {
	ID          string              // unique in the document, such as "GET /pets: query limit: maximum+1"
	Operation   *contract.Operation // that is tested
	Requirement string              // id
	Level       contract.Level
	Clause      string // JSON pointer into the document, to what is tested
	Line        int
	Risk        cases.Risk
	Lawful      []string // the outcomes that it may have, as reports show them
	Why         string   // in one sentence, why these
	// Needs says what is missing to send it, such as "--fixture petId"; "" if nothing is known to
	// be. What answers show may serve instead.
	Needs string

	kind   *kind
	change variation
	o      *Options
	source *values.Source
	index  *index
	target target
	media  *contract.MediaType // of the plain body; nil for none
	turn   turn
}

// Request returns the request as it would be sent. {petId} stands for an id that only answers can
// show, and names for credentials.
func (k *Case) Request() (cases.Template, error) {
	g := base{op: k.Operation, alternative: -1, values: map[*contract.Parameter]any{}, ofMembers: k.o.knownMembers(k.index, k.Operation, nil)}
	if usable := k.o.usable(k.Operation); len(usable) > 0 {
		g.alternative = usable[0]
	} else if len(k.Operation.Security) > 0 {
		g.alternative = 0
	}
	for _, p := range k.Operation.Parameters {
		if value, ok := k.o.stated(k.Operation, p); ok && p.In == contract.InPath {
			g.values[p] = value
		} else if value, err := k.o.plain(k.source, k.Operation, p); err == nil && p.In != contract.InPath && p.Required {
			g.values[p] = value
		}
	}
	if err := g.plainBody(k.media, k.source); err != nil {
		return cases.Template{}, err
	}
	return k.o.build(g, k.change, true)
}

// An Underived is an operation, or a part of one, for which there is no case, and why.
type Underived struct {
	Operation string
	Part      string // of its requests, such as "body /id: type-null"; "" for the whole
	contract.Unsupported
	Detail string // what is so of this part alone; "" for nothing
	Limit  string // the option that has left it out; "" if it cannot be derived
}

// A Report is what came of a server.
type Report struct {
	Results   []judge.Result
	Underived []Underived // nil if Options.Derived was given
	Unsent    []string    // the ids of the cases that --max-requests or --time has cut off
	Limit     string      // their reason
	// KeptBack has why the gate has kept the requests of cases back, by the ids of the cases.
	KeptBack map[string]string
	Left     []string // what the run has made and could not delete, and what it may have made, as curl lines
	Passed   bool     // whether a request has passed; else nothing shows that the server is the one of the document
	Notes    []string // what a reader should know beside the results
	Failure  string   // why the server could not be judged; "" if it could
}
