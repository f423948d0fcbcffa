package resources

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// Absent returns values for an operation's path of which the last names, in all likelihood,
// nothing: it is made up, valid, and looks like the real ones that are known. What it would belong
// to exists, if that is known. n tells several apart. An error says why there can be none: only a
// read shows that what was made up is absent.
func (s *Store) Absent(op *contract.Operation, n int) (Choice, error) {
	r := s.routes[op]
	if len(r) == 0 {
		return nil, fmt.Errorf("make up an id for %s: its path has no parameter", op.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []id
	if bases := s.chains(r, len(r)-1); len(bases) > 0 {
		ids = slices.Clone(bases[0])
	} else {
		for _, st := range r[:len(r)-1] {
			made, err := s.makeUp(op, st, n)
			if err != nil {
				return nil, err
			}
			ids = append(ids, made...)
		}
	}
	made, err := s.makeUp(op, r[len(r)-1], n)
	if err != nil {
		return nil, err
	}
	return s.complete(op, s.choice(r, append(ids, made...))), nil
}

// makeUp returns made-up values for the parameters of a step.
func (s *Store) makeUp(op *contract.Operation, st step, n int) ([]id, error) {
	var ids []id
	for i, p := range st.parameters {
		text, ok := s.invent(st, i, n)
		if !ok {
			return nil, fmt.Errorf("make up an id for %s: no value of parameter %s is certain to name nothing, or none could be made", op.ID, p.Name)
		}
		ids = append(ids, id{text: text, source: MadeUp})
	}
	return ids, nil
}

// attempts is how many texts are tried before none can be made.
const attempts = 200

// invent returns a text for the i-th parameter of a step, which is the same for all operations that
// have the step, and stays the same.
func (s *Store) invent(st step, i, n int) (string, bool) {
	p := st.parameters[i]
	if finite(p.Schema) {
		return "", false
	}
	models := s.models(st, i)
	likeUUIDs := areUUIDs(models)
	name := fmt.Sprintf("%s#%d#%d", st.key, i, n)
	if likeUUIDs { // what was made up before any was known may have another form
		name += "#uuid"
	}
	if text, known := s.invented[name]; known && fault(p, text) == "" {
		return text, true
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	random := rand.New(rand.NewPCG(uint64(s.seed), h.Sum64()))
	for try := range attempts {
		var text string
		switch {
		case p.Schema != nil && p.Schema.Type == contract.KindNumber:
			text = number(p.Schema, random)
		case p.Schema != nil && formats[p.Schema.Format] != nil:
			text = formats[p.Schema.Format](random)
		case likeUUIDs: // they have a version and a variant, which servers check
			text = formats["uuid"](random)
		case len(models) > 0:
			model := models[random.IntN(len(models))]
			text = like(model, len([]rune(model))*try/attempts/2, random) // a pattern may ask for its beginning
		default:
			text = word(p.Schema, random)
		}
		if fault(p, text) == "" && !slices.Contains(models, text) {
			s.invented[name] = text
			return text, true
		}
	}
	return "", false
}

var uuidForm = regexp.MustCompile(`^(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// areUUIDs reports whether there are values, and all are UUIDs.
func areUUIDs(values []string) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return !uuidForm.MatchString(v) })
}

// finite reports whether a schema has so few values that any of them may exist.
func finite(s *contract.Schema) bool {
	if s == nil {
		return false
	}
	few := s.Integer && s.Minimum != nil && s.Maximum != nil && *s.Maximum-*s.Minimum < 10_000
	short := s.Type == contract.KindString && s.MaxLength >= 0 && s.MaxLength < 4 && s.Format == ""
	return len(s.Enum) > 0 || len(s.Const) > 0 || s.Type == contract.KindBoolean || few || short
}

// models returns the values of a parameter that are known.
func (s *Store) models(st step, i int) []string {
	var all []string
	for _, t := range s.things[st.key] {
		all = append(all, t.ids[len(t.ids)-len(st.parameters)+i])
	}
	if f, given := s.fixtures[fixtureKey(st.key, i)]; given {
		all = append(all, f.Value)
	}
	for _, u := range s.users[st.key] {
		all = append(all, documented(u)...)
	}
	return all
}

// The largest numbers that common servers read exactly.
const (
	largest32 = math.MaxInt32
	largest64 = 1<<53 - 1
)

// number returns a large number that a schema allows.
func number(s *contract.Schema, random *rand.Rand) string {
	most := int64(largest32)
	if s.Format == "int64" {
		most = largest64
	}
	least := most - most/4
	if s.Maximum != nil && *s.Maximum < float64(most) {
		most = int64(math.Ceil(*s.Maximum)) - 1
		least = most - most/4
		if s.Minimum != nil {
			least = max(least, int64(math.Floor(*s.Minimum))+1)
		}
	} else if s.Minimum != nil && *s.Minimum > float64(least) {
		least = int64(*s.Minimum) + 1
		most = least + largest32
	}
	if most <= least {
		return ""
	}
	n := least + random.Int64N(most-least)
	if m := s.MultipleOf; m != nil && *m >= 1 {
		n -= n % int64(*m)
	}
	return strconv.FormatInt(n, 10)
}

// formats make texts of a format, each of which nobody else uses.
var formats = map[string]func(*rand.Rand) string{
	"uuid": func(r *rand.Rand) string {
		return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", r.Uint32(), r.Uint32()>>16, r.Uint32()>>20, r.Uint32()>>20, r.Uint64()>>16)
	},
	"date":      func(r *rand.Rand) string { return anyTime(r).Format(time.DateOnly) },
	"date-time": func(r *rand.Rand) string { return anyTime(r).Format(time.RFC3339) },
	"email":     func(r *rand.Rand) string { return letters(r, 16) + "@absent.invalid" }, // RFC 6761, section 6.4
	"hostname":  func(r *rand.Rand) string { return letters(r, 16) + ".invalid" },
	"ipv4":      func(r *rand.Rand) string { return fmt.Sprintf("240.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256)) },
	"ipv6":      func(r *rand.Rand) string { return fmt.Sprintf("2001:db8::%x:%x", 1+r.IntN(0xfffe), 1+r.IntN(0xfffe)) },
}

// anyTime returns a time in the far future.
func anyTime(r *rand.Rand) time.Time {
	return time.Date(2400, 1, 1+r.IntN(300_000), r.IntN(24), r.IntN(60), r.IntN(60), 0, time.UTC)
}

func letters(r *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = "abcdefghijklmnopqrstuvwxyz"[r.IntN(26)]
	}
	return string(text)
}

// word returns a text that a schema without format or pattern allows.
func word(s *contract.Schema, r *rand.Rand) string {
	n := 16
	if s != nil {
		n = max(n, s.MinLength)
		if s.MaxLength >= 0 {
			n = min(n, s.MaxLength)
		}
	}
	return letters(r, n)
}

// The characters that like puts in place of one of theirs.
const (
	digits    = "0123456789"
	hexDigits = "0123456789abcdef"
)

// like returns a text of the same form: digits for digits, and letters for letters; only those of
// hexadecimal, if there are no others. The first characters, of which there are so many, are kept.
func like(model string, keep int, r *rand.Rand) string {
	lower := "abcdefghijklmnopqrstuvwxyz"
	if strings.ContainsAny(model, digits) && !strings.ContainsFunc(model, func(c rune) bool {
		return c > 'f' && c <= 'z' || c > 'F' && c <= 'Z'
	}) {
		lower = hexDigits[10:]
	}
	all := []rune(model)
	head := string(all[:keep])
	text := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return rune(digits[r.IntN(len(digits))])
		case c >= 'a' && c <= 'z':
			return rune(lower[r.IntN(len(lower))])
		case c >= 'A' && c <= 'Z':
			return rune(strings.ToUpper(lower)[r.IntN(len(lower))])
		}
		return c
	}, string(all[keep:]))
	if variable := strings.Map(func(c rune) rune {
		if strings.ContainsRune(digits+lower+strings.ToUpper(lower), c) {
			return c
		}
		return -1
	}, text); len(variable) < 6 { // it could be another one that exists
		return head + text + letters(r, 8)
	}
	return head + text
}
