// Package labelfilter selects cases by their labels, in Ginkgo's filter language. It is a
// separate package so that packages that do not filter do not depend on Ginkgo.
package labelfilter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/gesconform/gesconform/internal/cases"
)

// Select returns the cases whose labels match a filter; an empty filter matches all. A
// filter that matches none is an error.
func Select(all []*cases.Case, filter string) ([]*cases.Case, error) {
	if filter == "" {
		return all, nil
	}
	matches, err := Matcher(filter)
	if err != nil {
		return nil, err
	}
	selected := slices.DeleteFunc(slices.Clone(all), func(k *cases.Case) bool {
		return !matches(append(slices.Clone(k.Labels), k.ID))
	})
	if len(selected) == 0 {
		return nil, fmt.Errorf("label-filter %q: selects none of %d cases; `gesconform cases` lists their labels", filter, len(all))
	}
	return selected, nil
}

// Matcher returns what reports whether labels match a filter.
func Matcher(filter string) (func(labels []string) bool, error) {
	matches, err := types.ParseLabelFilter(filter)
	if err != nil {
		return nil, fmt.Errorf("label-filter %q: not in Ginkgo's language: %s", filter, shortReason(err))
	}
	return matches, nil
}

// shortReason returns the message of a Ginkgo error, which has several coloured lines.
func shortReason(err error) string {
	var g types.GinkgoError
	if !errors.As(err, &g) || g.Message == "" {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(g.Message), "\n")
	return lines[len(lines)-1] // those before it show the filter, with colours
}
