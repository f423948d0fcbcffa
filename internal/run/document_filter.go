package run

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/labelfilter"
)

// SelectDerived returns the cases whose labels match a label filter; an empty one selects all. A filter that
// selects none is an error.
func SelectDerived(all []*implied.Case, filter string) ([]*implied.Case, error) {
	if filter == "" {
		return all, nil
	}
	matches, err := labelfilter.Matcher(filter)
	if err != nil {
		return nil, err
	}
	selected := slices.DeleteFunc(slices.Clone(all), func(k *implied.Case) bool { return !matches(labelsOf(k)) })
	if len(selected) == 0 {
		return nil, fmt.Errorf("label-filter %q: selects none of %d cases; a case has as labels its operation, method, requirement, level, risk and place, such as query", filter, len(all))
	}
	return selected, nil
}

// selects returns what reports whether a case is selected; nil if all are.
func (d *derivation) selects() func(*implied.Case) bool {
	if len(d.selected) == len(d.all) {
		return nil
	}
	ids := map[string]bool{}
	for _, k := range d.selected {
		ids[k.ID] = true
	}
	return func(k *implied.Case) bool { return ids[k.ID] }
}

// labelsOf returns what a label filter may name: the operation, its method, the requirement, the level,
// the risk and the place of the request, such as query, body or credentials.
func labelsOf(k *implied.Case) []string {
	labels := []string{k.Operation.ID, k.Operation.Method, k.Requirement, string(k.Level), k.Risk.String(), k.ID}
	_, rest, _ := strings.Cut(k.ID, ": ")
	for _, place := range []string{"path", "query", "header", "cookie", "body"} {
		if strings.HasPrefix(rest, place+" ") || strings.HasPrefix(rest, place+":") {
			labels = append(labels, place)
		}
	}
	if strings.Contains(rest, "credentials") {
		labels = append(labels, "credentials")
	}
	return labels
}
