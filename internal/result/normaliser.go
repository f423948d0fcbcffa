package result

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/ges"
)

// A Normaliser removes from messages what depends on the graph or the time, so that the
// answers of two runs can be compared.
type Normaliser struct {
	names *strings.Replacer
	known map[string]string // normalised messages, since most occur several times
}

// NewNormaliser returns a Normaliser that removes the graph and project ids and the graph
// names of all runs from the messages of each: the name of one run's graph may be a word
// that occurs in the messages of all.
func NewNormaliser(runs ...*Run) Normaliser {
	var names []string
	for _, run := range runs {
		names = append(names, run.Target.GraphID, run.Target.ProjectID)
		if run.Graph != nil {
			for _, s := range []*ges.Snapshot{run.Graph.Before, run.Graph.After} {
				if s != nil {
					names = append(names, s.Name)
				}
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // longest first, since one may be a prefix of another
	var pairs []string
	for _, name := range names {
		if name != "" {
			pairs = append(pairs, name, "#")
		}
	}
	return Normaliser{strings.NewReplacer(pairs...), map[string]string{}}
}

// numbered matches a word with a digit in it: an id, a number, a version, a date.
var numbered = regexp.MustCompile(`[\pL\pN_./:+-]*\pN[\pL\pN_./:+-]*`)

// message returns an error_msg with # in place of names and of words with a digit.
func (n Normaliser) message(s string) string {
	plain, ok := n.known[s]
	if !ok {
		plain = strings.Join(strings.Fields(numbered.ReplaceAllString(n.names.Replace(s), "#")), " ")
		n.known[s] = plain
	}
	return plain
}

// Outcome returns a text that is equal for two answers if they only differ in such things.
func (n Normaliser) Outcome(o *Outcome) string {
	if o == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %s %s", o.Status, o.Code, o.Failure, n.message(o.Message))
}
