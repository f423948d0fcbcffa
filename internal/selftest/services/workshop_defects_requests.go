package services

import (
	"net/http"
	"strings"
)

// anyKey takes each key that is there, anyToken each token.
func anyKey(r *http.Request) bool   { return r.Header.Get("X-Workshop-Key") != "" }
func anyToken(r *http.Request) bool { return bearerToken(r) != "" }

const (
	guessedKey   = "X-Workshop-Key: guessed"
	guessedToken = "Authorization: Bearer guessed"
)

// workshopAccessDefects are in who is let in, in what there is, and in media types of requests.
func workshopAccessDefects() []Defect {
	absent, absentJob := "/customers/"+photoID, "/jobs/J-000001"
	gone := func(*call) *reply { return answer(http.StatusNoContent, "", nil) }
	return []Defect{
		defect("credentials.required", inert, "notes-unguarded", "the notes of a job are for anybody", unguarded("listNotes"), get("/jobs/J-204811/notes")),
		defect("credentials.required", inert, "item-unguarded", "the key is asked for the list and not for a customer", unguarded("getCustomer"), get("/customers/"+noorID)),
		defect("credentials.required", guarded, "delete-unguarded", "anybody may delete a photo", unguarded("deletePhoto"), remove("/photos/"+noorID)),
		defect("credentials.required", guarded, "patch-unguarded", "anybody may change a customer", unguarded("changeCustomer"), send("PATCH", absent, "application/merge-patch+json", `{"phone":null}`)),
		defect("credentials.required", destructive, "part-unguarded", "anybody may add a part", unguarded("createPart"), post("/parts", newPart)),
		defect("credentials.required", inert, "missing-400", "a missing key is answered 400", answers("getPayment", 401, restatus(400)), get("/payments/p7k2m9q4")),
		defect("credentials.required", inert, "missing-302", "a missing key leads to the page to log in", answers("getPhoto", 401, status(302), header("Location", "/login"), noBody), get("/photos/"+photoID)),
		defect("credentials.valid", inert, "any-key", "any key shows payments", schemeEdit("getPayment", "workshopKey", anyKey), get("/payments/p7k2m9q4", guessedKey)),
		defect("credentials.valid", inert, "any-mechanic", "any token shows jobs", schemeEdit("getJob", "mechanic", anyToken), get("/jobs/J-204811", guessedToken)),
		defect("credentials.valid", inert, "one-alternative", "any token shows bikes, where the key is looked at", schemeEdit("getBike", "mechanic", anyToken), get("/bikes/4711", guessedToken)),
		defect("credentials.valid", inert, "any-list-key", "any key lists customers", schemeEdit("listCustomers", "workshopKey", anyKey), get("/customers", guessedKey)),
		defect("credentials.valid", guarded, "any-key-deletes", "any key deletes bikes", schemeEdit("deleteBike", "workshopKey", anyKey), remove("/bikes/1", guessedKey)),
		defect("credentials.valid", destructive, "any-key-creates", "any key creates customers", schemeEdit("createCustomer", "workshopKey", anyKey), post("/customers", newCustomer, guessedKey)),
		defect("resource.unknown", inert, "unknown-400", "a payment that there is not is answered 400", answers("getPayment", 404, restatus(400)), get("/payments/p0000000", withWorkshopKey)),
		defect("resource.unknown", inert, "notes-of-nobody", "the notes of a job that there is not are none", answers("listNotes", 404, status(200), media("application/json"), func(_ *call, a *reply) { a.body = []any{} }),
			get(absentJob+"/notes", withMechanic)),
		defect("resource.unknown", inert, "deleted-anyway", "a photo that there is not is deleted, too", answers("deletePhoto", 404, status(204), noBody), remove("/photos/"+noorID, withWorkshopKey)),
		defect("resource.unknown", inert, "any-part", "each part is there", answers("getPart", 404, status(200), media("application/json"), func(c *call, a *reply) {
			a.body = members{"sku": c.text("sku"), "name": "?", "price": members{"amount": 1, "currency": "EUR"}, "stock": members{"north": 0}}
		}), get("/parts/XX-0000")),
		defect("resource.unknown", inert, "unknown-422", "a bike that there is not is answered 422", answers("getBike", 404, restatus(422)), get("/bikes/1", withWorkshopKey)),
		defect("resource.linked", destructive, "location-singular", "Location names a path that there is not", answers("createCustomer", 201, func(_ *call, a *reply) {
			a.header.Set("Location", strings.Replace(a.header.Get("Location"), "/customers/", "/customer/", 1))
		}), toCustomer(newCustomer), lookWithKey),
		defect("resource.linked", destructive, "location-lower-case", "Location of a part is in lower case", answers("createPart", 201, func(_ *call, a *reply) {
			a.header.Set("Location", strings.ToLower(a.header.Get("Location")))
		}), toPart(newPart), lookWithKey),
		defect("resource.linked", destructive, "photo-lost", "a new photo is not kept", forgetful("createPhoto", "/photos/"), newPhoto, lookWithKey),
		defect("resource.created", destructive, "caption-lost", "the caption of a photo is not kept", answers("getPhoto", 200, drop("caption")), newPhoto, lookWithKey),
		defect("resource.created", destructive, "steps-lost", "the steps of tasks are not kept", answers("getJob", 200, drop("tasks/*/steps")), toJob(newJob), lookWithToken),
		defect("resource.created", destructive, "items-lost", "only the first item of a form is kept", answers("getPayment", 200, turn("items", func(v any) any { return v.([]any)[:1] })), toPayment(newPayment), lookWithKey),
		defect("resource.created", destructive, "floor-lost", "a floor below the ground is kept as 0", answers("getCustomer", 200, put("address/floor", 0)), toCustomer(newCustomer), lookWithKey),
		defect("resource.deleted", destructive, "bike-stays", "a bike that was deleted is still shown", acting("deleteBike", gone), toBike(cityBike), dropWithKey, lookWithKey),
		defect("resource.deleted", destructive, "part-stays", "a part that was deleted is still shown", acting("deletePart", gone), toPart(newPart), dropWithKey, lookWithKey),
		defect("request.media-type", destructive, "text-taken", "JSON is read whatever its media type", asPlain("createBike", "application/json"), send("POST", "/bikes", "text/plain", cityBike, withWorkshopKey)),
		defect("request.media-type", destructive, "html-taken", "a note may be of any media type", asPlain("writeNote", "text/plain"), send("POST", "/jobs/J-204811/notes", "text/html", "<p>", withMechanic)),
		defect("request.media-type", destructive, "json-400", "JSON in place of a form is answered 400", answers("createPayment", 415, restatus(400)), post("/payments", "{}", withWorkshopKey)),
		defect("request.media-type", destructive, "estimate-of-json", "an estimate may be asked for in plain JSON", asPlain("estimate", estimateType), post("/estimates", newEstimate)),
		defect("request.acceptable", inert, "unacceptable-415", "a caller who wants no JSON is answered 415", answers("getCustomer", 406, restatus(415)), get("/customers/"+noorID, withWorkshopKey, "Accept: text/html")),
	}
}

// workshopAcceptedDefects refuse what is valid, coerce it, or take what is read-only.
func workshopAcceptedDefects() []Defect {
	cargo := `{"kind":"cargo","frame":"WTU-204812","wheels":26,"load":0.5}`
	return []Defect{
		defect("value.accepted", destructive, "minutes-480", "the most minutes are refused", careless("createJob", "body/tasks/*/minutes", tighter), toJob(with(newJob, `"minutes":45`, `"minutes":480`))),
		defect("value.accepted", destructive, "priority-text", "a priority that is a number is refused", careless("createJob", "body/priority", func(r *rule) { r.some = r.some[:1] }), toJob(with(newJob, `"normal"`, "1"))),
		defect("value.accepted", destructive, "no-phone", "a contact without an email is refused", careless("createJob", "body/contact", func(r *rule) { r.some = r.some[:1] }), toJob(newJob)),
		defect("value.accepted", destructive, "phone-null", "a phone that is null is refused", careless("createCustomer", "body/phone", func(r *rule) { r.kind = isText }), toCustomer(newCustomer)),
		defect("value.accepted", destructive, "cellar", "floors below the ground are refused", careless("createCustomer", "body/address/floor", func(r *rule) { r.min = new(0.0) }), toCustomer(newCustomer)),
		defect("value.accepted", destructive, "no-hyphen", "tags with a hyphen are refused", careless("createCustomer", "body/tags/*", matching(`^[a-z]+$`)), toCustomer(with(newCustomer, `"regular"`, `"e-bike"`))),
		defect("value.accepted", destructive, "light-load", "loads under 1 are refused", careless("createBike", "body/is cargo/load", func(r *rule) { r.min = new(1.0) }), toBike(cargo)),
		defect("value.accepted", destructive, "no-electric", "a kind of bike is not known", careless("createBike", "body", func(r *rule) { delete(r.selection, "electric") }), toBike(electricBike)),
		defect("value.accepted", destructive, "three-items", "a fourth item of a form is refused", careless("createPayment", "body/items", func(r *rule) { r.many = 3 }), toPayment(newPayment+"&items=oil&items=bell")),
		defect("value.accepted", destructive, "half-hours", "quarters of an hour are refused", careless("estimate", "body/hours", func(r *rule) { r.step = "0.5" }), toEstimate(with(newEstimate, "1.5", "0.25"))),
		defect("value.accepted", destructive, "right-only", "a part of a form refuses a side", careless("createPhoto", "body/about/side", only("right")), newPhoto),
		defect("value.accepted", inert, "limit-49", "the greatest limit is refused", careless("listCustomers", "limit", func(r *rule) { r.below = new(50.0) }), get("/customers?limit=50", withWorkshopKey)),
		defect("value.scalar", destructive, "wheels-coerced", "the number of wheels may be a text", careless("createBike", "body/is city/wheels", coerced), toBike(with(cityBike, "28", `"28"`))),
		defect("value.scalar", destructive, "minutes-coerced", "minutes may be a text", careless("createJob", "body/tasks/*/minutes", coerced), toJob(with(newJob, `"minutes":45`, `"minutes":"45"`))),
		defect("value.scalar", destructive, "bytes-after", "what follows the JSON is ignored", trailing, toCustomer(newCustomer+" //")),
		defect("value.scalar", destructive, "receipt-coerced", "a receipt may be yes", careless("createPayment", "body/receipt", coerced), toPayment(with(newPayment, "receipt=true", "receipt=yes"))),
		defect("value.read-only", destructive, "id-taken", "the id of a customer is taken from the client", careless("createCustomer", "body/id", taken), toCustomer(with(newCustomer, `{"name"`, `{"id":"`+photoID+`","name"`))),
		defect("value.read-only", destructive, "points-taken", "points are taken from the client", careless("createCustomer", "body/loyalty/points", taken), toCustomer(with(newCustomer, `{"card"`, `{"points":9000,"card"`))),
		defect("value.read-only", destructive, "state-taken", "the state of a job is taken from the client", careless("createJob", "body/state", taken), toJob(with(newJob, `{"title"`, `{"state":"done","title"`))),
		defect("value.read-only", destructive, "created-at-taken", "the time of creation is taken from the client", careless("createCustomer", "body/createdAt", taken), toCustomer(with(newCustomer, `{"name"`, `{"createdAt":"2001-01-01T00:00:00Z","name"`))),
	}
}

// workshopRefusedDefects accept what breaks a rule, in JSON with deep schemas.
func workshopRefusedDefects() []Defect {
	cargo := `{"kind":"cargo","frame":"WTU-204812","wheels":26,"load":200}`
	return []Defect{
		defect("value.refused", destructive, "name-short", "a name may be one character", careless("createCustomer", "body/name", oneOff), toCustomer(with(newCustomer, "Ties Bakker", "T"))),
		defect("value.refused", destructive, "email-any", "an email is not looked at", careless("createCustomer", "body/email", anyFormat), toCustomer(with(newCustomer, "ties@example.org", "ties"))),
		defect("value.refused", destructive, "name-optional", "a name may be missing", careless("createCustomer", "body", without("name")), toCustomer(with(newCustomer, `"name":"Ties Bakker",`, ""))),
		defect("value.refused", destructive, "name-null", "a name may be null", careless("createCustomer", "body/name", nullToo), toCustomer(with(newCustomer, `"Ties Bakker"`, "null"))),
		defect("value.refused", destructive, "postcode-found", "the pattern of postcodes has no anchors", careless("createCustomer", "body/address/postcode", found), toCustomer(with(newCustomer, "1012 AB", "NL-1012 AB"))),
		defect("value.refused", destructive, "address-open", "members of an address that there are not are ignored", careless("createCustomer", "body/address", opened), toCustomer(with(newCustomer, `"floor"`, `"lift":true,"floor"`))),
		defect("value.refused", destructive, "city-optional", "an address needs no city", careless("createCustomer", "body/address", without("city")), toCustomer(with(newCustomer, `,"city":"Amsterdam"`, ""))),
		defect("value.refused", destructive, "country-case", "countries are compared without case", careless("createCustomer", "body/address/country", anyCase), toCustomer(with(newCustomer, `"floor"`, `"country":"nl","floor"`))),
		defect("value.refused", destructive, "floor-half", "a floor may have a fraction", careless("createCustomer", "body/address/floor", func(r *rule) { r.kind = isNumber }), toCustomer(with(newCustomer, "-1", "-1.5"))),
		defect("value.refused", destructive, "six-tags", "there may be one tag more", careless("createCustomer", "body/tags", lastTwice), toCustomer(with(newCustomer, `["regular"]`, `["aa","bb","cc","dd","ee","ff"]`))),
		defect("value.refused", destructive, "tags-repeated", "a tag may come twice", careless("createCustomer", "body/tags", repeated), toCustomer(with(newCustomer, `["regular"]`, `["aa","aa"]`))),
		defect("value.refused", destructive, "tags-any", "tags are not looked at", careless("createCustomer", "body/tags", anyItem), toCustomer(with(newCustomer, `["regular"]`, `["aa",7]`))),
		defect("value.refused", destructive, "pin-any", "the PIN may be longer", careless("createCustomer", "body/pin", beginning), toCustomer(with(newCustomer, `"0420"`, `"04200"`))),
		defect("value.refused", destructive, "card-any", "the card of a customer is not looked at", careless("createCustomer", "body/loyalty/card", unchecked), toCustomer(with(newCustomer, `"12345678"`, `12345678`))),
		defect("value.refused", destructive, "wheels-27", "wheels may have any size", careless("createBike", "body/is city/wheels", anyValue), toBike(with(cityBike, "28", "27"))),
		defect("value.refused", destructive, "kind-any", "a kind that there is not is kept", careless("createBike", "body", anyBike), toBike(with(cityBike, `"city"`, `"tandem"`))),
		defect("value.refused", destructive, "load-200", "the bound of a load is allowed", careless("createBike", "body/is cargo/load", firstToo), toBike(cargo)),
		defect("value.refused", destructive, "load-optional", "a cargo bike needs no load", careless("createBike", "body/is cargo", without("load")), toBike(with(cargo, `,"load":200`, ""))),
		defect("value.refused", destructive, "battery-any", "the battery is not looked at", careless("createBike", "body/is electric/battery", unchecked), toBike(with(electricBike, `"wattHours":625,`, ""))),
		defect("value.refused", destructive, "watt-hours-any", "the capacity may be any number", careless("createBike", "body/is electric/battery/wattHours", func(r *rule) { r.step = "" }), toBike(with(electricBike, "625", "626"))),
		defect("value.refused", destructive, "serial-13", "a serial number may be one character longer", careless("createBike", "body/is electric/battery/serial", oneOff), toBike(with(electricBike, "BX9011", "BX90110000000"))),
		defect("value.refused", destructive, "owner-any", "the id of an owner is not looked at", careless("createBike", "body/is city/owner", anyFormat), toBike(with(cityBike, `"colour"`, `"owner":"noor","colour"`))),
		defect("value.refused", destructive, "steps-unchecked", "the steps of tasks are not looked at", careless("createJob", "body/tasks/*/steps", unchecked), toJob(with(newJob, `{"title":"Front","minutes":20}`, `{"minutes":22}`))),
		defect("value.refused", destructive, "tasks-none", "a job may have no task", careless("createJob", "body/tasks", uncounted), toJob(`{"title":"Spring service","contact":{"phone":"+31612345678"},"tasks":[]}`)),
		defect("value.refused", destructive, "contact-any", "a contact needs neither an email nor a phone", careless("createJob", "body/contact", noAlternative), toJob(with(newJob, `{"phone":"+31612345678"}`, `{}`))),
		defect("value.refused", destructive, "amount-zero", "a budget may be 0", careless("createJob", "body/budget/amount", firstToo), toJob(with(newJob, "149.95", "0"))),
		defect("value.refused", destructive, "amount-exact", "a budget may have three decimals", careless("createJob", "body/budget/amount", func(r *rule) { r.step = "" }), toJob(with(newJob, "149.95", "149.955"))),
		defect("value.refused", destructive, "version-any", "the version may be any", careless("createJob", "body/version", anyValue), toJob(with(newJob, `"version":2`, `"version":3`))),
		defect("value.refused", destructive, "priority-any", "a priority may be anything", careless("createJob", "body/priority", noAlternative), toJob(with(newJob, `"normal"`, `"urgent"`))),
		defect("value.refused", destructive, "place-any", "a job may be nowhere", careless("createJob", "body/place", noAlternative), toJob(with(newJob, `"north"`, `"nowhere"`))),
		defect("value.refused", destructive, "labels-any", "labels are not looked at", careless("createJob", "body/labels/+", anyKind), toJob(with(newJob, `"B3"`, `7`))),
		defect("value.refused", destructive, "labels-none", "there may be no labels", careless("createJob", "body/labels", uncounted), toJob(with(newJob, `{"rack":"B3"}`, `{}`))),
		defect("value.refused", destructive, "due-any", "a day is not looked at", careless("createJob", "body/dueOn", anyFormat), toJob(with(newJob, `"version"`, `"dueOn":"soon","version"`))),
	}
}

// workshopOtherRefusedDefects do so in text, forms and queries, and where no refusal is listed.
func workshopOtherRefusedDefects() []Defect {
	long := strings.Repeat("x", 281)
	return []Defect{
		defect("value.refused", destructive, "note-281", "a note may be one character longer", careless("writeNote", "body/text", oneOff), post("/jobs/J-204811/notes", `{"text":"`+long+`"}`, withMechanic)),
		defect("value.refused", destructive, "note-open", "members of a note that there are not are ignored", careless("writeNote", "body", opened), post("/jobs/J-204811/notes", `{"text":"Ordered","by":"Bo"}`, withMechanic)),
		defect("value.refused", destructive, "method-case", "methods of payment are compared without case", careless("createPayment", "body/method", anyCase), toPayment(with(newPayment, "card", "Card"))),
		defect("value.refused", destructive, "reference-found", "the pattern of references has no anchors", careless("createPayment", "body/reference", found), toPayment(with(newPayment, "WT2041", "xWT2041"))),
		defect("value.refused", destructive, "amount-5001", "a payment may be larger", careless("createPayment", "body/amount", oneOff), toPayment(with(newPayment, "24.50", "5000.50"))),
		defect("value.refused", destructive, "items-repeated", "an item of a form may come twice", careless("createPayment", "body/items", repeated), toPayment(newPayment+"&items=tube")),
		defect("value.refused", destructive, "form-open", "members of a form that there are not are ignored", careless("createPayment", "body", opened), toPayment(newPayment+"&tip=1")),
		defect("value.refused", destructive, "reference-optional", "a payment needs no reference", careless("createPayment", "body", without("reference")), toPayment(with(newPayment, "&reference=WT2041", ""))),
		defect("value.refused", destructive, "about-optional", "a part of a form may be missing", careless("createPhoto", "body", without("about")), toPhotos(photoFile)),
		defect("value.refused", destructive, "part-any", "a part of a bike may be any", careless("createPhoto", "body/about/part", anyValue), toPhotos(photoFile, [3]string{"about", "application/json", `{"part":"saddle"}`})),
		defect("value.refused", destructive, "caption-41", "a caption may be one character longer", careless("createPhoto", "body/caption", oneOff), toPhotos(photoFile, photoAbout, [3]string{"caption", "text/plain", long[:41]})),
		defect("value.refused", destructive, "taken-any", "the time of a photo is not looked at", careless("createPhoto", "body/taken", anyFormat), toPhotos(photoFile, photoAbout, [3]string{"taken", "text/plain", "yesterday"})),
		defect("value.refused", destructive, "coupon-too", "a discount and a coupon may come together", careless("estimate", "body", noAlternative), toEstimate(with(newEstimate, `"discount"`, `"coupon":"X","discount"`))),
		defect("value.refused", destructive, "hours-41", "hours have no bound", careless("estimate", "body/hours", func(r *rule) { r.max = nil }), toEstimate(with(newEstimate, "1.5", "40.25"))),
		defect("value.refused", inert, "limit-51", "the limit may be its bound", careless("listCustomers", "limit", firstToo), get("/customers?limit=51", withWorkshopKey)),
		defect("value.refused", inert, "tag-21", "a tag may be one character longer", careless("listCustomers", "tag", oneOff), get("/customers?tag="+long[:21], withWorkshopKey)),
		defect("value.refused", inert, "tag-case", "tags are compared without case", careless("listCustomers", "tag", matching(`^[A-Za-z]+(-[A-Za-z]+)*$`)), get("/customers?tag=Regular", withWorkshopKey)),
		defect("value.refused-unlisted", inert, "category-any", "a category that there is not has no parts", careless("listParts", "category", anyValue), get("/parts?category=bells")),
		defect("value.refused-unlisted", inert, "below-zero", "parts may cost less than nothing", careless("listParts", "below", unbounded), get("/parts?below=-1")),
		defect("value.refused-unlisted", destructive, "stock-negative", "the stock may be negative", careless("createPart", "body/stock/+", unbounded), toPart(with(newPart, "4", "-4"))),
		defect("value.refused-unlisted", destructive, "size-any", "a size may be any text", careless("createPart", "body/size", noAlternative), toPart(with(newPart, `"S"`, `"XL"`))),
		defect("value.refused-unlisted", destructive, "currency-any", "a currency that there is not is kept", careless("createPart", "body/price/currency", anyValue), toPart(with(newPart, `"EUR"`, `"FRF"`))),
	}
}

// anyBike reads a bike of a kind that there is not as one for the city.
func anyBike(r *rule) {
	r.otherwise = bike().selection["city"]
	r.otherwise.fields["kind"] = text(0, 0)
}
