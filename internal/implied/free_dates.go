package implied

import (
	"cmp"
	"context"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
)

// No keyword of OpenAPI bounds a date: a document cannot say that a booking begins in the future, or before it ends. So a
// server that refuses a date is only blamed if it takes the day before it, written in the usual way.

const datesUnsaid = "the server may want another date, which no keyword of the document could say"

// usualDates are the usual ways to write the formats that name a time.
var usualDates = map[string]string{"date": time.DateOnly, "date-time": time.RFC3339}

// dayBefore returns the day before a date or time, as it is usually written.
func dayBefore(s *contract.Schema, value any) (text string, ok bool) {
	given, isText := value.(string)
	if s == nil || !isText {
		return "", false
	}
	layout := usualDates[s.Format]
	if layout == "" {
		return "", false
	}
	at, err := time.Parse(layout, given)
	if err != nil {
		return "", false
	}
	return at.UTC().AddDate(0, 0, -1).Truncate(time.Second).Format(layout), true
}

// unsuitedDate reports whether the server refuses the date that a case is about, and that of the day before, too.
func (r *run) unsuitedDate(ctx context.Context, k *Case, g *ground, x *exchange.Exchange) bool {
	if k.kind != acceptedKind || outcomeOf(k.Operation, x) != invalid {
		return false
	}
	v, ok := k.withDayBefore(g)
	if !ok {
		return false
	}
	t, err := r.o.build(r.renewed(ctx, k, g.base), v, false)
	if err != nil {
		return false
	}
	y := r.deliver(ctx, k.ID, aimGiven, k.Operation, t)
	return outcomeOf(k.Operation, &y) == invalid
}

// withDayBefore returns what a case varies with the date of the day before.
func (k *Case) withDayBefore(g *ground) (v variation, ok bool) {
	if len(k.change.set) == 1 {
		s := k.change.set[0]
		text, ok := dayBefore(s.parameter.Schema, s.value)
		return variation{set: []setting{{s.parameter, text}}}, ok
	}
	if k.change.body == nil || g.body == nil {
		return v, false
	}
	c := k.change.body.ready()
	c.media = cmp.Or(c.media, g.body.media)
	found := false
	of := schemaAt(c.media.Schema, c.pointer)
	c.value = changedAt(c.value, jsonpointer.Tokens(c.pointer), func(value any) (any, bool) {
		text, ok := dayBefore(of, value)
		if found = ok; ok {
			return text, true
		}
		return value, true
	})
	return variation{body: &c}, found
}
