package independent_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// How a request travels: what a server in front of the service may refuse, and what none may.

func expects(r *http.Request) bool   { return r.Header.Get("Expect") != "" }
func inChunks(r *http.Request) bool  { return slices.Contains(r.TransferEncoding, "chunked") }
func encoded(r *http.Request) bool   { return r.Header.Get("Content-Encoding") != "" }
func ofBrowser(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Accept"), "text/html") }

// refusedBy refuses upgrades by their headers.
func refusedBy(status int, when func(*http.Request) bool) func(*knobs) {
	return func(k *knobs) {
		k.before = func(_ *call, w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPost || !when(r) {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			fmt.Fprint(w, `{"error_code":"GES.7016","error_msg":"not supported"}`)
			return true
		}
	}
}

// ignoring has the service not see a header.
func ignoring(names ...string) func(*knobs) {
	return func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			for _, name := range names {
				r.Header.Del(name)
			}
			return false
		}
	}
}

var lawfulTravel = []row{
	{name: "expectations refused", turn: refusedBy(http.StatusExpectationFailed, expects)},
	{name: "length required", turn: refusedBy(http.StatusLengthRequired, inChunks)},
	{name: "encodings refused", turn: refusedBy(http.StatusUnsupportedMediaType, encoded)},
	{name: "all that may be refused", turn: refusedBy(http.StatusBadRequest, func(r *http.Request) bool { return expects(r) || inChunks(r) || encoded(r) })},
	{name: "headers ignored", turn: ignoring("Accept", "X-Language", "Expect", "Content-Encoding")},
	{name: "no body above 64 KiB", turn: refusedBy(http.StatusRequestEntityTooLarge, func(r *http.Request) bool { return r.ContentLength > 64<<10 }), should: "upgrade.body-length"},
}

var wrongTravel = []row{
	{name: "browsers refused", turn: refusedBy(http.StatusNotAcceptable, ofBrowser)},
	{name: "no other language", turn: refusedBy(http.StatusBadRequest, func(r *http.Request) bool { return r.Header.Get("X-Language") == "zh-cn" })},
	{name: "media type in upper case refused", turn: refusedBy(http.StatusUnsupportedMediaType, func(r *http.Request) bool { return strings.HasPrefix(r.Header.Get("Content-Type"), "APP") })},
	{name: "quoted charset refused", turn: refusedBy(http.StatusUnsupportedMediaType, func(r *http.Request) bool { return strings.Contains(r.Header.Get("Content-Type"), `"`) })},
	{name: "expectations answered 500", turn: refusedBy(http.StatusInternalServerError, expects)},
	{name: "chunks answered 502", turn: refusedBy(http.StatusBadGateway, inChunks)},
	{name: "hangs at an expectation", turn: both(func(k *knobs) { k.patience = 400e6 }, func(k *knobs) {
		k.before = func(_ *call, _ http.ResponseWriter, r *http.Request) bool {
			if expects(r) {
				<-r.Context().Done()
			}
			return false
		}
	})},
	{name: "browsers and languages refused", turn: refusedBy(http.StatusBadRequest, func(r *http.Request) bool { return ofBrowser(r) || r.Header.Get("X-Language") != "" })},
}
