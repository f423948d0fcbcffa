package services

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// lending is the state of the library.
type lending struct {
	*server
	holds map[string]members
	gone  map[string]bool // holds that were cancelled
}

func (l *lending) notFound(what string) *reply {
	return l.refusal(http.StatusNotFound, "not_found", "there is no such "+what)
}

func (l *lending) health(*call) *reply {
	return good(members{"status": "ok", "time": l.now().Format(time.RFC3339), "load": 0.17})
}

// search returns the books that a call asks for, in its order.
func (l *lending) search(c *call) []members {
	year, _ := c.values["year"].(map[string]any)
	found := slices.DeleteFunc(books(), func(b members) bool {
		published, author := b["published"].(string)[:4], b["authors"].([]any)[0].(members)["name"].(string)
		switch {
		case c.values["q"] != nil && !strings.Contains(strings.ToLower(b["title"].(string)+" "+author), strings.ToLower(c.text("q"))),
			c.values["genre"] != nil && !slices.Contains(c.texts("genre"), b["genre"].(string)),
			len(c.texts("language")) > 0 && !slices.Contains(c.texts("language"), b["language"].(string)),
			year["from"] != nil && published < fmt.Sprint(year["from"]),
			year["to"] != nil && published > fmt.Sprint(year["to"]),
			c.values["available"] == false:
			return true // each book has a copy that is in
		}
		return false
	})
	if c.text("sort") == "year" || c.text("sort") == "-year" {
		slices.SortStableFunc(found, func(a, b members) int {
			return strings.Compare(a["published"].(string), b["published"].(string))
		})
	}
	if strings.HasPrefix(c.text("sort"), "-") {
		slices.Reverse(found)
	}
	return found
}

func (l *lending) listBooks(c *call) *reply {
	found := l.search(c)
	page, limit := c.number("page", 1), c.number("limit", 20)
	from := min((page-1)*limit, len(found))
	items := []any{}
	for _, b := range found[from:min(from+limit, len(found))] {
		items = append(items, b)
	}
	return l.counted(c, good(items), len(found))
}

func (l *lending) counted(c *call, a *reply, n int) *reply {
	if id := c.text("X-Request-Id"); id != "" {
		a.with("X-Request-Id", id)
	}
	return a.with("X-Total-Count", strconv.Itoa(n))
}

func (l *lending) countBooks(c *call) *reply {
	return l.counted(c, answer(http.StatusOK, "", nil), len(l.search(c)))
}

func (l *lending) book(c *call) members {
	for _, b := range books() {
		if b["isbn"] == c.text("isbn") {
			return b
		}
	}
	return nil
}

func (l *lending) getBook(c *call) *reply {
	book := l.book(c)
	if book == nil {
		return l.notFound("book")
	}
	if fields := c.texts("fields"); len(fields) > 0 {
		for name := range book {
			if required := slices.Contains([]string{"isbn", "title", "authors", "genre", "copies"}, name); !required && !slices.Contains(fields, name) {
				delete(book, name)
			}
		}
	}
	a := good(book)
	tag := fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(a.bytes()))
	if given := c.Header.Get("If-None-Match"); given == tag || given == "*" {
		a = answer(http.StatusNotModified, "", nil)
	}
	return a.with("ETag", tag)
}

func (l *lending) listCopies(c *call) *reply {
	book := l.book(c)
	if book == nil {
		return l.notFound("book")
	}
	copies := copiesOf(book)
	if wanted := c.texts("branches"); len(wanted) > 0 {
		copies = slices.DeleteFunc(copies, func(m members) bool { return !slices.Contains(wanted, strconv.Itoa(m["branch"].(int))) })
	}
	from, _ := strconv.Atoi(strings.TrimPrefix(c.text("cursor"), "c"))
	from = min(from, len(copies))
	to := min(from+c.number("size", 10), len(copies))
	items := []any{}
	for _, m := range copies[from:to] {
		items = append(items, m)
	}
	page := members{"items": items, "next": nil}
	if to < len(copies) {
		page["next"] = fmt.Sprintf("c%d", to)
	}
	return good(page)
}

func (l *lending) getCopies(c *call) *reply {
	items := []any{}
	for _, wanted := range c.texts("barcodes") {
		for _, b := range books() {
			for _, m := range copiesOf(b) {
				if strconv.Itoa(m["barcode"].(int)) == wanted {
					items = append(items, m)
				}
			}
		}
	}
	if len(items) == 0 {
		return l.notFound("copy")
	}
	return good(items)
}

func (l *lending) listSubjects(c *call) *reply {
	isbns := []any{}
	for _, b := range books() {
		isbn := b["isbn"].(string)
		if !slices.ContainsFunc(c.texts("subjects"), func(s string) bool { return !slices.Contains(subjects[isbn], s) }) {
			isbns = append(isbns, isbn)
		}
	}
	return good(members{"isbns": isbns})
}

func (l *lending) openingHours(c *call) *reply {
	day := "today"
	if c.text("day") != "" {
		day = c.text("day")
	}
	return answer(http.StatusOK, "text/plain; charset=utf-8", []byte("Harbour "+day+" 10-18\nMill Lane "+day+" 12-20\nCentral "+day+" 9-21\n"))
}

func (l *lending) getShelf(c *call) *reply {
	shelves := map[string]members{
		"A12": {"shelf": "A12", "branch": 12, "isbns": []any{"9780141439518", "9780141187761"}, "lastCheck": "2026-01-05T07:58:12Z"},
		"C4":  {"shelf": "C4", "branch": 3, "isbns": []any{}},
	}
	shelf, there := shelves[c.text("shelf")]
	if !there {
		return l.notFound("shelf")
	}
	return good(shelf)
}

func (l *lending) listBranches(c *call) *reply {
	ids, services := c.texts("ids"), c.texts("services")
	within, boxed := c.values["within"].(map[string]any)
	items := []any{}
	for _, b := range branches() {
		lat := b["position"].(members)["lat"].(float64)
		if len(ids) > 0 && !slices.Contains(ids, strconv.Itoa(b["id"].(int))) ||
			boxed && (lat > float(within["north"]) || lat < float(within["south"])) ||
			slices.ContainsFunc(services, func(s string) bool { return !slices.Contains(b["services"].([]any), any(s)) }) {
			continue
		}
		items = append(items, b)
	}
	return good(items)
}

// float returns the value of a number that was checked.
func float(v any) float64 {
	n, _ := v.(json.Number)
	f, _ := n.Float64()
	return f
}

func (l *lending) nearest(c *call) *reply {
	point, _ := c.values["point"].(map[string]any)
	best, least := branches()[0], math.Inf(1)
	for _, b := range branches() {
		p := b["position"].(members)
		if d := math.Hypot(p["lat"].(float64)-float(point["lat"]), p["lon"].(float64)-float(point["lon"])); d < least {
			best, least = b, d
		}
	}
	language := "en"
	if c.text("locale") != "" {
		language = c.text("locale")
	}
	return good(best).with("Content-Language", language)
}

func (l *lending) getRoom(c *call) *reply {
	room := c.number("room", 0)
	if room < 200 || room > 212 {
		return l.notFound("room")
	}
	return good(members{"number": room, "seats": 2 + room%5, "quiet": room%2 == 0})
}

func (l *lending) getReport(c *call) *reply {
	comma := ","
	if c.text("delimiter") == "semicolon" {
		comma = ";"
	}
	name, month := c.text("name"), c.text("month")
	rows := []string{"day,branch,number", month + "-01,12,41", month + "-02,12,36", month + "-02,3,9"}
	a := answer(http.StatusOK, "text/csv; charset=utf-8", []byte(strings.ReplaceAll(strings.Join(rows, "\r\n"), ",", comma)+"\r\n"))
	a.with("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.csv"`, name, month))
	return a.with("X-Row-Count", strconv.Itoa(len(rows)-1))
}

func (l *lending) getLoan(c *call) *reply {
	for _, loan := range loans() {
		if loan["id"] == c.number("loanId", 0) {
			return good(loan)
		}
	}
	return l.notFound("loan")
}

func (l *lending) getMe(*call) *reply { return good(readers()[0]) }

func (l *lending) listMyLoans(c *call) *reply {
	since, _ := time.Parse(time.RFC3339, strings.ToUpper(c.text("since")))
	items := []any{}
	for _, loan := range loans() {
		lent, _ := time.Parse(time.RFC3339, loan["lentAt"].(string))
		if state := c.text("state"); state != "" && state != loanStates[loan["id"].(int)] || lent.Before(since) {
			continue
		}
		items = append(items, loan)
	}
	return good(items)
}

// placeHold takes any book: the library orders those that it does not have.
func (l *lending) placeHold(c *call) *reply {
	wanted := c.body.(map[string]any)
	hold := members{"id": l.uuid(), "placedAt": l.now().Format(time.RFC3339), "position": 1 + len(l.holds)}
	for _, name := range []string{"isbn", "branch", "notify", "until", "note", "formats"} {
		if v, there := wanted[name]; there {
			hold[name] = v
		}
	}
	id := hold["id"].(string)
	l.holds[id] = hold
	return answer(http.StatusCreated, "application/json", hold).with("Location", "/holds/"+id)
}

// held returns the hold that a call names, or the refusal.
func (l *lending) held(c *call) (string, *reply) {
	id := strings.ToLower(c.text("holdId"))
	switch {
	case l.gone[id]:
		return "", l.refusal(http.StatusGone, "gone", "this hold was cancelled")
	case l.holds[id] == nil:
		return "", l.notFound("hold")
	}
	return id, nil
}

func (l *lending) getHold(c *call) *reply {
	id, refused := l.held(c)
	if refused != nil {
		return refused
	}
	return good(l.holds[id])
}

func (l *lending) cancelHold(c *call) *reply {
	id, refused := l.held(c)
	if refused != nil {
		return refused
	}
	delete(l.holds, id)
	l.gone[id] = true
	return answer(http.StatusNoContent, "", nil)
}

func (l *lending) findReaders(c *call) *reply {
	joined, _ := c.values["joined"].(map[string]any)
	items := []any{}
	for _, r := range readers() {
		switch {
		case c.text("email") != "" && c.text("email") != r["email"],
			c.text("card") != "" && c.number("card", 0) != r["card"],
			joined["joined_after"] != nil && r["joined"].(string) <= joined["joined_after"].(string),
			joined["joined_before"] != nil && r["joined"].(string) >= joined["joined_before"].(string):
			continue
		}
		items = append(items, r)
	}
	return good(members{"total": len(items), "readers": items})
}

func (l *lending) getReader(c *call) *reply {
	for _, r := range readers() {
		if strings.EqualFold(r["id"].(string), c.text("readerId")) {
			return good(r)
		}
	}
	return l.notFound("reader")
}

func (l *lending) listAudit(c *call) *reply {
	lines := []any{
		members{"at": "2026-03-01T13:02:10Z", "action": "read", "by": staffUser, "address": "10.3.0.17"},
		members{"at": "2026-02-28T09:00:00Z", "action": "change", "by": "terminal-01", "address": "10.7.0.4"},
		members{"at": "2026-02-27T18:44:59Z", "action": "read", "by": staffUser},
	}
	if action := c.text("action"); action != "" {
		lines = slices.DeleteFunc(lines, func(line any) bool { return line.(members)["action"] != action })
	}
	return good(lines[:min(c.number("lines", 50), len(lines))])
}
