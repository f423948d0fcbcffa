package secrets

import "sync"

// An automaton finds, for each place in a text, the longest part of a word that ends there, in
// time that grows with the text alone: the suffix automaton of the word (Blumer et al., 1985).
type automaton struct {
	once   sync.Once
	states []state
	next   map[edge]int32
}

type state struct {
	length int32 // of its longest part
	link   int32 // the state of the longest part that is at the end of it and elsewhere, too
	end    int32 // where it first ends
}

type edge struct {
	state int32
	c     byte
}

// build builds the automaton of a word once.
func (a *automaton) build(word []byte) {
	a.once.Do(func() {
		a.states = append(make([]state, 0, 2*len(word)), state{link: -1})
		a.next = make(map[edge]int32, 2*len(word))
		edges := [][]byte{nil} // of each state
		last := int32(0)
		for i, c := range word {
			current := int32(len(a.states))
			a.states = append(a.states, state{length: a.states[last].length + 1, end: int32(i + 1)})
			edges = append(edges, nil)
			p := last
			for ; p >= 0; p = a.states[p].link {
				if _, ok := a.next[edge{p, c}]; ok {
					break
				}
				a.next[edge{p, c}] = current
				edges[p] = append(edges[p], c)
			}
			last = current
			if p < 0 {
				continue
			}
			q := a.next[edge{p, c}]
			if a.states[q].length == a.states[p].length+1 {
				a.states[current].link = q
				continue
			}
			clone := int32(len(a.states))
			a.states = append(a.states, state{length: a.states[p].length + 1, link: a.states[q].link, end: a.states[q].end})
			edges = append(edges, append([]byte(nil), edges[q]...))
			for _, c := range edges[q] {
				a.next[edge{clone, c}] = a.next[edge{q, c}]
			}
			for ; p >= 0 && a.next[edge{p, c}] == q; p = a.states[p].link {
				a.next[edge{p, c}] = clone
			}
			a.states[q].link, a.states[current].link = clone, clone
		}
	})
}

// parts calls found for each part of the word in a text that cannot be made longer and has at
// least the shortest length: where it ends in the text and in the word, and its length.
func (a *automaton) parts(text []byte, found func(end, wordEnd, length int)) {
	at, length := int32(0), int32(0)
	report := func(i int) {
		if length >= shortest {
			found(i, int(a.states[at].end), int(length))
		}
	}
	for i, c := range text {
		to, ok := a.next[edge{at, c}]
		if ok {
			at, length = to, length+1
			continue
		}
		report(i)
		for !ok && at != 0 {
			at = a.states[at].link
			length = a.states[at].length
			to, ok = a.next[edge{at, c}]
		}
		if ok {
			at, length = to, length+1
		}
	}
	report(len(text))
}
