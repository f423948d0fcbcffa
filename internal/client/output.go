package client

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/gesconform/gesconform/internal/limits"
	"github.com/gesconform/gesconform/internal/secrets"
)

// An Output keeps what a client prints: of a long text the beginning and the end. It looks for
// credentials in all of it. It may be used by several goroutines.
type Output struct {
	mu          sync.Mutex
	credentials []secrets.Credential
	stream      *secrets.Stream
	context     int    // how much more is kept at a cut, to see what has been cut through
	first       []byte // of what has been printed, and some more
	last        []byte // the same of the end
	printed     int64
}

// keptPrinted is how much is kept of what is printed to an Output: of no more, everything.
const keptPrinted = limits.PrintedFirst + limits.PrintedLast

// NewOutput returns an output in which credentials are looked for.
func NewOutput(credentials ...secrets.Credential) *Output {
	o := &Output{stream: secrets.NewStream()}
	o.Learn(credentials...)
	return o
}

// Learn adds credentials that were not known before, such as a signature of the client. They are
// looked for in what follows, and in what is kept.
func (o *Output) Learn(credentials ...secrets.Credential) {
	o.mu.Lock()
	defer o.mu.Unlock()
	credentials = slices.DeleteFunc(slices.Clone(credentials), func(c secrets.Credential) bool {
		return slices.ContainsFunc(o.credentials, func(known secrets.Credential) bool { return known.Secret == c.Secret })
	})
	if len(credentials) == 0 {
		return
	}
	o.credentials = append(o.credentials, credentials...)
	o.stream.Learn(credentials...)
	o.context = max(o.context, min(secrets.Overlap(o.credentials...), limits.PrintedLast))
}

// Write takes what the client prints next. It does not fail.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.stream.Write(p) // it does not fail
	o.printed += int64(len(p))
	more := min(len(p), max(0, keptPrinted+o.context-len(o.first)))
	o.first = append(o.first, p[:more]...)
	most := limits.PrintedLast + o.context
	o.last = append(o.last, p[max(0, len(p)-most):]...)
	if len(o.last) > 4*most {
		o.last = o.last[:copy(o.last, o.last[len(o.last)-most:])]
	}
	return len(p), nil
}

// Printed returns how many bytes the client has printed.
func (o *Output) Printed() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.printed
}

// Leaked returns the names of the credentials that the client has printed, sorted.
func (o *Output) Leaked() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, _ := o.find()
	all := slices.Concat(o.stream.Names(), found.Names())
	slices.Sort(all)
	return slices.Compact(all)
}

// Text returns what is kept, in UTF-8 and without credentials. It may have characters that a
// terminal interprets.
func (o *Output) Text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	found, cut := o.find()
	if !cut {
		return strings.ToValidUTF8(found.Clean()[0], "\ufffd")
	}
	begin := found.CleanPart(0, 0, limits.PrintedFirst)
	end := found.CleanPart(1, max(0, len(o.last)-limits.PrintedLast), len(o.last))
	return strings.ToValidUTF8(fmt.Sprintf("%s\n… %d bytes are left out …\n%s", begin, o.printed-keptPrinted, end), "\ufffd")
}

// find looks for credentials in what is kept, and some more at a cut.
func (o *Output) find() (found *secrets.Finding, cut bool) {
	set := secrets.New(o.credentials...)
	if o.printed <= keptPrinted {
		return set.Find(string(o.first)), false
	}
	return set.Find(string(o.first[:min(len(o.first), limits.PrintedFirst+o.context)]), string(o.last)), true
}
