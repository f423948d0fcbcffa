package run

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/printable"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
	"github.com/gesconform/gesconform/internal/wire"
)

// DocumentOptions configure a run that judges a server by a document which states no requirements of
// its own.
type DocumentOptions struct {
	Contract *contract.Contract
	Config   config.Config // as from Config.ForDocument
	Given    *config.Given

	Expectations result.Expectations
	Baseline     *result.Run
	FailOnChange bool
	Force        bool      // replace an earlier run in the output folder
	Out          io.Writer // receives the result
	Progress     io.Writer // receives the plan and the progress
	Terminal     bool      // whether Progress is a terminal
	Text         report.TextOptions

	cleaned []wire.Free // what an earlier run has made
}

// Document judges a server by a document and writes the result to Out and, if there is one, to the
// output folder. The error is as that of Run.
func Document(ctx context.Context, o DocumentOptions) (result.Run, error) {
	if err := o.Config.CompleteDocument(); err != nil {
		return result.Run{}, err
	}
	d, err := o.derive()
	if err != nil {
		return result.Run{}, err
	}
	required, err := session.Required(o.Contract, o.Config.Require)
	if err != nil {
		return result.Run{}, err
	}
	run := o.describe(d)
	w := &watcher{progress: report.NewProgress(o.Progress, o.Terminal, time.Now), total: len(d.selected)}
	if err := nothingLeft(o.Config.Output); err != nil {
		return result.Run{}, err
	}
	if err := w.open(evidence.Output{Folder: o.Config.Output, Force: o.Force}); err != nil {
		return result.Run{}, err
	}
	defer w.close()
	if o.Config.Output != "" { // so that a run that is killed leaves what it was
		if err := evidence.WriteResults(o.Config.Output, run); err != nil {
			return result.Run{}, err
		}
	}
	for _, caution := range o.Config.Cautions() {
		fmt.Fprintln(o.Progress, "WARNING: "+caution)
	}
	fmt.Fprintln(o.Progress, documentPlan(&run))
	found, err := o.judge(ctx, w, d)
	w.progress.Clear()
	if err != nil {
		return result.Run{}, err
	}
	run.Ended = time.Now().UTC().Round(0)
	run.Duration = run.Ended.Sub(run.Started)
	run.Interrupted = ctx.Err() != nil
	run.Notes = append(append(run.Notes, found.Notes...), result.NotesOnAbridged(found.Results)...)
	described := run
	run = d.conclude(described, found, o.Expectations)
	if missing := session.Unmet(required, &run); missing != "" && run.Failure == "" {
		found.Failure = missing
		run = d.conclude(described, found, o.Expectations)
	}
	err = o.write(ctx, &run, w.failed)
	return run, err
}

// options returns those of the engine, without what sends.
func (o *DocumentOptions) options() implied.Options {
	cfg, given := &o.Config, o.Given
	i := implied.Options{
		Contract: o.Contract, Endpoint: cfg.Endpoint, Credentials: given.Credentials, Operations: cfg.Document.Operations, Risk: cfg.Risk,
		MaxRequests: cfg.MaxRequests, Time: cfg.Document.Time, MaxPlaces: cfg.Document.MaxPlaces, Concurrency: cfg.Concurrency, Recovery: cfg.RecoveryTimeout, Seed: cfg.Seed,
	}
	for _, f := range given.Fixtures {
		i.Fixtures = append(i.Fixtures, implied.Fixture{Name: f.Name, Value: f.Value, Free: f.Free})
	}
	for _, p := range given.Parameters {
		i.Fixtures = append(i.Fixtures, implied.Fixture{Name: p.Name, Value: p.Value, Placed: true})
	}
	for _, p := range given.Others {
		i.Added = append(i.Added, implied.Added{In: p.In, Name: p.Name, Value: p.Value})
	}
	return i
}

// judge sends the cases and has them decided.
func (o *DocumentOptions) judge(ctx context.Context, w *watcher, d *derivation) (implied.Report, error) {
	options := o.options()
	options.Selects, options.Derived = d.selects(), d.all
	credentials := o.credentials(options)
	gate := wire.NewDocumentGate(o.Contract, o.Config.Risk, o.free(), credentials)
	gate.Keep(o.given())
	client := wire.New(&o.Config, wire.WithCredentials(credentials...), wire.WithGate(gate))
	defer client.Close()
	made := &maker{gate: gate, folder: o.Config.Output}
	options.Made = made.made
	options.Sender = client
	options.Judged = func(r judge.Result) { w.result(&r) }
	options.Exchange = func(x exchange.Exchange) { _ = w.exchange(x) } // the first error is kept
	report, err := implied.Run(ctx, options)
	w.fail(made.close())
	return report, err
}

// credentials returns what requests carry that must not be kept, in its places: for the security
// schemes, and whatever else the user has given, which may be credentials, too.
func (o *DocumentOptions) credentials(options implied.Options) []wire.Credential {
	var all []wire.Credential
	for _, c := range implied.CarriedBy(options) {
		all = append(all, wire.Credential{In: c.Scheme.In, Name: c.Scheme.Name, Value: c.Text, Variable: config.CredentialVariable(c.Scheme.ID), Altered: c.MadeUp})
	}
	for _, p := range slices.Concat(o.Given.Parameters, o.Given.Others) {
		all = append(all, wire.Credential{In: p.In, Name: p.Name, Value: p.Value, Variable: p.Variable()})
	}
	return all
}

// free returns what the run may change.
func (o *DocumentOptions) free() []wire.Free {
	all := slices.Clone(o.cleaned)
	for _, f := range o.Given.Fixtures {
		if f.Free {
			all = append(all, wire.Free{Parameter: f.Name, Value: f.Value})
		}
	}
	return all
}

// given returns what the user names, changeable or not: it was there before the run.
func (o *DocumentOptions) given() []wire.Free {
	var all []wire.Free
	for _, f := range o.Given.Fixtures {
		all = append(all, wire.Free{Parameter: f.Name, Value: f.Value})
	}
	return all
}

// write writes the result. unrecorded is why the exchanges could not all be recorded, or nil.
func (o *DocumentOptions) write(ctx context.Context, run *result.Run, unrecorded error) error {
	err := unrecorded
	var more []evidence.File
	if o.Baseline != nil {
		changes := result.Compare(*o.Baseline, *run)
		run.Comparison = &changes
		more = append(more, evidence.File{Name: result.ChangesFile, Write: result.WriteComparison})
	}
	if o.Config.Output != "" { // before Out, whose reader may have gone
		err = errors.Join(err, evidence.WriteDir(o.Config.Output, *run, more...))
	}
	err = errors.Join(err, report.Write(o.Out, *run, o.Text))
	verdict := run.Ending(ctx.Err())
	if verdict == nil && o.FailOnChange && run.Comparison != nil && run.Comparison.Any() {
		verdict = ErrChanged
	}
	if err != nil {
		return &WriteError{Err: err, Verdict: verdict}
	}
	return verdict
}

// A derivation is what was derived from a document.
type derivation struct {
	contract  *contract.Contract
	all       []*implied.Case
	selected  []*implied.Case // by the label filter
	underived []implied.Underived
}

// derive derives the cases of the document, and selects those that the label filter matches.
func (o *DocumentOptions) derive() (*derivation, error) {
	d, err := deriveAll(o.options())
	if err != nil {
		return nil, err
	}
	d.selected, err = SelectDerived(d.all, o.Config.LabelFilter)
	return d, err
}

// deriveAll derives the cases of a document. That there is none is an error: a run of nothing would look
// like a success.
func deriveAll(o implied.Options) (*derivation, error) {
	all, underived, err := implied.Cases(o)
	if err != nil {
		return nil, err
	}
	d := &derivation{o.Contract, all, all, underived}
	if len(all) > 0 {
		return d, nil
	}
	n := len(o.Contract.Operations())
	if n == 0 {
		return nil, fmt.Errorf("spec: %s: expected operations to judge a server by, got none", printable.Line(o.Contract.Name()))
	}
	why := ""
	if reasons := (&result.Document{Underived: d.notDerived()}).NotDerived(func(string) bool { return true }); len(reasons) > 0 {
		why = ": " + printable.Line(reasons[0].Reason)
	}
	return nil, fmt.Errorf("spec: %s: no case can be derived from its %d %s%s; `gesconform cases --spec FILE` says why for each",
		printable.Line(o.Contract.Name()), n, printable.Plural(n, "operation", "operations"), why)
}

// describe returns what is known of a run before it begins.
func (o *DocumentOptions) describe(d *derivation) result.Run {
	c, cfg := o.Contract, &o.Config
	run := result.Run{
		SchemaVersion: result.SchemaVersion, ID: cfg.RunID, Tool: result.Tool{Name: "gesconform", Version: config.ToolVersion},
		Contract: result.ContractVersion{Name: c.Name(), Version: c.Version(), SHA256: c.SHA256()},
		Target:   result.Target{Endpoint: cfg.Endpoint, Risk: cfg.Risk.String(), Strict: cfg.Strict, Seed: cfg.Seed, Filter: cfg.LabelFilter},
		Ticket:   cfg.Ticket, Started: time.Now().UTC().Round(0), Plan: result.Plan{Cases: len(d.selected)}, Notes: append(cfg.Cautions(), c.Notes()...),
		Document: &result.Document{
			Operations: cfg.Document.Operations, MaxRequests: cfg.MaxRequests, Time: cfg.Document.Time, MaxPlaces: cfg.Document.MaxPlaces, Underived: d.notDerived(),
		},
	}
	for _, k := range d.selected {
		if k.Risk <= cfg.Risk {
			run.Plan.Count(k.Risk)
		}
	}
	for _, f := range o.Given.Fixtures {
		run.Document.Fixtures = append(run.Document.Fixtures, f.String())
	}
	run.Document.Credentials, run.Document.Added = o.Given.Names()
	return run
}

// notDerived returns what has no case.
func (d *derivation) notDerived() []result.Underived {
	var all []result.Underived
	for _, u := range d.underived {
		all = append(all, result.Underived{Operation: u.Operation, Part: u.Part, Reason: u.Reason, Detail: u.Detail, Clause: u.Clause, Line: u.Line, Limit: u.Limit})
	}
	return all
}

// conclude completes a run with what was found.
func (d *derivation) conclude(run result.Run, found implied.Report, known result.Expectations) result.Run {
	document := *run.Document
	document.Left = found.Left
	document.Unsent, document.Limit = slices.Sorted(slices.Values(found.Unsent)), found.Limit
	document.KeptBack = found.KeptBack
	run.Document, run.Failure = &document, found.Failure
	if !run.Interrupted { // which is the reason itself
		run.Failure = cmp.Or(run.Failure, nonePassed(found))
	}
	return result.SummariseDocument(d.contract, run, found.Results, d.cases(), known)
}

// nonePassed says why a run says nothing of the server, if it does not: no request has passed. It may be another
// server than the document describes, or know none of the credentials, which must not look like a success.
func nonePassed(found implied.Report) string {
	results := found.Results
	if found.Passed || len(results) == 0 || slices.ContainsFunc(results, func(r judge.Result) bool { return r.Verdict == judge.Deviates }) {
		return ""
	}
	var reasons, ids []string
	sent := -1
	for i := range results {
		r := &results[i]
		if len(r.Exchanges) > 0 && (sent < 0 || results[sent].Verdict.Exercised() && !r.Verdict.Exercised()) {
			sent = i // what was not decided says best what is wrong
		}
		reasons, ids = append(reasons, printable.Line(r.Reason)), append(ids, r.Case)
	}
	if sent < 0 {
		return "no request could be sent: " + result.ByReason(reasons, ids)[0].Reason
	}
	first := &results[sent]
	last := &first.Exchanges[len(first.Exchanges)-1]
	why := first.Reason
	if why == "" {
		why = fmt.Sprintf("status %d", last.Status())
	}
	return fmt.Sprintf("no plain request has passed: %s: %s; %s", first.Case, printable.Line(why), adviceOn(last))
}

// adviceOn says what to do about an answer that no request should get.
func adviceOn(x *exchange.Exchange) string {
	status := x.Status()
	switch advice := adviceByStatus[status]; {
	case x.Failure != nil:
		return "check --endpoint, and that the server is up"
	case advice != "":
		return advice
	case status >= 300 && status < 400:
		return "redirects are not followed: check --endpoint, and the credentials if it leads to a login"
	case status >= 500:
		return "check that the server is up behind what answers for it"
	}
	return "check --endpoint, with the path that the operations are below"
}

// adviceByStatus says what to do where a status says what is wrong.
var adviceByStatus = map[int]string{
	http.StatusUnauthorized:                  "check --credential, or --header, --query and --cookie, and whether they have expired",
	http.StatusForbidden:                     "check what the credentials permit",
	http.StatusProxyAuthRequired:             "a proxy wants credentials of its own: check HTTPS_PROXY",
	http.StatusTooManyRequests:               "try again later, or with a lower --rate",
	http.StatusNetworkAuthenticationRequired: "the network wants a login before it lets anything pass",
}

// cases returns what the summary needs to know of the cases.
func (d *derivation) cases() []result.DerivedCase {
	all := make([]result.DerivedCase, len(d.all))
	for i, k := range d.all {
		all[i] = result.DerivedCase{ID: k.ID, Operation: k.Operation.ID, Requirement: k.Requirement, Part: partOf(k), Rule: ruleOf(k.Clause)}
	}
	return all
}

// partOf returns the part of the request that a case is about, which its id names between the
// operation and what is done to it.
func partOf(k *implied.Case) string {
	parts := strings.Split(k.ID, ": ")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// ruleOf returns the keyword that a JSON pointer ends with.
func ruleOf(clause string) string { return clause[strings.LastIndexByte(clause, '/')+1:] }

// documentPlan says what a run may send.
func documentPlan(run *result.Run) string {
	return fmt.Sprintf("plan: %d %s against %s, at most %d inert, %d guarded and %d destructive, and the requests that they are compared with; at most %d requests in all; seed %d",
		run.Plan.Cases, printable.Plural(run.Plan.Cases, "case", "cases"), run.Target.Endpoint, run.Plan.Inert, run.Plan.Guarded, run.Plan.Destructive, run.Document.MaxRequests, run.Target.Seed)
}

// Names returns what an expectation of the run may name.
func (o *DocumentOptions) Names() (result.Names, error) {
	d, err := deriveAll(o.options())
	if err != nil {
		return result.Names{}, err
	}
	return result.DocumentNames(o.Contract, d.cases()), nil
}

// PreviewDocument writes the plan and the cases, and sends nothing.
func PreviewDocument(o DocumentOptions) error {
	if err := o.Config.CompleteDocument(); err != nil {
		return err
	}
	d, err := o.derive()
	if err != nil {
		return err
	}
	run := o.describe(d)
	var b strings.Builder
	b.WriteString(documentPlan(&run) + "\n")
	for _, k := range d.selected {
		if k.Risk <= o.Config.Risk {
			fmt.Fprintf(&b, "%-12s %s%s\n", k.Risk, printable.Line(k.ID), printable.Prefixed("; needs ", k.Needs))
		}
	}
	_, err = io.WriteString(o.Out, b.String())
	return err
}
