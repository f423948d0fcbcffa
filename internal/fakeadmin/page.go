package fakeadmin

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/gen"
	"github.com/gesconform/gesconform/internal/printable"
)

//go:embed page.html style.css page.js icon.svg
var files embed.FS

// pageTemplate is only parsed when the page is requested, which in tests is rare.
var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page.html").Funcs(template.FuncMap{
		"visible": printable.Escape,
		"clock":   func(t time.Time) string { return t.UTC().Format("15:04:05.000") },
		"moment":  func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") },
		"stamp":   func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
		"plural":  plural,
		"where":   where,
	}).ParseFS(files, "page.html"))
})

// shownRows is how many exchanges the page shows at most.
const shownRows = 200

// A page is the data of the page template.
type page struct {
	Run         string
	Description string
	Now         time.Time
	Seed        int64
	Graphs      []fakeserver.Graph
	Jobs        []jobRow
	Journal     span
	Text        string // the filter
	Violations  bool
	Rows        []row // newest first
	Limit       int
}

// Kept is how many exchanges the journal keeps.
func (p *page) Kept() uint64 { return p.Journal.Last + 1 - p.Journal.First }

func asset(name, kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Content-Type", kind)
		http.ServeFileFS(w, r, files, name)
		return nil
	}
}

// page answers with the page. With the parameter after=N, the journal on it only has the
// exchanges after number N, for the script of an open page.
func (h *handler) page(w http.ResponseWriter, r *http.Request) error {
	wanted, err := readQuery(r.URL.Query(), "after", "violations", "text")
	if err != nil {
		return err
	}
	p := &page{
		Run: h.instance, Description: h.fake.Scenario().Description, Now: h.fake.Now(), Seed: h.fake.Seed(),
		Graphs: h.fake.Graphs(), Journal: h.span(), Text: wanted.text, Violations: wanted.violations, Limit: shownRows,
	}
	names := map[string]string{}
	for _, g := range p.Graphs {
		names[g.ID] = g.Name
	}
	for _, j := range h.fake.Jobs(shownJobs) {
		p.Jobs = append(p.Jobs, newJobRow(j, p.Now))
	}
	p.Rows = h.rows(wanted, p.Journal.Last, names)
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w) // fails if the client is gone
	return nil
}

// rows returns the newest exchanges that a query selects, newest first.
func (h *handler) rows(wanted query, last uint64, names map[string]string) []row {
	after := wanted.after
	if !wanted.violations && wanted.text == "" && last > shownRows {
		after = max(after, last-shownRows) // do not judge exchanges that would not be shown
	}
	exchanges := h.fake.Journal(after)
	slices.Reverse(exchanges)
	var rows []row
	for _, x := range exchanges {
		if wanted.violations && len(x.Judgement.Request) == 0 {
			continue
		}
		if wanted.text != "" && !mentions(x, wanted.text) {
			continue
		}
		rows = append(rows, newRow(x, names))
		if len(rows) == shownRows {
			break
		}
	}
	return rows
}

// submit does what a form of the page asks for, and redirects to the page.
func (h *handler) submit(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return refuse(http.StatusBadRequest, "read the form: %v", err)
	}
	switch {
	case r.PostForm.Has("advance"):
		if err := h.advanceClock(r.PostForm.Get("advance")); err != nil {
			return err
		}
	case r.PostForm.Has("reset"):
		h.fake.Reset()
	default:
		return refuse(http.StatusBadRequest, "expected a form with advance or reset")
	}
	http.Redirect(w, r, Root, http.StatusSeeOther)
	return nil
}

// A jobRow is a job as the page shows it.
type jobRow struct {
	fakeserver.Job
	Percent int
	When    string
}

// Ended reports whether the job has ended.
func (j jobRow) Ended() bool { return ended(j.Status) }

func ended(status string) bool {
	return status != string(gen.JobStatusPending) && status != string(gen.JobStatusRunning)
}

func newJobRow(j fakeserver.Job, now time.Time) jobRow {
	shown := jobRow{Job: j, Percent: 100}
	switch whole := j.End.Sub(j.Start); {
	case ended(j.Status):
		shown.When = "ended " + j.End.UTC().Format("15:04:05")
	case now.Before(j.Start):
		shown.Percent, shown.When = 0, "waits, starts in "+approximately(j.Start.Sub(now))
	case now.Before(j.End) && whole > 0:
		shown.Percent = int(100 * now.Sub(j.Start) / whole)
		shown.When = approximately(j.End.Sub(now)) + " left"
	default:
		shown.Percent, shown.When = 99, "should have ended" // a defect prevents that
	}
	return shown
}

// zeroUnits removes zeros from the end of a duration: 1h0m0s becomes 1h.
var zeroUnits = strings.NewReplacer("h0m0s ", "h", "m0s ", "m", " ", "")

// approximately formats a duration for people.
func approximately(d time.Duration) string {
	switch {
	case d < time.Second:
		return "under 1s"
	case d < time.Minute:
		return d.Round(time.Second).String()
	default:
		return zeroUnits.Replace(d.Round(time.Second).String() + " ")
	}
}

func plural(n any, one, many string) string {
	if fmt.Sprint(n) == "1" {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}
