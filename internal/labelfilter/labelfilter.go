// Package labelfilter picks cases by their labels, in Ginkgo's language. It is a room of
// its own so that whoever does not filter does not depend on Ginkgo.
package labelfilter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/gesconform/gesconform/internal/cases"
)

// Select returns the cases whose labels a filter in Ginkgo's language names; an
// empty filter names all. A filter that names none is an error.
func Select(all []*cases.Case, filter string) ([]*cases.Case, error) {
	if filter == "" {
		return all, nil
	}
	matches, err := types.ParseLabelFilter(filter)
	if err != nil {
		return nil, fmt.Errorf("label-filter %q: not in Ginkgo's language: %s", filter, shortReason(err))
	}
	selected := slices.DeleteFunc(slices.Clone(all), func(k *cases.Case) bool {
		return !matches(append(slices.Clone(k.Labels), k.ID))
	})
	if len(selected) == 0 {
		return nil, fmt.Errorf("label-filter %q: selects none of %d cases; `gesconform cases` lists their labels", filter, len(all))
	}
	return selected, nil
}

// shortReason is the sentence of one of Ginkgo's errors, which are several
// coloured lines.
func shortReason(err error) string {
	var g types.GinkgoError
	if !errors.As(err, &g) || g.Message == "" {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(g.Message), "\n")
	return lines[len(lines)-1] // those before it show the filter, with colours
}
