package cases

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// security breaks the credentials in each way. All but the repeated ones are
// judged before anything else, so that the graph need not exist.
func (d *deriver) security() {
	if len(d.op.Security) == 0 {
		return
	}
	notIssued := d.related(contract.NotIssued, "")
	for i, scheme := range d.op.Security {
		subject := "security/" + scheme.ID
		with := func(value string) Template { return d.base.without(d.op.Security[0].Header).with(scheme.Header, value) }
		if i == 0 {
			d.token(subject, scheme, notIssued)
		}
		if scheme.Pattern == nil {
			continue
		}
		for _, m := range signatures {
			t := with(m.value).with("X-Sdk-Date", DatePlaceholder)
			if scheme.Pattern.MatchString(m.value) {
				d.add(subject, m.name, t, notIssued, notIssued)
			} else {
				d.addIfRefused(subject, m.name, t)
			}
		}
	}
}

// signatures are values of the Authorization header. The access key is made up:
// a few bad signatures lock a real one.
var signatures = []struct{ name, value string }{
	{"unknown-access-key", "SDK-HMAC-SHA256 Access=GESCONFORMMADEUPKEY0, SignedHeaders=host;x-sdk-date, Signature=" + strings.Repeat("0", 64)},
	{"missing-signature", "SDK-HMAC-SHA256 Access=GESCONFORMMADEUPKEY0, SignedHeaders=host;x-sdk-date"},
	{"short-signature", "SDK-HMAC-SHA256 Access=GESCONFORMMADEUPKEY0, SignedHeaders=host;x-sdk-date, Signature=00"},
	{"scheme-alone", "SDK-HMAC-SHA256"},
	{"bearer", "Bearer gesconform-made-up-token"},
	{"basic", "Basic Z2VzY29uZm9ybTptYWRlLXVw"},
}

func (d *deriver) token(subject string, scheme *contract.SecurityScheme, notIssued string) {
	missing := d.base.without(scheme.Header)
	d.addIfRefused(subject, "missing", missing)
	d.addIfRefused(subject, "empty", d.base.with(scheme.Header, ""))
	for _, m := range []struct{ name, value string }{
		{"made-up", "gesconform-made-up-token"},
		{"tampered", TamperedTokenPlaceholder},
		{"cut", "MIIE"},
		{"long", strings.Repeat("A", 2000)},
		{"null-word", "null"},
	} {
		d.add(subject, m.name, d.base.with(scheme.Header, m.value), notIssued, notIssued)
	}
	if expired := d.related(contract.Expired, ""); expired != "" {
		d.add(subject, "expired", d.base.with(scheme.Header, ExpiredTokenPlaceholder), expired, expired)
	}
	if denied := d.related(contract.NotPermitted, ""); denied != "" && !d.op.Safe() {
		d.add(subject, "readonly", d.base.with(scheme.Header, ReadonlyTokenPlaceholder), denied, denied)
	}
	d.addIfRefused(subject, "repeated", Template{
		Method: d.base.Method, Path: d.base.Path, Body: d.base.Body,
		Headers: append(slices.Clone(d.base.Headers), Header{scheme.Header, TokenPlaceholder}),
	})
	if _, name, ok := d.op.Place(contract.OtherProject); ok && d.op.Parameter(name) != nil {
		d.addIfRefused(subject, "missing-and-project-other", missing.replacePath(ProjectPlaceholder, otherProject))
	}
	if d.op.Body != nil {
		d.missingAtGraph(subject, missing)
		d.addIfRefused(subject, "missing-and-body-malformed", missing.withBody("{"))
		d.addIfRefused(subject, "missing-and-member-missing", missing.withBody("{}"))
		d.addIfRefused(subject, "missing-and-media-type-wrong", missing.with("Content-Type", "text/plain"))
	}
}

// missingAtGraph leaves the credentials out of a request to the graph itself,
// with its own version: whoever compares versions first gives away what the
// caller may not know.
func (d *deriver) missingAtGraph(subject string, missing Template) {
	conditions, problems := d.broken(missing)
	if d.related(contract.NotLater, "/"+d.version) == "" || len(conditions) == 0 {
		return
	}
	k := d.relationCase(subject, "missing-and-version-equal", conditions[0])
	k.Request, k.Probes = missing, d.probes(subject, conditions[0], problems)
	k.Aims = []Aim{{Name: "current-version", Graph: Named, Version: Current, Risk: Guarded, Conditions: conditions}}
	d.keep(k)
}

// otherProject is a well-formed id that no caller's project has.
const otherProject = "f00dfacef00dfacef00dfacef00dface"

// project breaks the path parameter that names the project.
func (d *deriver) project() {
	_, name, ok := d.op.Place(contract.OtherProject)
	p := d.op.Parameter(name)
	if !ok || p == nil {
		return
	}
	subject := "path/" + p.Name
	other := d.related(contract.OtherProject, p.Name)
	d.addElsewhere(subject, "other", d.base.replacePath(ProjectPlaceholder, otherProject), other, other)
	d.addElsewhere(subject, "other-similar", d.base.replacePath(ProjectPlaceholder, SimilarProject), other, other)
	if s := p.Schema; s.MaxLength > 0 {
		d.addMalformed(subject, "too-long", strings.Repeat("a", s.MaxLength+1))
		d.addMalformed(subject, "very-long", strings.Repeat("a", 1000))
		d.addElsewhere(subject, "longest", d.base.replacePath(ProjectPlaceholder, strings.Repeat("a", s.MaxLength)), other, other)
		d.addElsewhere(subject, "shortest", d.base.replacePath(ProjectPlaceholder, "a"), other, other)
	}
	for _, m := range []struct{ name, value string }{
		{"hyphen", "0123456789abcdef-0123456789abcdef"},
		{"underscore", "0123456789abcdef_0123456789abcdef"},
		{"full-stop", "0123456789abcdef.0123456789abcdef"},
		{"space", "0123456789abcdef 0123456789abcdef"},
		{"newline-after", "0123456789abcdef0123456789abcdef\n"},
		{"non-ascii", "0123456789äbcdef0123456789äbcdef"},
		{"full-width-digits", "０１２３４５６７８９"},
		{"template", "{project_id}"},
		{"quote", `0123456789abcdef'"`},
		{"nul", "0123456789abcdef\x00"},
	} {
		d.addMalformed(subject, "malformed-"+m.name, m.value)
	}
}

func (d *deriver) addMalformed(subject, name, value string) {
	t := d.base.replacePath(ProjectPlaceholder, url.PathEscape(value))
	if conditions := d.conditions(t); len(conditions) > 0 {
		d.add(subject, name, t, d.ruleOf(conditions))
	}
}

// addElsewhere is add for a request under another project. A server that looks
// for the job or the graph there first does not find it, which is lawful, too.
func (d *deriver) addElsewhere(subject, name string, t Template, rule string, relations ...string) {
	if strings.Contains(t.Path, JobPlaceholder) {
		relations = append(relations, d.unknownJob())
	}
	d.add(subject, name, t, rule, relations...)
}

func (d *deriver) unknownJob() string {
	for _, p := range d.op.Parameters {
		if p.In == contract.InPath && p.Name != d.graphParameter {
			if condition := d.related(contract.Unknown, p.Name); condition != "" {
				return condition
			}
		}
	}
	return ""
}

// unknownIDs are ids that nobody has given to anything; some of them nobody can.
var unknownIDs = []struct{ name, id string }{
	{"unknown-short", "gesconform-no-such"},
	{"unknown-upper-case", "5AFE0000-0000-4000-8000-0000005AFE00"},
	{"unknown-digits", "123456789"},
	{"unknown-longest", strings.Repeat("5afe", 32)},
	{"malformed-too-long", strings.Repeat("5afe", 64)},
	{"malformed-non-ascii", "no-such-gräph"},
	{"malformed-space", "no such"},
	{"malformed-quote", `no-such'"`},
	{"malformed-markup", "<no-such>"},
	{"malformed-nul", "no-such\x00"},
	{"malformed-format", "%s%n"},
}

// graphs names graphs that the operation refuses.
func (d *deriver) graphs() {
	if d.graphParameter == "" {
		return
	}
	subject := "path/" + d.graphParameter
	if rule := d.related(contract.Unknown, d.graphParameter); rule != "" {
		d.graphCase(subject, "unknown", rule, "", Aim{Name: "absent-graph", Graph: Absent, Version: AnyVersion, Risk: Inert})
		for _, u := range unknownIDs {
			d.graphCase(subject, u.name, rule, url.PathEscape(u.id), Aim{Name: "absent-graph", Graph: Literal, Version: AnyVersion, Risk: Inert})
		}
	}
	if rule := d.related(contract.Foreign, d.graphParameter); rule != "" {
		aim := Aim{Name: "foreign-graph", Graph: ForeignGraph, Risk: Inert, Needs: []string{"foreign-graph-id"}}
		if !d.op.Safe() {
			aim.Risk, aim.Version = Destructive, LaterVersion
			aim.Needs = []string{"foreign-graph-id", "confirm-foreign-graph", "upgrade-version"}
		}
		d.graphCase(subject, "foreign", rule, "", aim)
	}
	if rule := d.related(contract.Stopped, d.graphParameter); rule != "" {
		needs := []string{"stopped-graph-id"}
		d.graphCase(subject, "stopped", rule, "",
			Aim{Name: "stopped-graph-current-version", Graph: StoppedGraph, Version: Current, Risk: Guarded, Needs: needs,
				Conditions: d.and([]string{rule}, contract.NotLater, "/"+d.version)},
			Aim{Name: "stopped-graph-later-version", Graph: StoppedGraph, Version: LaterVersion, Risk: Destructive,
				Needs: append([]string{"upgrade-version"}, needs...), Conditions: []string{rule}})
	}
}

// graphCase is a case of the plain request for a graph, or of one with a
// literal id in the path. A literal that cannot be an id at all is under test
// as such.
func (d *deriver) graphCase(subject, name, rule, literal string, aims ...Aim) {
	t := d.base
	if literal != "" {
		t = t.replacePath(GraphPlaceholder, literal)
	}
	relations := []string{rule}
	if strings.Contains(t.Path, JobPlaceholder) {
		relations = append(relations, d.unknownJob())
	}
	conditions := d.conditions(t, relations...)
	static, problems := d.broken(t)
	if len(static) > 0 { // it cannot be an id, so that it cannot be unknown either
		rule, conditions = d.ruleOf(static), static
	}
	k := d.relationCase(subject, name, rule)
	k.Probes = d.probes(subject, rule, problems)
	k.Request, k.Front = t, d.c.Refusal(rule).Front
	for i := range aims {
		if aims[i].Conditions == nil {
			aims[i].Conditions = conditions
		}
		if !t.HasVersion() {
			aims[i].Version = ""
		}
	}
	k.Aims = aims
	d.keep(k)
}

// jobs names jobs that do not exist, of the named graph.
func (d *deriver) jobs() {
	rule := d.unknownJob()
	if rule == "" {
		return
	}
	for _, p := range d.op.Parameters {
		if d.related(contract.Unknown, p.Name) != rule {
			continue
		}
		d.add("path/"+p.Name, "unknown", d.base, rule, rule)
		for _, u := range unknownIDs {
			t := d.base.replacePath(JobPlaceholder, url.PathEscape(u.id))
			if static := d.conditions(t); len(static) > 0 {
				d.add("path/"+p.Name, u.name, t, d.ruleOf(static))
			} else {
				d.add("path/"+p.Name, u.name, t, rule, rule)
			}
		}
	}
}

// unroutable makes paths that a router may take for others. They go only where
// the user allows an upgrade, and name no graph that exists.
func (d *deriver) unroutable() {
	for _, r := range d.op.Refusals() {
		if !slices.ContainsFunc(r.When, func(w contract.When) bool { return w.In == contract.InPath && w.Keyword == "slash" }) {
			continue
		}
		for _, m := range []struct{ name, segment string }{{"empty", ""}, {"escaped-slash", "a%2Fb"}} {
			k := d.relationCase("path/"+d.graphParameter, "unroutable-"+m.name, r.Condition)
			k.Request = d.base.replacePath(GraphPlaceholder, m.segment)
			_, problems := d.broken(k.Request)
			k.Probes = d.probes(k.Subject, r.Condition, problems)
			k.Front = true
			k.Aims = []Aim{{
				Name: "no-graph", Graph: Literal, Version: AnyVersion, Risk: Destructive,
				Conditions: d.and([]string{r.Condition}, contract.Unknown, d.graphParameter),
			}}
			d.keep(k)
		}
	}
}

// allMethods leaves out OPTIONS, which may be answered with a success, and those
// that RFC 9110 lets a server answer with 501.
var allMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodPost,
}

// methods sends the request with each other method. Of an operation that only
// reads there are none: some other method on its path may be a real operation
// that destroys the graph.
func (d *deriver) methods() {
	if d.op.Safe() {
		return
	}
	for _, method := range allMethods {
		if method == d.op.Method {
			continue
		}
		t := d.base
		t.Method = method
		rule := ""
		for _, r := range d.op.Refusals() {
			if r.When[0].In == contract.InMethod {
				rule = r.Condition
			}
		}
		if rule != "" {
			d.add("method", strings.ToLower(method), t, rule, rule)
		}
	}
}

// mediaTypes breaks the Content-Type.
func (d *deriver) mediaTypes() {
	if d.op.Body == nil {
		return
	}
	d.addIfRefused("media-type", "missing", d.base.without("Content-Type"))
	for _, m := range []struct{ name, value string }{
		{"text", "text/plain"},
		{"xml", "application/xml"},
		{"form", "application/x-www-form-urlencoded"},
		{"multipart", "multipart/form-data; boundary=b"},
		{"octets", "application/octet-stream"},
		{"near-miss", "application/jsonx"},
		{"malformed", "json"},
	} {
		d.addIfRefused("media-type", m.name, d.base.with("Content-Type", m.value))
	}
}
