package services

import "fmt"

// What there is in the library from the start.
const (
	adaID  = "6f1c1d2e-8a4b-4c55-9d3e-2b7a90c4e811"
	holdID = "b0c7e5a4-19d2-4f0b-8b6e-5d1f3a2c7e90"
)

// books are in the order of their titles.
func books() []members {
	book := func(isbn, title, author string, born int, genre, language string, pages int, published string, rating any) members {
		return members{
			"isbn": isbn, "title": title, "authors": []any{members{"name": author, "born": born}}, "genre": genre,
			"language": language, "pages": pages, "published": published, "rating": rating,
			"cover":  "https://covers.library.example/" + isbn + ".jpg",
			"weight": pages + 120, "copies": 2,
		}
	}
	all := []members{
		book("9780099578079", "1Q84", "Haruki Murakami", 1949, "novel", "en", 1328, "2012-08-02", 3.9),
		book("9783518188002", "Atlas der abgelegenen Inseln", "Judith Schalansky", 1980, "history", "de", 144, "2009-09-01", 4.4),
		book("9780553380163", "A Brief History of Time", "Stephen Hawking", 1942, "science", "en", 212, "1998-09-01", 4.2),
		book("9781407230016", "Death of a Naturalist", "Seamus Heaney", 1939, "poetry", "en", 64, "2006-04-06", 4),
		book("9789025307479", "De ontdekking van de hemel", "Harry Mulisch", 1927, "novel", "nl", 905, "1992-10-01", nil),
		book("9780394747231", "Maus", "Art Spiegelman", 1948, "comic", "en", 296, "1986-08-12", 4.6),
		book("9783458317425", "Neue Gedichte", "Rainer Maria Rilke", 1875, "poetry", "de", 180, "1974-01-15", 4.3),
		book("9780375714573", "Persepolis", "Marjane Satrapi", 1969, "comic", "en", 160, "2004-06-01", 4.3),
		book("9780141439518", "Pride and Prejudice", "Jane Austen", 1775, "novel", "en", 480, "2002-12-31", 4.3),
		book("9781784870140", "SPQR", "Mary Beard", 1955, "history", "en", 608, "2016-04-28", 4.1),
		book("9780198788607", "The Selfish Gene", "Richard Dawkins", 1941, "science", "en", 496, "2016-05-19", 4.2),
		book("9780141187761", "Ulysses", "James Joyce", 1882, "novel", "en", 933, "2000-03-30", 3.8),
	}
	all[8]["copies"] = 23
	return all
}

// copiesOf returns the copies of a book: their barcodes count up from a start of its own.
func copiesOf(book members) []members {
	copies, isbn := []members{}, book["isbn"].(string)
	for i := range book["copies"].(int) {
		c := members{"barcode": barcodes[isbn] + i, "isbn": isbn, "branch": []int{3, 12, 7}[i%3], "state": "in", "due": nil}
		if i%4 == 1 {
			c["state"], c["due"] = "out", fmt.Sprintf("2026-03-%02d", 10+i)
		}
		copies = append(copies, c)
	}
	return copies
}

var barcodes = func() map[string]int {
	starts := map[string]int{}
	for i, b := range books() {
		starts[b["isbn"].(string)] = 40020001 + 100*i
	}
	starts["9780141439518"] = 40010001
	return starts
}()

func branches() []members {
	return []members{
		{"id": 3, "name": "Harbour", "email": "harbour@library.example", "website": "https://library.example/harbour",
			"terminal": "10.3.0.17", "services": []any{"wifi", "printer"}, "position": members{"lat": 52.0931, "lon": 5.0874}},
		{"id": 7, "name": "Mill Lane", "email": "mill.lane@library.example", "website": "https://library.example/mill-lane?from=api",
			"terminal": "10.7.0.4", "services": []any{"cafe", "wifi"}, "position": members{"lat": 51.9812, "lon": 5.2203}},
		{"id": 12, "name": "Central", "email": "central@library.example", "website": "https://library.example/",
			"terminal": "192.168.12.1", "services": []any{"cafe", "wifi", "printer", "studio"}, "position": members{"lat": 52.0907, "lon": 5.1214}},
	}
}

var subjects = map[string][]string{
	"9780099578079": {"love"},
	"9783518188002": {"sea", "travel"},
	"9780394747231": {"war"},
	"9780141439518": {"love", "travel"},
	"9780141187761": {"love", "food", "music"},
	"9781784870140": {"war"},
}

func loans() []members {
	return []members{
		{"id": 7000000001, "barcode": 40010002, "lentAt": "2026-02-12T16:05:00Z", "due": "2026-03-12", "returnedAt": nil, "renewals": 1,
			"fine": members{"cents": 0, "paid": true}},
		{"id": 7000000002, "barcode": 40020102, "lentAt": "2026-01-20T10:41:09Z", "due": "2026-02-17", "returnedAt": nil, "renewals": 0,
			"fine": members{"cents": 240, "paid": false}},
		{"id": 7000000003, "barcode": 40020501, "lentAt": "2025-12-01T09:12:44Z", "due": "2025-12-29", "returnedAt": "2025-12-22T17:30:00Z", "renewals": 0},
	}
}

// loanStates are by the last digit of the ids.
var loanStates = map[int]string{7000000001: "open", 7000000002: "overdue", 7000000003: "returned"}

func readers() []members {
	return []members{
		{"id": adaID, "name": "Ada Visser", "email": "ada@example.org", "joined": "2019-05-20", "card": 5200114477, "lastVisit": "2026-02-27T15:20:31Z"},
		{"id": "0d9a8e77-3c21-4b1f-a2c6-91f0c5be3a02", "name": "Björn Öz", "email": "bjorn.oz@example.com", "joined": "2023-11-03",
			"card": 5200119001, "lastVisit": nil},
	}
}

func firstHold() members {
	return members{"id": holdID, "isbn": "9780141187761", "branch": 12, "notify": "ada@example.org", "note": nil,
		"placedAt": "2026-02-28T11:00:00Z", "position": 1}
}
