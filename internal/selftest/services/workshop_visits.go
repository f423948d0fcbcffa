package services

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Visits belong to customers: they are made below one, and go with it.

func visit() *rule {
	return object(fields{"id": format("uuid").made(), "on!": format("date"), "reason!": text(2, 40), "minutes": integer(5, 480)})
}

func (b *bench) visits() []*operation {
	key := anyOf("workshopKey")
	customer := func() []*param { return []*param{{name: "customerId", in: "path", rule: format("uuid")}} }
	one := func() []*param { return append(customer(), &param{name: "visitId", in: "path", rule: format("uuid")}) }
	return []*operation{
		{name: "listVisits", route: "GET /customers/{customerId}/visits", access: key, listed: []int{401, 404}, act: b.listVisits, params: customer()},
		{name: "planVisit", route: "POST /customers/{customerId}/visits", access: key, listed: []int{400, 401, 403, 404, 409, 415},
			bodies: map[string]*rule{"application/json": visit()}, act: b.planVisit, params: customer()},
		{name: "getVisit", route: "GET /customers/{customerId}/visits/{visitId}", access: key, listed: []int{401, 404}, act: b.getVisit, params: one()},
		{name: "cancelVisit", route: "DELETE /customers/{customerId}/visits/{visitId}", access: key, listed: []int{401, 404}, act: b.cancelVisit, params: one()},
	}
}

// visitsOf returns the keys of a customer's visits, sorted.
func (b *bench) visitsOf(customer string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(b.things["visits"])), func(key string) bool { return !strings.HasPrefix(key, customer+"/") })
}

func (b *bench) listVisits(c *call) *reply {
	customer, _, refused := b.find(c, "customers")
	if refused != nil {
		return refused
	}
	items := []any{}
	for _, key := range b.visitsOf(customer) {
		items = append(items, b.things["visits"][key])
	}
	return good(items)
}

func (b *bench) planVisit(c *call) *reply {
	customer, _, refused := b.find(c, "customers")
	if refused != nil {
		return refused
	}
	thing, id := c.op.bodies[c.media].kept(c.body).(members), b.uuid()
	if given, taken := thing["id"].(string); taken {
		id = given // only a careless service takes it
	}
	thing["id"] = id
	b.things["visits"][customer+"/"+id] = thing
	return answer(http.StatusCreated, "application/json", thing).with("Location", "/customers/"+customer+"/visits/"+id)
}

// findVisit returns the key of the visit that a call names, or the refusal.
func (b *bench) findVisit(c *call) (string, *reply) {
	customer, _, refused := b.find(c, "customers")
	key := customer + "/" + strings.ToLower(c.text("visitId"))
	if refused == nil && b.things["visits"][key] == nil {
		refused = b.refusal(http.StatusNotFound, "not_found", "there is no such visit")
	}
	return key, refused
}

func (b *bench) getVisit(c *call) *reply {
	key, refused := b.findVisit(c)
	if refused != nil {
		return refused
	}
	return good(b.things["visits"][key])
}

func (b *bench) cancelVisit(c *call) *reply {
	key, refused := b.findVisit(c)
	if refused != nil {
		return refused
	}
	delete(b.things["visits"], key)
	return answer(http.StatusNoContent, "", nil)
}

// eraseCustomer erases the visits, too.
func (b *bench) eraseCustomer(c *call) *reply {
	a := b.erase("customers")(c)
	if a.status == http.StatusNoContent {
		for _, key := range b.visitsOf(strings.ToLower(c.text("customerId"))) {
			delete(b.things["visits"], key)
		}
	}
	return a
}

const newVisit = `{"on":"2026-03-09","reason":"Fetch the bike","minutes":15}`

func toVisit(body string) Request {
	return post("/customers/"+noorID+"/visits", body, withWorkshopKey)
}

func workshopVisitVariations() []Twist {
	twist := func(name, summary string, change edit, trigger ...Request) Twist {
		return Twist{Name: name, Summary: summary, change: change, trigger: trigger}
	}
	return []Twist{
		twist("visits-elsewhere", "the Location of a visit is relative to that of the customer", answers("planVisit", 201, func(_ *call, a *reply) {
			location := a.header.Get("Location")
			a.header.Set("Location", "visits/"+location[strings.LastIndex(location, "/")+1:])
		}), toVisit(newVisit)),
		twist("visits-forbidden", "the key may not plan visits", acting("planVisit", func(c *call) *reply {
			return c.server.refusal(http.StatusForbidden, "forbidden", "ask the workshop")
		}), toVisit(newVisit)),
		twist("expected-customers", "customers with visits are not deleted, but refused with 409", func(s *server) {
			planned := map[string]bool{}
			answers("planVisit", 201, func(c *call, _ *reply) { planned[strings.ToLower(c.text("customerId"))] = true })(s)
			acting("deleteCustomer", func(c *call) *reply {
				if !planned[strings.ToLower(c.text("customerId"))] {
					return nil
				}
				return c.server.refusal(http.StatusConflict, "conflict", "they are expected")
			})(s)
		}, toVisit(newVisit), remove("/customers/"+noorID, withWorkshopKey)),
	}
}

func workshopVisitDefects() []Defect {
	return []Defect{
		defect("answer.status", destructive, "visit-200", "a new visit is answered 200", answers("planVisit", 201, status(200)), toVisit(newVisit)),
		defect("answer.schema", destructive, "visit-without-id", "a visit that is read has no id", answers("getVisit", 200, drop("id")), toVisit(newVisit), lookWithKey),
		defect("credentials.required", destructive, "visits-for-all", "anybody may look at a visit", unguarded("getVisit"), toVisit(newVisit), get("{made}")),
		defect("resource.created", destructive, "reason-lost", "the reason of a visit is kept otherwise", answers("getVisit", 200, put("reason", "other")), toVisit(newVisit), lookWithKey),
		defect("resource.linked", destructive, "visit-lost", "a new visit is not kept", answers("planVisit", 201, func(c *call, a *reply) {
			id := c.server.uuid()
			put("id", id)(c, a)
			a.header.Set("Location", c.URL.Path+"/"+id)
		}), toVisit(newVisit), lookWithKey),
		defect("resource.deleted", destructive, "visit-stays", "a visit that was cancelled is still shown", acting("cancelVisit", func(*call) *reply { return answer(http.StatusNoContent, "", nil) }), toVisit(newVisit), dropWithKey, lookWithKey),
		defect("value.refused", destructive, "reason-short", "a reason may be one character", careless("planVisit", "body/reason", oneOff), toVisit(with(newVisit, "Fetch the bike", "F"))),
		defect("value.accepted", destructive, "minutes-5", "the fewest minutes are refused", careless("planVisit", "body/minutes", tighter), toVisit(with(newVisit, "15", "480"))),
		defect("value.read-only", destructive, "visit-id-taken", "the id of a visit is taken from the client", careless("planVisit", "body/id", taken), toVisit(with(newVisit, `{"on"`, `{"id":"`+photoID+`","on"`))),
	}
}
