package resources

import (
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// Free returns the values of an operation's path, by the names of its parameters, if the user has given each and lets what
// they name be changed. Otherwise needs says what to give.
func (s *Store) Free(op *contract.Operation) (ids map[string]string, needs string) {
	var lacking []string
	ids = map[string]string{}
	for _, st := range s.routes[op] {
		for i, p := range st.parameters {
			f, given := s.fixtures[fixtureKey(st.key, i)]
			switch {
			case !given:
				lacking = append(lacking, "--fixture "+s.nameOf(op, p)+"=…!")
			case !f.Free || fault(p, f.Value) != "":
				lacking = append(lacking, "--fixture "+f.Name+"="+f.Value+"!")
			default:
				ids[p.Name] = f.Value
			}
		}
	}
	return ids, strings.Join(lacking, " ")
}
