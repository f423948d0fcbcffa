package resources

import (
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// IDNames returns for each parameter of an operation's path the names, without case, of members that hold the id of what it
// names in what is something else: customerId for /customers/{id}. Names that anything may have are not among them.
func IDNames(op *contract.Operation) map[*contract.Parameter][]string {
	all := map[*contract.Parameter][]string{}
	for _, st := range routeOf(op) {
		for _, p := range st.parameters {
			if name := folded(p.Name); !slices.Contains(generic, name) {
				all[p] = append(all[p], name)
			}
		}
		if len(st.parameters) == 1 {
			above := st.key[:strings.LastIndex(st.key, "/")]
			all[st.parameters[0]] = append(all[st.parameters[0]], nounNames(above)...)
		}
	}
	return all
}

// OwnNames returns the names, without case, of members by which one of a collection names itself.
func OwnNames(collection string) []string {
	return append(nounNames(strings.TrimSuffix(collection, "/")), generic...)
}

// nounNames returns the names of members with the id of one of a collection.
func nounNames(collection string) []string {
	noun := folded(collection[strings.LastIndex(collection, "/")+1:])
	if noun == "" {
		return nil
	}
	return []string{singular(noun) + "id", noun + "id"}
}

// Folded returns a name without its case convention: petId, pet_id and Pet-ID are petid.
func Folded(name string) string { return folded(name) }
