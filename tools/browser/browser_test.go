// Package browser tests the fake's administration page and the reports of runs in a real
// browser. It is a separate module, so that users of gesconform do not depend on the driver of
// the browser.
package browser

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience limits the duration of a test, so that a hanging browser does not block it.
const patience = 2 * time.Minute

// chromium returns the path of a browser. It installs one if there is none and apt-get works.
var chromium = sync.OnceValues(func() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Getuid() != 0 {
		return "", nil // no browser, and no way to install one
	}
	install := exec.Command("sh", "-c", "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium")
	if out, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("install chromium: %w\n%s", err, out)
	}
	return exec.LookPath("chromium")
})

// stop ends the browser, if one has been started.
var stop = func() {}

// browser starts the browser, which all tests share, each with a tab of its own: to start one takes
// longer than most tests. The context is nil if there is none.
var browser = sync.OnceValues(func() (context.Context, error) {
	path, err := chromium()
	if err != nil || path == "" {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "gesconform-browser-")
	if err != nil {
		return nil, err
	}
	allocated, cancel := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.UserDataDir(dir))
	ctx, _ := chromedp.NewContext(allocated)
	stop = func() {
		_ = chromedp.Cancel(ctx) // waits until the browser has closed its folder
		cancel()
		_ = os.RemoveAll(dir)
	}
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	stop()
	os.Exit(status)
}

// A tab is a page, with the errors that occurred in it.
type tab struct {
	context.Context
	t *testing.T

	mu       sync.Mutex
	messages []string // of the console
	foreign  []string // URLs outside the loopback interface
}

// open opens a tab that shares nothing with those of other tests but the process.
func open(t *testing.T) *tab {
	t.Helper()
	shared, err := browser()
	if err != nil {
		t.Fatal(err)
	}
	if shared == nil {
		t.Skip("there is no browser, and no apt-get (or no root) to install one")
	}
	ctx, cancel := context.WithTimeout(shared, patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		cancel()
	})
	b := &tab{Context: ctx, t: t}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.messages) > 0 {
			t.Errorf("expected an empty console, got\n%s", strings.Join(b.messages, "\n"))
		}
		if len(b.foreign) > 0 {
			t.Errorf("expected requests to the loopback interface only, got %q", b.foreign)
		}
	})
	return b
}

// note records errors and other events that should not happen.
func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		b.messages = append(b.messages, fmt.Sprintf("%s: %s (%s)", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventConsoleAPICalled:
		b.messages = append(b.messages, fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		b.messages = append(b.messages, "exception: "+e.ExceptionDetails.Text)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || !slices.Contains([]string{"127.0.0.1", "localhost", "::1", ""}, u.Hostname()) {
			b.foreign = append(b.foreign, e.Request.URL)
		}
	}
}

// do runs actions.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.Context, actions...); err != nil {
		b.t.Fatalf("%v; the page reads:\n%s", err, b.read())
	}
}

// read returns the text of the page, for error messages.
func (b *tab) read() string {
	ctx, cancel := context.WithTimeout(b.Context, time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// until waits until a JavaScript expression is true on the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	b.do(chromedp.Poll[chromedp.Void](condition, chromedp.WithPollingTimeout(20*time.Second)))
}

// ask evaluates a JavaScript expression on the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	return got(b, chromedp.Evaluate[T](expression))
}

// got runs an action and returns its value.
func got[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	value, err := chromedp.Run(b.Context, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return value
}

// pictured reports whether screenshots are wanted, for people to look at. They take most of the time.
func pictured() bool { return os.Getenv("GESCONFORM_TEST_ALL") != "" }

// shoot writes a screenshot of the page, if they are wanted, to a temporary folder that is not removed.
func (b *tab) shoot(name string) {
	b.t.Helper()
	if pictured() {
		b.keep(name, got(b, chromedp.FullScreenshot(100)))
	}
}

// glance writes a screenshot of the visible part of the page, if they are wanted.
func (b *tab) glance(name string) {
	b.t.Helper()
	if pictured() {
		b.keep(name, got(b, chromedp.CaptureScreenshot()))
	}
}

func (b *tab) keep(name string, picture []byte) {
	b.t.Helper()
	path := filepath.Join(shots(b.t), name+".png")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.t.Log(path)
}

// folder is the folder for screenshots, which people look at after the test.
var folder = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "gesconform-page-") })

func shots(t *testing.T) string {
	t.Helper()
	dir, err := folder()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
