package engine

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a server says about when a graph was last changed, ETag and Last-Modified, must go with
// its version: a cache that trusts them shows the old one for ever.

// The steps of the lifecycle about that.
const (
	stepETag         = "etag-changes"
	stepLastModified = "last-modified-changes"
)

// A shownVersion is a version with its validators, and the read of the graph that showed it.
type shownVersion struct {
	validators
	read exchange.Exchange
}

type validators struct{ version, etag, modified string }

// noteShown keeps a read of the graph, unless it shows what the one before has shown.
func (e *Engine) noteShown(x *exchange.Exchange) {
	v := validators{e.target.Shown(x.JSON()).Version, x.Answer.Header.Get("ETag"), x.Answer.Header.Get("Last-Modified")}
	if !strings.HasPrefix(v.etag, `"`) { // weak, or none that a cache could use
		v.etag = ""
	}
	if last := len(e.shown) - 1; v.version != "" && (last < 0 || v != e.shown[last].validators) {
		e.shown = append(e.shown, shownVersion{v, *x})
	}
}

// judgeValidators judges whether the validators change with the version.
func (e *Engine) judgeValidators() {
	moved := false
	tagged, seen := map[string]*shownVersion{}, map[string]bool{} // the first with an ETag; the versions so far
	for i := range e.shown {
		is := &e.shown[i]
		if first := tagged[is.etag]; first == nil {
			tagged[is.etag] = is
		} else if is.etag != "" && first.version != is.version {
			got := fmt.Sprintf("ETag %.100s of version %s and of version %s", is.etag, first.version, is.version)
			e.note(stepETag, judge.Deviates, got, []string{"another ETag, or a weak one"}, first.read, is.read)
		}
		if i > 0 && e.shown[i-1].version != is.version {
			moved = true
			if !seen[is.version] { // else the read may be behind
				e.judgeLastModified(&e.shown[i-1], is)
			}
		}
		seen[is.version] = true
	}
	for _, step := range []string{stepETag, stepLastModified} {
		if moved && e.observed[step] == nil { // they go with the version, or no version has any
			e.note(step, judge.Conforms, "", nil, e.shown[0].read, e.shown[len(e.shown)-1].read)
		}
	}
}

// judgeLastModified judges the Last-Modified of a later version: it is not from before an
// answer that still showed the earlier one. Clocks that differ by a minute are no matter.
func (e *Engine) judgeLastModified(was, is *shownVersion) {
	modified, err := http.ParseTime(is.modified)
	date, dated := dateOf(&was.read)
	if err != nil || !dated || !contract.Later(is.version, was.version) || !modified.Before(date.Add(-time.Minute)) {
		return
	}
	got := fmt.Sprintf("Last-Modified %q of version %s, though the answer of %q still had version %s", is.modified, is.version, was.read.Answer.Header.Get("Date"), was.version)
	e.note(stepLastModified, judge.Deviates, got, []string{"when the version changed"}, was.read, is.read)
}
