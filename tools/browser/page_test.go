package browser

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/fakeadmin"
)

// A fake is a fake server that listens, with its administration.
type fake struct {
	*fakeserver.Server
	t   *testing.T
	url string
}

func start(t *testing.T, options ...fakeserver.Option) *fake {
	t.Helper()
	s := fakeserver.New(options...)
	server := httptest.NewServer(fakeadmin.Mount(s))
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // otherwise Close would wait for the streams of events
	return &fake{s, t, server.URL}
}

// send sends a request with the token of the fixtures.
func (f *fake) send(method, path, body string) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, strings.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", f.Fixtures().Token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
}

func (f *fake) graph() string {
	fixtures := f.Fixtures()
	return "/v2/" + fixtures.ProjectID + "/graphs/" + fixtures.GraphID
}

func (f *fake) upgrade(body string) { f.send(http.MethodPost, f.graph()+"/upgrade", body) }

// live waits until the page receives events.
const live = `document.getElementById("live").dataset.on === "true"`

func TestThePageFollows(t *testing.T) {
	f := start(t, fakeserver.WithUpgradeTimes(time.Hour))
	b := open(t)
	b.do(chromedp.Navigate(f.url + fakeadmin.Root))
	b.until(`document.querySelectorAll("#graphs tr").length === 3`)
	if text := ask[string](b, `document.getElementById("graphs").innerText`); !strings.Contains(text, "ges_demo") || !strings.Contains(text, "stopped") {
		t.Errorf("expected the graphs, got\n%s", text)
	}
	b.until(live)
	b.do(chromedp.Evaluate[chromedp.Void](`window.unchanged = true`))

	f.upgrade(`{"upgrade_version":"` + f.Fixtures().Versions[0] + `"}`)
	b.until(`document.querySelector("#jobs .state")?.dataset.state === "pending"`)
	b.until(`document.querySelector("#x1 .status")?.innerText === "200"`)
	b.until(`document.getElementById("graphs").innerText.includes("upgrading")`)

	b.do(chromedp.Click(chromedp.CSS("#x1 summary")), chromedp.WaitVisible(chromedp.CSS("#x1 .repeat")))
	f.upgrade(`{"upgrade_version":7}`)
	b.until(`document.querySelector("#x2.violates")`)
	b.until(`document.getElementById("count").innerText.includes("1 breaks the contract")`)
	b.do(chromedp.Click(chromedp.CSS("#x2 summary")), chromedp.WaitVisible(chromedp.CSS("#x2 .repeat")))
	text := ask[string](b, `document.querySelector("#x2").innerText`)
	for _, want := range []string{"✗ request breaks the contract", "/upgrade_version", "openapi.yaml:", `-H "X-Auth-Token: $GESCONFORM_TOKEN"`, `{"upgrade_version":7}`} {
		if !strings.Contains(text, want) {
			t.Errorf("expected %q in the row, got\n%s", want, text)
		}
	}
	if !ask[bool](b, `document.querySelector("#x1 details").open`) {
		t.Error("expected the first row to stay open when the second came")
	}

	f.Advance(time.Hour / 2)
	b.until(`document.querySelector("#jobs progress").value >= 50 && document.querySelector("#jobs .state").dataset.state === "running"`)
	f.Advance(time.Hour)
	b.until(`document.querySelector("#jobs .state").dataset.state === "success"`)
	b.until(`document.getElementById("graphs").innerText.includes("` + f.Fixtures().Versions[0] + `")`)
	if !ask[bool](b, `window.unchanged === true`) {
		t.Error("expected the page not to reload")
	}
}

// New entries change neither the focus nor the scroll position.
func TestTheReaderIsLeftAlone(t *testing.T) {
	f := start(t)
	for range 60 {
		f.send(http.MethodGet, f.graph(), "")
	}
	b := open(t)
	b.do(chromedp.EmulateViewport(1280, 600), chromedp.Navigate(f.url+fakeadmin.Root))
	b.until(live)
	b.do(chromedp.Focus(chromedp.CSS("#x20 summary")), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS("#x20 .repeat")))
	b.do(chromedp.Evaluate[chromedp.Void](`document.getElementById("x20").scrollIntoView()`))
	const place = `Math.round(document.getElementById("x20").getBoundingClientRect().top) + 0`
	before := ask[int](b, place)
	for range 300 { // more than the page shows
		f.send(http.MethodGet, f.graph(), "")
	}
	b.until(`document.getElementById("x360")`)
	b.until(`!document.getElementById("x21")`)
	if after := ask[int](b, place); after != before {
		t.Errorf("expected the open row to stay at %d, got %d", before, after)
	}
	if !ask[bool](b, `document.activeElement === document.querySelector("#x20 summary") && document.querySelector("#x20 details").open`) {
		t.Error("expected the row to stay open and focused")
	}
}

// After a restart, the fake at the same address numbers its entries from one again.
func TestAnotherRunIsNoticed(t *testing.T) {
	handler := &swapped{}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	first := &fake{fakeserver.New(), t, server.URL}
	handler.set(fakeadmin.Mount(first.Server))
	first.upgrade(`{}`)
	first.upgrade(`{}`)
	b := open(t)
	b.do(chromedp.Navigate(server.URL + fakeadmin.Root))
	b.until(live)
	second := &fake{fakeserver.New(), t, server.URL}
	handler.set(fakeadmin.Mount(second.Server))
	second.send(http.MethodGet, second.graph(), "")
	server.CloseClientConnections()
	b.until(`document.querySelectorAll("#rows > li").length === 1 && document.querySelector("#x1 .status").innerText === "200"`)
	b.mu.Lock()
	b.messages = nil // the browser says that the connection was lost
	b.mu.Unlock()
}

// A swapped handler calls the handler that was last set.
type swapped struct{ now atomic.Pointer[http.Handler] }

func (s *swapped) set(h http.Handler) { s.now.Store(&h) }

func (s *swapped) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*s.now.Load()).ServeHTTP(w, r) }

// The page escapes what clients send.
func TestHostileRequestsStayText(t *testing.T) {
	f := start(t)
	b := open(t)
	b.do(chromedp.Navigate(f.url + fakeadmin.Root))
	b.until(live)
	for _, text := range []string{`<script>window.owned=1</script>`, `"><img src=x onerror=window.owned=1>`, `</pre></li></ol><svg onload=window.owned=1>`} {
		f.upgrade(`{"upgrade_version":"` + text + `"}`)
		f.send(http.MethodGet, "/"+url.PathEscape(text)+"?q="+url.QueryEscape(text), text)
	}
	b.until(`document.getElementById("x6")`)
	if ask[bool](b, `window.owned !== undefined || document.querySelector("#rows img, #rows script, #rows svg") !== null`) {
		t.Error("expected text from a client to be escaped")
	}
}

func TestTheFilterAndTheOrders(t *testing.T) {
	f := start(t)
	f.send(http.MethodGet, f.graph(), "")
	f.upgrade(`{}`)
	b := open(t)
	b.do(chromedp.Navigate(f.url + fakeadmin.Root))
	b.until(live)
	b.do(chromedp.Click(chromedp.CSS("#violations")))
	b.until(`!document.getElementById("x1") && document.getElementById("x2")`)
	f.send(http.MethodGet, f.graph(), "")
	f.upgrade(`{"upgrade_version":null}`)
	b.until(`document.getElementById("x4") && !document.getElementById("x3")`)
	b.do(chromedp.Click(chromedp.CSS("#violations")), chromedp.SendKeys(chromedp.CSS("#text"), "SHOWGRAPH"))
	b.until(`document.getElementById("x1") && document.getElementById("x3") && document.querySelectorAll("#rows > li").length === 2`)
	b.do(chromedp.SendKeys(chromedp.CSS("#text"), "nothing"))
	b.until(`document.getElementById("empty").innerText.includes("No exchange matches")`)

	before := f.Now()
	b.do(chromedp.Click(chromedp.CSS(`button[value="1h"]`)))
	b.until(`document.querySelector("#clock time").dateTime > "` + before.Add(time.Hour-time.Minute).UTC().Format(time.RFC3339) + `"`)
	b.do(chromedp.Clear(chromedp.CSS("#text")), chromedp.Click(chromedp.CSS(`button[name="reset"]`)))
	b.until(`document.getElementById("count").innerText.startsWith("0 exchanges")`)
	if len(f.Journal(0)) != 0 {
		t.Error("expected the journal to be empty after a reset")
	}
}

func TestThePageReadsWithoutScripts(t *testing.T) {
	f := start(t, fakeserver.WithUpgradeTimes(time.Hour))
	f.upgrade(`{"upgrade_version":"` + f.Fixtures().Versions[0] + `"}`)
	f.upgrade(`{"upgrade_version":7}`)
	b := open(t)
	b.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
	b.do(chromedp.Navigate(f.url+fakeadmin.Root+"?violations=true"), chromedp.Click(chromedp.CSS("#x2 summary")))
	b.shoot("without-scripts")
	html := got(b, chromedp.OuterHTML(chromedp.CSS("html")))
	for _, want := range []string{"ges_demo", "upgrading", "pending", "request breaks the contract", "$GESCONFORM_TOKEN", "Reload to see what is new."} {
		if !strings.Contains(html, want) {
			t.Errorf("expected %q on the page", want)
		}
	}
	before := f.Now()
	b.do(chromedp.Click(chromedp.CSS(`button[value="1h"]`)), chromedp.WaitVisible(chromedp.CSS("#x1")))
	if moved := f.Now().Sub(before); moved < time.Hour {
		t.Errorf("expected the button to advance the clock by an hour, got %s", moved)
	}
}

func TestPictures(t *testing.T) {
	f := start(t, fakeserver.WithScenario(busy(t)), fakeserver.WithDefect(lookUp(t, "job-id-missing")))
	populate(f)
	b := open(t)
	for name, look := range map[string][]chromedp.Action[chromedp.Void]{
		"light": {chromedp.EmulateViewport(1280, 800), scheme("light")},
		"dark":  {chromedp.EmulateViewport(1280, 800), scheme("dark")},
		"phone": {chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2)), scheme("light")},
	} {
		b.do(look...)
		b.do(chromedp.Navigate(f.url + fakeadmin.Root))
		b.until(live)
		b.glance(name + "-top")
		b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#rows .violates details").open = true`))
		b.do(chromedp.WaitVisible(chromedp.CSS("#rows .violates .repeat")))
		b.shoot(name)
		b.do(chromedp.ScrollIntoView(chromedp.CSS("#rows .violates")))
		b.glance(name + "-row")
		if wide := ask[bool](b, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
			t.Errorf("%s: expected nothing to be wider than the window", name)
		}
	}
}

func scheme(name string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

// call returns an action for a command without a result.
func call[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// busy returns a scenario with everything that the page can show.
func busy(t *testing.T) *scenario.Scenario {
	t.Helper()
	s, err := scenario.Parse("busy", []byte(`
description: graphs that are busy, an upgrade that fails, and a gateway that throttles
projects: [{name: cn-north-4}]
users: [{name: operator, password: Operate-1, tokens: [{project: cn-north-4}]}]
graphs:
  - {name: ges_demo, project: cn-north-4}
  - {name: ges_busy, project: cn-north-4, version: 2.2.10, tasks: [{name: PageRank, takes: 4h}]}
  - {name: ges_importing, project: cn-north-4, status: importing}
  - {name: ges_faulty, project: cn-north-4, status: faulty}
  - {name: ges_stopped, project: cn-north-4, status: stopped}
upgrades: [{takes: 1h, fails: the new version did not start}, {takes: 1h}]
faults:
  - {name: throttled, match: {operation: listGraphs}, answer: {status: 429, retry-after: 1s}}
  - {name: gone, match: {operation: createToken}, break: reset}
`))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func lookUp(t *testing.T, name string) fakeserver.Defect {
	t.Helper()
	defect, err := fakeserver.LookupDefect(name)
	if err != nil {
		t.Fatal(err)
	}
	return defect
}

// populate sends requests, so that the page looks as it does in use.
func populate(f *fake) {
	versions, project := f.Fixtures().Versions, "/v2/"+f.Fixtures().ProjectID
	f.send(http.MethodGet, f.graph(), "")
	f.upgrade(`{"upgrade_version":"` + versions[0] + `","force_upgrade":true}`)
	f.Advance(2 * time.Hour)
	f.send(http.MethodGet, f.graph(), "")
	f.send(http.MethodGet, f.graph()+"/jobs/"+f.Jobs(1)[0].ID+"/status", "")
	f.upgrade(`{"upgrade_version":"` + versions[1] + `"}`)
	f.upgrade(`{"upgrade_version":"` + versions[2] + `"}`)
	f.upgrade(`{"upgrade_version":7,"force_upgrade":"yes"}`)
	f.send(http.MethodGet, project+"/graphs?limit=5", "")
	f.send(http.MethodDelete, f.graph()+"/upgrade", "")
	f.Advance(40 * time.Minute)
}
