package report

import (
	"reflect"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestAnswers(t *testing.T) {
	answered := func(sequence, status int, body string) exchange.Exchange {
		return resulttest.Exchange(sequence, "c", status, body)
	}
	elsewhere, none, aside := answered(5, 404, ""), answered(6, 0, ""), answered(7, 429, "")
	elsewhere.Operation = "" // no operation of the sample
	none.Answer, none.Failure = nil, &exchange.Failure{Kind: exchange.TimedOut, Message: "too late"}
	aside.SetAside = "sent again"
	of := resulttest.Case("upgradeGraph/body/x", "upgrade.later", judge.Conforms, "")
	of.Operation = "aboutAnother"
	of.Exchanges = []exchange.Exchange{
		answered(1, 400, `{"error_code":"GES.0001"}`), answered(2, 400, `{"error_code":"GES.0001"}`), answered(3, 400, `{"error_code":"GES.0016"}`),
		answered(4, 200, `{}`), elsewhere, none, aside, {Sequence: 8}, // the last one is missing
	}
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{of})
	row := func(code string, counts ...int) codeRow {
		return codeRow{Code: code, Counts: counts, Total: counts[0] + counts[1]}
	}
	want := answers{
		Operations: []string{"aboutAnother", "upgradeGraph"}, Exchanges: 7, SetAside: 1,
		Statuses: []statusRows{
			{0, "no answer", "none", []codeRow{row("timed-out", 0, 1)}},
			{200, "OK", "fine", []codeRow{row("", 0, 1)}},
			{400, "Bad Request", "refused", []codeRow{row("GES.0001", 0, 2), row("GES.0016", 0, 1)}},
			{404, "Not Found", "refused", []codeRow{row("", 1, 0)}},
			{429, "Too Many Requests", "refused", []codeRow{row("", 0, 1)}},
		},
	}
	if got := answersOf(&run); !reflect.DeepEqual(got, want) {
		t.Errorf("expected %+v\ngot      %+v", want, got)
	}
}

func TestStatusRows(t *testing.T) {
	for status, want := range map[int][2]string{299: {"status 299", "fine"}, 302: {"Found", "refused"}, 503: {"Service Unavailable", "broken"}, 700: {"status 700", "broken"}} {
		if s := newStatusRows(status); s.Text != want[0] || s.Kind != want[1] {
			t.Errorf("%d: expected %q, got %+v", status, want, s)
		}
	}
}

func TestLatency(t *testing.T) {
	within := func(id string, durations ...time.Duration) judge.Result {
		r := resulttest.Case(id, "upgrade.later", judge.Conforms, "")
		for i, d := range durations {
			x := resulttest.Exchange(i, id, 200, "")
			x.Duration = d
			r.Exchanges = append(r.Exchanges, x)
		}
		return r
	}
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{
		within("upgradeGraph/path/a", 3*time.Millisecond, time.Millisecond, 2*time.Millisecond),
		within("showGraph/body/b", 100*time.Millisecond), within("alone", time.Millisecond, 0), within("showGraph/path/c"),
	})
	l := latencyOf(&run)
	type row struct {
		name             string
		count            int
		median, p95, max time.Duration
	}
	want := []row{
		{"body", 1, 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond},
		{"other", 1, time.Millisecond, time.Millisecond, time.Millisecond},
		{"path", 3, 2 * time.Millisecond, 3 * time.Millisecond, 3 * time.Millisecond},
	}
	var got []row
	for _, f := range l.Families {
		got = append(got, row{f.Name, f.Count, f.Median, f.P95, f.Max})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
	if want := []tick{{"0.0", "1 ms", "start"}, {"144.0", "10 ms", "middle"}, {"288.0", "100 ms", "end"}}; !reflect.DeepEqual(l.Ticks, want) {
		t.Errorf("ticks: expected %v, got %v", want, l.Ticks)
	}
	if l.Families[0].At != "288.0" || len(l.Families[2].Bars) != 3 {
		t.Errorf("expected the longest at the end and three bars, got %+v", l.Families)
	}
}

func TestPlainDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{1: "1 ns", 10 * time.Microsecond: "10 µs", 100 * time.Millisecond: "100 ms", 100 * time.Second: "100 s"} {
		if got := plainDuration(d); got != want {
			t.Errorf("%d: expected %s, got %s", d, want, got)
		}
	}
}

// An exchange that several cases share counts once.
func TestWhatCasesShareIsShownOnce(t *testing.T) {
	c, _ := resulttest.Shipped(t)
	one := resulttest.Decided(1, resulttest.EqualVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other := resulttest.Decided(1, resulttest.ZeroVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other.Exchanges[0].SetAside = "this case went on"
	run := result.Summarise(c, result.Run{Plan: result.Plan{Cases: 2}}, []judge.Result{one, other})
	m := answersOf(&run)
	if m.Exchanges != 1 || m.SetAside != 0 || len(m.Statuses) != 1 || m.Statuses[0].Codes[0].Total != 1 {
		t.Errorf("matrix: expected one exchange that was not set aside, got %+v", m)
	}
	inOrder(t, summaryOf(t, run), "1 exchange for 2 of 2 planned cases")
	inOrder(t, textOfRun(t, run), "2 cases: conforms 2; 1 exchange,")
}
