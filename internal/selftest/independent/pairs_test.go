package independent_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These servers only differ where rules meet.
func TestPairsOfRules(t *testing.T) {
	t.Parallel()
	testRows(t, lawfulPairs, true)
	testRows(t, wrongPairs, false)
}

// A written member of a body.
type written struct{ name, text string }

// members reads the members of a body in their order.
func members(body []byte) []written {
	d := json.NewDecoder(bytes.NewReader(body))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	var all []written
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil
		}
		all = append(all, written{name.(string), string(value)})
	}
	return all
}

// counting reads the version in the member that pick chooses of those that are versions in a body
// which is plain otherwise.
func counting(same func(a, b string) bool, pick func([]written) written) func([]byte) (wanted, string) {
	return func(body []byte) (wanted, string) {
		w, kind := readPlainly(body)
		versions := slices.DeleteFunc(members(body), func(m written) bool { return !same(m.name, "upgrade_version") })
		if kind != "" || len(versions) < 2 {
			return w, kind
		}
		return w, unquote(pick(versions).text, &w.version)
	}
}

func unquote(text string, to *string) string {
	if json.Unmarshal([]byte(text), to) != nil {
		return "type"
	}
	return ""
}

func exactly(a, b string) bool          { return a == b }
func firstOf(members []written) written { return members[0] }
func lastOf(members []written) written  { return members[len(members)-1] }
func readerOf(k func([]byte) (wanted, string)) func(*knobs) {
	return func(n *knobs) { n.read = k }
}

// caseSensitively reads as most languages do: a member in other letter case is another member.
func caseSensitively(body []byte) (wanted, string) {
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil {
		return readPlainly(body)
	}
	for name := range all {
		if name != "upgrade_version" && name != "force_upgrade" {
			delete(all, name)
		}
	}
	plain, err := json.Marshal(all)
	if err != nil {
		return wanted{}, "syntax"
	}
	return readPlainly(plain)
}

// numbersToo takes a number for the text that it is written as.
func numbersToo(body []byte) (wanted, string) {
	number := regexp.MustCompile(`("upgrade_version"\s*:\s*)(-?[0-9.]+)`)
	return readPlainly(number.ReplaceAll(body, []byte(`$1"$2"`)))
}

var threeParts = regexp.MustCompile(`^(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){2}$`)

var lawfulPairs = []row{
	{name: "versions of three small parts alone", turn: both(func(k *knobs) { k.formed = threeParts.MatchString }, answering(400, "GES.7016", "form"))},
	{name: "versions of three small parts, form before the graph", turn: both(func(k *knobs) { k.formed = threeParts.MatchString }, inOrder(bodyFirst...))},
	{name: "of two versions the first counts", turn: readerOf(counting(exactly, firstOf))},
	{name: "of two versions the first counts, in any letter case", turn: readerOf(counting(strings.EqualFold, firstOf))},
	{name: "of two versions the last counts, in any letter case", turn: readerOf(counting(strings.EqualFold, lastOf))},
	{name: "letter case counts", turn: readerOf(caseSensitively)},
	{name: "numbers are read as texts", turn: readerOf(numbersToo)},
	{name: "upgraded, and shown late", turn: both(readerOf(counting(exactly, firstOf)), func(k *knobs) { k.versionLag = 100e6 })},
}

// excusing lets some calls pass a check.
func excusing(kind string, when func(c *call) bool) func(*knobs) {
	return func(k *knobs) {
		k.forgives = append(k.forgives, func(c *call, why string) bool { return why == kind && when(c) })
	}
}

func asksForForce(c *call) bool  { return bytes.Contains(c.body, []byte(`"force_upgrade":true`)) }
func mentionsForce(c *call) bool { return bytes.Contains(c.body, []byte(`"force_upgrade"`)) }
func asksForEqual(c *call) bool {
	return asksForForce(c) && c.g != nil && c.want.version == c.g.version
}

// installing makes the service install the version that pick chooses, whatever it has compared.
func installing(same func(a, b string) bool, pick func([]written) written) func(*knobs) {
	return func(k *knobs) {
		k.accepted = func(c *call) {
			versions := slices.DeleteFunc(members(c.body), func(m written) bool { return !same(m.name, "upgrade_version") })
			if len(versions) > 1 {
				_ = unquote(pick(versions).text, &c.g.job.to)
			}
		}
	}
}

var wrongPairs = []row{
	{name: "forced without comparing", turn: excusing("not-later", asksForForce), foundFrom: oneUpgrade, why: couldStart},
	{name: "forced to the same version", turn: excusing("not-later", asksForEqual), foundFrom: oneUpgrade, why: couldStart},
	{name: "compared only without force_upgrade", turn: excusing("not-later", mentionsForce), foundFrom: guarded, why: graphFirst},
	{name: "forced although stopped", turn: excusing("stopped", asksForForce), foundFrom: oneUpgrade, why: couldStart},
	{name: "forced by a reader", turn: excusing("readonly", asksForForce), foundFrom: oneUpgrade, why: graphFirst},
	{name: "forced without a token", turn: excusing("no-token", asksForForce)},
	{name: "forced with a malformed version", turn: both(excusing("form", asksForForce), compared(func(a, b string) bool { v, _, _ := strings.Cut(a, "-"); return laterByPart(v, b) })), foundFrom: oneUpgrade, why: couldStart},
	{name: "the first compared, the last installed", turn: both(readerOf(counting(exactly, firstOf)), installing(exactly, lastOf)), foundFrom: destructive, why: needsMany},
	{name: "the last compared, the first installed", turn: installing(exactly, firstOf), foundFrom: destructive, why: needsMany},
	{name: "letter case is not compared, and installed", turn: both(readerOf(caseSensitively), installing(strings.EqualFold, lastOf)), foundFrom: destructive, why: needsMany},
	{name: "hexadecimal", turn: lenient(func(s string) string { return strings.TrimPrefix(s, "0x") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "commas for dots", turn: lenient(func(s string) string { return strings.ReplaceAll(s, ",", ".") }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "up to a NUL", turn: lenient(func(s string) string { v, _, _ := strings.Cut(s, "\x00"); return v }), foundFrom: oneUpgrade, why: olderOnly},
	{name: "more parts are later, equal or not", turn: compared(func(a, b string) bool { return strings.Count(a, ".") > strings.Count(b, ".") || laterByPart(a, b) }), foundFrom: oneUpgrade, why: olderSent},
}
