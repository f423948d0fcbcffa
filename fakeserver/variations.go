package fakeserver

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/internal/suggest"
)

// A Variation is a named way in which lawful answers may differ, and with which a client
// must cope.
type Variation struct {
	Name    string
	Summary string

	edit func(*variant, *outgoing) // nil if it works inside the service
}

// allVariations is the name that stands for all variations.
const allVariations = "all"

// variationHeader is the header of an answer that gives the seed, the number of the
// request and the names of the variations that the answer shows.
const variationHeader = "X-Fake-Variation"

// Variations returns all variations, sorted by name.
func Variations() []Variation { return slices.Clone(variations) }

var variations = []Variation{
	{Name: "bad-requests", Summary: "a malformed request is refused with any of the lawful statuses and codes"},
	{Name: "blank-error", Summary: "an accepted upgrade has error_code and error_msg beside its job, both blank", edit: (*variant).addBlankError},
	{Name: "charset", Summary: "the Content-Type of an answer has a charset", edit: (*variant).addCharset},
	{Name: "chunked", Summary: "a body is sent in chunks, without a Content-Length", edit: (*variant).chunk},
	{Name: "closing", Summary: "the connection is closed after an answer", edit: (*variant).close},
	{Name: "compressed", Summary: "a body is sent in gzip to whoever accepts that", edit: (*variant).compress},
	{Name: "early-hints", Summary: "103 (Early Hints) comes before an answer", edit: (*variant).hint},
	{Name: "escapes", Summary: "letters in the strings of a body are escaped, such as \\u006a", edit: (*variant).escape},
	{Name: "graph-members", Summary: "a graph has null, or nothing, for what it need not say", edit: (*variant).dropGraphMembers},
	{Name: "head", Summary: "the reads answer HEAD as they do GET, without a body"},
	{Name: "headers", Summary: "an answer has lists in several header fields of the same name, or no X-Request-Id", edit: (*variant).addHeaders},
	{Name: "job-id", Summary: "job ids have other forms, such as a UUID, hexadecimal digits or a number"},
	{Name: "job-members", Summary: "a job has null, or nothing, for its name, type and graph", edit: (*variant).dropJobMembers},
	{Name: "job-progress", Summary: "a job says how far it is"},
	{Name: "job-status", Summary: "a job is running at once, and never pending"},
	{Name: "job-without-times", Summary: "a job gives no times, or null for them, and no progress", edit: (*variant).dropTimes},
	{Name: "media-type-case", Summary: "the media type of an answer has capital letters", edit: (*variant).changeMediaTypeCase},
	{Name: "member-order", Summary: "the members of a body are in reverse order", edit: (*variant).reorder},
	{Name: "messages", Summary: "error_msg has another wording"},
	{Name: "not-later", Summary: "a version that is not later is refused with any of the lawful codes"},
	{Name: "numbers", Summary: "the progress of a job has a fraction or an exponent", edit: (*variant).writeNumbers},
	{Name: "redirects", Summary: "a path with empty or dot segments is redirected to the path without"},
	{Name: "refusal-order", Summary: "of several reasons to refuse a request, any but the credentials comes first"},
	{Name: "request-ids", Summary: "request ids have other forms; every error has its own in the body, too, or none has", edit: (*variant).changeRequestID},
	{Name: "rights", Summary: "a caller without the right, or of another project, is refused with any of the lawful statuses and codes"},
	{Name: "slow", Summary: "an answer takes up to 100 ms longer"},
	{Name: "states", Summary: "a graph that is not running is refused with any of the lawful statuses and codes"},
	{Name: "strict", Summary: "what a service may refuse, such as unknown members, is refused"},
	{Name: "strong-validators", Summary: "a graph has an ETag that depends on all of its bytes", edit: (*variant).tag},
	{Name: "trailers", Summary: "a header field follows the body", edit: (*variant).addTrailer},
	{Name: "unauthenticated", Summary: "credentials are refused by the gateway or by the service, each with its own code"},
	{Name: "unknown-graph", Summary: "an unknown graph or job is answered 400 or 404, with any of the lawful codes"},
	{Name: "unknown-members", Summary: "a body has members that the contract does not name", edit: (*variant).addMembers},
	{Name: "weak-validators", Summary: "showGraph has a weak ETag that stays, or the current time as Last-Modified", edit: (*variant).addValidators},
	{Name: "white-space", Summary: "a body is indented, with blank lines around it", edit: (*variant).indent},
	{Name: "wrong-method", Summary: "another method is answered 405, with Allow"},
}

// A variationSource decides at random which answers vary, and how. What it decides for the
// nth request only depends on the seed and n.
type variationSource struct {
	seed       int64
	variations []Variation
	always     bool // whether each answer shows all of them
	count      atomic.Uint64
}

// newVariationSource returns nil if nothing varies.
func newVariationSource(always bool, names []string, seed int64) (*variationSource, error) {
	if len(names) == 0 {
		return nil, nil
	}
	v := &variationSource{seed: seed, variations: variations, always: always}
	if slices.Contains(names, allVariations) {
		return v, nil
	}
	v.variations = nil
	for _, name := range names {
		i := slices.IndexFunc(variations, func(known Variation) bool { return known.Name == name })
		if i < 0 {
			known := []string{allVariations}
			for _, k := range variations {
				known = append(known, k.Name)
			}
			return nil, fmt.Errorf("unknown variation %q%s", name, suggest.DidYouMean(name, known, "expected one of "+strings.Join(known, ", ")))
		}
		v.variations = append(v.variations, variations[i])
	}
	return v, nil
}

// A variant is how one answer varies. A nil variant changes nothing.
type variant struct {
	*variationSource
	number uint64
	random *rand.Rand
	drawn  map[string]bool // the variations that this answer may show, by name
	shown  map[string]bool // those that made a difference
	hold   time.Duration
}

// next returns the variant of the next request. Each variation has a chance of one half, unless
// all always show.
func (v *variationSource) next() *variant {
	if v == nil {
		return nil
	}
	n := v.count.Add(1)
	next := &variant{
		variationSource: v, number: n, random: rand.New(rand.NewPCG(uint64(v.seed), n)), drawn: map[string]bool{}, shown: map[string]bool{},
	}
	for _, k := range v.variations {
		next.drawn[k.Name] = next.random.IntN(2) == 0 || v.always
	}
	if next.use("slow") {
		next.hold = time.Duration(next.random.Int64N(int64(100 * time.Millisecond)))
	}
	return next
}

// use reports whether a variation was drawn. If so, it records that the answer shows it.
func (v *variant) use(name string) bool {
	if v == nil || !v.drawn[name] {
		return false
	}
	v.shown[name] = true
	return true
}

// offers reports whether a variation may show, whatever was drawn for this answer.
func (v *variant) offers(name string) bool {
	_, ok := v.drawn[name]
	return ok
}

// delay returns how long to wait before the service handles the request.
func (v *variant) delay() time.Duration {
	if v == nil {
		return 0
	}
	return v.hold
}

// edit changes an answer before it is delivered, and sets variationHeader.
func (v *variant) edit(e *outgoing) {
	if v == nil {
		return
	}
	for _, k := range v.variations {
		if k.edit != nil && v.drawn[k.Name] && len(e.body) > 0 {
			k.edit(v, e)
		}
	}
	e.encode()
	names := slices.Sorted(maps.Keys(v.shown))
	e.header.Set(variationHeader, fmt.Sprintf("seed=%d; request=%d; %s", v.seed, v.number, strings.Join(names, ", ")))
}
