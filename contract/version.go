package contract

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Version is the version of a graph: numbers separated by full stops, such as 1.1.8.
// The pages do not say which form it has; see D10 in docs/decisions.md.
type Version []uint64

// ParseVersion reads a version of one to eight numbers, each below 2^32, separated by
// full stops.
func ParseVersion(s string) (Version, error) {
	count := strings.Count(s, ".") + 1
	if count > 8 {
		return nil, errors.New("parse version: expected at most 8 parts")
	}
	v := make(Version, 0, count)
	for part := range strings.SplitSeq(s, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("parse version: expected numbers separated by full stops, got %q", cut(s))
		}
		v = append(v, n)
	}
	return v, nil
}

// Compare orders versions part by part as numbers: 1.1.10 is later than 1.1.9.
// A part that one of them lacks counts as 0. The result is -1, 0 or 1.
func (v Version) Compare(w Version) int {
	for i := range max(len(v), len(w)) {
		if c := cmp.Compare(v.part(i), w.part(i)); c != 0 {
			return c
		}
	}
	return 0
}

func (v Version) part(i int) uint64 {
	if i < len(v) {
		return v[i]
	}
	return 0
}

// String returns the version with its full stops.
func (v Version) String() string {
	parts := make([]string, len(v))
	for i, n := range v {
		parts[i] = strconv.FormatUint(n, 10)
	}
	return strings.Join(parts, ".")
}

// Later reports whether target is a later version than current. It is false if either
// is not a version.
func Later(target, current string) bool {
	t, err := ParseVersion(target)
	if err != nil {
		return false
	}
	c, err := ParseVersion(current)
	return err == nil && t.Compare(c) > 0
}
