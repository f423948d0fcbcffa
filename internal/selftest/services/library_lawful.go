package services

import (
	"net/http"
	"slices"
	"strings"
)

// order is a hold that can be placed.
const order = `{"isbn":"9780141439518","branch":12,"notify":"ada@example.org"}`

const withVersion = "X-App-Version: 4.11.0"

func libraryVariations() []Twist {
	twist := func(name, summary string, change edit, trigger ...Request) Twist {
		return Twist{Name: name, Summary: summary, change: change, trigger: trigger}
	}
	own := []Twist{
		twist("invalid-422", "what breaks a rule is refused with 422 where that is listed", invalidWith(422), get("/books?limit=0", withKey)),
		twist("forbidden-403", "missing credentials are answered 403 where that is listed, or default is", unauthorizedWith(403), get("/staff/readers")),
		twist("hidden-404", "holds are not there for those without credentials", answers("getHold", 401, status(404), put("code", "not_found")), get("/holds/"+holdID)),
		twist("malformed-id-404", "an id of another form is one that there is not", malformedUnknown, get("/books/97801414", withKey)),
		twist("more-members", "objects that are open have members that no document names", moreMembers, get("/staff/readers", withStaff)),
		twist("sparse", "optional members are left out", answers("", 0, unmade(sparse("born", "home", "language", "pages", "published", "rating", "cover",
			"weight", "lastCheck", "website", "terminal", "services", "returnedAt", "fine", "card", "lastVisit", "load", "address", "quiet"))),
			get("/books", withKey)),
		twist("nulls", "what may be null is", answers("", 0, unmade(nulls("rating", "home", "returnedAt", "lastVisit", "note"))), get("/books", withKey)),
		twist("nothing-found", "lists are empty", nothingFound, get("/books", withKey)),
		twist("shuffled", "lists that have no order come in any", answers("", 0, shuffled), slices.Repeat([]Request{get("/branches")}, 3)...),
		twist("absolute-location", "Location is absolute", answers("placeHold", 201, absolute), post("/holds", order, withReader)),
		twist("dotted-location", "Location is relative to the path of the request", answers("placeHold", 201, dotted), post("/holds", order, withReader)),
		twist("upper-case-ids", "uuids are in upper case", answers("", 0, upperIDs), post("/holds", order, withReader), get("{made}", withReader)),
		twist("already-held", "each second hold is refused with 409", refusingHolds, slices.Repeat([]Request{post("/holds", order, withReader)}, 2)...),
		twist("past-the-end", "a page after the last one is answered 404, which is not listed", acting("listBooks", pastTheEnd), get("/books?page=500", withKey)),
		twist("soft-limit", "a page has five books at most, whatever the limit", acting("listBooks", softLimit), get("/books?limit=100", withKey)),
		twist("no-304", "If-None-Match is ignored", operationEdit("getBook", func(o *operation) {
			plain := o.act
			o.act = func(c *call) *reply {
				c.Header.Del("If-None-Match")
				return plain(c)
			}
		}), get("/books/9780141439518", withKey, "If-None-Match: *")),
		twist("gone-404", "a hold that was cancelled is answered 404", answers("", 410, status(404), put("code", "not_found")),
			post("/holds", order, withReader), remove("{made}", withReader), get("{made}", withReader)),
		twist("late-reads", "the first read of a new hold comes too early", lateReads, post("/holds", order, withReader), get("{made}", withReader)),
		twist("not-acceptable-ignored", "there is JSON for those who do not want it, too", operationEdit("getHold", func(o *operation) { o.only = "" }),
			get("/holds/"+holdID, withReader, "Accept: text/html")),
		twist("any-message", "refusals say nothing but that they are", answers("", 400, put("message", "Bad Request"), put("code", "other")), get("/books?limit=0", withKey)),
	}
	lenient := twist("coercing", "numbers and truths are read from anything that looks like it, with blanks around", coercingAll,
		get("/books?limit=%205%20&available=yes", withKey))
	lenient.Advisory = "value.scalar"
	return append(append(own, lenient), lawful(sample{
		read: get("/books/9780141439518", withKey), times: get("/me", withReader), invalid: get("/books?limit=0"), bare: get("/me"),
	})...)
}

// invalidWith refuses what breaks a rule with another status, where the document lists it, or has a default.
func invalidWith(n int) edit {
	return func(s *server) {
		s.invalid = func(c *call, detail string) *reply {
			if c.op.lists(n) || c.op.lists(0) {
				return s.refusal(n, "invalid", detail)
			}
			return s.refusal(http.StatusBadRequest, "invalid", detail)
		}
	}
}

// unauthorizedWith does the same for missing and wrong credentials.
func unauthorizedWith(n int) edit {
	return answers("", http.StatusUnauthorized, func(c *call, a *reply) {
		if c.op.lists(n) || c.op.lists(0) {
			a.status = n
			a.header.Del("Www-Authenticate")
		}
	})
}

// malformedUnknown looks for what is named before it looks at the form of the name.
func malformedUnknown(s *server) {
	plain := s.invalid
	s.invalid = func(c *call, detail string) *reply {
		name, _, _ := strings.Cut(strings.SplitN(detail, ":", 2)[0], "/")
		for _, p := range c.op.params {
			if p.in == "path" && p.name == name && c.op.lists(http.StatusNotFound) {
				return s.refusal(http.StatusNotFound, "not_found", "there is no such thing")
			}
		}
		return plain(c, detail)
	}
}

// moreMembers leaves the objects alone that may have no others.
func moreMembers(s *server) {
	links := members{"self": "/somewhere", "rel": []any{1, nil, true}}
	for _, place := range []string{"_links", "authors/*/_links", "*/_links", "*/authors/*/_links", "readers/*/_links", "fine/_links"} {
		for _, o := range s.ops {
			if o.name != "listCopies" && o.name != "getCopies" {
				answers(o.name, 0, put(place, links))(s)
			}
		}
	}
}

func nothingFound(s *server) {
	empty := func(c *call, a *reply) {
		if _, isList := a.body.([]any); isList {
			a.body = []any{}
		}
		if object, ok := a.body.(members); ok {
			for _, name := range []string{"items", "readers", "isbns"} {
				if object[name] != nil {
					object[name] = []any{}
				}
			}
			if object["next"] != nil {
				object["next"] = nil
			}
			if object["total"] != nil {
				object["total"] = 0
			}
		}
		if a.header.Get("X-Total-Count") != "" {
			a.header.Set("X-Total-Count", "0")
		}
	}
	for _, name := range []string{"listBooks", "countBooks", "listBranches", "listMyLoans", "findReaders", "listAudit", "listSubjects"} {
		answers(name, http.StatusOK, empty)(s)
	}
}

// shuffled changes the order of lists, but for those that have one.
func shuffled(c *call, a *reply) {
	if items, ok := a.body.([]any); ok && !slices.Contains([]string{"listBooks", "getCopies", "listAudit"}, c.op.name) {
		c.server.random.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	}
}

func absolute(c *call, a *reply) {
	a.header.Set("Location", "http://"+c.Host+a.header.Get("Location"))
}

// dotted names /holds/ID from /holds.
func dotted(_ *call, a *reply) {
	a.header.Set("Location", "."+a.header.Get("Location"))
}

func upperIDs(c *call, a *reply) {
	everywhere(func(name string, v any) (any, bool) {
		if s, isText := v.(string); isText && name == "id" && formats["uuid"](s) {
			return strings.ToUpper(s), true
		}
		return v, true
	})(c, a)
	if l := a.header.Get("Location"); l != "" {
		path, id := l[:strings.LastIndex(l, "/")+1], l[strings.LastIndex(l, "/")+1:]
		if formats["uuid"](id) {
			a.header.Set("Location", path+strings.ToUpper(id))
		}
	}
}

func refusingHolds(s *server) {
	n := 0
	acting("placeHold", func(c *call) *reply {
		if n++; n%2 == 1 {
			return nil
		}
		return c.server.refusal(http.StatusConflict, "conflict", "you hold this book already")
	})(s)
}

func pastTheEnd(c *call) *reply {
	if (c.number("page", 1)-1)*c.number("limit", 20) < len(books()) {
		return nil
	}
	return c.server.refusal(http.StatusNotFound, "not_found", "there is no such page")
}

func softLimit(c *call) *reply {
	if c.number("limit", 20) > 5 {
		delete(c.values, "limit")
		c.values["limit"] = 5
	}
	return nil
}

// lateReads has not heard of a hold when it is read for the first time.
func lateReads(s *server) {
	made := map[string]bool{}
	answers("placeHold", http.StatusCreated, func(_ *call, a *reply) {
		made[strings.TrimPrefix(a.header.Get("Location"), "/holds/")] = true
	})(s)
	acting("getHold", func(c *call) *reply {
		id := c.text("holdId")
		if !made[id] {
			return nil
		}
		delete(made, id)
		return c.server.refusal(http.StatusNotFound, "not_found", "there is no such hold")
	})(s)
}

// coercingAll reads all scalars of parameters as lenient readers do.
func coercingAll(s *server) {
	for _, o := range s.ops {
		for _, p := range o.params {
			if p.rule.kind&(isInteger|isNumber|isBoolean) != 0 && p.in != "path" {
				coerced(p.rule)
			}
		}
	}
}
