package fakeserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gesconform/gesconform/contract"
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
	{Name: "charset", Summary: "the Content-Type of an answer has a charset", edit: (*variant).addCharset},
	{Name: "chunked", Summary: "a body is sent in chunks, without a Content-Length", edit: (*variant).chunk},
	{Name: "headers", Summary: "an answer has lists in several header fields of the same name, or no X-Request-Id", edit: (*variant).addHeaders},
	{Name: "job-id", Summary: "job ids have other forms, such as a UUID, hexadecimal digits or a number"},
	{Name: "job-without-times", Summary: "a job gives no times, or null for them, and no progress", edit: (*variant).dropTimes},
	{Name: "member-order", Summary: "the members of a body are in reverse order", edit: (*variant).reorder},
	{Name: "messages", Summary: "error_msg has another wording"},
	{Name: "slow", Summary: "an answer takes up to 100 ms longer"},
	{Name: "unauthenticated", Summary: "credentials are refused by the gateway or by the service, each with its own code"},
	{Name: "unknown-graph", Summary: "an unknown graph or job is answered 400 or 404, with any of the lawful codes"},
	{Name: "unknown-members", Summary: "a body has members that the contract does not name", edit: (*variant).addMembers},
	{Name: "weak-validators", Summary: "showGraph has a weak ETag that stays, or the current time as Last-Modified", edit: (*variant).addValidators},
}

// A variationSource decides at random which answers vary, and how. What it decides for the
// nth request only depends on the seed and n.
type variationSource struct {
	seed       int64
	variations []Variation
	count      atomic.Uint64
}

// newVariationSource returns nil if nothing varies.
func newVariationSource(names []string, seed int64) (*variationSource, error) {
	if len(names) == 0 {
		return nil, nil
	}
	v := &variationSource{seed: seed, variations: variations}
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

// next returns the variant of the next request. Each variation has a chance of one half.
func (v *variationSource) next() *variant {
	if v == nil {
		return nil
	}
	n := v.count.Add(1)
	next := &variant{
		variationSource: v, number: n, random: rand.New(rand.NewPCG(uint64(v.seed), n)), drawn: map[string]bool{}, shown: map[string]bool{},
	}
	for _, k := range v.variations {
		next.drawn[k.Name] = next.random.IntN(2) == 0
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

// delay returns how long to wait before the service handles the request.
func (v *variant) delay() time.Duration {
	if v == nil {
		return 0
	}
	return v.hold
}

// outcome picks a lawful answer to a condition, in place of the usual status and code.
func (v *variant) outcome(r *contract.Refusal, status int, code string) (int, string) {
	var name string
	switch {
	case v == nil:
		return status, code
	case r.First:
		name = "unauthenticated"
	case slices.ContainsFunc(r.When, func(w contract.When) bool { return w.Relation == contract.Unknown || w.Relation == contract.Foreign }):
		name = "unknown-graph"
	default:
		return status, code
	}
	o := r.Answers[v.random.IntN(len(r.Answers))]
	other, err := strconv.Atoi(o.Status)
	if err != nil || len(o.Codes) == 0 || !v.use(name) {
		return status, code
	}
	return other, o.Codes[v.random.IntN(len(o.Codes))]
}

// message returns an error_msg in place of the usual one.
func (v *variant) message(usual string) string {
	if !v.use("messages") {
		return usual
	}
	other := []string{"Request failed: ", "请求失败：", "ERR "}
	return other[v.random.IntN(len(other))] + strings.ToUpper(usual)
}

// jobID returns a job id, in a form that the pages show or that nothing forbids.
func (v *variant) jobID(n *ids) string {
	usual := n.job()
	if !v.use("job-id") {
		return usual
	}
	uuid, number := usual[:36], usual[36:]
	switch v.random.IntN(4) {
	case 0:
		return uuid
	case 1:
		return strings.ReplaceAll(uuid, "-", "")
	case 2:
		return number
	default:
		return "Job_" + number + ".0~ges"
	}
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
	names := slices.Sorted(maps.Keys(v.shown))
	e.header.Set(variationHeader, fmt.Sprintf("seed=%d; request=%d; %s", v.seed, v.number, strings.Join(names, ", ")))
}

func (v *variant) addCharset(e *outgoing) {
	if e.header.Get("Content-Type") != "application/json" {
		return
	}
	v.shown["charset"] = true
	forms := []string{"application/json;charset=utf-8", "application/json; charset=UTF-8", `application/json; charset="utf-8"`}
	e.header.Set("Content-Type", forms[v.random.IntN(len(forms))])
}

func (v *variant) chunk(e *outgoing) {
	v.shown["chunked"] = true
	e.chunk = 1 + v.random.IntN(16)
}

// addMembers adds members to a body that is an object.
func (v *variant) addMembers(e *outgoing) {
	members := orderedMembers(e.body)
	if members == nil {
		return
	}
	v.shown["unknown-members"] = true
	more := []member{
		{"trace_id", json.RawMessage(`"` + strconv.FormatUint(v.random.Uint64(), 16) + `"`)},
		{"x_details", json.RawMessage(`{"retry":false,"hints":[]}`)},
		{"deprecated", json.RawMessage(`null`)},
	}
	e.body = joined(append(members, more[:1+v.random.IntN(len(more))]...))
}

// reorder reverses the order of the members.
func (v *variant) reorder(e *outgoing) {
	members := orderedMembers(e.body)
	if len(members) < 2 {
		return
	}
	v.shown["member-order"] = true
	slices.Reverse(members)
	e.body = joined(members)
}

type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers returns the members of a JSON object in their order, or nil if the body
// is not an object.
func orderedMembers(body []byte) []member {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	members := []member{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		name, _ := token.(string) // a member begins with a string
		m := member{name: name}
		if decoder.Decode(&m.value) != nil {
			return nil
		}
		members = append(members, m)
	}
	return members
}

func joined(members []member) []byte {
	parts := make([]string, len(members))
	for i, m := range members {
		name, _ := json.Marshal(m.name) // cannot fail for a string
		parts[i] = string(name) + ":" + string(m.value)
	}
	return []byte("{" + strings.Join(parts, ",") + "}\n")
}
