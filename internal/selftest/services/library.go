package services

import (
	"net/http"
	"strings"
)

// What the library gives out, for its callers and for those who judge it.
const (
	libraryKey    = "lib-live-7Qx2mZ0vK9sTf4Wc8Rb1"
	libraryFeed   = "feed_3tJ6yPq8LwN5eHd2"
	staffUser     = "terminal-03"
	staffPassword = "Sorry4the_Dust!on:Shelf9"
	readerToken   = "rdr.Zm9yZXZlci1vdmVyZHVl.81c7d9"
	partnerToken  = "ptn-eyJjYXQiOiJyZWFkIn0-5f0a6b7c8d9e"
)

const libraryChallenge = `Bearer realm="library"`

func library() *Service {
	return &Service{
		Name:     "library",
		Document: libraryDocument,
		Credentials: map[string]string{
			"libraryKey": libraryKey,
			"feedKey":    libraryFeed,
			"staff":      staffUser + ":" + staffPassword,
			"reader":     readerToken,
			"partner":    partnerToken,
		},
		Fixtures: map[string]string{
			"isbn":     "9780141439518",
			"shelf":    "A12",
			"room":     "204",
			"loanId":   "7000000001",
			"readerId": adaID,
			"holdId":   holdID,
		},
		Variations: libraryVariations(),
		Defects:    libraryDefects(),
		build:      newLibrary,
	}
}

func newLibrary(seed uint64) *server {
	s := newServer(seed)
	s.challenge = libraryChallenge
	s.schemes = map[string]scheme{
		"libraryKey": func(r *http.Request) bool { return r.Header.Get("X-Library-Key") == libraryKey },
		"feedKey":    func(r *http.Request) bool { return r.URL.Query().Get("feed_key") == libraryFeed },
		"staff": func(r *http.Request) bool {
			user, password, ok := r.BasicAuth()
			return ok && user == staffUser && password == staffPassword
		},
		"reader":  bearer(readerToken),
		"partner": bearer(partnerToken),
	}
	s.refusal = func(status int, code, detail string) *reply {
		return answer(status, "application/json", members{"code": code, "message": detail})
	}
	l := &lending{server: s, holds: map[string]members{holdID: firstHold()}, gone: map[string]bool{}}
	s.ops = l.operations()
	return s
}

// bearer returns the scheme of a token; the name of the scheme is not case-sensitive (RFC 9110, 11.1).
func bearer(token string) scheme {
	return func(r *http.Request) bool { return bearerToken(r) == token }
}

func bearerToken(r *http.Request) string {
	name, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(name, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// anyOf returns alternatives of one scheme each.
func anyOf(schemes ...string) [][]string {
	access := [][]string{}
	for _, name := range schemes {
		access = append(access, []string{name})
	}
	return access
}

const isbnForm = `^97[89][0-9]{10}$`

func isbnParam() *param { return &param{name: "isbn", in: "path", rule: pattern(isbnForm)} }

func requestID() *param { return &param{name: "X-Request-Id", in: "header", rule: format("uuid")} }

func locale() *param { return &param{name: "locale", in: "cookie", rule: oneOf("en", "nl", "de")} }

func genres() *rule { return oneOf("novel", "poetry", "history", "science", "comic") }

func yearRule() *rule { return integer(1450, 2100) }

// operations is the document's list, by hand.
func (l *lending) operations() []*operation {
	return append(l.catalogue(), append(l.places(), l.people()...)...)
}

func (l *lending) catalogue() []*operation {
	catalogue := anyOf("libraryKey", "partner")
	return []*operation{
		{name: "getHealth", route: "GET /health", act: l.health},
		{name: "headHealth", route: "HEAD /health", act: l.health},
		{name: "listBooks", route: "GET /books", access: catalogue, listed: []int{400, 401, 422}, act: l.listBooks, params: []*param{
			requestID(),
			{name: "page", in: "query", rule: integer(1, 500)},
			{name: "limit", in: "query", rule: integer(1, 100)},
			{name: "q", in: "query", rule: text(2, 80)},
			{name: "genre", in: "query", rule: set(genres(), 1, 4)},
			{name: "language", in: "query", style: "comma", rule: list(pattern(`^[a-z]{2}$`), 0, 3)},
			{name: "year", in: "query", style: "deep", rule: closed(fields{"from": yearRule(), "to": yearRule()})},
			{name: "sort", in: "query", rule: oneOf("title", "-title", "year", "-year")},
			{name: "available", in: "query", rule: boolean()},
		}},
		{name: "countBooks", route: "HEAD /books", access: catalogue, listed: []int{400, 401}, act: l.countBooks, params: []*param{
			requestID(),
			{name: "available", in: "query", rule: boolean()},
		}},
		{name: "getBook", route: "GET /books/{isbn}", access: catalogue, listed: []int{400, 401, 404}, act: l.getBook, params: []*param{
			isbnParam(),
			{name: "fields", in: "query", style: "comma", rule: set(oneOf("authors", "genre", "language", "pages", "published",
				"rating", "cover", "weight"), 0, 0)},
		}},
		{name: "listCopies", route: "GET /books/{isbn}/copies", access: catalogue, listed: []int{400, 401, 404}, act: l.listCopies, params: []*param{
			isbnParam(),
			{name: "cursor", in: "query", rule: pattern(`^c[0-9]{1,6}$`)},
			{name: "size", in: "query", rule: int32s(1, 50)},
			{name: "branches", in: "query", style: "pipe", rule: list(integer(1, 99), 0, 5)},
		}},
		{name: "getCopies", route: "GET /copies/{barcodes}", access: catalogue, listed: []int{400, 401, 404}, act: l.getCopies, params: []*param{
			{name: "barcodes", in: "path", rule: list(int64s(10000000), 1, 10)},
		}},
		{name: "listSubjects", route: "GET /subjects/{subjects}/books", access: catalogue, listed: []int{0}, act: l.listSubjects, params: []*param{
			{name: "subjects", in: "path", style: "label", rule: list(oneOf("sea", "war", "love", "travel", "food", "music"), 1, 3)},
		}},
	}
}

func (l *lending) places() []*operation {
	catalogue := anyOf("libraryKey", "partner")
	degrees := func(most float64) *rule { return number(-most, most) }
	within := closed(fields{"north!": degrees(90), "south!": degrees(90)})
	point := closed(fields{"lat!": degrees(90), "lon!": degrees(180)})
	return []*operation{
		{name: "getOpeningHours", route: "GET /opening-hours.txt", listed: []int{400}, act: l.openingHours, params: []*param{
			{name: "day", in: "query", rule: format("date")},
		}},
		{name: "getShelf", route: "GET /shelves/{shelf}", access: catalogue, listed: []int{400, 401, 404}, act: l.getShelf, params: []*param{
			{name: "shelf", in: "path", style: "label", rule: pattern(`^[A-H][0-9]{1,3}$`)},
		}},
		{name: "listBranches", route: "GET /branches", listed: []int{400}, act: l.listBranches, params: []*param{
			{name: "ids", in: "query", style: "space", rule: set(integer(1, 99), 1, 20)},
			{name: "within", in: "query", style: "comma", rule: within},
			{name: "services", in: "query", rule: list(oneOf("cafe", "wifi", "printer", "studio"), 0, 0)},
			{name: "open_on", in: "query", rule: format("date")},
		}},
		{name: "getNearestBranch", route: "GET /branches/near/{point}", access: catalogue, listed: []int{400, 401}, act: l.nearest, params: []*param{
			{name: "point", in: "path", style: "matrix", rule: point},
			locale(),
		}},
		{name: "getRoom", route: "GET /rooms/{room}", access: catalogue, listed: []int{400, 401, 404}, act: l.getRoom, params: []*param{
			{name: "room", in: "path", style: "matrix", rule: int32s(1, 400)},
		}},
		{name: "getReport", route: "GET /reports/{name}", access: anyOf("feedKey"), listed: []int{400, 401, 404}, act: l.getReport, params: []*param{
			{name: "name", in: "path", suffix: ".csv", rule: oneOf("loans", "holds", "returns")},
			{name: "month", in: "query", required: true, rule: pattern(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)},
			{name: "delimiter", in: "query", rule: oneOf("comma", "semicolon")},
		}},
	}
}

func (l *lending) people() []*operation {
	holders := anyOf("reader", "partner")
	hold := func() []*param { return []*param{{name: "holdId", in: "path", rule: format("uuid")}} }
	joined := object(fields{"joined_after": format("date"), "joined_before": format("date")})
	return []*operation{
		{name: "getMe", route: "GET /me", access: anyOf("reader"), listed: []int{400, 401}, act: l.getMe, params: []*param{locale()}},
		{name: "listMyLoans", route: "GET /me/loans", access: anyOf("reader"), listed: []int{400, 401}, act: l.listMyLoans, params: []*param{
			{name: "X-App-Version", in: "header", required: true, rule: pattern(`^[0-9]+\.[0-9]+\.[0-9]+$`)},
			{name: "X-Columns", in: "header", rule: list(oneOf("due", "fine", "renewals"), 0, 3)},
			{name: "state", in: "query", rule: oneOf("open", "overdue", "returned")},
			{name: "since", in: "query", rule: format("date-time")},
		}},
		{name: "getLoan", route: "GET /loans/{loanId}", access: anyOf("libraryKey", "feedKey", "staff"), listed: []int{400, 401, 404}, act: l.getLoan, params: []*param{
			{name: "loanId", in: "path", rule: int64s(1)},
		}},
		{name: "placeHold", route: "POST /holds", access: holders, listed: []int{400, 401, 409, 415, 422}, act: l.placeHold,
			bodies: map[string]*rule{"application/json": object(fields{
				"isbn!":   pattern(isbnForm),
				"branch!": integer(1, 99),
				"notify":  format("email"),
				"until":   format("date"),
				"note":    text(0, 200).nullable(),
				"formats": set(oneOf("print", "large-print", "audio"), 1, 0),
			})}},
		{name: "getHold", route: "GET /holds/{holdId}", access: holders, listed: []int{400, 401, 404, 406, 410}, only: "application/json", act: l.getHold, params: hold()},
		{name: "cancelHold", route: "DELETE /holds/{holdId}", access: holders, listed: []int{400, 401, 404, 410}, act: l.cancelHold, params: hold()},
		{name: "findReaders", route: "GET /staff/readers", access: anyOf("staff"), listed: []int{0}, act: l.findReaders, params: []*param{
			{name: "joined", in: "query", rule: joined},
			{name: "email", in: "query", rule: format("email")},
			{name: "card", in: "query", rule: int64s(1)},
			{name: "terminal", in: "query", rule: format("ipv4")},
		}},
		{name: "getReader", route: "GET /staff/readers/{readerId}", access: [][]string{{"staff", "libraryKey"}}, listed: []int{400, 401, 403, 404}, act: l.getReader, params: []*param{
			{name: "readerId", in: "path", rule: format("uuid")},
			{name: "X-Reason", in: "header", required: true, rule: text(5, 60)},
		}},
		{name: "listAudit", route: "GET /staff/audit", access: anyOf("staff"), act: l.listAudit, params: []*param{
			{name: "lines", in: "query", rule: integer(1, 1000)},
			{name: "action", in: "query", rule: oneOf("read", "change", "delete")},
		}},
	}
}
