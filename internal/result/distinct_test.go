package result_test

import (
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/result/resulttest"
)

// Several cases may share an exchange, as those of the lifecycle do. It counts once.
func TestWhatCasesShareCountsOnce(t *testing.T) {
	c, all := resulttest.Shipped(t)
	one := resulttest.Decided(1, resulttest.EqualVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other := resulttest.Decided(1, resulttest.ZeroVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other.Exchanges[0].SetAside = "this case went on"
	run := result.Summarise(c, result.Run{Plan: result.Plan{Cases: 2}}, []judge.Result{one, other})
	run.Cover(c, all)
	upgrade := run.Coverage.Operations[3]
	for name, share := range map[string]result.Share{"400": upgrade.Statuses, "GES.7036": upgrade.Codes} {
		if n, _ := findIn(share, name); n != 1 {
			t.Errorf("coverage: expected one %s, got %d", name, n)
		}
	}
	if n, _ := findIn(upgrade.Keywords, "body/upgrade_version not-later"); n != 2 {
		t.Errorf("coverage: expected both cases to count, got %d", n)
	}
	if all := run.DistinctExchanges(); len(all) != 1 || all[0].SetAside != "" || run.CountExchanges() != 1 {
		t.Errorf("expected one exchange that was not set aside, got %+v", all)
	}
}
