package implied

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/values"
)

// Removal returns the request that deletes what a run has made. The thing may be described by a file that others
// have written: an error says why it is not what an operation of the document deletes.
func Removal(o Options, m resources.Made) (cases.Template, error) {
	op, found, _ := o.Contract.Find(http.MethodDelete, m.Path)
	switch {
	case m.Doubt != "":
		return cases.Template{}, fmt.Errorf("delete %s: it is not certain that the run has made it: %s", m.Path, m.Doubt)
	case m.Delete == "":
		return cases.Template{}, fmt.Errorf("delete %s: no operation does", m.Path)
	case op == nil || op.ID != m.Delete:
		return cases.Template{}, fmt.Errorf("delete %s: expected DELETE of it to be the operation %s of the document, got another one, or none", m.Path, m.Delete)
	case !m.Names(op):
		return cases.Template{}, fmt.Errorf("delete %s: expected a path with the ids %q, got another one", m.Path, m.IDs)
	case len(o.usable(op)) == 0:
		return cases.Template{}, fmt.Errorf("delete %s: no credentials for it: set %s", m.Path, needsCredentials(op))
	}
	b := o.deletion(values.New(contract.Client), op, found)
	b.alternative = o.alternativeFor(op, m)
	return o.build(b, variation{}, false)
}

// alternativeFor returns the alternative of an operation's credentials that the server takes for a thing, as far as that
// is known; else the first that is given. There must be one.
func (o *Options) alternativeFor(op *contract.Operation, m resources.Made) int {
	usable := o.usable(op)
	for _, i := range usable {
		if i >= 0 && slices.Equal(schemesOf(op, i), m.With) {
			return i
		}
	}
	return usable[0]
}

// schemesOf returns the ids of the security schemes of an alternative.
func schemesOf(op *contract.Operation, alternative int) (ids []string) {
	for _, s := range op.Security[alternative] {
		ids = append(ids, s.ID)
	}
	return ids
}

// Removed reports whether what a request of Removal was to delete is not there any more.
func Removed(op *contract.Operation, x *exchange.Exchange) bool {
	o := outcomeOf(op, x)
	return o == passed || o == notFound
}

// deletion returns the plain request that deletes what has these values in its path.
func (o *Options) deletion(source *values.Source, op *contract.Operation, found map[string]string) base {
	b := base{op: op, alternative: o.usable(op)[0], values: map[*contract.Parameter]any{}}
	for _, p := range op.Parameters {
		if text, ok := found[p.Name]; ok && p.In == contract.InPath {
			b.values[p] = resources.AsJSON(p.Schema, text)
		} else if value, err := o.plain(source, op, p); err == nil && p.Required {
			b.values[p] = value
		}
	}
	return b
}

// LeftOver returns the line that deletes what a run has made, or says that nothing does. Of what it may have made it says
// why that is not certain.
func LeftOver(o Options, m resources.Made) string {
	if m.Doubt != "" {
		doubt := m.Doubt
		m.Doubt = ""
		return fmt.Sprintf("may have been made by %s (%s), look before you delete it: %s", m.By, doubt, LeftOver(o, m))
	}
	op := o.Contract.Operation(m.Delete)
	if op == nil {
		return m.URL + ", which no operation deletes"
	}
	b := &builder{o: &o, shown: true}
	if len(o.usable(op)) > 0 {
		b.credentials(op, attempt{alternative: o.alternativeFor(op, m)})
	}
	header := http.Header{}
	for _, h := range b.headers {
		header.Add(h.Name, h.Value)
	}
	if len(b.cookies) > 0 {
		header.Set("Cookie", strings.Join(b.cookies, "; "))
	}
	return m.Curl(header, strings.Join(b.query, "&"))
}
