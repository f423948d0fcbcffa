package run

import (
	"context"
	"fmt"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
)

// DocumentAgain judges again a run by a document, from what its results.json says of the run as a
// whole and from its exchanges. It is an evidence.DocumentJudge.
func DocumentAgain(ctx context.Context, c *contract.Contract, run result.Run, exchanges []exchange.Exchange, _ bool) (result.Run, error) {
	o, err := recordedOptions(c, &run)
	if err != nil {
		return result.Run{}, err
	}
	d, err := o.derive()
	if err != nil {
		return result.Run{}, err
	}
	options := o.options()
	options.Selects, options.Derived = d.selects(), d.all
	found, err := implied.Replay(ctx, options, exchanges, run.Document.KeptBack)
	if err != nil {
		return result.Run{}, err
	}
	cutOffAgain(&found, &run)
	known := result.ExpectationsOf(run, result.DocumentNames(c, d.cases()))
	return d.conclude(run, found, known), nil
}

// cutOffAgain cuts off the cases that a limit has cut off in the run: its exchanges do not say why they
// end.
func cutOffAgain(found *implied.Report, run *result.Run) {
	unsent := map[string]bool{}
	for _, id := range run.Document.Unsent {
		unsent[id] = true
	}
	found.Unsent, found.Limit = run.Document.Unsent, run.Document.Limit
	for i := range found.Results {
		r := &found.Results[i]
		if unsent[r.Case] {
			r.Verdict, r.Reason, r.Findings = judge.NotApplicable, run.Document.Limit, nil
		}
	}
}

// NamesAgain returns what an expectation of a run that was recorded may name.
func NamesAgain(c *contract.Contract, run *result.Run) (result.Names, error) {
	o, err := recordedOptions(c, run)
	if err != nil {
		return result.Names{}, err
	}
	return o.Names()
}

// recordedOptions returns the options of a run that was recorded. What was not recorded, for it may
// be a credential, is replaced by the variable that stands for it.
func recordedOptions(c *contract.Contract, run *result.Run) (*DocumentOptions, error) {
	risk, ok := cases.ParseRisk(run.Target.Risk)
	if !ok {
		return nil, fmt.Errorf("target: expected the risk inert, guarded or destructive, got %.40q", run.Target.Risk)
	}
	cfg := config.Default()
	cfg.Endpoint, cfg.Risk, cfg.Seed, cfg.MaxRequests = run.Target.Endpoint, risk, run.Target.Seed, run.Document.MaxRequests
	cfg.LabelFilter = run.Target.Filter
	d := &cfg.Document
	d.Operations, d.Time, d.MaxPlaces = run.Document.Operations, run.Document.Time, run.Document.MaxPlaces
	for _, text := range run.Document.Fixtures {
		f, err := config.ParseFixture(text)
		if err != nil {
			return nil, fmt.Errorf("fixtures: %w", err)
		}
		d.Fixtures = append(d.Fixtures, f)
	}
	for _, scheme := range run.Document.Credentials {
		d.Credentials = append(d.Credentials, config.Named{Name: scheme, Value: stands(config.CredentialVariable(scheme))})
	}
	for _, text := range run.Document.Added {
		in, name, _ := strings.Cut(text, " ")
		values := map[contract.In]*[]config.Named{contract.InHeader: &d.Headers, contract.InQuery: &d.Queries, contract.InCookie: &d.Cookies}[contract.In(in)]
		if values == nil {
			return nil, fmt.Errorf("added: expected a header, query or cookie and its name, got %.80q", text)
		}
		*values = append(*values, config.Named{Name: name, Value: stands(config.Variable(in) + "_" + name)})
	}
	given, err := d.For(c, nil)
	if err != nil {
		return nil, err
	}
	return &DocumentOptions{Contract: c, Config: cfg, Given: given}, nil
}

// stands returns a text that stands for a credential. It is none that is read from a variable.
func stands(variable string) string { return "of:" + variable }
