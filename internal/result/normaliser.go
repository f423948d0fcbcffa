package result

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/ges"
)

// A Normaliser takes out of a message what differs between graphs and days.
type Normaliser struct {
	names *strings.Replacer
	known map[string]string // messages; most come several times
}

// NewNormaliser takes the names of all runs out of the messages of each: one may
// be a word that all messages have.
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
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) }) // one may begin with another
	var pairs []string
	for _, name := range names {
		if name != "" {
			pairs = append(pairs, name, "#")
		}
	}
	return Normaliser{strings.NewReplacer(pairs...), map[string]string{}}
}

// numbered is a word with a digit in it: an id, a number, a version, a date.
var numbered = regexp.MustCompile(`[\pL\pN_./:+-]*\pN[\pL\pN_./:+-]*`)

// message is an error_msg with # for each name and whatever has a number in it.
func (n Normaliser) message(s string) string {
	plain, ok := n.known[s]
	if !ok {
		plain = strings.Join(strings.Fields(numbered.ReplaceAllString(n.names.Replace(s), "#")), " ")
		n.known[s] = plain
	}
	return plain
}

// Outcome is what two answers are compared by.
func (n Normaliser) Outcome(o *Outcome) string {
	if o == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %s %s", o.Status, o.Code, o.Failure, n.message(o.Message))
}
