package report

import (
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

// Several cases may rest on one exchange, as those of an upgrade do. It left once,
// and counts once.
func TestWhatCasesShareCountsOnce(t *testing.T) {
	c, all := shipped(t)
	one := refused(1, equalVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other := refused(1, zeroVersion, "upgrade.target-later", judge.Conforms, 400, "GES.7036", "not later")
	other.Exchanges[0].SetAside = "this case went on"
	run := Summarise(c, Run{Plan: Plan{Cases: 2}}, []judge.Result{one, other})
	run.Cover(c, all)
	upgrade := run.Coverage.Operations[2]
	for name, share := range map[string]Share{"400": upgrade.Statuses, "GES.7036": upgrade.Codes} {
		if n, _ := findIn(share, name); n != 1 {
			t.Errorf("coverage: expected one %s, got %d", name, n)
		}
	}
	if n, _ := findIn(upgrade.Keywords, "body/upgrade_version not-later"); n != 2 {
		t.Errorf("coverage: expected both cases to count, got %d", n)
	}
	m := run.matrix()
	if m.Exchanges != 1 || m.SetAside != 0 || len(m.Statuses) != 1 || m.Statuses[0].Codes[0].Total != 1 {
		t.Errorf("matrix: expected one exchange that was not set aside, got %+v", m)
	}
	inOrder(t, summaryOf(t, run), "1 exchange for 2 of 2 planned cases")
	inOrder(t, textOfRun(t, run), "2 cases: conforms 2; 1 exchange,")
}
