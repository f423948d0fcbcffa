package implied

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a document cannot say is that a value must be unique. A creation with one that was there before is refused,
// often with 400, and that says nothing about the value's form.

const (
	aimRepeat = "repeat"  // the plain creation once more, to see whether it passes more than once
	aimInForm = "in form" // the same, with texts that are others of their form
)

// isTaken reports whether an answer may say that something in a creation was there before.
func isTaken(op *contract.Operation, x *exchange.Exchange) bool {
	return outcomeOf(op, x) == invalid || x.Status() == http.StatusConflict
}

// repeats reports whether the plain creation passes more than once, if need be with other texts of the form that
// their schemas ask for. It asks the first time that a creation after the plain one is refused; renewed is whether
// other texts are needed since.
func (r *run) repeats(ctx context.Context, k *Case, g *ground) (passes, renewed bool) {
	control, passes := r.checked(ctx, k, g, aimRepeat)
	if passes || !isTaken(g.op, &control) {
		g.repeats = passes
		return true, false // what else is wrong, the control of an accusation finds
	}
	g.inForm, g.control.inForm = true, true
	if control, g.repeats = r.checked(ctx, k, g, aimInForm); g.repeats {
		return true, true
	}
	g.passed, g.verdict = false, judge.Masked
	g.reason = "the plain request passes only once, as if something in it had to be unique: " + r.judge.Outcome(&control)
	return false, false
}

// send sends the request of a case, once more if something in it that the case is not about had to be unique.
func (r *run) send(ctx context.Context, k *Case, g *ground, aim string) (t cases.Template, x exchange.Exchange, ok bool) {
	t, x, ok = r.sendOnce(ctx, k, g, aim)
	if ok && g.passed && g.fresh != 0 && g.control.op == g.op && !g.repeats && k.kind != plainKind && isTaken(g.op, &x) {
		passes, renewed := r.repeats(ctx, k, g)
		switch {
		case !passes:
			r.undecided(k, g.verdict, g.reason)
			return t, x, false
		case renewed:
			t, x, ok = r.sendOnce(ctx, k, g, aim)
		}
	}
	if ok {
		r.overlook(k, &x)
	}
	if ok && g.fresh != 0 && outcomeOf(g.op, &x) == passed {
		g.take(k.change.body)
	}
	return t, x, ok
}

// take keeps the values with which something was made.
func (g *ground) take(change *content) {
	if g.taken == nil {
		g.taken = map[string]bool{}
	}
	object, _ := g.sent.(map[string]any)
	for name, member := range object {
		g.takeAt("/"+name, contract.ValueOf(member))
	}
	if change != nil {
		g.takeAt(change.pointer, contract.ValueOf(g.sent).At(change.pointer))
	}
}

func (g *ground) takeAt(pointer string, v *contract.Value) {
	if key, unique := takenAs(pointer, v); unique {
		g.taken[key] = true
	}
}

// isTaken returns the place of the value that a case is about, if something was made with it before.
func (g *ground) isTaken(k *Case) (pointer string, taken bool) {
	if k.change.body == nil || k.change.body.pointer == "" {
		return "", false
	}
	c := k.change.body.ready()
	key, unique := takenAs(c.pointer, contract.ValueOf(c.value).At(c.pointer))
	return c.pointer, unique && g.taken[key]
}

// takenAs returns the key of a text or number at a place; unique is whether it is one, for others are never unique.
func takenAs(pointer string, v *contract.Value) (key string, unique bool) {
	if v == nil || v.Kind != contract.KindString && v.Kind != contract.KindNumber {
		return "", false
	}
	return pointer + " " + v.Text, true
}

// otherText returns a text that a schema allows, and that a number makes unique, or the same if none is found. inForm
// is whether the text may be another of a form that the schema asks for: it may be a code that means something.
func otherText(s *contract.Schema, text string, n int, inForm bool) string {
	number := strconv.Itoa(n)
	var all []string
	switch {
	case s.Format == "email":
		all = []string{"n" + number + "." + text}
	case isFree(s):
		all = []string{text + "-" + number}
	case inForm && (s.Format == "uri" || s.Format == "url"):
		all = []string{strings.TrimSuffix(text, "/") + "/" + number}
	}
	if inForm && !strings.HasPrefix(s.Format, "date") && s.Format != "time" && len(s.Enum)+len(s.Const) == 0 {
		all = append(all, text+number, counted(text, n))
	}
	for _, other := range all {
		if len(s.Check(contract.ValueOf(other), contract.Client)) == 0 {
			return other
		}
	}
	return text
}

// counted returns a text of the same form that is so many further than another, as a counter counts: digits go on to
// digits, letters to letters. So different numbers have different texts, and none has the text itself, as long as there
// are enough of that form.
func counted(text string, n int) string {
	all := []rune(text)
	for i := len(all) - 1; i >= 0 && n > 0; i-- {
		for _, of := range []struct{ first, last rune }{{'0', '9'}, {'a', 'z'}, {'A', 'Z'}} {
			if c := all[i]; c >= of.first && c <= of.last {
				size := int(of.last - of.first + 1)
				n += int(c - of.first)
				all[i], n = of.first+rune(n%size), n/size
				break
			}
		}
	}
	return string(all)
}
