package browser

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/fakeadmin"
)

// axe returns the source of axe-core, which it installs with npm, or "" if there is no npm.
var axe = sync.OnceValues(func() (string, error) {
	file := filepath.Join("node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(file); err != nil {
		if _, err := exec.LookPath("npm"); err != nil {
			return "", nil
		}
		if out, err := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput(); err != nil {
			return "", fmt.Errorf("install axe-core: %w\n%s", err, out)
		}
	}
	text, err := os.ReadFile(file)
	return string(text), err
})

// expectAccessible checks the page, as it is now, with axe-core. In the dark scheme nothing but the
// contrast of colours can be another than in the light one.
func (b *tab) expectAccessible(rules, scheme string) {
	b.t.Helper()
	options := map[string]string{"light": `{resultTypes: ["violations"]}`, "dark": `{resultTypes: ["violations"], runOnly: ["color-contrast"]}`}[scheme]
	b.do(chromedp.Evaluate[chromedp.Void](rules + "; undefined"))
	found := got(b, chromedp.Evaluate[[]string](`axe.run(document, `+options+`).then((r) =>
		r.violations.flatMap((v) => v.nodes.map((n) => v.id + ": " + v.help + ": " + n.html + " " + n.failureSummary)))`, chromedp.EvalAwaitPromise))
	if len(found) > 0 {
		b.t.Errorf("%s: %d violations:\n%s", scheme, len(found), strings.Join(found, "\n\n"))
	}
}

// TestAccessibility checks the page with axe-core, in both colour schemes and with rows open.
func TestAccessibility(t *testing.T) {
	rules, err := axe()
	if err != nil {
		t.Fatal(err)
	}
	if rules == "" {
		t.Skip("axe-core is not installed, and there is no npm to install it")
	}
	f := start(t, fakeserver.WithScenario(busy(t)), fakeserver.WithDefect(lookUp(t, "job-id-missing")))
	populate(f)
	b := open(t)
	for _, name := range []string{"light", "dark"} {
		b.do(scheme(name), chromedp.Navigate(f.url+fakeadmin.Root))
		b.until(live)
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("#rows .violates details, #rows .amiss details").forEach((d) => { d.open = true; })`))
		b.expectAccessible(rules, name)
	}
}
