package resources

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A success alone does not show that a POST has made what its answer names: a search, a login, and what creates only if
// there is none yet are answered with success and an id, too. What the run then deletes could be somebody's. So it counts
// as made only if there is evidence:
//   - a read has shown before that there was no such thing, or
//   - the answer shows, beside the id, a number that only this request of this run had in its texts, or
//   - the answer is 201, or 202 with a Location, and does not show another text where the request had such a number, or
//   - the operation is known by such a number to make things, and the same request once more is answered with another id,
//     or refused.
//
// Whatever the evidence, it is void once a request with another body is answered with the same id.

// digitsOfNumber is how long a number of a run is, and perRun how many there are.
const (
	digitsOfNumber = 8
	perRun         = 100_000
)

// Number returns the n-th of the numbers that make texts of creations the run's own: they hold it, and nothing else does.
func (s *Store) Number(n int) int { return s.firstNumber() + n%perRun }

func (s *Store) firstNumber() int { return int(100+(s.seed%900+900)%900) * perRun }

// numbersIn returns the numbers of the run that stand in some texts.
func (s *Store) numbersIn(texts []string) (all []string) {
	begin := strconv.Itoa(s.firstNumber() / perRun)
	for _, text := range texts {
		for at := strings.Index(text, begin); at >= 0 && at+digitsOfNumber <= len(text); {
			number := text[at : at+digitsOfNumber]
			if strings.Trim(number, digits) == "" && !slices.Contains(all, number) {
				all = append(all, number)
			}
			next := strings.Index(text[at+1:], begin)
			if next < 0 {
				break
			}
			at += 1 + next
		}
	}
	return all
}

// textsIn returns the texts in a value, or all of a body that is no JSON.
func textsIn(v *contract.Value, body []byte) []string {
	if v == nil {
		return []string{string(body)}
	}
	var all []string
	left := mostNodes
	var walk func(v *contract.Value)
	walk = func(v *contract.Value) {
		if left--; left < 0 {
			return
		}
		if v.Kind == contract.KindString {
			all = append(all, v.Text)
		}
		for _, item := range v.Items {
			walk(item)
		}
		for _, m := range v.Members {
			walk(m.Value)
		}
	}
	walk(v)
	return all
}

// A making is what is known of a thing that the run has made, or may have made.
type making struct {
	request string   // the creation, to know it again
	certain bool     // whether a read had shown the thing to be absent
	numbers []string // that only the creation had
	doubted bool
	void    bool // whether nothing can end the doubt
}

func requestOf(r *contract.Request) string {
	sum := sha256.Sum256([]byte(r.Method + " " + r.Path + "\n" + string(r.Body)))
	return string(sum[:])
}

// doubt says why it is not certain that a request has made a thing; "" if it is. shown is what shows the thing in the
// answer: nil if that is no JSON.
func (s *Store) doubt(op *contract.Operation, r *contract.Request, a *contract.Answer, shown *contract.Value, m *making) string {
	if m.certain {
		return ""
	}
	if s.shows(textsIn(shown, a.Body), m.numbers) {
		s.makers[op.ID] = true
		return ""
	}
	if s.makers[op.ID] && s.sentBefore(m.request) {
		return "" // the one that was answered to it before is another
	}
	sent, _ := r.JSON()
	if name := s.overruled(sent, shown); name != "" {
		return fmt.Sprintf("the answer shows another %s than the request has", name)
	}
	if a.Status == http.StatusCreated || a.Status == http.StatusAccepted && a.Header.Get("Location") != "" {
		return ""
	}
	return fmt.Sprintf("the answer is %d, and shows nothing that only this request has", a.Status)
}

// shows reports whether one of some numbers stands in texts.
func (s *Store) shows(texts, numbers []string) bool {
	return slices.ContainsFunc(s.numbersIn(texts), func(n string) bool { return slices.Contains(numbers, n) })
}

// overruled returns the name of a member in which a request has a number of the run, and the answer another text.
func (s *Store) overruled(sent, shown *contract.Value) string {
	if sent == nil || shown == nil {
		return ""
	}
	for _, m := range sent.Members {
		if m.Value.Kind != contract.KindString || len(s.numbersIn([]string{m.Value.Text})) == 0 {
			continue
		}
		if other := shown.Member(m.Name); other != nil && other.Kind == contract.KindString && folded(other.Text) != "" {
			return m.Name // one without letters and digits is a mask
		}
	}
	return ""
}

// again returns what an answer says of a thing that a creation of the run has named before: nothing, if it was to the same
// request, or if the thing is certainly the run's own; otherwise it may have been there before the run.
func (s *Store) again(at found, r *contract.Request) (doubt string, known bool) {
	m := s.makings[at.text()]
	switch {
	case m == nil:
		return "", false
	case m.certain || m.void || r.Method != http.MethodPost || m.request == requestOf(r):
		return "", true
	}
	m.doubted, m.void = true, true
	return "two different creations were answered with the same id", true
}

// Proves reports whether the answer to a read of a doubtful thing shows a number that only its creation had. From then on
// the thing counts as made, and the doubt is gone.
func (s *Store) Proves(m *Made, a *contract.Answer) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, _ := a.JSON()
	known := s.makings[m.key]
	if known == nil || known.void || !s.shows(textsIn(v, a.Body), known.numbers) {
		return false
	}
	known.doubted, m.Doubt = false, ""
	s.makers[m.By] = true
	return true
}

// sentBefore reports whether something has been made, or may have been, by the same request before.
func (s *Store) sentBefore(request string) bool {
	for _, m := range s.makings {
		if m.request == request {
			return true
		}
	}
	return false
}

// Repeatable reports whether the creation of a doubtful thing, sent once more, could show that the run has made it.
func (s *Store) Repeatable(m *Made) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.makings[m.key]
	return known != nil && !known.void && s.makers[m.By]
}

// Repeated reports whether the answer to the creation of a doubtful thing, sent once more, shows that the run has made the
// thing: it names another, or it is a refusal. What is only made if it is not there yet would be named again.
func (s *Store) Repeated(m *Made, op *contract.Operation, r *contract.Request, a *contract.Answer) bool {
	own, ok := s.idsOf(op, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.makings[m.key]
	if !ok || a == nil || known == nil || known.void || !s.makers[m.By] || known.request != requestOf(r) {
		return false
	}
	switch {
	case a.Status == http.StatusBadRequest, a.Status == http.StatusConflict, a.Status == http.StatusUnprocessableEntity:
	case a.Status >= 200 && a.Status < 300:
		if other, named := s.created(op, r, a, own); !named || other.text() == m.key {
			return false
		}
	default:
		return false
	}
	known.doubted, m.Doubt = false, ""
	return true
}

// Provable reports whether a read of a doubtful thing could show that the run has made it.
func (s *Store) Provable(m *Made) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.makings[m.key]
	return known != nil && !known.void && len(known.numbers) > 0
}
