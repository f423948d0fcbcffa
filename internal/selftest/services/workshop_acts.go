package services

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What there is in the workshop from the start.
const (
	noorID  = "2b6b7a0e-5c1d-4f7e-8a39-90d4c1e2f3a4"
	photoID = "c4f0e8d2-7a61-4d9b-b3a5-16e7f8091a2b"
)

// bench is the state of the workshop: what there is, by its kind and its id.
type bench struct {
	*server
	things map[string]map[string]members
	gone   map[string]bool // jobs that were deleted
	made   int
}

func firstThings() map[string]map[string]members {
	amount := func(s string) members { return members{"amount": json.Number(s), "currency": "EUR"} }
	return map[string]map[string]members{
		"customers": {noorID: {
			"id": noorID, "createdAt": "2024-03-01T09:00:00Z", "name": "Noor de Wit", "email": "noor@example.org", "phone": "+31612345678",
			"pin": "7141", "birthday": "1988-02-29", "tags": []any{"regular", "e-bike"},
			"address": members{"street": "Kade 4/2", "postcode": "3511 AB", "city": "Utrecht", "country": "NL", "floor": 2},
			"loyalty": members{"points": 120, "card": "00412077"},
		}},
		"bikes": {"4711": {"id": 4711, "kind": "electric", "frame": "GZL-004711", "wheels": 28, "colour": "blue", "owner": noorID,
			"battery": members{"wattHours": 500, "serial": "BX90-11", "checkedOn": "2026-01-10"}}},
		"jobs": {"J-204811": {
			"id": "J-204811", "state": "started", "title": "Spring service", "priority": "normal", "dueOn": "2026-03-20", "version": 2,
			"contact": members{"email": "noor@example.org"}, "budget": amount("149.95"), "labels": members{"rack": "B/3"}, "place": "north",
			"tasks": []any{members{"title": "True the wheels", "minutes": 45, "steps": []any{
				members{"title": "Front", "minutes": 20, "done": true}, members{"title": "Rear", "minutes": 25},
			}}},
			"notes": []any{members{"text": "Rear rim is cracked", "pinned": true, "writtenAt": "2026-02-27T16:11:05Z"}},
		}},
		"visits": {},
		"payments": {"p7k2m9q4": {"id": "p7k2m9q4", "amount": 24.5, "method": "card", "reference": "WT2041", "items": []any{"tube", "patch kit"},
			"receipt": true, "paidAt": "2026-02-20T12:00:00Z"}},
		"photos": {photoID: {"id": photoID, "bytes": 20481, "caption": "Cracked rim", "taken": "2026-02-27T16:02:00+01:00",
			"about": members{"part": "wheel", "side": nil}}},
		"parts": {
			"BR-0042": {"sku": "BR-0042", "name": "Brake pads", "category": "brakes", "price": amount("9.5"), "stock": members{"north": 31, "south": 0}, "size": "M"},
			"WH-2800": {"sku": "WH-2800", "name": "Front wheel 28\"", "category": "wheels", "price": amount("64.99"), "stock": members{"north": 3}, "size": 28},
			"LI-0007": {"sku": "LI-0007", "name": "Dynamo light", "category": "lights", "price": amount("39"), "stock": members{"south": 12}, "size": nil},
		},
	}
}

// serial makes the id of a bike, jobNumber that of a job, shortID that of a payment.
func (b *bench) serial() string { b.made++; return fmt.Sprint(5000 + b.offset + b.made) }
func (b *bench) jobNumber() string {
	b.made++
	return fmt.Sprintf("J-%06d", 300000+1000*b.offset+b.made)
}
func (b *bench) shortID() string { return fmt.Sprintf("p%07x", b.random.Uint32()>>4) }

// added says what a new thing has beside what the client gives.
func (b *bench) added(c *call, kind, id string) members {
	now := b.now().Format(time.RFC3339)
	given, _ := c.body.(map[string]any)
	switch kind {
	case "customers":
		return members{"id": id, "createdAt": now}
	case "bikes":
		return members{"id": json.Number(id)}
	case "jobs":
		return members{"id": id, "state": "new"}
	case "payments":
		return members{"id": id, "paidAt": now}
	case "photos":
		return members{"id": id, "bytes": len(fmt.Sprint(given["file"]))}
	}
	return members{}
}

// create keeps a new thing. A part has the id that the client gives it.
func (b *bench) create(kind string, newID func() string) func(c *call) *reply {
	return func(c *call) *reply {
		thing := c.op.bodies[c.media].kept(c.body).(members)
		id, _ := thing["sku"].(string)
		if newID != nil {
			id = newID()
		}
		if given, taken := thing["id"].(string); taken {
			id = given // only a careless service takes it
		}
		for name, v := range b.added(c, kind, id) {
			if _, taken := thing[name]; !taken {
				thing[name] = v
			}
		}
		b.things[kind][id] = thing
		return answer(http.StatusCreated, "application/json", b.shown(kind, thing)).with("Location", "/"+kind+"/"+id)
	}
}

// unshown are the members that are kept and not shown.
var unshown = map[string][]string{"customers": {"pin"}, "jobs": {"notes"}, "photos": {"file"}}

func (b *bench) shown(kind string, thing members) members {
	thing = maps.Clone(thing)
	maps.DeleteFunc(thing, func(name string, _ any) bool { return slices.Contains(unshown[kind], name) })
	return thing
}

// find returns what a call names, or the refusal.
func (b *bench) find(c *call, kind string) (string, members, *reply) {
	id := strings.ToLower(c.text(c.op.params[0].name))
	if kind == "jobs" || kind == "parts" {
		id = c.text(c.op.params[0].name)
	}
	thing, there := b.things[kind][id]
	switch {
	case there:
		return id, thing, nil
	case b.gone[id]:
		return id, nil, b.refusal(http.StatusGone, "gone", "it was deleted")
	}
	return id, nil, b.refusal(http.StatusNotFound, "not_found", "there is no such thing")
}

func (b *bench) show(kind string) func(c *call) *reply {
	return func(c *call) *reply {
		_, thing, refused := b.find(c, kind)
		if refused != nil {
			return refused
		}
		a := good(b.shown(kind, thing))
		if kind == "jobs" {
			a.with("Last-Modified", time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC).Format(http.TimeFormat))
		}
		return a
	}
}

func (b *bench) erase(kind string) func(c *call) *reply {
	return func(c *call) *reply {
		id, _, refused := b.find(c, kind)
		if refused != nil {
			return refused
		}
		delete(b.things[kind], id)
		b.gone[id] = kind == "jobs"
		return answer(http.StatusNoContent, "", nil)
	}
}

func (b *bench) replace(c *call) *reply {
	id, old, refused := b.find(c, "customers")
	if refused != nil {
		return refused
	}
	thing := c.op.bodies[c.media].kept(c.body).(members)
	thing["id"], thing["createdAt"] = id, old["createdAt"]
	b.things["customers"][id] = thing
	return good(b.shown("customers", thing))
}

func (b *bench) patch(c *call) *reply {
	id, old, refused := b.find(c, "customers")
	if refused != nil {
		return refused
	}
	thing := maps.Clone(old)
	for name, v := range c.body.(map[string]any) {
		thing[name] = v
		if v == nil {
			delete(thing, name)
		}
	}
	b.things["customers"][id] = thing
	return good(b.shown("customers", thing))
}

// status is JSON, or a line of text for those who want no JSON.
func (b *bench) status(c *call) *reply {
	if accept := c.Header.Get("Accept"); strings.Contains(accept, "text/plain") && !strings.Contains(accept, "json") && !strings.Contains(accept, "*/*") {
		return answer(http.StatusOK, "text/plain; charset=utf-8", []byte("open, 3.5 days\n"))
	}
	return good(members{"open": true, "waitingDays": 3.5, "motto": "We true your wheels"})
}

// sorted returns the things of a kind in the order of their ids.
func (b *bench) sorted(kind string) []members {
	all := []members{}
	for _, id := range slices.Sorted(maps.Keys(b.things[kind])) {
		all = append(all, b.shown(kind, b.things[kind][id]))
	}
	return all
}

func (b *bench) listCustomers(c *call) *reply {
	items := []any{}
	for _, m := range b.sorted("customers") {
		tags, _ := m["tags"].([]any)
		if tag := c.text("tag"); tag == "" || slices.Contains(tags, any(tag)) {
			items = append(items, m)
		}
	}
	limit := min(c.number("limit", 20), len(items))
	return good(members{"customers": items[:limit], "more": limit < len(items)})
}

func (b *bench) listNotes(c *call) *reply {
	_, job, refused := b.find(c, "jobs")
	if refused != nil {
		return b.notThere(refused)
	}
	notes, _ := job["notes"].([]any)
	return good(slices.Concat([]any{}, notes))
}

// notThere is what there is to say of the notes of a job that was deleted: 410 is not among their statuses.
func (b *bench) notThere(*reply) *reply {
	return b.refusal(http.StatusNotFound, "not_found", "there is no such job")
}

func (b *bench) writeNote(c *call) *reply {
	id, job, refused := b.find(c, "jobs")
	if refused != nil {
		return b.notThere(refused)
	}
	given := c.op.bodies[c.media].kept(c.body)
	note := members{"text": given, "writtenAt": b.now().Format(time.RFC3339)}
	if object, isObject := given.(members); isObject {
		maps.Copy(note, object)
	}
	notes, _ := job["notes"].([]any)
	job = maps.Clone(job)
	job["notes"] = slices.Concat(notes, []any{note})
	b.things["jobs"][id] = job
	return answer(http.StatusCreated, "application/json", note)
}

func (b *bench) estimate(c *call) *reply {
	given := c.body.(map[string]any)
	parts, _ := given["parts"].([]any)
	total := (float(given["hours"])*62 + 14*float64(len(parts))) * (1 - float(given["discount"])/100)
	amount := json.Number(fmt.Sprintf("%.2f", max(total, 0.01)))
	return answer(http.StatusOK, estimateType, members{"total": members{"amount": amount, "currency": "EUR"}})
}

func (b *bench) listParts(c *call) *reply {
	items := []any{}
	for _, m := range b.sorted("parts") {
		price := float(m["price"].(members)["amount"])
		if category := c.text("category"); category != "" && category != m["category"] ||
			c.values["below"] != nil && price >= float(c.values["below"]) {
			continue
		}
		items = append(items, m)
	}
	return good(items)
}
