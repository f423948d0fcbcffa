package client

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/suggest"
)

// Select returns the scenarios that a filter picks: names, groups and patterns such as job/*,
// separated by commas. With "" it picks all, those apart that only belong to strict runs unless
// strict is set. What is named is picked in any case.
func Select(all []*Scenario, filter string, strict bool) ([]*Scenario, error) {
	picked := map[*Scenario]bool{}
	for part := range strings.SplitSeq(filter, ",") {
		part = strings.TrimSpace(part)
		matched := false
		for _, s := range all {
			named := s.Name == part
			if part == "" && filter == "" || named || s.Group() == strings.TrimSuffix(part, "/") || matches(part, s.Name) {
				matched = true
				picked[s] = picked[s] || named || strict || !s.Strict
			}
		}
		if !matched {
			return nil, fmt.Errorf("unknown scenario or group %.100q%s", part, suggest.DidYouMean(part, names(all), "`gesconform client --list` lists them"))
		}
	}
	some := slices.DeleteFunc(slices.Clone(all), func(s *Scenario) bool { return !picked[s] })
	if len(some) == 0 {
		return nil, fmt.Errorf("%.100q only picks scenarios of strict runs, which take as long as --scenario-timeout; set --strict, or name them in full", filter)
	}
	return some, nil
}

func matches(pattern, name string) bool {
	found, err := path.Match(pattern, name)
	return err == nil && found
}

// Named returns the scenario with a name.
func Named(all []*Scenario, name string) (*Scenario, error) {
	for _, s := range all {
		if s.Name == name {
			return s, nil
		}
	}
	if group := strings.TrimSuffix(name, "/"); slices.ContainsFunc(all, func(s *Scenario) bool { return s.Group() == group }) {
		return nil, fmt.Errorf("expected one scenario, got the group %.100q; `gesconform client --list --scenario %.100[1]s` lists those in it", group)
	}
	return nil, fmt.Errorf("unknown scenario %.100q%s", name, suggest.DidYouMean(name, names(all), "`gesconform client --list` lists them"))
}

// names returns the names of scenarios and of their groups.
func names(all []*Scenario) []string {
	var some []string
	for _, s := range all {
		if !slices.Contains(some, s.Group()) {
			some = append(some, s.Group())
		}
		some = append(some, s.Name)
	}
	return some
}
