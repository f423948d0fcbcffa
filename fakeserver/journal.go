package fakeserver

import (
	"net/http"
	"slices"
	"sort"
	"sync"
	"time"
)

// keptBody is how many bytes of each body the journal keeps.
const keptBody = 64 << 10

// A recordingWriter passes an answer on and records it for the journal.
type recordingWriter struct {
	http.ResponseWriter
	keeps  bool // whether it records the body, too
	status int
	size   int
	body   []byte // its first keptBody bytes
}

// WriteHeader writes and records the status. The first one counts.
func (w *recordingWriter) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes and records the body.
func (w *recordingWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.size += n
	if w.keeps && len(w.body) < keptBody {
		w.body = append(w.body, b[:min(n, keptBody-len(w.body))]...)
	}
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recordingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A journal keeps the last exchanges, and counts all of them.
type journal struct {
	limit int // bytes

	mu       sync.Mutex
	records  []*record // oldest first
	bytes    int
	seen     uint64 // exchanges since the start
	counts   map[countKey]uint64
	faults   map[string]uint64
	watchers map[chan struct{}]struct{}
}

func newJournal(limit int) journal {
	return journal{limit: limit, counts: map[countKey]uint64{}, faults: map[string]uint64{}, watchers: map[chan struct{}]struct{}{}}
}

// A countKey is what exchanges are counted by.
type countKey struct {
	operation string
	status    int // 0 if no answer left
}

// A record is an exchange as the journal keeps it. To save time and memory under load, it
// is only judged and redacted when the journal is read.
type record struct {
	number               uint64
	at, end              time.Time
	method, scheme, host string
	target               string // the escaped path, and the query if there is one
	header, answered     http.Header
	body, answer         []byte
	size                 int  // of the answer's body
	cut                  bool // whether body is incomplete: it is longer, or could not be read
	operation, condition string
	extra                bool // whether the operation is that of an extra route
	jobKnown             bool // whether the job in the path exists
	held                 *credentials
	faults               []string
	status               int
	memory               int // bytes, estimated
}

// recordOverhead is an estimate of the bytes that a record takes apart from its texts.
const recordOverhead = 512

// add records an exchange that has ended.
func (j *journal) add(c *call, s *service, r *http.Request, w *recordingWriter, end time.Time) {
	n := &record{
		at: c.came, end: end, method: r.Method, scheme: schemeOf(r), host: r.Host, target: r.URL.RequestURI(),
		header: r.Header, body: c.body[:min(len(c.body), keptBody)], cut: len(c.body) > keptBody || c.unreadable != 0,
		operation: c.operation, extra: c.extra != nil, jobKnown: s.knowsJob(c), held: &s.credentials, condition: c.condition, faults: c.faults,
		status: w.status, answered: w.ResponseWriter.Header(), answer: w.body, size: w.size,
	}
	if c.route == nil {
		n.body = nil // it may have a password: a request for a token that was sent to a wrong path
	}
	if len(c.body) > keptBody {
		n.body = slices.Clone(n.body) // to free the rest
	}
	n.memory = recordOverhead + len(n.method) + len(n.target) + len(n.host) + cap(n.body) + cap(n.answer) + sizeOf(n.header) + sizeOf(n.answered)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seen++
	n.number = j.seen
	j.counts[countKey{n.operation, n.status}]++
	for _, name := range c.faults {
		j.faults[name]++
	}
	if j.limit > 0 {
		j.keep(n)
	}
	j.wakeLocked()
}

// knowsJob reports whether the path of a call names a job that exists, even if a fault kept the call from it.
func (s *service) knowsJob(c *call) bool {
	id, named := c.values["job_id"]
	if !named || c.job != nil {
		return named
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs.byID[id] != nil
}

func sizeOf(header http.Header) int {
	size := 0
	for name, values := range header {
		size += len(name) + 64
		for _, value := range values {
			size += len(value) + 16
		}
	}
	return size
}

// keep adds a record, and drops the oldest ones beyond the limit.
func (j *journal) keep(n *record) {
	j.records = append(j.records, n)
	j.bytes += n.memory
	for j.bytes > j.limit && len(j.records) > 0 {
		j.bytes -= j.records[0].memory
		j.records[0] = nil
		j.records = j.records[1:]
	}
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records, j.bytes = nil, 0
}

// after returns the records with a greater number that have been kept.
func (j *journal) after(number uint64) []*record {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := sort.Search(len(j.records), func(i int) bool { return j.records[i].number > number })
	return slices.Clone(j.records[i:])
}

// wake tells the watchers that something has changed.
func (j *journal) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wakeLocked()
}

func (j *journal) wakeLocked() {
	for w := range j.watchers {
		select {
		case w <- struct{}{}:
		default: // there is already a change to be received
		}
	}
}

// Watch returns a channel that receives a value after a request has been answered, a
// scenario has been loaded or the clock has been advanced. There may be one value for
// several changes. After stop, it receives no more; it is not closed.
func (s *Server) Watch() (changes <-chan struct{}, stop func()) {
	j := &s.journal
	w := make(chan struct{}, 1)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.watchers[w] = struct{}{}
	return w, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.watchers, w)
	}
}

// JournalSpan returns the numbers of the oldest exchange that the journal keeps and of
// the last one that has ended. It keeps all between the two; if it keeps none, first is
// last+1. JournalSpan is cheap, since it judges nothing, unlike [Server.Journal].
func (s *Server) JournalSpan() (first, last uint64) {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen - uint64(len(j.records)) + 1, j.seen
}
