package services

import (
	"net/http"
	"slices"
	"strings"
)

// What a run needs to be allowed to find a defect.
const (
	inert       = "inert"
	guarded     = "guarded"
	destructive = "destructive"
)

func defect(requirement, risk, name, summary string, change edit, trigger ...Request) Defect {
	return Defect{Name: name, Requirement: requirement, Summary: summary, Risk: risk, change: change, trigger: trigger}
}

func libraryDefects() []Defect {
	return slices.Concat(libraryStatusDefects(), libraryHeadDefects(), libraryBodyDefects(), libraryAccessDefects(), libraryThingDefects(),
		libraryAcceptedDefects(), libraryRefusedDefects())
}

const trace = "java.lang.NullPointerException\n\tat org.library.Catalogue.find(Catalogue.java:118)\n\tat org.library.Api.handle(Api.java:41)\n"

// newHold is a hold, and a look at it.
func newHold(more ...Request) []Request {
	return append([]Request{post("/holds", order, withReader)}, more...)
}

var lookAtHold = get("{made}", withReader)

// libraryStatusDefects are in statuses, and where no answer comes.
func libraryStatusDefects() []Defect {
	return []Defect{
		defect("request.answered", inert, "crash-past-the-end", "a page after the last one is an error of the server", acting("listBooks", crashing(func(c *call) bool {
			return c.number("page", 1) > 100
		})), get("/books?page=500", withKey)),
		defect("request.answered", inert, "crash-on-malformed-uuid", "the database refuses an id that is no uuid, and nobody expects that", before("getHold", crashing(func(c *call) bool {
			return !formats["uuid"](c.PathValue("holdId"))
		})), get("/holds/first", withReader)),
		defect("request.answered", inert, "crash-on-large-number", "a number that does not fit is an error of the server", before("getLoan", crashing(func(c *call) bool {
			return len(c.PathValue("loanId")) > 18
		})), get("/loans/9223372036854775808", withKey)),
		defect("request.answered", inert, "cut-on-long-search", "a search of the greatest length ends the connection", answers("listBooks", 0, func(c *call, a *reply) {
			a.cut = len(c.text("q")) >= 80
		}), get("/books?q="+strings.Repeat("sea.", 20), withKey)),
		defect("request.answered", inert, "crash-on-head", "HEAD is an error of the server", acting("countBooks", (*call).crash), head("/books", withKey)),
		defect("request.answered", destructive, "crash-on-null", "a note that is null is an error of the server", acting("placeHold", crashing(func(c *call) bool {
			note, there := c.body.(map[string]any)["note"]
			return there && note == nil
		})), post("/holds", `{"isbn":"9780141439518","branch":12,"note":null}`, withReader)),
		defect("answer.status", inert, "partial-206", "a page of copies is answered 206", answers("listCopies", 200, status(206)), get("/books/9780141439518/copies", withKey)),
		defect("answer.status", inert, "nothing-204", "a search that finds nothing is answered 204", answers("listBooks", 200, func(c *call, a *reply) {
			if items := a.body.([]any); len(items) == 0 {
				a.status, a.media = http.StatusNoContent, ""
			}
		}), get("/books?available=false", withKey)),
		defect("answer.status", destructive, "made-200", "a new hold is answered 200", answers("placeHold", 201, status(200)), newHold()...),
		defect("answer.status", destructive, "cancelled-202", "a hold that is cancelled is answered 202", answers("cancelHold", 204, status(202)), newHold(remove("{made}", withReader))...),
		defect("answer.status-listed", inert, "invalid-406", "an invalid search is answered 406", answers("listBooks", 400, status(406)), get("/books?limit=0", withKey)),
		defect("answer.status-listed", inert, "malformed-417", "an id that is no uuid is answered 417", answers("getHold", 400, status(417)), get("/holds/first", withReader)),
		defect("answer.status-listed", inert, "invalid-416", "an invalid size is answered 416", answers("listCopies", 400, status(416)), get("/books/9780141439518/copies?size=0", withKey)),
	}
}

// libraryHeadDefects are in headers and media types, and in what gets out with an answer.
func libraryHeadDefects() []Defect {
	book, absent := get("/books/9780141439518", withKey), get("/books/9790000000000", withKey)
	return []Defect{
		defect("answer.media-type", inert, "html-404", "a book that there is not is answered with a page", answers("getBook", 404, media("text/html"), raw(func(*call, string) string {
			return "<!doctype html><title>404</title>"
		})), absent),
		defect("answer.media-type", inert, "octets-for-csv", "a report is application/octet-stream", answers("getReport", 200, media("application/octet-stream")), get("/reports/loans.csv?month=2026-02&feed_key="+libraryFeed)),
		defect("answer.media-type", inert, "text-for-json", "a reader is text/plain", answers("getMe", 200, media("text/plain")), get("/me", withReader)),
		defect("answer.media-type", inert, "no-type", "a shelf has no Content-Type", answers("getShelf", 200, func(_ *call, a *reply) { a.header["Content-Type"] = []string{} }), get("/shelves/.A12", withKey)),
		defect("answer.media-type", inert, "html-401", "a 401 is a page", answers("listMyLoans", 401, media("text/html"), raw(func(*call, string) string {
			return "<h1>Log in</h1>"
		})), get("/me/loans", withVersion)),
		defect("answer.headers", inert, "no-total", "the number of books is not said", answers("listBooks", 200, noHeader("X-Total-Count")), get("/books", withKey)),
		defect("answer.headers", inert, "no-total-for-head", "HEAD does not say the number of books", answers("countBooks", 200, noHeader("X-Total-Count")), head("/books", withKey)),
		defect("answer.headers", inert, "total-in-words", "the number of books is no number", answers("listBooks", 200, header("X-Total-Count", "12 books")), get("/books", withKey)),
		defect("answer.headers", inert, "bare-etag", "the ETag has no quotes", answers("getBook", 200, func(_ *call, a *reply) {
			a.header.Set("ETag", strings.Trim(a.header.Get("ETag"), `"`))
		}), book),
		defect("answer.headers", inert, "no-file-name", "a report has no Content-Disposition", answers("getReport", 200, noHeader("Content-Disposition")), get("/reports/loans.csv?month=2026-02&feed_key="+libraryFeed)),
		defect("answer.headers", inert, "language-of-all", "Content-Language is none of the three", answers("getNearestBranch", 200, header("Content-Language", "en-GB")), get("/branches/near/;lat=52;lon=5", withKey)),
		defect("answer.headers", inert, "no-challenge", "a 401 has no WWW-Authenticate", answers("getLoan", 401, noHeader("WWW-Authenticate")), get("/loans/7000000001")),
		defect("answer.headers", destructive, "no-location", "a new hold has no Location", answers("placeHold", 201, noHeader("Location")), newHold()...),
		defect("answer.header-once", inert, "two-types", "a book has two Content-Types", answers("getBook", 200, func(_ *call, a *reply) {
			a.header["Content-Type"] = []string{"application/json", "application/json; charset=utf-8"}
		}), book),
		defect("answer.header-once", inert, "two-etags", "a book has two ETags", answers("getBook", 200, func(_ *call, a *reply) { a.header.Add("ETag", `"00000000"`) }), book),
		defect("answer.head-without-body", inert, "head-with-body", "the answer to HEAD has the body of that to GET", answers("headHealth", 0, withBody), head("/health")),
		defect("answer.no-credentials", inert, "key-in-message", "a 404 says the key", answers("getBook", 404, func(c *call, a *reply) {
			put("message", "no such book for key "+c.Header.Get("X-Library-Key"))(c, a)
		}), absent),
		defect("answer.no-credentials", inert, "token-in-header", "the token comes back in a header", answers("getMe", 200, func(c *call, a *reply) {
			a.header.Set("X-Debug-User", bearerToken(c.Request))
		}), get("/me", withReader)),
		defect("answer.no-credentials", inert, "feed-key-in-link", "a 400 says the whole address, key included", answers("getReport", 400, func(c *call, a *reply) {
			put("message", "bad request: "+c.URL.String())(c, a)
		}), get("/reports/loans.csv?month=2026-2&feed_key="+libraryFeed)),
		defect("answer.no-stack-trace", inert, "trace-in-404", "a loan that there is not is a stack trace", answers("getLoan", 404, put("message", trace)), get("/loans/1", withKey)),
		defect("answer.no-stack-trace", inert, "trace-in-400", "an invalid day is a stack trace", answers("listBranches", 400, put("message", trace)), get("/branches?open_on=monday")),
	}
}

// libraryBodyDefects are in the bodies of answers.
func libraryBodyDefects() []Defect {
	list, book := get("/books", withKey), get("/books/9780141439518", withKey)
	readers := get("/staff/readers", withStaff)
	copies, branches, loan := get("/books/9780141439518/copies", withKey), get("/branches"), get("/loans/7000000001", withKey)
	return []Defect{
		defect("answer.json", inert, "cut-list", "the list of branches ends too early", answers("listBranches", 200, raw(func(_ *call, body string) string {
			return body[:len(body)-1]
		})), branches),
		defect("answer.json", inert, "comment-after", "the time that it took is noted after the JSON", answers("getNearestBranch", 200, raw(func(_ *call, body string) string {
			return body + "<!-- 3 ms -->"
		})), get("/branches/near/;lat=52;lon=5", withKey)),
		defect("answer.json", inert, "not-a-number", "the load is NaN", answers("getHealth", 200, raw(func(_ *call, body string) string {
			return strings.Replace(body, "0.17", "NaN", 1)
		})), get("/health")),
		defect("answer.json", inert, "latin-1", "names are in ISO 8859-1", answers("findReaders", 200, raw(func(_ *call, body string) string {
			return strings.NewReplacer("ö", "\xf6", "Ö", "\xd6").Replace(body)
		})), readers),
		defect("answer.schema", inert, "year-as-text", "the year of an author's birth is a text, in lists", answers("listBooks", 200, turn("*/authors/*/born", asText)), list),
		defect("answer.schema", inert, "no-name", "the third book's author has no name", answers("listBooks", 200, drop("2/authors/0/name")), list),
		defect("answer.schema", inert, "other-genre", "one book has a genre that there is not", answers("listBooks", 200, put("5/genre", "graphic-novel")), list),
		defect("answer.schema", inert, "null-language", "a language is null", answers("getBook", 200, put("language", nil)), book),
		defect("answer.schema", inert, "member-of-closed", "copies have a member that they must not have", answers("listCopies", 200, put("items/*/shelfmark", "A12")), copies),
		defect("answer.schema", inert, "micro-degrees", "a position is in millionths of degrees", answers("listBranches", 200, turn("*/position/lat", func(v any) any {
			return v.(float64) * 1e6
		})), branches),
		defect("answer.schema", inert, "error-code-text", "a 400 has a code that there is not", answers("getOpeningHours", 400, put("code", "ERR_DAY")), get("/opening-hours.txt?day=monday")),
		defect("answer.schema", inert, "error-without-message", "a 401 has no message", answers("getReport", 401, drop("message")), get("/reports/loans.csv?month=2026-02")),
		defect("answer.schema", inert, "isbn-twice", "a shelf has a book twice", answers("getShelf", 200, put("isbns", []any{"9780141439518", "9780141439518"})), get("/shelves/.A12", withKey)),
		defect("answer.schema", inert, "no-authors", "a book has no author", answers("getBook", 200, put("authors", []any{})), book),
		defect("answer.schema", inert, "total-as-text", "the number of readers is a text", answers("findReaders", 200, turn("total", asText)), readers),
		defect("answer.schema", inert, "wrapped-list", "the list is in a member", answers("listMyLoans", 200, func(_ *call, a *reply) { a.body = members{"loans": a.body} }), get("/me/loans", withReader, withVersion)),
		defect("answer.schema", inert, "seats-at-bound", "a room has 60 seats, which are too many", answers("getRoom", 200, put("seats", 60)), get("/rooms/;room=204", withKey)),
		defect("answer.schema", inert, "isbn-with-hyphens", "ISBNs have hyphens", answers("listSubjects", 200, put("isbns/0", "978-0141439518")), get("/subjects/.travel/books", withKey)),
		defect("answer.schema", inert, "negative-fine", "what was paid is a negative fine", answers("getLoan", 200, put("fine/cents", -40)), loan),
		defect("answer.schema", destructive, "position-zero", "positions of holds count from 0", answers("placeHold", 201, put("position", 0)), newHold()...),
		defect("answer.format", inert, "date-with-dots", "dates have dots", answers("getBook", 200, put("published", "31.12.2002")), book),
		defect("answer.format", inert, "time-without-zone", "times have no offset", answers("getLoan", 200, turn("lentAt", func(v any) any { return strings.TrimSuffix(v.(string), "Z") })), loan),
		defect("answer.format", inert, "time-with-blank", "times have a blank for the T, in lists", answers("listAudit", 200, turn("*/at", func(v any) any {
			return strings.Replace(v.(string), "T", " ", 1)
		})), get("/staff/audit", withStaff)),
		defect("answer.format", inert, "pages-overflow", "the number of pages does not fit", answers("getBook", 200, put("pages", 1<<31)), book),
		defect("answer.format", inert, "bare-uuid", "ids have no hyphens, in lists", answers("findReaders", 200, turn("readers/*/id", func(v any) any { return strings.ReplaceAll(v.(string), "-", "") })), readers),
		defect("answer.format", inert, "email-without-at", "an address has (at)", answers("listBranches", 200, turn("0/email", func(v any) any {
			return strings.Replace(v.(string), "@", " (at) ", 1)
		})), branches),
		defect("answer.format", inert, "cover-without-scheme", "the address of a cover has no scheme", answers("listBooks", 200, turn("*/cover", func(v any) any {
			return strings.TrimPrefix(v.(string), "https:")
		})), list),
		defect("answer.format", inert, "address-256", "an address has a number over 255", answers("listAudit", 200, put("0/address", "10.3.0.256")), get("/staff/audit", withStaff)),
		defect("answer.write-only", inert, "pin-shown", "the PIN of a reader is shown", answers("getReader", 200, put("pin", "402911")), get("/staff/readers/"+adaID, withStaff, withKey, "X-Reason: lost card")),
		defect("answer.write-only", inert, "pins-listed", "the PINs of readers are listed", answers("findReaders", 200, put("readers/*/pin", "402911")), readers),
	}
}

// withBody writes a body after the head of an answer to HEAD.
func withBody(_ *call, a *reply) {
	a.writer = func(w http.ResponseWriter, _ *call, a *reply, body []byte) {
		connection, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer connection.Close()
		_, _ = rw.WriteString("HTTP/1.1 200 OK\r\nContent-Type: " + a.media + "\r\nConnection: close\r\n\r\n")
		_, _ = rw.Write(body)
		_ = rw.Flush()
	}
}
