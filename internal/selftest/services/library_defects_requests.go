package services

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	longNote = `{"isbn":"9780141439518","branch":12,"note":"`
	version  = withVersion
)

// libraryAccessDefects are in who is let in.
func libraryAccessDefects() []Defect {
	return []Defect{
		defect("credentials.required", inert, "copies-unguarded", "the key is asked for the book and not for its copies", unguarded("listCopies"), get("/books/9780141439518/copies")),
		defect("credentials.required", inert, "head-unguarded", "the key is asked for GET and not for HEAD", unguarded("countBooks"), head("/books")),
		defect("credentials.required", inert, "one-of-two", "the staff's password is enough where the key is needed, too", operationEdit("getReader", func(o *operation) {
			o.access = anyOf("staff")
		}), get("/staff/readers/"+adaID, withStaff, "X-Reason: lost card")),
		defect("credentials.required", inert, "other-of-two", "the key is enough where the staff's password is needed, too", operationEdit("getReader", func(o *operation) {
			o.access = anyOf("libraryKey", "staff")
		}), get("/staff/readers/"+adaID, withKey, "X-Reason: lost card")),
		defect("credentials.required", guarded, "cancel-unguarded", "anybody may cancel a hold", unguarded("cancelHold"), remove("/holds/"+adaID)),
		defect("credentials.required", destructive, "place-unguarded", "anybody may place a hold", unguarded("placeHold"), post("/holds", order)),
		defect("credentials.required", inert, "missing-400", "a missing token is answered 400", answers("listMyLoans", 401, status(400), put("code", "invalid")), get("/me/loans", version)),
		defect("credentials.required", inert, "missing-403", "missing credentials are answered 403, which is not listed", answers("getShelf", 401, status(403)), get("/shelves/.A12")),
		defect("credentials.required", inert, "login-page", "a missing token leads to the page to log in", answers("getMe", 401, status(302), header("Location", "/login"), noBody), get("/me")),
		defect("credentials.valid", inert, "any-reader", "any token is one of a reader", schemeEdit("getMe", "reader", func(r *http.Request) bool { return bearerToken(r) != "" }), get("/me", "Authorization: Bearer guessed")),
		defect("credentials.valid", inert, "any-password", "the password of staff is not compared", schemeEdit("findReaders", "staff", func(r *http.Request) bool {
			user, _, ok := r.BasicAuth()
			return ok && user == staffUser
		}), get("/staff/readers", basic(staffUser, "guessed"))),
		defect("credentials.valid", inert, "any-staff", "anybody with a name and a password is staff", schemeEdit("listAudit", "staff", func(r *http.Request) bool {
			_, _, ok := r.BasicAuth()
			return ok
		}), get("/staff/audit", basic("guest", "guessed"))),
		defect("credentials.valid", inert, "any-feed-key", "it is enough that there is a key in the query", schemeEdit("getReport", "feedKey", func(r *http.Request) bool {
			return r.URL.Query().Get("feed_key") != ""
		}), get("/reports/loans.csv?month=2026-02&feed_key=guessed")),
		defect("credentials.valid", inert, "one-alternative", "a wrong key in the query does where the header is another way", schemeEdit("getLoan", "feedKey", func(r *http.Request) bool {
			return r.URL.Query().Has("feed_key")
		}), get("/loans/7000000001?feed_key=guessed")),
		defect("credentials.valid", inert, "any-key-for-rooms", "any key does for rooms", schemeEdit("getRoom", "libraryKey", func(r *http.Request) bool {
			return r.Header.Get("X-Library-Key") != ""
		}), get("/rooms/;room=204", "X-Library-Key: guessed")),
		defect("credentials.valid", inert, "any-partner", "tokens of partners are not looked up", schemeEdit("listBooks", "partner", func(r *http.Request) bool { return bearerToken(r) != "" }), get("/books", "Authorization: Bearer guessed")),
		defect("credentials.valid", destructive, "any-holder", "any token may place a hold", schemeEdit("placeHold", "reader", func(r *http.Request) bool { return bearerToken(r) != "" }),
			post("/holds", order, "Authorization: Bearer guessed")),
	}
}

// libraryThingDefects are in what there is, and in media types of requests.
func libraryThingDefects() []Defect {
	absent := "/holds/" + adaID
	return []Defect{
		defect("resource.unknown", inert, "any-room", "each room is there", acting("getRoom", func(c *call) *reply {
			return good(members{"number": c.number("room", 0), "seats": 4})
		}), get("/rooms/;room=391", withKey)),
		defect("resource.unknown", inert, "empty-shelf", "a shelf that there is not is empty", acting("getShelf", func(c *call) *reply {
			if c.text("shelf") == "A12" {
				return nil
			}
			return good(members{"shelf": c.text("shelf"), "branch": 1, "isbns": []any{}})
		}), get("/shelves/.H900", withKey)),
		defect("resource.unknown", inert, "unknown-400", "a hold that there is not is answered 400", answers("getHold", 404, status(400), put("code", "invalid")), get(absent, withReader)),
		defect("resource.unknown", inert, "unknown-422", "a loan that there is not is answered 422", answers("getLoan", 404, status(422), put("code", "invalid")), get("/loans/17", withKey)),
		defect("resource.unknown", inert, "cancelled-anyway", "a hold that there is not is cancelled, too", answers("cancelHold", 404, status(204), noBody), remove(absent, withReader)),
		defect("resource.linked", destructive, "location-elsewhere", "Location names a path that there is not", answers("placeHold", 201, func(_ *call, a *reply) {
			a.header.Set("Location", strings.Replace(a.header.Get("Location"), "/holds/", "/hold/", 1))
		}), newHold(lookAtHold)...),
		defect("resource.linked", inert, "copies-not-found", "a book that has a link to its copies has none", acting("listCopies", func(c *call) *reply {
			return c.server.refusal(http.StatusNotFound, "not_found", "there are no copies")
		}), get("/books/9780141439518/copies", withKey)),
		defect("resource.linked", destructive, "hold-lost", "a new hold is not kept", forgetting, newHold(lookAtHold)...),
		defect("resource.created", destructive, "notify-lost", "the address to notify is not kept", answers("getHold", 200, func(c *call, a *reply) {
			if c.text("holdId") != holdID {
				drop("notify")(c, a)
			}
		}), newHold(lookAtHold)...),
		defect("resource.created", destructive, "branch-changed", "a hold is shown at another branch", answers("getHold", 200, misplaced), newHold(lookAtHold)...),
		defect("resource.deleted", destructive, "hold-stays", "a hold that was cancelled is still shown", acting("cancelHold", func(*call) *reply { return answer(http.StatusNoContent, "", nil) }),
			newHold(remove("{made}", withReader), lookAtHold)...),
		defect("request.media-type", destructive, "text-taken", "JSON is read whatever its media type", asJSON("placeHold"), send("POST", "/holds", "text/plain", order, withReader)),
		defect("request.media-type", destructive, "text-400", "another media type is answered 400", answers("placeHold", 415, status(400)), send("POST", "/holds", "text/plain", order, withReader)),
		defect("request.acceptable", inert, "unacceptable-400", "a caller who wants no JSON is answered 400", answers("getHold", 406, status(400)), get("/holds/"+holdID, withReader, "Accept: text/html")),
	}
}

// forgetting loses what was made under a new id.
func forgetting(s *server) {
	answers("placeHold", http.StatusCreated, func(c *call, a *reply) {
		id := c.server.uuid()
		put("id", id)(c, a)
		a.header.Set("Location", "/holds/"+id)
	})(s)
}

// misplaced shows new holds at branch 1.
func misplaced(c *call, a *reply) {
	if c.text("holdId") != holdID {
		put("branch", 1)(c, a)
	}
}

// asJSON has an operation read each body as JSON.
func asJSON(op string) edit {
	return func(s *server) {
		s.op(op) // panics if there is none
		s.steps = append([]step{func(c *call) *reply {
			if c.op.name == op {
				c.Header.Set("Content-Type", "application/json")
			}
			return nil
		}}, s.steps...)
	}
}

// libraryAcceptedDefects refuse what is valid.
func libraryAcceptedDefects() []Defect {
	long := strings.Repeat("é", 80)
	return []Defect{
		defect("value.accepted", inert, "limit-99", "the greatest limit is refused", careless("listBooks", "limit", tighter), get("/books?limit=100", withKey)),
		defect("value.accepted", inert, "bytes-counted", "the length of a search is counted in bytes", careless("listBooks", "q", func(r *rule) {
			r.custom = func(v any) error {
				if s, _ := v.(string); len(s) > 80 || utf8.RuneCountInString(s) > 40 && len(s) > 79 {
					return broken("is too long")
				}
				return nil
			}
		}), get("/books?q="+url.QueryEscape(long), withKey)),
		defect("value.accepted", inert, "no-poetry", "a genre is not known", careless("listBooks", "genre/*", only("novel", "history", "science", "comic")), get("/books?genre=poetry", withKey)),
		defect("value.accepted", inert, "one-language", "several languages are refused", careless("listBooks", "language", func(r *rule) { r.many = 1 }), get("/books?language=en,de", withKey)),
		defect("value.accepted", inert, "no-west", "negative longitudes are refused", careless("getNearestBranch", "point/lon", func(r *rule) { r.min = new(0.0) }), get("/branches/near/;lat=52;lon=-5", withKey)),
		defect("value.accepted", inert, "no-semicolon", "a delimiter is refused", careless("getReport", "delimiter", only("comma")), get("/reports/loans.csv?month=2026-02&delimiter=semicolon&feed_key="+libraryFeed)),
		defect("value.accepted", inert, "no-december", "months after September are refused", careless("getReport", "month", matching(`^20[0-9]{2}-0[1-9]$`)), get("/reports/loans.csv?month=2026-12&feed_key="+libraryFeed)),
		defect("value.accepted", inert, "two-columns", "a third column is refused", careless("listMyLoans", "X-Columns", func(r *rule) { r.many = 2 }), get("/me/loans", withReader, version, "X-Columns: due,fine,renewals")),
		defect("value.accepted", destructive, "short-notes", "a note of the greatest length is refused", careless("placeHold", "body/note", tighter), post("/holds", longNote+strings.Repeat("x", 200)+`"}`, withReader)),
	}
}

// libraryRefusedDefects accept what breaks a rule.
func libraryRefusedDefects() []Defect {
	return []Defect{
		defect("value.refused", inert, "limit-101", "the limit may be one too large", careless("listBooks", "limit", oneOff), get("/books?limit=101", withKey)),
		defect("value.refused", inert, "page-0", "pages count from 0, too", both(careless("listBooks", "page", oneOff), acting("listBooks", fromZero)), get("/books?page=0", withKey)),
		defect("value.refused", inert, "genre-case", "genres are compared without case", careless("listBooks", "genre/*", anyCase), get("/books?genre=NOVEL", withKey)),
		defect("value.refused", inert, "language-prefix", "the pattern of languages has no end", careless("listBooks", "language/*", beginning), get("/books?language=eng", withKey)),
		defect("value.refused", inert, "year-open", "members of the year that there are not are ignored", careless("listBooks", "year", opened), get("/books?year[since]=1990", withKey)),
		defect("value.refused", inert, "year-any", "the first year may be any text", careless("listBooks", "year/from", unchecked), get("/books?year[from]=long+ago", withKey)),
		defect("value.refused", inert, "id-of-any-form", "the id of a request may have any form", careless("listBooks", "X-Request-Id", anyFormat), get("/books", withKey, "X-Request-Id: 17")),
		defect("value.refused", inert, "genres-repeated", "a genre may come twice", careless("listBooks", "genre", repeated), get("/books?genre=novel&genre=novel", withKey)),
		defect("value.refused", inert, "any-sort", "an unknown order is the first one", careless("listBooks", "sort", anyValue), get("/books?sort=price", withKey)),
		defect("value.refused", inert, "head-unchecked", "HEAD does not check its parameters", careless("countBooks", "available", unchecked), head("/books?available=maybe", withKey)),
		defect("value.refused", inert, "any-report", "a report that there is not is an empty one", careless("getReport", "name", unchecked), get("/reports/fines.csv?month=2026-02&feed_key="+libraryFeed)),
		defect("value.refused", inert, "month-optional", "without a month it is the current one", paramEdit("getReport", "month", func(p *param) { p.required = false }), get("/reports/loans.csv?feed_key="+libraryFeed)),
		defect("value.refused", inert, "month-13", "a year has 99 months", careless("getReport", "month", matching(`^20\d\d-\d\d$`)), get("/reports/loans.csv?month=2026-13&feed_key="+libraryFeed)),
		defect("value.refused", inert, "small-barcode", "barcodes may be small", careless("getCopies", "barcodes/*", unbounded), get("/copies/40010001,17", withKey)),
		defect("value.refused", inert, "latitude-91", "latitudes have no bounds", careless("getNearestBranch", "point/lat", unbounded), get("/branches/near/;lat=91;lon=5", withKey)),
		defect("value.refused", inert, "longitude-optional", "a point needs no longitude", careless("getNearestBranch", "point", without("lon")), get("/branches/near/;lat=52", withKey)),
		defect("value.refused", inert, "any-cookie", "a locale that there is not is ignored", careless("getMe", "locale", anyValue), get("/me", withReader, "Cookie: locale=klingon")),
		defect("value.refused", inert, "version-optional", "the version of the app may be missing", paramEdit("listMyLoans", "X-App-Version", func(p *param) { p.required = false }), get("/me/loans", withReader)),
		defect("value.refused", inert, "version-found", "the pattern of versions has no anchors", careless("listMyLoans", "X-App-Version", found), get("/me/loans", withReader, "X-App-Version: v4.11.0-beta")),
		defect("value.refused", inert, "since-any", "a time is not checked", careless("listMyLoans", "since", anyFormat), get("/me/loans?since=yesterday", withReader, version)),
		defect("value.refused", inert, "long-reason", "reasons are not measured", careless("getReader", "X-Reason", anyLength), get("/staff/readers/"+adaID, withStaff, withKey, "X-Reason: "+strings.Repeat("why ", 20))),
		defect("value.refused", inert, "branch-ids-repeated", "the id of a branch may come twice", careless("listBranches", "ids", repeated), get("/branches?ids=3%203")),
		defect("value.refused", inert, "box-half", "a box needs no south", careless("listBranches", "within", without("south")), get("/branches?within=north,52")),
		defect("value.refused", inert, "size-51", "the size may be one too large", careless("listCopies", "size", oneOff), get("/books/9780141439518/copies?size=51", withKey)),
		defect("value.refused", inert, "subject-any", "a subject that there is not has no books", careless("listSubjects", "subjects/*", anyValue), get("/subjects/.hate/books", withKey)),
		defect("value.refused", inert, "joined-any", "a date is not checked", careless("findReaders", "joined/joined_after", anyFormat), get("/staff/readers?joined_after=2020-13-01", withStaff)),
		defect("value.refused", destructive, "branch-optional", "a hold needs no branch", both(careless("placeHold", "body", without("branch")), answers("placeHold", 201, ensure("branch", 12))), post("/holds", `{"isbn":"9780141439518"}`, withReader)),
		defect("value.refused", destructive, "isbn-beginning", "the pattern of ISBNs has no end", careless("placeHold", "body/isbn", beginning), post("/holds", `{"isbn":"9780141439518-2","branch":3}`, withReader)),
		defect("value.refused", destructive, "branch-100", "there may be one branch more", careless("placeHold", "body/branch", oneOff), post("/holds", `{"isbn":"9780141439518","branch":100}`, withReader)),
		defect("value.refused", destructive, "formats-repeated", "a format may come twice", careless("placeHold", "body/formats", repeated), post("/holds", `{"isbn":"9780141439518","branch":3,"formats":["audio","audio"]}`, withReader)),
		defect("value.refused", destructive, "note-201", "a note may be one character longer", careless("placeHold", "body/note", oneOff), post("/holds", longNote+strings.Repeat("x", 201)+`"}`, withReader)),
		defect("value.refused", destructive, "notify-any", "the address to notify is not checked", careless("placeHold", "body/notify", func(r *rule) { r.custom = hasSomething; r.format = "" }), post("/holds", `{"isbn":"9780141439518","branch":3,"notify":"ada"}`, withReader)),
		defect("value.refused", destructive, "format-any", "a format that there is not is kept", careless("placeHold", "body/formats/*", anyValue), post("/holds", `{"isbn":"9780141439518","branch":3,"formats":["braille"]}`, withReader)),
		defect("value.refused-unlisted", inert, "lines-1001", "more lines than there may be are shown", careless("listAudit", "lines", unbounded), get("/staff/audit?lines=1001", withStaff)),
		defect("value.refused-unlisted", inert, "action-any", "an action that there is not finds nothing", careless("listAudit", "action", anyValue), get("/staff/audit?action=look", withStaff)),
		defect("value.scalar", inert, "truth-coerced", "yes and 1 are true", careless("listBooks", "available", coerced), get("/books?available=1", withKey)),
		defect("value.scalar", inert, "limit-coerced", "a limit may be 5.0", careless("listBooks", "limit", coerced), get("/books?limit=5.0", withKey)),
		defect("value.scalar", destructive, "branch-coerced", "the number of a branch may be a text", careless("placeHold", "body/branch", coerced), post("/holds", `{"isbn":"9780141439518","branch":"12"}`, withReader)),
	}
}

// fromZero makes the page before the first one the first.
func fromZero(c *call) *reply {
	if c.text("page") == "0" {
		delete(c.values, "page")
	}
	return nil
}

// ensure fills in a member that a careless rule let be missing.
func ensure(name string, value any) touch {
	return func(_ *call, a *reply) {
		if object, ok := a.body.(members); ok && object[name] == nil {
			object[name] = value
		}
	}
}

func hasSomething(v any) error {
	if v == "" {
		return broken("is empty")
	}
	return nil
}
