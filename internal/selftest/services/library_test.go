package services

import (
	"strings"
	"testing"
)

// libraryExchanges are answered by the plain service as they say.
var libraryExchanges = []expectation{
	{get("/health"), 200, `"status":"ok"`},
	{head("/health"), 200, ""},
	{get("/opening-hours.txt?day=2026-03-14"), 200, "Central 2026-03-14 9-21"},
	{get("/opening-hours.txt?day=2026-02-30"), 400, "day: is no date"},
	{get("/books", withKey), 200, "X-Total-Count: 12"},
	{get("/books", withPartner), 200, "X-Total-Count: 12"},
	{get("/books"), 401, "Www-Authenticate: Bearer"},
	{get("/books", withKey+"x"), 401, ""},
	{get("/books", withReader), 401, ""},
	{get("/books?page=2&limit=5&sort=-year", withKey), 200, "X-Total-Count: 12"},
	{get("/books?limit=100", withKey), 200, ""},
	{get("/books?limit=101", withKey), 400, "limit: is too large"},
	{get("/books?limit=0", withKey), 400, "limit: is too small"},
	{get("/books?limit=2.0", withKey), 400, ""},
	{get("/books?limit=", withKey), 400, ""},
	{get("/books?page=1&page=2", withKey), 400, ""},
	{get("/books?q=aus", withKey), 200, "Jane Austen"},
	{get("/books?q=a", withKey), 400, "q: is too short"},
	{get("/books?genre=poetry&genre=comic", withKey), 200, "X-Total-Count: 4"},
	{get("/books?genre=poetry&genre=poetry", withKey), 400, "genre: has an item twice"},
	{get("/books?genre=Poetry", withKey), 400, "genre/0: is none of the values"},
	{get("/books?language=de,nl", withKey), 200, "X-Total-Count: 3"},
	{get("/books?language=de%2Cnl", withKey), 200, "X-Total-Count: 3"},
	{get("/books?language=de,nld", withKey), 400, "language/1: has the wrong form"},
	{get("/books?year%5Bfrom%5D=2010&year[to]=2014", withKey), 200, "X-Total-Count: 1"},
	{get("/books?year[from]=1449", withKey), 400, "year/from: is too small"},
	{get("/books?year[since]=1990", withKey), 400, "year/since: is not known"},
	{get("/books?available=true", withKey), 200, "X-Total-Count: 12"},
	{get("/books?available=yes", withKey), 400, ""},
	{get("/books", withKey, "X-Request-Id: 8f7f3d55-6a0e-4d2f-8a3b-0c1d2e3f4a5b"), 200, "X-Request-Id: 8f7f3d55"},
	{get("/books", withKey, "X-Request-Id: 8f7f3d55"), 400, ""},
	{head("/books?available=true", withKey), 200, "X-Total-Count: 12"},
	{head("/books"), 401, ""},
	{get("/books/9780141439518", withKey), 200, `Etag: "`},
	{get("/books/9780141439518?fields=pages,rating", withKey), 200, `"rating":4.3,"title"`},
	{get("/books/9780141439518", withKey, "If-None-Match: *"), 304, "Etag"},
	{get("/books/978014143951", withKey), 400, "isbn: has the wrong form"},
	{get("/books/9780141439519", withKey), 404, "not_found"},
	{get("/books/9780141439518/copies?size=5", withKey), 200, `"next":"c5"`},
	{get("/books/9780141439518/copies?size=50&cursor=c20", withKey), 200, `"next":null`},
	{get("/books/9780141439518/copies?branches=3%7C12", withKey), 200, `"next":"c10"`},
	{get("/books/9780141439518/copies?branches=3%7C100", withKey), 400, ""},
	{get("/copies/40010001,40010002", withKey), 200, `"barcode":40010002`},
	{get("/copies/40010001,4001", withKey), 400, "barcodes/1: is too small"},
	{get("/copies/99999999", withKey), 404, ""},
	{get("/shelves/.A12", withKey), 200, `"shelf":"A12"`},
	{get("/shelves/A12", withKey), 400, ""},
	{get("/shelves/.H999", withKey), 404, ""},
	{get("/subjects/.love.travel/books", withKey), 200, `{"isbns":["9780141439518"]}`},
	{get("/subjects/.love.hate/books", withKey), 400, ""},
	{get("/branches?ids=3%2012"), 200, "Harbour"},
	{get("/branches?ids=3%20three"), 400, ""},
	{get("/branches?within=north,52.5,south,52"), 200, "Harbour"},
	{get("/branches?within=north,52.5"), 400, "within/south: is missing"},
	{get("/branches?services=cafe&services=studio"), 200, `[{"email":"central@`},
	{get("/branches/near/;lat=51.9;lon=5.2", withKey, "Cookie: locale=nl"), 200, "Content-Language: nl"},
	{get("/branches/near/;lat=51.9;lon=5.2", withKey, "Cookie: locale=fr"), 400, ""},
	{get("/branches/near/;lat=91;lon=5.2", withKey), 400, "point/lat: is too large"},
	{get("/rooms/;room=204", withKey), 200, `"seats":6`},
	{get("/rooms/;room=401", withKey), 400, ""},
	{get("/rooms/;room=400", withKey), 404, ""},
	{get("/reports/loans.csv?month=2026-02&feed_key=" + libraryFeed), 200, "X-Row-Count: 3"},
	{get("/reports/loans.csv?month=2026-13&feed_key=" + libraryFeed), 400, ""},
	{get("/reports/loans.csv?feed_key=" + libraryFeed), 400, "month: is missing"},
	{get("/reports/loans.csv?month=2026-02"), 401, ""},
	{get("/reports/loans.txt?month=2026-02"), 404, ""},
	{get("/loans/7000000001", withKey), 200, `"fine":{"cents":0`},
	{get("/loans/7000000001?feed_key=" + libraryFeed), 200, ""},
	{get("/loans/7000000001", withStaff), 200, ""},
	{get("/loans/9223372036854775807", withStaff), 404, ""},
	{get("/loans/9223372036854775808", withStaff), 400, ""},
	{get("/me", withReader), 200, "ada@example.org"},
	{get("/me", withPartner), 401, ""},
	{get("/me/loans?state=overdue", withReader, "X-App-Version: 4.11.0"), 200, "7000000002"},
	{get("/me/loans?since=2026-02-01T00:00:00%2B01:00", withReader, "X-App-Version: 4.11.0"), 200, `[{"barcode":40010002`},
	{get("/me/loans", withReader), 400, "X-App-Version: is missing"},
	{get("/me/loans", withReader, "X-App-Version: 4.11.0", "X-Columns: due,price"), 400, ""},
	{get("/holds/"+holdID, withReader), 200, "placedAt"},
	{get("/holds/"+strings.ToUpper(holdID), withReader), 200, ""},
	{get("/holds/"+holdID, withReader, "Accept: text/html, */*;q=0.1"), 200, ""},
	{get("/holds/"+holdID, withReader, "Accept: text/html"), 406, ""},
	{get("/holds/"+adaID, withReader), 404, ""},
	{get("/staff/readers?joined_after=2020-01-01", withStaff), 200, `"total":1`},
	{get("/staff/readers?terminal=10.3.0.256", withStaff), 400, ""},
	{get("/staff/readers/"+adaID, withStaff, withKey, "X-Reason: lost card"), 200, "Ada Visser"},
	{get("/staff/readers/"+adaID, withStaff, "X-Reason: lost card"), 401, ""},
	{get("/staff/readers/"+adaID, withStaff, withKey, "X-Reason: why"), 400, ""},
	{get("/staff/audit?lines=1", withStaff), 200, "terminal-03"},
	{get("/staff/audit?lines=0", withStaff), 400, ""},
	{post("/books", "{}", withKey), 405, "Allow: GET, HEAD"},
}

// TestLibrary sends requests to the plain service, and looks at what is particular to the answers.
func TestLibrary(t *testing.T) {
	t.Parallel()
	answersAsExpected(t, library(), libraryExchanges)
}

// TestHold follows a hold from its making to its end.
func TestHold(t *testing.T) {
	t.Parallel()
	order := `{"isbn":"9780141439518","branch":12.0,"notify":"ada@example.org","note":null,"colour":"blue"}`
	answers := exchange(t, library().New("", 3), []Request{
		post("/holds", order, withReader),
		get("{made}", withReader),
		remove("{made}", withReader),
		get("{made}", withReader),
		remove("{made}", withReader),
		post("/holds", `{"isbn":"9790000000000","branch":1}`, withReader),
		post("/holds", `{"isbn":"9780141439518"}`, withReader),
		post("/holds", order+"x", withReader),
		post("/holds", order),
		send("POST", "/holds", "text/plain", order, withReader),
	})
	for i, want := range []int{201, 200, 204, 410, 410, 201, 400, 400, 401, 415} {
		if answers[i].status != want {
			t.Errorf("request %d: expected %d, got %s", i, want, answers[i])
		}
	}
	made, shown := jsonOf(t, answers[0].body).(map[string]any), jsonOf(t, answers[1].body).(map[string]any)
	for name, want := range map[string]any{"isbn": "9780141439518", "branch": 12.0, "note": nil, "id": made["id"], "position": made["position"]} {
		if shown[name] != want {
			t.Errorf("%s: expected %v, got %v", name, want, shown[name])
		}
	}
	if _, there := shown["colour"]; there {
		t.Error("expected that a member that is not documented is not kept")
	}
}
