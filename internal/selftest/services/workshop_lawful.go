package services

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// toCustomer posts a customer, toJob a job, and so on.
func toCustomer(body string) Request { return post("/customers", body, withWorkshopKey) }
func toBike(body string) Request     { return post("/bikes", body, withWorkshopKey) }
func toJob(body string) Request      { return post("/jobs", body, withMechanic) }
func toPart(body string) Request     { return post("/parts", body, withWorkshopKey) }
func toPayment(body string) Request  { return form("/payments", body, withWorkshopKey) }
func toEstimate(body string) Request { return send("POST", "/estimates", estimateType, body) }
func toNotes(body string) Request {
	return send("POST", "/jobs/J-204811/notes", "text/plain", body, withMechanic)
}
func toPhotos(texts ...[3]string) Request {
	return parts("/photos", []string{withWorkshopKey}, texts...)
}

// with replaces a part of a body, which must be there.
func with(body, old, replacement string) string {
	if !strings.Contains(body, old) {
		panic("there is no " + old + " in " + body)
	}
	return strings.Replace(body, old, replacement, 1)
}

// Looks at what was made last.
var (
	lookWithKey   = get("{made}", withWorkshopKey)
	lookWithToken = get("{made}", withMechanic)
	dropWithKey   = remove("{made}", withWorkshopKey)
	dropWithToken = remove("{made}", withMechanic)
)

func workshopVariations() []Twist {
	twist := func(name, summary string, change edit, trigger ...Request) Twist {
		return Twist{Name: name, Summary: summary, change: change, trigger: trigger}
	}
	noor, job := get("/customers/"+noorID, withWorkshopKey), get("/jobs/J-204811", withMechanic)
	own := []Twist{
		twist("invalid-422", "what breaks a rule is refused with 422 where that is listed, or default is", problemsWith(422), toBike(with(cityBike, "28", "27"))),
		twist("forbidden-403", "missing credentials are answered 403 where default is listed", both(unauthorizedWith(403), answers("", 403, put("status", 403))), get("/jobs/J-204811")),
		twist("hidden-404", "customers are not there for those without credentials", answers("getCustomer", 401, unfound), get("/customers/"+noorID)),
		twist("more-members", "objects that are open have members that no document names", moreOfAll, noor),
		twist("sparse", "optional members are left out", answers("", 0, unmade(sparse("phone", "birthday", "tags", "loyalty", "country", "floor", "colour", "owner", "serial",
			"checkedOn", "motto", "priority", "dueOn", "version", "budget", "labels", "place", "minutes", "done", "pinned", "more", "category", "size", "detail", "errors"))), noor),
		twist("nulls", "what may be null is", answers("", 0, unmade(nulls("phone", "colour", "owner", "detail", "priority", "size", "side"))), noor),
		twist("nothing-found", "lists are empty", nothingThere, get("/parts")),
		twist("shuffled", "lists come in any order", answers("listParts", 200, shuffled), slices.Repeat([]Request{get("/parts")}, 3)...),
		twist("absolute-location", "Location is absolute", answers("", 201, located(absolute)), toCustomer(newCustomer)),
		twist("upper-case-ids", "uuids are in upper case", answers("", 0, upperIDs), toCustomer(newCustomer), lookWithKey),
		twist("email-taken", "a second customer of an address is refused with 409", uniqueEmail, toCustomer(newCustomer), toCustomer(newCustomer)),
		twist("sku-taken", "a second part of a number is refused with 409, which is not listed", uniqueSKU, toPart(newPart), toPart(newPart)),
		twist("locked", "a job is deleted at the second attempt; the first one is refused with 423", lockedJobs, toJob(newJob), dropWithToken, dropWithToken),
		twist("in-stock", "parts in stock are not deleted, but refused with 409", acting("deletePart", func(c *call) *reply {
			return c.server.refusal(http.StatusConflict, "conflict", "it is in stock")
		}), toPart(newPart), dropWithKey),
		twist("late-reads", "the first read of a new bike comes too early", lateBikes, toBike(cityBike), lookWithKey, lookWithKey),
		twist("gone-404", "a job that was deleted is answered 404", answers("", 410, unfound), toJob(newJob), dropWithToken, lookWithToken),
		twist("defaults-filled", "defaults are filled in", filledDefaults, toCustomer(newCustomer)),
		twist("read-only-refused", "members that are read-only are refused", readOnlyRefused, toCustomer(with(newCustomer, `{"name"`, `{"id":"`+noorID+`","name"`))),
		twist("strict-members", "members that no document names are refused", strictMembers, toJob(with(newJob, `"title":"Spring`, `"colour":"red","title":"Spring`))),
		twist("repeated-members", "JSON that has a member twice is refused", noMemberTwice, toJob(with(newJob, `"version":2`, `"version":2,"version":2`))),
		twist("small-bodies", "bodies of more than 2,000 bytes are refused with 413", smallBodies, toNotes(strings.Repeat("x", 2001))),
		twist("few-jobs", "the third job is refused with 409", fewJobs, toJob(newJob), toJob(newJob), toJob(newJob)),
		twist("text-status", "there is only text of how busy the workshop is", acting("getStatus", func(*call) *reply {
			return answer(http.StatusOK, "text/plain", []byte("open\n"))
		}), get("/status")),
		twist("about-blank", "problems are of no type of their own", answers("", 400, put("type", "about:blank"), put("title", "Bad Request"), drop("detail", "errors")), toJob("{}")),
	}
	lenient := twist("coercing", "numbers and truths are read from texts, and what follows the JSON is ignored", both(coercedBodies, trailing),
		toBike(with(cityBike, "28", `"28"`)+" //"))
	lenient.Advisory = "value.scalar"
	return append(append(append(own, workshopVisitVariations()...), lenient), lawful(sample{read: job, times: noor, invalid: get("/customers?limit=0"), bare: get("/customers")})...)
}

// unfound is a 404 in place of another refusal.
func unfound(_ *call, a *reply) {
	a.status = http.StatusNotFound
	a.header.Del("Www-Authenticate")
	a.body = members{"type": "/problems/not_found", "title": "Not Found", "status": a.status}
}

// restatus answers with another status, in the body, too.
func restatus(n int) touch {
	return func(_ *call, a *reply) {
		a.status = n
		if problem, ok := a.body.(members); ok {
			problem["status"], problem["title"] = n, http.StatusText(n)
		}
	}
}

func problemsWith(n int) edit {
	return answers("", http.StatusBadRequest, func(c *call, a *reply) {
		if c.op.lists(n) || c.op.lists(0) {
			restatus(n)(c, a)
		}
	})
}

// moreOfAll leaves the objects alone that are closed.
func moreOfAll(s *server) {
	for _, place := range []string{"_links", "customers/*/_links", "loyalty/_links", "contact/_links", "*/_links", "about/_links"} {
		answers("", 0, put(place, members{"self": "/somewhere", "rel": []any{1, nil}}))(s)
	}
}

func nothingThere(s *server) {
	answers("listCustomers", http.StatusOK, put("customers", []any{}))(s)
	for _, name := range []string{"listParts", "listNotes"} {
		answers(name, http.StatusOK, func(_ *call, a *reply) { a.body = []any{} })(s)
	}
}

// located changes Location where there is one.
func located(change touch) touch {
	return func(c *call, a *reply) {
		if a.header.Get("Location") != "" {
			change(c, a)
		}
	}
}

func uniqueEmail(s *server) { once(s, "createCustomer", "email") }
func uniqueSKU(s *server)   { once(s, "createPart", "sku") }

// once refuses a second creation with the same value of a member.
func once(s *server, op, member string) {
	seen := map[any]bool{}
	acting(op, func(c *call) *reply {
		value := c.body.(map[string]any)[member]
		if seen[value] {
			return c.server.refusal(http.StatusConflict, "conflict", "there is one with this "+member)
		}
		seen[value] = true
		return nil
	})(s)
}

func lockedJobs(s *server) {
	tried := map[string]bool{}
	acting("deleteJob", func(c *call) *reply {
		id := c.text("jobId")
		if tried[id] || strings.HasPrefix(id, "J-0") {
			return nil
		}
		tried[id] = true
		return c.server.refusal(http.StatusLocked, "locked", "somebody looks at this job")
	})(s)
}

func lateBikes(s *server) {
	made := map[string]bool{}
	answers("createBike", http.StatusCreated, func(_ *call, a *reply) {
		made[strings.TrimPrefix(a.header.Get("Location"), "/bikes/")] = true
	})(s)
	acting("getBike", func(c *call) *reply {
		id := c.text("bikeId")
		if !made[id] {
			return nil
		}
		delete(made, id)
		return c.server.refusal(http.StatusNotFound, "not_found", "there is no such bike")
	})(s)
}

// filledDefaults shows the defaults of the document where the client gave nothing.
func filledDefaults(s *server) {
	answers("", 0, everywhere(func(name string, v any) (any, bool) {
		if object, ok := v.(members); ok && name == "address" && object["country"] == nil {
			object["country"] = "NL"
		}
		return v, true
	}))(s)
	answers("writeNote", http.StatusCreated, ensure("pinned", false))(s)
}

func readOnlyRefused(s *server) {
	for _, o := range s.ops {
		for _, r := range o.bodies {
			refuseReadOnly(r)
		}
	}
}

func refuseReadOnly(r *rule) {
	for _, field := range r.fields {
		if field.readOnly {
			field.readOnly = false
			field.custom = func(any) error { return broken("is read-only") }
		}
		if field.kind == isObject {
			refuseReadOnly(field)
		}
	}
	for _, selected := range r.selection {
		refuseReadOnly(selected)
	}
	r.required = slices.DeleteFunc(slices.Clone(r.required), func(name string) bool { return r.fields[name].custom != nil })
}

// strictMembers closes the objects at the top of bodies.
func strictMembers(s *server) {
	for _, o := range s.ops {
		for _, r := range o.bodies {
			r.closed = r.kind == isObject && r.selector == "" && o.name != "estimate"
			for _, selected := range r.selection {
				selected.closed = true
			}
		}
	}
}

// noMemberTwice refuses objects that have a member twice.
func noMemberTwice(s *server) {
	read := s.steps[1]
	s.steps[1] = func(c *call) *reply {
		var raw strings.Builder
		c.Body = teed(c.Body, &raw)
		refused := read(c)
		if refused == nil && strings.HasSuffix(c.media, "json") && repeats(json.NewDecoder(strings.NewReader(raw.String()))) {
			return c.server.invalid(c, "the JSON has a member twice")
		}
		return refused
	}
}

// repeats reads one value, and returns whether an object in it has a member twice.
func repeats(d *json.Decoder) bool {
	token, err := d.Token()
	if err != nil {
		return false
	}
	switch token {
	case json.Delim('{'):
		seen, twice := map[json.Token]bool{}, false
		for d.More() {
			name, _ := d.Token()
			twice = seen[name] || twice
			seen[name] = true
			twice = repeats(d) || twice
		}
		_, _ = d.Token()
		return twice
	case json.Delim('['):
		twice := false
		for d.More() {
			twice = repeats(d) || twice
		}
		_, _ = d.Token()
		return twice
	}
	return false
}

func smallBodies(s *server) {
	s.steps = slices.Insert(s.steps, 1, func(c *call) *reply {
		if c.op.takes() && c.ContentLength > 2000 {
			return s.refusal(http.StatusRequestEntityTooLarge, "too_large", "there is room for 2,000 bytes")
		}
		return nil
	})
}

func fewJobs(s *server) {
	n := 0
	answers("createJob", http.StatusCreated, func(*call, *reply) { n++ })(s)
	answers("deleteJob", http.StatusNoContent, func(*call, *reply) { n-- })(s)
	acting("createJob", func(c *call) *reply {
		if n < 2 {
			return nil
		}
		return c.server.refusal(http.StatusConflict, "conflict", "two jobs are enough")
	})(s)
}

// coercedBodies reads all scalars of bodies as lenient readers do.
func coercedBodies(s *server) {
	for _, o := range s.ops {
		for _, r := range o.bodies {
			coercedAll(r, map[*rule]bool{})
		}
	}
}

func coercedAll(r *rule, seen map[*rule]bool) {
	if r == nil || seen[r] {
		return
	}
	seen[r] = true
	if r.kind&(isInteger|isNumber|isBoolean) != 0 {
		coerced(r)
	}
	coercedAll(r.items, seen)
	coercedAll(r.others, seen)
	for _, group := range []map[string]*rule{r.fields, r.selection} {
		for _, member := range group {
			coercedAll(member, seen)
		}
	}
}
