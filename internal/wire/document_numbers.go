package wire

import (
	"crypto/sha256"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

// A long number in a text of a creation that no request and no answer has had before is the creation's own: what shows
// it was made by that. The texts that a run makes up have such numbers.

// longNumber is how many digits a number must have that nobody else is likely to have.
const longNumber = 8

// numbersIn returns the long numbers in a text.
func numbersIn(text string) (all []string) {
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(run) >= longNumber {
			all = append(all, run)
		}
	}
	return all
}

// hasNumber reports whether one of some numbers stands in a text of a value, or in a body that is no JSON.
func hasNumber(v *contract.Value, raw string, numbers []string) bool {
	if len(numbers) == 0 {
		return false
	}
	if v == nil {
		return slices.ContainsFunc(numbersIn(raw), func(n string) bool { return slices.Contains(numbers, n) })
	}
	found, left := false, mostRead
	eachText(v, &left, func(text string) { found = found || hasNumber(nil, text, numbers) })
	return found
}

// eachText calls a function with the texts in a value.
func eachText(v *contract.Value, left *int, do func(text string)) {
	if *left--; *left < 0 || v == nil {
		return
	}
	if v.Kind == contract.KindString {
		do(v.Text)
	}
	for _, item := range v.Items {
		eachText(item, left, do)
	}
	for _, m := range v.Members {
		eachText(m.Value, left, do)
	}
}

// sameRequest is the same for requests that say the same.
func sameRequest(r *cases.Template) string {
	sum := sha256.Sum256([]byte(r.Method + " " + r.Path + "\n" + string(r.Body)))
	return string(sum[:])
}

// valueIn returns the value in the body of a request; nil if it is no JSON.
func valueIn(r *cases.Template) *contract.Value {
	body, _ := r.Plain()
	v, problems := contract.ReadJSON([]byte(body))
	if len(problems) > 0 {
		return nil
	}
	return v
}

// spend returns the numbers in the texts of a request that nothing but the same request had before. From then on they
// are its own.
func (g *DocumentGate) spend(r *cases.Template) (own []string) {
	request := sameRequest(r)
	take := func(text string) {
		for _, n := range numbersIn(text) {
			by, had := g.numbers[n]
			if !had && len(g.numbers) < mostShown {
				g.numbers[n], by, had = request, request, true
			}
			if had && by == request && !slices.Contains(own, n) {
				own = append(own, n)
			}
		}
	}
	v := valueIn(r)
	if v == nil {
		body, _ := r.Plain()
		take(body)
		return own
	}
	left := mostRead
	eachText(v, &left, take)
	return own
}
