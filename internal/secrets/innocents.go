package secrets

import "sync"

// innocents are short texts that have been looked at and have nothing of a credential: those of
// headers are the same in each exchange. It may be used by several goroutines.
type innocents struct {
	mu    sync.Mutex
	known map[string]struct{}
}

const longestInnocent, mostInnocents = 128, 1024

func (i *innocents) has(text string) bool {
	if len(text) > longestInnocent {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	_, known := i.known[text]
	return known
}

func (i *innocents) add(text string) {
	if len(text) > longestInnocent {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.known == nil || len(i.known) >= mostInnocents {
		i.known = map[string]struct{}{}
	}
	i.known[string([]byte(text))] = struct{}{} // not a part of a long text, which would be kept
}
