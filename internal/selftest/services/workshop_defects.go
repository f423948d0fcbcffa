package services

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

func workshopDefects() []Defect {
	return slices.Concat(workshopFormDefects(), workshopBodyDefects(), workshopAccessDefects(), workshopAcceptedDefects(),
		workshopRefusedDefects(), workshopOtherRefusedDefects(), workshopVisitDefects())
}

// workshopFormDefects are in statuses, headers and media types, and where no answer comes.
func workshopFormDefects() []Defect {
	badBike := toBike(with(cityBike, "28", "27"))
	return []Defect{
		defect("request.answered", destructive, "crash-on-unknown-kind", "a kind of bike that there is not is an error of the server", answers("createBike", 400, about("kind", restatus(500))), toBike(with(cityBike, `"city"`, `"tandem"`))),
		defect("request.answered", destructive, "crash-on-unknown-part", "a part of a bike that there is not is an error of the server", answers("createPhoto", 400, about("about/part", restatus(500))),
			toPhotos(photoFile, [3]string{"about", "application/json", `{"part":"saddle"}`})),
		defect("request.answered", destructive, "crash-on-large-amount", "an amount over the bound is an error of the server", answers("createJob", 400, about("budget/amount", restatus(500))), toJob(with(newJob, "149.95", "100000.01"))),
		defect("request.answered", destructive, "cut-on-many-labels", "as many labels as there may be end the connection", acting("createJob", func(c *call) *reply {
			if labels, _ := c.body.(map[string]any)["labels"].(map[string]any); len(labels) < 4 {
				return nil
			}
			return &reply{cut: true}
		}), toJob(with(newJob, `{"rack":"B3"}`, `{"a":"1","b":"2","c":"3","d":"4"}`))),
		defect("request.answered", inert, "crash-on-malformed-uuid", "an id that is no uuid is an error of the database", before("getPhoto", crashing(func(c *call) bool {
			return !formats["uuid"](c.PathValue("photoId"))
		})), get("/photos/first", withWorkshopKey)),
		defect("request.answered", inert, "crash-on-price", "a price without a fraction is an error of the server", acting("listParts", crashing(func(c *call) bool {
			return c.text("below") != "" && !strings.Contains(c.text("below"), ".")
		})), get("/parts?below=50")),
		defect("answer.status", destructive, "made-200", "a new job is answered 200", answers("createJob", 201, status(200)), toJob(newJob)),
		defect("answer.status", destructive, "made-202", "a new photo is answered 202", answers("createPhoto", 201, status(202)), newPhoto),
		defect("answer.status", destructive, "paid-204", "a payment is answered 204 without a body", answers("createPayment", 201, status(204), noBody), toPayment(newPayment)),
		defect("answer.status", destructive, "deleted-200", "a customer who is deleted is answered 200", answers("deleteCustomer", 204, status(200)), toCustomer(newCustomer), dropWithKey),
		defect("answer.status", destructive, "estimated-201", "an estimate is answered 201", answers("estimate", 200, status(201)), toEstimate(newEstimate)),
		defect("answer.status-listed", destructive, "unlisted-422", "an invalid customer is answered 422, which is not listed", answers("createCustomer", 400, restatus(422)), toCustomer("{}")),
		defect("answer.status-listed", destructive, "unlisted-406", "an invalid photo is answered 406, which is not listed", answers("createPhoto", 400, restatus(406)), toPhotos(photoFile)),
		defect("answer.media-type", destructive, "problem-as-json", "a refused bike is application/json", answers("createBike", 400, media("application/json")), badBike),
		defect("answer.media-type", inert, "html-404", "a photo that there is not is answered with a page", answers("getPhoto", 404, media("text/html"), raw(func(*call, string) string { return "<h1>Not found</h1>" })), get("/photos/"+noorID, withWorkshopKey)),
		defect("answer.media-type", destructive, "estimate-as-json", "an estimate is application/json", answers("estimate", 200, media("application/json")), toEstimate(newEstimate)),
		defect("answer.media-type", inert, "job-as-text", "a job is text/plain", answers("getJob", 200, media("text/plain")), get("/jobs/J-204811", withMechanic)),
		defect("answer.media-type", inert, "status-as-xml", "how busy it is, is application/xml", answers("getStatus", 200, media("application/xml")), get("/status")),
		defect("answer.headers", destructive, "no-location", "a payment has no Location", answers("createPayment", 201, noHeader("Location")), toPayment(newPayment)),
		defect("answer.headers", inert, "no-last-modified", "a job has no Last-Modified", answers("getJob", 200, noHeader("Last-Modified")), get("/jobs/J-204811", withMechanic)),
		defect("answer.headers", inert, "last-modified-day", "Last-Modified has no time", answers("getJob", 200, header("Last-Modified", "2 Mar 2026")), get("/jobs/J-204811", withMechanic)),
		defect("answer.headers", inert, "no-challenge", "a 401 has no WWW-Authenticate", answers("getCustomer", 401, noHeader("WWW-Authenticate")), get("/customers/"+noorID)),
		defect("answer.header-once", inert, "two-types", "a problem has two Content-Types", answers("getPayment", 404, func(_ *call, a *reply) {
			a.header["Content-Type"] = []string{"application/problem+json", "application/json"}
		}), get("/payments/p0000000", withWorkshopKey)),
		defect("answer.header-once", destructive, "two-locations", "a new customer has two Locations", answers("createCustomer", 201, func(_ *call, a *reply) {
			a.header.Add("Location", "/customers")
		}), toCustomer(newCustomer)),
		defect("answer.no-credentials", inert, "key-in-problem", "a problem says the key", answers("getCustomer", 404, func(c *call, a *reply) {
			put("detail", "nobody for "+c.Header.Get("X-Workshop-Key"))(c, a)
		}), get("/customers/"+photoID, withWorkshopKey)),
		defect("answer.no-credentials", inert, "token-in-problem", "a job that there is not comes with all headers of the request", answers("getJob", 404, func(c *call, a *reply) {
			put("detail", "request: "+c.Header.Get("Authorization"))(c, a)
		}), get("/jobs/J-000001", withMechanic)),
		defect("answer.no-stack-trace", destructive, "trace-in-400", "an invalid customer is a stack trace", answers("createCustomer", 400, put("detail", pythonTrace)), toCustomer("{}")),
		defect("answer.no-stack-trace", inert, "trace-in-errors", "the reason of a problem is a stack trace", answers("listCustomers", 400, put("errors/0/reason", goTrace)), get("/customers?limit=0", withWorkshopKey)),
	}
}

const (
	pythonTrace = "Traceback (most recent call last):\n  File \"/srv/workshop/api.py\", line 88, in create\n    name = body[\"name\"]\nKeyError: 'name'\n"
	goTrace     = "runtime error: index out of range [0]\n\ngoroutine 17 [running]:\nmain.(*api).list(0xc0000b2000)\n\t/srv/workshop/api.go:88 +0x1d\n"
)

// about touches refusals that are about one place of a body.
func about(place string, t touch) touch {
	return func(c *call, a *reply) {
		if detail, _ := a.body.(members)["detail"].(string); strings.HasPrefix(detail, place+":") {
			t(c, a)
		}
	}
}

// workshopBodyDefects are in the bodies of answers.
func workshopBodyDefects() []Defect {
	noor, customers := get("/customers/"+noorID, withWorkshopKey), get("/customers", withWorkshopKey)
	bike, job, notes := get("/bikes/4711", withWorkshopKey), get("/jobs/J-204811", withMechanic), get("/jobs/J-204811/notes", withMechanic)
	parts, payment, photo := get("/parts"), get("/payments/p7k2m9q4", withWorkshopKey), get("/photos/"+photoID, withWorkshopKey)
	return []Defect{
		defect("answer.json", inert, "cut-notes", "the list of notes ends too early", answers("listNotes", 200, raw(func(_ *call, body string) string { return strings.TrimSuffix(body, "]") })), notes),
		defect("answer.json", inert, "comma-at-end", "a comma follows the last part", answers("listParts", 200, raw(func(_ *call, body string) string { return strings.TrimSuffix(body, "]") + ",]" })), parts),
		defect("answer.json", inert, "leading-zero", "an amount has a leading zero", answers("getPayment", 200, raw(func(_ *call, body string) string { return strings.Replace(body, "24.5", "024.5", 1) })), payment),
		defect("answer.json", inert, "single-quotes", "problems have single quotes", answers("getPart", 404, raw(func(_ *call, body string) string { return strings.ReplaceAll(body, `"`, "'") })), get("/parts/XX-0000")),
		defect("answer.schema", inert, "step-as-text", "the minutes of a step are a text", answers("getJob", 200, turn("tasks/0/steps/*/minutes", asText)), job),
		defect("answer.schema", inert, "member-of-step", "steps have a member that tasks must not have", answers("getJob", 200, put("tasks/0/steps/1/colour", "red")), job),
		defect("answer.schema", inert, "other-priority", "a priority is none that there is", answers("getJob", 200, put("priority", "urgent")), job),
		defect("answer.schema", inert, "other-version", "the version is not the constant", answers("getJob", 200, put("version", 3)), job),
		defect("answer.schema", inert, "no-contact", "a contact has neither an email nor a phone", answers("getJob", 200, put("contact", members{"fax": "1"})), job),
		defect("answer.schema", inert, "no-labels", "there are labels, but none", answers("getJob", 200, put("labels", members{})), job),
		defect("answer.schema", inert, "thousandths", "an amount has three decimals", answers("getJob", 200, put("budget/amount", json.Number("149.955"))), job),
		defect("answer.schema", inert, "nowhere", "a job is where it must not be", answers("getJob", 200, put("place", "nowhere")), job),
		defect("answer.schema", inert, "other-kind", "the kind of a bike is not in the mapping", answers("getBike", 200, put("kind", "e-bike")), bike),
		defect("answer.schema", inert, "no-battery", "an electric bike has no battery", answers("getBike", 200, drop("battery")), bike),
		defect("answer.schema", inert, "odd-watt-hours", "the capacity is no multiple of five", answers("getBike", 200, put("battery/wattHours", 501)), bike),
		defect("answer.schema", inert, "wheels-as-text", "the wheels are a text", answers("getBike", 200, turn("wheels", asText)), bike),
		defect("answer.schema", inert, "stock-null", "the stock of a branch is null, in the list", answers("listParts", 200, put("*/stock/north", nil)), parts),
		defect("answer.schema", inert, "free-part", "a part costs nothing", answers("getPart", 200, put("price/amount", 0)), get("/parts/BR-0042")),
		defect("answer.schema", inert, "size-truth", "a size is true", answers("getPart", 200, put("size", true)), get("/parts/BR-0042")),
		defect("answer.schema", inert, "tags-twice", "a customer has a tag twice", answers("getCustomer", 200, put("tags", []any{"regular", "regular"})), noor),
		defect("answer.schema", inert, "postcode-joined", "a postcode has no blank, in the list", answers("listCustomers", 200, put("customers/*/address/postcode", "3511AB")), customers),
		defect("answer.schema", inert, "empty-id", "customers in the list have no id", answers("listCustomers", 200, drop("customers/*/id")), customers),
		defect("answer.schema", inert, "status-as-text", "the status in a problem is a text", answers("getPhoto", 404, turn("status", asText)), get("/photos/"+noorID, withWorkshopKey)),
		defect("answer.schema", inert, "title-missing", "a problem has no title", answers("getPart", 404, drop("title")), get("/parts/XX-0000")),
		defect("answer.schema", inert, "other-motto", "the motto is another one", answers("getStatus", 200, put("motto", "We true your wheels!")), get("/status")),
		defect("answer.schema", inert, "days-at-bound", "the days are as many as they must not be", answers("getStatus", 200, put("waitingDays", 90)), get("/status")),
		defect("answer.schema", inert, "note-empty", "a note has no text", answers("listNotes", 200, put("0/text", "")), notes),
		defect("answer.schema", inert, "no-bytes", "a photo has no bytes", answers("getPhoto", 200, put("bytes", 0)), photo),
		defect("answer.schema", inert, "method-as-number", "the method of payment is a number", answers("getPayment", 200, put("method", 2)), payment),
		defect("answer.schema", destructive, "state-other", "a new job has a state that there is not", answers("createJob", 201, put("state", "queued")), toJob(newJob)),
		defect("answer.format", inert, "epoch-text", "the time of creation counts seconds", answers("getCustomer", 200, put("createdAt", "1709283600")), noor),
		defect("answer.format", inert, "birthday-slashes", "a birthday has slashes, in the list", answers("listCustomers", 200, put("customers/*/birthday", "29/02/1988")), customers),
		defect("answer.format", inert, "february-30", "a day is not in the calendar", answers("getBike", 200, put("battery/checkedOn", "2026-02-30")), bike),
		defect("answer.format", inert, "id-overflow", "the id of a bike does not fit", answers("getBike", 200, put("id", json.Number("9223372036854775808"))), bike),
		defect("answer.format", inert, "owner-braces", "the id of an owner has braces", answers("getBike", 200, put("owner", "{"+noorID+"}")), bike),
		defect("answer.format", inert, "written-without-zone", "the time of a note has no offset", answers("listNotes", 200, put("*/writtenAt", "2026-02-27T16:11:05")), notes),
		defect("answer.format", inert, "email-name", "an email has the name, too", answers("getCustomer", 200, put("email", "Noor de Wit <noor@example.org>")), noor),
		defect("answer.write-only", inert, "pin-shown", "the PIN of a customer is shown", answers("getCustomer", 200, put("pin", "7141")), noor),
		defect("answer.write-only", inert, "pins-listed", "the PINs of customers are listed", answers("listCustomers", 200, put("customers/*/pin", "7141")), customers),
		defect("answer.write-only", destructive, "pin-returned", "the PIN comes back when a customer is created", answers("createCustomer", 201, put("pin", "0420")), toCustomer(newCustomer)),
	}
}

// asPlain has an operation read each body as being of one media type.
func asPlain(op, media string) edit {
	return func(s *server) {
		s.op(op) // panics if there is none
		steppedFirst(func(c *call) *reply {
			if c.op.name == op {
				c.Header.Set("Content-Type", media)
			}
			return nil
		})(s)
	}
}

// forgetful answers a creation with the id of nothing.
func forgetful(op, path string) edit {
	return answers(op, http.StatusCreated, func(c *call, a *reply) {
		id := c.server.uuid()
		put("id", id)(c, a)
		a.header.Set("Location", path+id)
	})
}
