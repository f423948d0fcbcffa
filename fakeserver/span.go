package fakeserver

// JournalSpan returns the number of the oldest exchange that is remembered, and
// of the newest that has ended. Those between are all remembered; where none
// is, first is last+1. It costs nothing, where [Server.Journal] judges all that
// it lists.
func (s *Server) JournalSpan() (first, last uint64) {
	j := &s.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	kept := uint64(len(j.records) - j.first) //nolint:gosec // a count
	return j.seen - kept + 1, j.seen
}
