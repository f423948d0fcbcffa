package implied

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/jsonpointer"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a document leaves free, a server may still want to be of a kind: a cursor, the id of something, the name of a
// time zone. A made-up text says nothing about that, unless another made-up one was taken before.

// aimGiven is the request with the plain text of a parameter that the document leaves free.
const aimGiven = "given"

const (
	unsaid  = "the server may want a text of a kind that the document does not say"
	mayBeID = " may have to be the id of something that there is"
)

// unbounded are the names of numbers that stand for all where a document states no bound, with the keywords that they are
// about. That of a format says what fits into a number and not what is wanted.
var unbounded = map[string]string{"zero": "/type", "negative": "/type", "format-least": "/format", "format-most": "/format"}

// characters are the names of texts of unusual characters.
var characters = map[string]bool{"astral": true, "punctuation": true}

// refineAccepted does not accuse a server that refuses a made-up text, or the id of what there may not be.
func refineAccepted(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	if outcomeOf(k.Operation, x) != invalid {
		return "", ""
	}
	if of := unbounded[k.change.special]; of != "" && strings.HasSuffix(k.Clause, of) {
		return judge.Advisory, "the document states no bound; if there is one, it should say so"
	}
	if characters[k.change.special] && k.change.in == contract.InQuery && len(k.free()) > 0 {
		return judge.Advisory, "the document states no pattern; if the text is one of a language, as that of a filter, it should say so"
	}
	for _, v := range k.changes() {
		if why := v.beyondFormat(); why != "" {
			return judge.Masked, why
		}
	}
	for _, p := range k.free() {
		if k.isGiven(p) {
			return judge.Masked, unsaid + ": needs --fixture " + p.Name
		}
	}
	if c := k.change.body; c != nil {
		if name := k.reference(c); name != "" {
			return judge.Masked, name + mayBeID
		}
	}
	return "", ""
}

// free returns the parameters of a case for which the document takes any text, and the user gives none.
func (k *Case) free() (all []*contract.Parameter) {
	for _, s := range k.change.set {
		if _, stated := k.o.stated(k.Operation, s.parameter); !stated && takesAnyText(s.parameter.Schema) {
			all = append(all, s.parameter)
		}
	}
	return all
}

func (k *Case) isGiven(p *contract.Parameter) bool {
	return k.change.special == "given" && len(k.change.set) == 1 && k.change.set[0].parameter == p
}

// takesAnyText reports whether a schema takes any text of a length, alone or as an item.
func takesAnyText(s *contract.Schema) bool {
	if s == nil {
		return true
	}
	if s.Type == contract.KindArray {
		return s.Items == nil || takesAnyText(s.Items)
	}
	return s.Type == contract.KindString && len(s.Enum) == 0 && len(s.Const) == 0 && s.Format == "" && s.Pattern == nil
}

// unsuited reports whether the server refuses a plain text, too, for a parameter that the document leaves free.
func (r *run) unsuited(ctx context.Context, k *Case, g *ground, x *exchange.Exchange) (p *contract.Parameter, refuses bool) {
	if k.kind != acceptedKind || outcomeOf(k.Operation, x) != invalid {
		return nil, false
	}
	for _, p := range k.free() {
		if k.isGiven(p) {
			continue
		}
		if known, ok := g.unsuited[p]; ok {
			if known {
				return p, true
			}
			continue
		}
		value, err := r.o.plain(r.source, k.Operation, p)
		if err != nil {
			continue
		}
		t, err := r.o.build(g.base, variation{set: []setting{{p, value}}}, false)
		if err != nil {
			continue
		}
		y := r.deliver(ctx, k.ID, aimGiven, k.Operation, t)
		if g.unsuited == nil {
			g.unsuited = map[*contract.Parameter]bool{}
		}
		if g.unsuited[p] = outcomeOf(k.Operation, &y) == invalid; g.unsuited[p] {
			return p, true
		}
	}
	return nil, false
}

// references are the names of members that hold the id of something else.
var references = regexp.MustCompile(`(?:^id|[a-z0-9]I[dD]|_id|-id|^uuid|Uuid|UUID|_uuid)s?$`)

// reference returns the name of a member that holds the id of something else, and whose value the case varies: what it
// is about, what is around that, or a member below it that the plain body does not have; "" if there is none.
func (k *Case) reference(c *content) string {
	if k.media == nil || k.media.Schema == nil {
		return ""
	}
	plain, err := k.source.Plain(k.media.Schema, hintsOf(k.media)...)
	if err != nil {
		return ""
	}
	for _, name := range jsonpointer.Tokens(c.pointer) {
		if references.MatchString(name) {
			return name
		}
	}
	usual, below := namesIn(contract.ValueOf(plain)), namesIn(contract.ValueOf(c.ready().value).At(c.pointer))
	slices.Sort(below)
	for _, name := range below {
		if references.MatchString(name) && !slices.Contains(usual, name) {
			return name
		}
	}
	return ""
}

// namesIn returns the names of the members of a value, and of those below.
func namesIn(v *contract.Value) (all []string) {
	if v == nil {
		return nil
	}
	for _, m := range v.Members {
		all = append(append(all, m.Name), namesIn(m.Value)...)
	}
	for _, item := range v.Items {
		all = append(all, namesIn(item)...)
	}
	return all
}
