package implied_test

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/fakedocument"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/selftest/generated"
	"github.com/gesconform/gesconform/internal/selftest/services"
)

// A correct is a correct server.
type correct struct {
	*services.Service // its document, credentials and ids
	contract          *contract.Contract
	start             func() http.Handler // with a state of its own
}

// corrects returns the services, and the fakes of documents of other makes.
func corrects(t *testing.T) (all []correct) {
	t.Helper()
	for _, s := range services.All() {
		all = append(all, correct{s, documentOf(t, s), func() http.Handler { return s.New("", 1) }})
	}
	err := fs.WalkDir(generated.Documents, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		document, err := fs.ReadFile(generated.Documents, path)
		if err != nil {
			return err
		}
		s := &services.Service{Name: strings.TrimSuffix(d.Name(), ".yaml"), Document: document, Fixtures: map[string]string{}}
		c := documentOf(t, s)
		start := func() *fakedocument.Server {
			fake, err := fakedocument.New(fakedocument.Options{Contract: c, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			return fake
		}
		first := start()
		s.Credentials = first.Credentials()
		for _, f := range first.Fixtures() {
			s.Fixtures[f.Name] = f.Value
		}
		all = append(all, correct{s, c, func() http.Handler { return start() }})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A correct server of a document is found to conform; the fakes of documents in all that there is, whether ids are given or
// found.
func TestCorrectServersConform(t *testing.T) {
	for _, s := range corrects(t) {
		_, isFake := s.start().(*fakedocument.Server)
		for _, given := range []bool{true, false} {
			if !given && !isFake {
				continue
			}
			server := httptest.NewServer(s.start())
			o, client := options(t, s.Service, s.contract, server.URL, cases.Destructive)
			if !given {
				o.Fixtures = nil
			}
			report, err := implied.Run(t.Context(), o)
			client.Close()
			server.Close()
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				if r.Verdict != judge.Conforms && isFake && !strings.Contains(r.Reason, "no Location") {
					t.Errorf("%s, fixtures %t: %s: expected that it conforms, got %s: %s", s.Name, given, r.Case, r.Verdict, r.Reason)
				}
			}
			if got := accusations(report, judge.Deviates, judge.Advisory); len(got) > 0 {
				t.Errorf("%s, fixtures %t: expected no accusation, got %q", s.Name, given, got)
			}
		}
	}
}

// untold reports whether a report leaves out that an operation refused a request which the document allows. It tells so,
// and accuses nobody, where the plain request is refused itself, or where a text may have to be of a kind that the document
// does not say.
func untold(report implied.Report, d generated.Defect) bool {
	operation := strings.Join(strings.Fields(d.Name)[:2], " ") + ": "
	return !slices.ContainsFunc(report.Results, func(r judge.Result) bool {
		refused := slices.ContainsFunc(r.Exchanges, func(x exchange.Exchange) bool { return x.Status() == http.StatusBadRequest })
		return refused && strings.HasPrefix(r.Case, operation) &&
			(strings.HasPrefix(r.Reason, "the plain request is refused") || strings.Contains(r.Reason, "does not say") || strings.Contains(r.Reason, "may have to be"))
	})
}

// changes reports whether a defect shows itself where something is changed that exists: what such a request may be is
// not tried, but that what it gave is kept.
func changes(d generated.Defect) bool {
	return strings.HasPrefix(d.Name, "PUT ") || strings.HasPrefix(d.Name, "PATCH ")
}

// Each defect that a document brings by itself is found at a requirement that it breaks, if it shows itself at all.
func TestGeneratedDefects(t *testing.T) {
	if testing.Short() {
		t.Skip("a sample of them is tried without -short")
	}
	n := 0
	for _, s := range corrects(t) {
		for _, d := range generated.Defects(s.contract) {
			if n++; os.Getenv("GESCONFORM_TEST_ALL") != "" || n%5 == 0 && sampled(n/5) {
				t.Run(s.Name+" "+d.Name, func(t *testing.T) {
					t.Parallel()
					s.findsOut(t, d)
				})
			}
		}
	}
}

// findsOut judges a correct server with a defect.
func (s correct) findsOut(t *testing.T, d generated.Defect) {
	server := &generated.Server{Contract: s.contract, Correct: s.start(), Credentials: s.Credentials, Defect: d}
	front := httptest.NewServer(server)
	defer front.Close()
	o, client := options(t, s.Service, s.contract, front.URL, cases.Destructive)
	defer client.Close()
	report, err := implied.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	broken := server.Broken()
	found := slices.ContainsFunc(report.Results, func(r judge.Result) bool {
		return slices.ContainsFunc(r.Deviations(true), func(f judge.Finding) bool { return slices.Contains(broken, f.Requirement) })
	})
	got := accusations(report, judge.Deviates, judge.Advisory)
	switch {
	case len(broken) == 0 && len(got) > 0:
		t.Errorf("expected no accusation of what has not shown itself, got %.600q", got)
	case len(broken) > 0 && !found && !changes(d) && (!slices.Contains(broken, "value.accepted") || untold(report, d)):
		t.Errorf("expected a deviation from one of %q, got %.300q", broken, got)
	}
}

// Each clause that a request must keep is broken by a case, or the report says why it is not.
func TestEachClauseIsBrokenOrNamed(t *testing.T) {
	for _, s := range corrects(t) {
		all, underived, err := implied.Cases(implied.Options{Contract: s.contract, Credentials: s.Credentials, Risk: cases.Destructive})
		if err != nil {
			t.Fatal(err)
		}
		told := map[string]bool{}
		for _, k := range all {
			told[k.Clause] = true
		}
		for _, u := range underived {
			told[u.Clause] = true
		}
		for _, clause := range generated.RequestClauses(s.contract) {
			if !told[clause] {
				t.Errorf("%s: expected a case that breaks %s, or a reason why there is none", s.Name, clause)
			}
		}
	}
}
