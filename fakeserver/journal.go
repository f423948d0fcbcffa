package fakeserver

import (
	"cmp"
	"net/http"
	"slices"
	"sync"
	"time"
)

// keptBody is how much of each body the journal keeps.
const keptBody = 64 << 10

// A witness notes what is written to an answer.
type witness struct {
	http.ResponseWriter
	keeps  bool
	status int
	size   int
	body   []byte // its first keptBody bytes
}

// WriteHeader notes the status. The first one counts.
func (w *witness) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	if status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the body.
func (w *witness) Write(b []byte) (int, error) {
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
func (w *witness) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A journal remembers the last exchanges, and counts all.
type journal struct {
	limit int // bytes

	mu       sync.Mutex
	records  []*record // those from first on, oldest first
	first    int
	bytes    int
	seen     uint64 // exchanges since the start
	counts   map[counted]uint64
	faults   map[string]uint64
	watchers map[chan struct{}]struct{}
}

// counted is what exchanges are counted by.
type counted struct {
	operation string
	status    int // 0 if no answer left
}

// A record is an exchange as it is kept. It is judged, and made fit to be
// shown, only when it is read.
type record struct {
	number    uint64
	at, end   time.Time
	method    string
	target    string // the escaped path, and the query if there is one
	host      string
	secure    bool
	header    http.Header
	body      []byte
	cut       bool // the body has more, or could not be read
	operation string
	beside    bool // the contract
	condition string
	faults    []string
	status    int
	answered  http.Header
	answer    []byte
	size      int // of the answer's body
	held      int // bytes, about
}

// overhead is about what a record takes beside its texts.
const overhead = 512

// add notes an exchange that has ended.
func (j *journal) add(c *call, r *http.Request, w *witness, at, end time.Time) {
	n := &record{
		at: at, end: end, method: r.Method, target: r.URL.RequestURI(), host: r.Host, secure: r.TLS != nil,
		header: r.Header, body: c.body[:min(len(c.body), keptBody)], cut: len(c.body) > keptBody || c.unreadable != 0,
		operation: c.operation, beside: c.beside != nil, condition: c.condition, faults: c.faults,
		status: w.status, answered: w.ResponseWriter.Header(), answer: w.body, size: w.size,
	}
	if c.route == nil {
		n.body = nil // IAM's hold passwords, and may have gone to a wrong path
	}
	if len(c.body) > keptBody {
		n.body = slices.Clone(n.body) // the rest is not kept alive
	}
	n.held = overhead + len(n.method) + len(n.target) + len(n.host) + cap(n.body) + cap(n.answer) + sizeOf(n.header) + sizeOf(n.answered)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count(n)
	if j.limit > 0 {
		j.keep(n)
	}
	j.wakeLocked()
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

func (j *journal) count(n *record) {
	if j.counts == nil {
		j.counts, j.faults = map[counted]uint64{}, map[string]uint64{}
	}
	j.seen++
	n.number = j.seen
	j.counts[counted{n.operation, n.status}]++
	for _, name := range n.faults {
		j.faults[name]++
	}
}

// keep adds a record and forgets the oldest ones beyond the limit.
func (j *journal) keep(n *record) {
	j.records = append(j.records, n)
	j.bytes += n.held
	for j.bytes > j.limit && j.first < len(j.records) {
		j.bytes -= j.records[j.first].held
		j.records[j.first] = nil
		j.first++
	}
	if j.first > len(j.records)/2 { // so that each record is moved once, on the whole
		kept := copy(j.records, j.records[j.first:])
		clear(j.records[kept:])
		j.records, j.first = j.records[:kept], 0
	}
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records, j.first, j.bytes = nil, 0, 0
}

// after lists the records that are kept with a number above one.
func (j *journal) after(number uint64) []*record {
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := j.records[j.first:]
	i, found := slices.BinarySearchFunc(kept, number, func(r *record, n uint64) int { return cmp.Compare(r.number, n) })
	if found {
		i++
	}
	return slices.Clone(kept[i:])
}

// wake tells those who watch that something has changed.
func (j *journal) wake() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.wakeLocked()
}

func (j *journal) wakeLocked() {
	for w := range j.watchers {
		select {
		case w <- struct{}{}:
		default: // it has not looked yet
		}
	}
}

// Watch returns a channel that receives after a request has been answered, the
// scenario loaded or the clock advanced. Several changes may come as one. stop
// ends it.
func (s *Server) Watch() (changes <-chan struct{}, stop func()) {
	j := &s.journal
	w := make(chan struct{}, 1)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.watchers == nil {
		j.watchers = map[chan struct{}]struct{}{}
	}
	j.watchers[w] = struct{}{}
	return w, func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.watchers, w)
	}
}

// JournalSpan returns the number of the oldest exchange that is remembered, and
// of the newest that has ended. Those between are all remembered; where none
// is, first is last+1. It costs nothing, where [Server.Journal] judges all that
// it lists.
func (s *Server) JournalSpan() (first, last uint64) {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := uint64(len(j.records) - j.first)
	return j.seen - kept + 1, j.seen
}
