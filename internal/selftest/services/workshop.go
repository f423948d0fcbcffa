package services

import (
	"net/http"
)

// What the workshop gives out.
const (
	workshopKey   = "wk_north_9d2fXb71-Qz~Lm40"
	mechanicToken = "mech-3f9a.Y2hhaW4tdG9vbA.77"
)

func workshop() *Service {
	return &Service{
		Name:        "workshop",
		Document:    workshopDocument,
		Credentials: map[string]string{"workshopKey": workshopKey, "mechanic": mechanicToken},
		Fixtures: map[string]string{
			"customerId": noorID, "bikeId": "4711", "jobId": "J-204811", "paymentId": "p7k2m9q4", "photoId": photoID, "sku": "BR-0042",
		},
		Variations: workshopVariations(),
		Defects:    workshopDefects(),
		build:      newWorkshop,
	}
}

func newWorkshop(seed uint64) *server {
	s := newServer(seed)
	s.challenge = `Bearer realm="workshop"`
	s.schemes = map[string]scheme{
		"workshopKey": func(r *http.Request) bool { return r.Header.Get("X-Workshop-Key") == workshopKey },
		"mechanic":    bearer(mechanicToken),
	}
	s.refusal = func(status int, code, detail string) *reply {
		return answer(status, "application/problem+json", members{
			"type": "/problems/" + code, "title": http.StatusText(status), "status": status, "detail": detail,
		})
	}
	s.invalid = func(c *call, detail string) *reply {
		if o := c.op; o.lists(http.StatusNotFound) && !o.lists(http.StatusBadRequest) && !o.lists(0) {
			return s.refusal(http.StatusNotFound, "not_found", "there is no such thing")
		}
		a := s.refusal(http.StatusBadRequest, "invalid", detail)
		a.body.(members)["errors"] = []any{members{"pointer": "#", "reason": detail}}
		return a
	}
	b := &bench{server: s, things: firstThings(), gone: map[string]bool{}}
	s.ops = append(b.customers(), append(append(b.visits(), b.bikesAndJobs()...), b.others()...)...)
	return s
}

const phoneForm = `^\+[1-9][0-9]{6,14}$`

func address() *rule {
	return closed(fields{
		"street!": text(1, 80), "postcode!": pattern(`^[1-9][0-9]{3} [A-Z]{2}$`), "city!": text(1, 0),
		"country": oneOf("NL", "BE", "DE"), "floor": integer(-2, 60),
	})
}

func customer() *rule {
	return object(fields{
		"id": format("uuid").made(), "createdAt": format("date-time").made(),
		"name!": text(2, 60), "email!": format("email"), "phone": pattern(phoneForm).nullable(),
		"pin": pattern(`^[0-9]{4}$`).hidden(), "birthday": format("date"), "address": address(),
		"tags":    set(pattern(`^[a-z]+(-[a-z]+)*$`).between(2, 20), 0, 5),
		"loyalty": object(fields{"points": integer(0).made(), "card": pattern(`^[0-9]{8}$`)}),
	})
}

func (b *bench) customers() []*operation {
	json := func(r *rule) map[string]*rule { return map[string]*rule{"application/json": r} }
	key, id := anyOf("workshopKey"), func() []*param { return []*param{{name: "customerId", in: "path", rule: format("uuid")}} }
	patch := closed(fields{"email": format("email"), "phone": pattern(phoneForm).nullable()})
	patch.few = 1
	return []*operation{
		{name: "getStatus", route: "GET /status", act: b.status},
		{name: "listCustomers", route: "GET /customers", access: key, listed: []int{0}, act: b.listCustomers, params: []*param{
			{name: "tag", in: "query", rule: pattern(`^[a-z]+(-[a-z]+)*$`).between(0, 20)},
			{name: "limit", in: "query", rule: integer().exclusive(0, 51)},
		}},
		{name: "createCustomer", route: "POST /customers", access: key, listed: []int{400, 401, 409, 415}, bodies: json(customer()), act: b.create("customers", b.uuid)},
		{name: "getCustomer", route: "GET /customers/{customerId}", access: key, listed: []int{401, 404, 406}, only: "application/json",
			act: b.show("customers"), params: id()},
		{name: "replaceCustomer", route: "PUT /customers/{customerId}", access: key, listed: []int{400, 401, 404, 415}, bodies: json(customer()),
			act: b.replace, params: id()},
		{name: "changeCustomer", route: "PATCH /customers/{customerId}", access: key, listed: []int{400, 401, 404, 415},
			bodies: map[string]*rule{"application/merge-patch+json": patch}, act: b.patch, params: id()},
		{name: "deleteCustomer", route: "DELETE /customers/{customerId}", access: key, listed: []int{401, 404, 409}, act: b.eraseCustomer, params: id()},
	}
}

// bike has a kind that says which other members there are.
func bike() *rule {
	kind := func(name string, more fields) *rule {
		members := fields{
			"id": int64s(1).made(), "kind!": constant(name), "frame!": pattern(`^[A-Z]{3}-[0-9]{6}$`),
			"wheels!": &rule{kind: isInteger, values: []string{"20", "24", "26", "28"}},
			"colour":  text(3, 0).nullable(), "owner": format("uuid").nullable(),
		}
		for field, r := range more {
			members[field] = r
		}
		return object(members)
	}
	battery := closed(fields{"wattHours!": integer(100, 1200).multiples("5"), "serial": text(6, 12), "checkedOn": format("date")})
	return &rule{kind: isObject, selector: "kind", selection: map[string]*rule{
		"city":     kind("city", fields{"basket": boolean(), "gears": integer(1, 14)}),
		"cargo":    kind("cargo", fields{"load!": number().exclusive(0, 200), "seats": integer(0, 4)}),
		"electric": kind("electric", fields{"battery!": battery}),
	}}
}

func money() *rule {
	return closed(fields{"amount!": number().exclusive(0).upTo(100000).multiples("0.01"), "currency!": oneOf("EUR", "GBP")})
}

// task has steps that are tasks.
func task() *rule {
	r := closed(fields{
		"title!": text(1, 40), "minutes": integer().exclusive(0).upTo(480).multiples("5"), "done": boolean(), "steps": list(nil, 0, 6),
	})
	r.fields["steps"].items = r
	return r
}

func job() *rule {
	labels := object(nil)
	labels.few, labels.many, labels.others = 1, 4, text(1, 30)
	place := text(0, 0)
	place.never = oneOf("nowhere", "unknown")
	return object(fields{
		"id": pattern(`^J-[0-9]{6}$`).made(), "state": oneOf("new", "started", "done").made(),
		"title!": text(3, 50), "dueOn": format("date"), "version": {kind: isNumber, same: "2"},
		"priority": {some: []*rule{oneOf("low", "normal", "high"), {kind: isNumber, same: "1"}, {kind: isNull}}},
		"contact!": {fields: map[string]*rule{"email": {}, "phone": {}}, some: []*rule{
			object(fields{"email!": format("email")}), object(fields{"phone!": pattern(phoneForm)}),
		}},
		"budget": money(), "tasks!": list(task(), 1, 8), "labels": labels, "place": place,
	})
}

func (b *bench) bikesAndJobs() []*operation {
	mechanic, either := anyOf("mechanic"), anyOf("workshopKey", "mechanic")
	bikeID := func() []*param { return []*param{{name: "bikeId", in: "path", rule: int64s(1)}} }
	jobID := func() []*param { return []*param{{name: "jobId", in: "path", rule: pattern(`^J-[0-9]{6}$`)}} }
	note := closed(fields{"text!": text(1, 280), "pinned": boolean()})
	return []*operation{
		{name: "createBike", route: "POST /bikes", access: either, listed: []int{400, 401, 415, 422},
			bodies: map[string]*rule{"application/json": bike()}, act: b.create("bikes", b.serial)},
		{name: "getBike", route: "GET /bikes/{bikeId}", access: either, listed: []int{400, 401, 404}, act: b.show("bikes"), params: bikeID()},
		{name: "deleteBike", route: "DELETE /bikes/{bikeId}", access: anyOf("workshopKey"), listed: []int{0}, act: b.erase("bikes"), params: bikeID()},
		{name: "createJob", route: "POST /jobs", access: mechanic, listed: []int{0},
			bodies: map[string]*rule{"application/json": job()}, act: b.create("jobs", b.jobNumber)},
		{name: "getJob", route: "GET /jobs/{jobId}", access: mechanic, listed: []int{0, 404, 410}, act: b.show("jobs"), params: jobID()},
		{name: "deleteJob", route: "DELETE /jobs/{jobId}", access: mechanic, listed: []int{0, 404, 410}, act: b.erase("jobs"), params: jobID()},
		{name: "listNotes", route: "GET /jobs/{jobId}/notes", access: mechanic, listed: []int{401, 404}, act: b.listNotes, params: jobID()},
		{name: "writeNote", route: "POST /jobs/{jobId}/notes", access: mechanic, listed: []int{400, 401, 404, 415},
			bodies: map[string]*rule{"text/plain": text(1, 280), "application/json": note}, act: b.writeNote, params: jobID()},
	}
}

func part() *rule {
	stock := object(nil)
	stock.few, stock.others = 1, integer(0, 9999)
	return object(fields{
		"sku!": pattern(skuForm), "name!": text(1, 60), "category": oneOf("brakes", "wheels", "lights"), "price!": money(), "stock!": stock,
		"size": {one: []*rule{integer(1), oneOf("S", "M", "L"), {kind: isNull}}},
	})
}

const skuForm = `^[A-Z]{2}-[0-9]{4}$`

func (b *bench) others() []*operation {
	key := anyOf("workshopKey")
	photo := func() []*param { return []*param{{name: "photoId", in: "path", rule: format("uuid")}} }
	sku := func() []*param { return []*param{{name: "sku", in: "path", rule: pattern(skuForm)}} }
	payment := closed(fields{
		"amount!": number().exclusive(0).upTo(5000).multiples("0.01"), "method!": oneOf("cash", "card", "invoice"),
		"reference!": pattern(`^[A-Z]{2}[0-9]{4,8}$`), "items": set(text(2, 12), 1, 4), "receipt": boolean(),
	})
	side := oneOf("left", "right").nullable()
	upload := object(fields{
		"file!": text(1, 0), "caption": text(0, 40), "taken": format("date-time"),
		"about!": closed(fields{"part!": oneOf("frame", "wheel", "brake"), "side": side}),
	})
	estimate := object(fields{"hours!": number().exclusive(0).upTo(40).multiples("0.25"), "parts": list(pattern(skuForm), 0, 3), "discount": integer(0).under(100)})
	estimate.never = &rule{kind: isObject, required: []string{"discount", "coupon"}}
	return []*operation{
		{name: "createPayment", route: "POST /payments", access: key, listed: []int{400, 401, 415},
			bodies: map[string]*rule{"application/x-www-form-urlencoded": payment}, act: b.create("payments", b.shortID)},
		{name: "getPayment", route: "GET /payments/{paymentId}", access: key, listed: []int{401, 404}, act: b.show("payments"), params: []*param{
			{name: "paymentId", in: "path", rule: pattern(`^[a-z0-9]+$`).between(8, 8)},
		}},
		{name: "createPhoto", route: "POST /photos", access: key, listed: []int{400, 401, 413, 415},
			bodies: map[string]*rule{"multipart/form-data": upload}, act: b.create("photos", b.uuid)},
		{name: "getPhoto", route: "GET /photos/{photoId}", access: key, listed: []int{401, 404}, act: b.show("photos"), params: photo()},
		{name: "deletePhoto", route: "DELETE /photos/{photoId}", access: key, listed: []int{401, 404}, act: b.erase("photos"), params: photo()},
		{name: "estimate", route: "POST /estimates", listed: []int{400, 415}, bodies: map[string]*rule{estimateType: estimate}, act: b.estimate},
		{name: "listParts", route: "GET /parts", act: b.listParts, params: []*param{
			{name: "category", in: "query", rule: oneOf("brakes", "wheels", "lights")},
			{name: "below", in: "query", rule: number().exclusive(0)},
		}},
		{name: "createPart", route: "POST /parts", access: key, bodies: map[string]*rule{"application/json": part()}, act: b.create("parts", nil)},
		{name: "getPart", route: "GET /parts/{sku}", listed: []int{404}, act: b.show("parts"), params: sku()},
		{name: "deletePart", route: "DELETE /parts/{sku}", access: key, listed: []int{0}, act: b.erase("parts"), params: sku()},
	}
}

const estimateType = "application/vnd.workshop.estimate+json"
