// Package suggest finds what a misspelt name was meant to be.
package suggest

import "fmt"

// DidYouMean returns what an error about an unknown name goes on with:
// `, did you mean "token"?` where a candidate is near, and "; " before otherwise
// where none is, or nothing if that is empty.
func DidYouMean(name string, candidates []string, otherwise string) string {
	if near := Nearest(name, candidates); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	if otherwise == "" {
		return ""
	}
	return "; " + otherwise
}

// Nearest returns the candidate that the fewest edits make of name; "" where more
// than half of the longer of the two would have to be edited.
func Nearest(name string, candidates []string) string {
	best, least := "", -1
	for _, candidate := range candidates {
		d := distance(name, candidate)
		if 2*d <= max(len(name), len(candidate)) && (least < 0 || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// distance is Levenshtein's: how many bytes must be put in, left out or replaced
// to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
