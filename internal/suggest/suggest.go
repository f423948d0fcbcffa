// Package suggest finds the known name closest to a misspelled one.
package suggest

import "fmt"

// DidYouMean returns the end of an error about an unknown name: `, did you mean "token"?`
// if a candidate is close, otherwise "; " and the text of otherwise, if it is not empty.
func DidYouMean(name string, candidates []string, otherwise string) string {
	if near := Nearest(name, candidates); near != "" {
		return fmt.Sprintf(", did you mean %q?", near)
	}
	if otherwise == "" {
		return ""
	}
	return "; " + otherwise
}

// Nearest returns the candidate with the smallest edit distance from name, or "" if that is
// more than half of the longer one's length.
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

// distance returns the Levenshtein distance of a and b, in bytes.
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
