package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/run"
	"github.com/gesconform/gesconform/internal/suggest"
)

// documentCases lists and explains the cases of a document that states no requirements of its own.
type documentCases struct {
	explain    string
	operations []string
	fixtures   []string
	filter     string // as for `gesconform run`
	verbose    bool
	maxPlaces  int
}

func (d *documentCases) flags(flags *pflag.FlagSet) {
	flags.StringVar(&d.explain, "explain", "", "explain the case with this id: its request, its clause, and the outcomes that it may have; only for a document that states no requirements")
	flags.StringArrayVar(&d.operations, "operation", nil, "list the cases of the operations whose id, or METHOD and path, match this pattern; may be repeated; only for such a document")
	flags.IntVar(&d.maxPlaces, "max-places", config.DefaultMaxPlaces, config.MaxPlacesUsage+", as for `gesconform run`; only for such a document")
	flags.StringArrayVar(&d.fixtures, "fixture", nil, "the value of a parameter, as for `gesconform run`; may be repeated; only for such a document")
	flags.BoolVar(&d.verbose, "verbose", false, "list each case, and each part of a request for which there is none; only for such a document")
}

// given reports which of the flags were given, for a document that states requirements.
func (d *documentCases) given(given map[string]bool) error {
	for _, name := range []string{"explain", "operation", "fixture", "verbose", "max-places"} {
		if given[name] {
			return fmt.Errorf("--%s: is for a document that states no requirements of its own; name one with --spec FILE", name)
		}
	}
	return nil
}

// print derives the cases of a document and prints what was asked for.
func (d *documentCases) print(w io.Writer, c *contract.Contract, asJSON bool) error {
	if d.maxPlaces < 0 {
		return fmt.Errorf("max-places: expected 0 or more, got %d", d.maxPlaces)
	}
	settings := config.Document{Operations: d.operations}
	for _, text := range d.fixtures {
		f, err := config.ParseFixture(text)
		if err != nil {
			return fmt.Errorf("fixture: %w", err)
		}
		settings.Fixtures = append(settings.Fixtures, f)
	}
	given, err := settings.For(c, nil)
	if err != nil {
		return err
	}
	o := implied.Options{Contract: c, Operations: d.operations, MaxPlaces: d.maxPlaces, Risk: cases.Destructive, Credentials: map[string]string{}}
	for _, scheme := range config.SchemesOf(c) { // as a run has them to which all are given
		o.Credentials[scheme] = "$" + config.CredentialVariable(scheme)
	}
	for _, f := range given.Fixtures {
		o.Fixtures = append(o.Fixtures, implied.Fixture{Name: f.Name, Value: f.Value, Free: f.Free})
	}
	all, underived, err := implied.Cases(o)
	if err != nil {
		return err
	}
	if all, err = run.SelectDerived(all, d.filter); err != nil {
		return err
	}
	if d.filter != "" {
		underived = nil // which has no labels
	}
	l := listingOf(c, all, underived)
	l.Credentials, l.Notes = config.SchemesOf(c), c.Notes()
	var b strings.Builder
	switch {
	case d.explain != "":
		err = explainCase(&b, c, all, d.explain)
	case asJSON:
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(l)
	default:
		l.write(&b, len(d.operations) > 0 || d.filter != "" || d.verbose)
	}
	if err == nil {
		_, err = io.WriteString(w, b.String())
	}
	return err
}

// A listing says of each operation of a document what was derived, and what not and why.
type listing struct {
	Document string `json:"document"`
	Version  string `json:"version"`
	// Credentials are the security schemes that a run needs some for, to send all cases.
	Credentials []string           `json:"credentials"`
	Operations  []*listedOperation `json:"operations"` // sorted by id
	Notes       []string           `json:"notes,omitempty"`
}

type listedOperation struct {
	Operation  string            `json:"operation"`
	Method     string            `json:"method"`
	Path       string            `json:"path"`
	Line       int               `json:"line"`
	Cases      []listedCase      `json:"cases"`
	NotDerived []listedUnderived `json:"not_derived,omitempty"`
}

type listedCase struct {
	ID          string   `json:"id"`
	Requirement string   `json:"requirement"`
	Level       string   `json:"level"`
	Risk        string   `json:"risk"`
	Clause      string   `json:"clause"`
	Line        int      `json:"line"`
	Lawful      []string `json:"lawful"`
	Why         string   `json:"why"`
	Needs       string   `json:"needs,omitempty"`
}

type listedUnderived struct {
	Part   string `json:"part,omitempty"` // of its requests; "" for the whole operation
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	Clause string `json:"clause,omitempty"`
	Line   int    `json:"line,omitempty"`
}

func listingOf(c *contract.Contract, all []*implied.Case, underived []implied.Underived) *listing {
	l := &listing{Document: c.Name(), Version: c.Version(), Operations: []*listedOperation{}}
	of := map[string]*listedOperation{}
	at := func(id string) *listedOperation {
		if of[id] == nil {
			of[id] = &listedOperation{Operation: id, Cases: []listedCase{}}
			if op := c.Operation(id); op != nil {
				of[id].Method, of[id].Path, of[id].Line = op.Method, op.Path, op.Line
			}
		}
		return of[id]
	}
	for _, k := range all {
		listed := at(k.Operation.ID)
		listed.Cases = append(listed.Cases, listedCase{k.ID, k.Requirement, string(k.Level), k.Risk.String(), k.Clause, k.Line, k.Lawful, k.Why, k.Needs})
	}
	for _, u := range underived {
		listed := at(u.Operation)
		listed.NotDerived = append(listed.NotDerived, listedUnderived{u.Part, u.Reason, u.Detail, u.Clause, u.Line})
	}
	for _, id := range slices.Sorted(maps.Keys(of)) {
		l.Operations = append(l.Operations, of[id])
	}
	return l
}

// write writes the listing for people: of each operation how many cases of which kind and risk, or,
// if ids are wanted, each case.
func (l *listing) write(b *strings.Builder, ids bool) {
	n, none := 0, 0
	for _, o := range l.Operations {
		n += len(o.Cases)
		if len(o.Cases) == 0 {
			none++
		}
		fmt.Fprintln(b, printable.Line(o.title()))
		if ids {
			for _, k := range o.Cases {
				fmt.Fprintf(b, "  %-11s  %s\n", k.Risk, printable.Line(k.ID))
			}
		} else if len(o.Cases) > 0 {
			fmt.Fprintf(b, "  %d %s: %s\n", len(o.Cases), printable.Plural(len(o.Cases), "case", "cases"), o.kinds())
		}
		for _, needs := range o.needs() {
			fmt.Fprintf(b, "  needs %s\n", printable.Line(needs))
		}
		for _, u := range o.NotDerived {
			if ids || u.Part == "" {
				fmt.Fprintf(b, "  not derived: %s%s\n", printable.Line(u.text()), lineInBrackets(u.Line))
			}
		}
	}
	if !ids {
		l.writeLeftOut(b)
	}
	fmt.Fprintf(b, "\n%d %s of %d %s", n, printable.Plural(n, "case", "cases"), len(l.Operations), printable.Plural(len(l.Operations), "operation", "operations"))
	if none > 0 {
		fmt.Fprintf(b, ", %d of them without a case", none)
	}
	fmt.Fprintln(b)
	for _, scheme := range l.Credentials {
		fmt.Fprintf(b, "needs --credential %s=…\n", printable.Line(scheme))
	}
	for _, note := range l.Notes {
		fmt.Fprintf(b, "note: %s\n", printable.Line(note))
	}
}

// writeLeftOut writes why parts of operations have no case: a line a reason, with the operations that it holds for.
func (l *listing) writeLeftOut(b *strings.Builder) {
	var parts []result.Underived
	for _, o := range l.Operations {
		for _, u := range o.NotDerived {
			if u.Part != "" {
				parts = append(parts, result.Underived{Operation: o.Operation, Reason: u.Reason})
			}
		}
	}
	if len(parts) == 0 {
		return
	}
	fmt.Fprintf(b, "\nnot derived in part: %d %s of operations (--operation or --verbose lists them)\n", len(parts), printable.Plural(len(parts), "part", "parts"))
	for _, out := range result.LeftOutByReason(parts) {
		more := ""
		if n := len(out.Operations); n > shownOfReason {
			more = fmt.Sprintf(" and %d more", n-shownOfReason)
			out.Operations = out.Operations[:shownOfReason]
		}
		fmt.Fprintf(b, "  %4d  %s: %s%s\n", len(out.Parts), printable.Line(out.Reason), printable.Line(strings.Join(out.Operations, ", ")), more)
	}
}

// shownOfReason is how many operations a listing names for a reason.
const shownOfReason = 5

// text says what is not derived, and why.
func (u *listedUnderived) text() string {
	text := u.Reason + printable.Prefixed(": ", u.Detail)
	if u.Part != "" {
		text = u.Part + ": " + text
	}
	return text
}

func lineInBrackets(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
}

// title names the operation by its id, its method and its path.
func (o *listedOperation) title() string {
	where := strings.TrimSpace(o.Method + " " + o.Path)
	if where == "" || where == o.Operation {
		return o.Operation
	}
	return o.Operation + ", " + where
}

// kinds counts the cases by risk and by requirement.
func (o *listedOperation) kinds() string {
	return countedBy(o.Cases, func(k listedCase) string { return k.Risk }) + "; " + countedBy(o.Cases, func(k listedCase) string { return k.Requirement })
}

// countedBy counts cases by a property, in the order of its values.
func countedBy(all []listedCase, property func(listedCase) string) string {
	n := map[string]int{}
	for _, k := range all {
		n[property(k)]++
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		parts = append(parts, fmt.Sprintf("%d %s", n[name], name))
	}
	return strings.Join(parts, ", ")
}

// needs returns what is missing for cases of the operation, each once.
func (o *listedOperation) needs() []string {
	var all []string
	for _, k := range o.Cases {
		if k.Needs != "" && !slices.Contains(all, k.Needs) {
			all = append(all, k.Needs)
		}
	}
	return all
}

// explainCase writes the request of a case, the clause that it comes from, and the outcomes that it
// may have.
func explainCase(b *strings.Builder, c *contract.Contract, all []*implied.Case, id string) error {
	i := slices.IndexFunc(all, func(k *implied.Case) bool { return k.ID == id })
	if i < 0 {
		ids := make([]string, len(all))
		for i, k := range all {
			ids[i] = k.ID
		}
		return fmt.Errorf("explain: expected the id of a case of the document, got %q%s", printable.Line(id), suggest.DidYouMean(id, ids, "`gesconform cases --spec FILE --operation PATTERN` lists them"))
	}
	k := all[i]
	request, err := k.Request()
	if err != nil {
		return fmt.Errorf("explain: %w", err)
	}
	of := c.Requirement(k.Requirement)
	fmt.Fprintf(b, "%s\n\n", printable.Line(k.ID))
	explained(b, "tests", fmt.Sprintf("%s (%s) %s", of.ID, cmp.Or(k.Level, of.Level), of.Text))
	explained(b, "clause", fmt.Sprintf("%s:%d %s", c.Name(), k.Line, k.Clause))
	explained(b, "risk", k.Risk.String())
	lines := []string{request.Method + " " + request.Path}
	for _, h := range request.Headers {
		lines = append(lines, h.Name+": "+h.Value)
	}
	if request.Body != "" {
		lines = append(append(lines, ""), strings.Split(string(request.Body), "\n")...)
	}
	explained(b, "request", lines...)
	explained(b, "lawful", k.Lawful...)
	explained(b, "why", k.Why)
	if k.Needs != "" {
		explained(b, "needs", k.Needs)
	}
	return nil
}

// explained writes a name and its values, one per line.
func explained(b *strings.Builder, name string, values ...string) {
	label := name + ":"
	for _, value := range values {
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("%-9s %s", label, printable.Line(value)), " "))
		label = ""
	}
}
