package engine

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/judge"
)

// What a server says about when a graph was last changed, ETag and Last-Modified, must go with
// its version: a cache that trusts them shows the old one for ever.

// The steps of the lifecycle about that.
const (
	stepETag         = "etag-changes"
	stepLastModified = "last-modified-changes"
)

// A shownVersion is a version with its validators, as a read of the graph shows them.
type shownVersion struct{ version, etag, modified string }

func shownVersionIn(x *exchange.Exchange) shownVersion {
	s := shownVersion{ges.GraphOf(x.JSON()).Version, x.Answer.Header.Get("ETag"), x.Answer.Header.Get("Last-Modified")}
	if !strings.HasPrefix(s.etag, `"`) { // weak, or none that a cache could use
		s.etag = ""
	}
	return s
}

// noteShown keeps a read of the graph, unless it shows what the one before has shown.
func (e *Engine) noteShown(x *exchange.Exchange) {
	s := shownVersionIn(x)
	if last := len(e.shown) - 1; s.version != "" && (last < 0 || s != shownVersionIn(&e.shown[last])) {
		e.shown = append(e.shown, *x)
	}
}

// judgeValidators judges whether the validators change with the version.
func (e *Engine) judgeValidators() {
	moved := false
	for i := range e.shown {
		for j := range i {
			was, is := shownVersionIn(&e.shown[j]), shownVersionIn(&e.shown[i])
			if was.version != is.version {
				moved = true
				e.judgeETag(was, is, &e.shown[j], &e.shown[i])
				if !e.shownBefore(is.version, j) { // a read may be behind
					e.judgeLastModified(was, is, &e.shown[j], &e.shown[i])
				}
			}
		}
	}
	if !moved {
		return
	}
	for _, step := range []string{stepETag, stepLastModified} {
		if e.observed[step] == nil { // no version has one that could stay
			e.note(step, judge.Conforms, "", nil, e.shown[0], e.shown[len(e.shown)-1])
		}
	}
}

// shownBefore reports whether one of the first n reads shows a version.
func (e *Engine) shownBefore(version string, n int) bool {
	return slices.ContainsFunc(e.shown[:n], func(x exchange.Exchange) bool { return shownVersionIn(&x).version == version })
}

func (e *Engine) judgeETag(was, is shownVersion, before, after *exchange.Exchange) {
	switch {
	case was.etag == "" || is.etag == "":
	case was.etag == is.etag:
		e.note(stepETag, judge.Deviates, fmt.Sprintf("ETag %.100s of version %s and of version %s", is.etag, was.version, is.version), []string{"another ETag, or a weak one"}, *before, *after)
	default:
		e.note(stepETag, judge.Conforms, "", nil, *before, *after)
	}
}

// judgeLastModified judges the Last-Modified of a later version: it is not from before an
// answer that still showed the earlier one. Clocks that differ by a minute are no matter.
func (e *Engine) judgeLastModified(was, is shownVersion, before, after *exchange.Exchange) {
	modified, err := http.ParseTime(is.modified)
	date, dated := dateOf(before)
	if err != nil || !dated || !contract.Later(is.version, was.version) {
		return
	}
	if modified.Before(date.Add(-time.Minute)) {
		got := fmt.Sprintf("Last-Modified %q of version %s, though the answer of %q still had version %s", is.modified, is.version, before.Answer.Header.Get("Date"), was.version)
		e.note(stepLastModified, judge.Deviates, got, []string{"when the version changed"}, *before, *after)
		return
	}
	e.note(stepLastModified, judge.Conforms, "", nil, *before, *after)
}
