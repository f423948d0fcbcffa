package resources

import "github.com/gesconform/gesconform/contract"

// IsAbsent reports whether a read has last shown that what a request's path names is not there.
func (s *Store) IsAbsent(op *contract.Operation, r *contract.Request) bool {
	ids, ok := s.idsOf(op, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	return ok && s.absent[found{s.routes[op].last(), ids}.text()]
}
