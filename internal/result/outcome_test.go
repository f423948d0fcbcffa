package result_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestOutcomes(t *testing.T) {
	late := resulttest.Decided(5, "upgradeGraph/late", "upgrade.later", judge.Conforms, 400, "GES.7036", "older")
	late.Findings[0].Exchange = 1 // the first exchange was set aside
	aside := resulttest.Finding("answer.json", contract.Must, judge.Conforms, "")
	aside.Exchange = 0
	late.Findings = append([]judge.Finding{aside}, late.Findings...)
	first := resulttest.Exchange(2, late.Case, 503, `{"error_code":"APIG.1"}`)
	first.SetAside, first.Certificate = "sent again", "bb"
	first.Answer.Header.Set("X-Request-Id", "r1")
	late.Exchanges = []exchange.Exchange{first, late.Exchanges[0]}
	late.Exchanges[1].Answer.Header.Set("X-Request-Id", "r2")
	late.Exchanges[1].Certificate = "aa"
	long := resulttest.Decided(1, "upgradeGraph/long", "upgrade.later", judge.Conforms, 400, "GES.7036", strings.Repeat("é", 400))
	long.Exchanges[0].Certificate = "bb"
	dropped := resulttest.Decided(7, "upgradeGraph/dropped", "upgrade.later", judge.Error, 0, "", "")
	dropped.Exchanges[0].Answer = nil
	dropped.Exchanges[0].Failure = &exchange.Failure{Kind: exchange.Dropped, Message: "EOF"}
	masked := resulttest.Case("upgradeGraph/masked", "upgrade.later", judge.Masked, "m")
	masked.Exchanges = []exchange.Exchange{resulttest.Exchange(8, masked.Case, 404, "{}")}
	masked.Exchanges[0].Certificate = "bb"
	run := result.Summarise(resulttest.Contract(t), result.Run{}, []judge.Result{late, long, dropped, masked})
	byID := map[string]*result.Case{}
	for i := range run.Cases {
		byID[run.Cases[i].Case] = &run.Cases[i]
	}
	for id, want := range map[string]*result.Outcome{
		late.Case: {Status: 400, Code: "GES.7036", Message: "older"}, dropped.Case: {Failure: exchange.Dropped}, masked.Case: nil,
	} {
		if got := byID[id].Outcome; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: expected %v, got %v", id, want, got)
		}
	}
	if got := byID[long.Case].Outcome.Message; len(got) != 300 || !utf8.ValidString(got) {
		t.Errorf("expected 300 bytes of whole characters, got %d", len(got))
	}
	if got := byID[late.Case].RequestIDs; !slices.Equal(got, []string{"r1", "r2"}) {
		t.Errorf("request ids: expected those of all answers, got %v", got)
	}
	if got := run.Target.Certificates; !slices.Equal(got, []string{"bb", "aa"}) { // by exchange 1 and 5, not by case
		t.Errorf("certificates: expected them in the order in which they were seen, got %v", got)
	}
}
