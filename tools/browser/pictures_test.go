package browser

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/fakeadmin"
)

// largest is how many bytes a picture of the README may have.
const largest = 200_000

// steady replaces what differs from run to run in the text of a page.
const steady = `(() => {
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) walk.currentNode.data = walk.currentNode.data
		.replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:8080")
		.replace(/run [0-9a-f]{12}\b/g, "run 4d35a78c629a")
		.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "2026-11-24 02:00:00 UTC")
		.replace(/exchange \d+/g, "exchange 491")
		.replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [0-9:]{8} GMT/g, "Tue, 24 Nov 2026 02:00:00 GMT")
		.replace(/\b[0-9a-f]{32}(?="?$|\n)/g, "e777e11a7bdc704fcbfc7ab0db5a9a5a");
})()`

// TestReadmePictures takes the pictures of the README: GESCONFORM_UPDATE=1 writes them into
// docs/pictures, as `make pictures` does. Without it, they only have to be small enough.
func TestReadmePictures(t *testing.T) {
	report := reportOf(t, fakeserver.WithDefect(lookUp(t, "older-version-accepted")))
	f := start(t, fakeserver.WithClock(moving()), fakeserver.WithUpgradeTimes(time.Hour))
	use(f)
	b := open(t)
	b.do(chromedp.EmulateViewport(700, 940, chromedp.EmulateScale(1.5)), scheme("light")) // two side by side

	// The head of the report and its deviation, without what is between them.
	b.do(chromedp.Navigate(report))
	b.until(`!document.getElementById("filter").hidden`)
	b.do(chromedp.Evaluate[chromedp.Void](`(() => {
		const deviation = document.querySelector("#deviations article");
		for (const e of document.querySelectorAll("main > *, #deviations > *"))
			if (!e.contains(deviation)) e.remove();
	})()`))
	b.picture("report")

	b.do(chromedp.Navigate(f.url + fakeadmin.Root))
	b.until(live)
	b.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("#rows .violates details").open = true`))
	b.do(chromedp.WaitVisible(chromedp.CSS("#rows .violates .repeat")))
	b.picture("fake")
}

// moving returns a clock that moves by the same step at each look, so that each picture shows
// the same times.
func moving() func() time.Time {
	begin, looks := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), atomic.Int64{}
	return func() time.Time { return begin.Add(time.Duration(looks.Add(1)) * 17 * time.Microsecond) }
}

// use sends what a client might, with one request that breaks the contract.
func use(f *fake) {
	versions := f.Fixtures().Versions
	f.upgrade(`{"upgrade_version":"` + versions[0] + `"}`)
	f.send(http.MethodGet, f.graph()+"/jobs/"+f.Jobs(1)[0].ID+"/status", "")
	f.Advance(20 * time.Minute)
	f.upgrade(`{"upgrade_version":"` + versions[1] + `"}`)
	f.upgrade(`{"upgrade_version":7}`)
}

// picture takes the upper part of a page.
func (b *tab) picture(name string) {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](steady))
	small := reduce(b.t, got(b, chromedp.CaptureScreenshot()))
	if len(small) >= largest {
		b.t.Errorf("%s: expected less than %d bytes, got %d", name, largest, len(small))
	}
	if os.Getenv("GESCONFORM_UPDATE") != "1" {
		b.keep("readme-"+name, small)
		return
	}
	path := filepath.Join("..", "..", "docs", "pictures", name+".png")
	if err := os.WriteFile(path, small, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// reduce encodes a picture with a palette: its most frequent 256 colours.
func reduce(t *testing.T, data []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	count := map[color.NRGBA]int{}
	at := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(full.At(x, y)).(color.NRGBA) } //nolint:forcetypeassert // the model's
	box := full.Bounds()
	for y := range box.Dy() {
		for x := range box.Dx() {
			count[at(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.NRGBA]uint8{}
	for _, c := range colours {
		nearest[c] = uint8(palette.Index(c)) //nolint:gosec // below 256
	}
	small := image.NewPaletted(box, palette)
	for y := range box.Dy() {
		for x := range box.Dx() {
			small.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&b, small); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
