package fakeserver

import (
	"slices"
	"strings"
)

// onAnyOf edits the answers to the calls for which when is true.
func onAnyOf(when func(*call) bool, edits ...edit) effect {
	return editWhen(func(e *outgoing) bool { return when(e.call) }, edits)
}

// The following choose calls by how the request travels.

// headerHas reports whether a header is there and has a text in it.
func headerHas(name, text string) func(*call) bool {
	return func(c *call) bool {
		return slices.ContainsFunc(c.request.Header.Values(name), func(v string) bool { return strings.Contains(v, text) })
	}
}

func headerIs(name, value string) func(*call) bool {
	return func(c *call) bool { return c.request.Header.Get(name) == value }
}

func longerThan(length int) func(*call) bool {
	return func(c *call) bool { return len(c.body) > length }
}

func asLongAs(length int) func(*call) bool {
	return func(c *call) bool { return len(c.body) == length }
}

func chunked(c *call) bool { return slices.Contains(c.request.TransferEncoding, "chunked") }

func queryHasVersion(c *call) bool { return c.request.URL.Query().Has("upgrade_version") }
