package services

import (
	"reflect"
	"strings"
	"testing"
)

// workshopExchanges are answered by the plain service as they say.
var workshopExchanges = []expectation{
	{get("/status"), 200, `"open":true`},
	{get("/status", "Accept: text/plain"), 200, "open, 3.5 days"},
	{get("/customers", withWorkshopKey), 200, "Noor de Wit"},
	{get("/customers?tag=e-bike", withWorkshopKey), 200, "Noor de Wit"},
	{get("/customers?tag=other", withWorkshopKey), 200, `"customers":[]`},
	{get("/customers?limit=50", withWorkshopKey), 200, ""},
	{get("/customers?limit=51", withWorkshopKey), 400, "limit: is too large"},
	{get("/customers?limit=0", withWorkshopKey), 400, `"pointer":"#"`},
	{get("/customers?tag=E-bike", withWorkshopKey), 400, ""},
	{get("/customers"), 401, "Www-Authenticate"},
	{get("/customers/"+noorID, withWorkshopKey), 200, `"points":120`},
	{get("/customers/"+noorID, withWorkshopKey, "Accept: application/*;q=0.5"), 200, ""},
	{get("/customers/"+noorID, withWorkshopKey, "Accept: application/json;q=0, */*"), 406, ""},
	{get("/customers/"+photoID, withWorkshopKey), 404, "application/problem+json"},
	{get("/customers/noor", withWorkshopKey), 404, ""},
	{toCustomer(newCustomer), 201, "Location: /customers/"},
	{toCustomer(with(newCustomer, `"name"`, `"id":"x","createdAt":1,"name"`)), 201, "Location: /customers/"},
	{toCustomer(with(newCustomer, `"0420"`, `"420"`)), 400, "pin: has the wrong form"},
	{toCustomer(with(newCustomer, `"1012 AB"`, `"1012AB"`)), 400, "address/postcode: has the wrong form"},
	{toCustomer(with(newCustomer, `"floor":-1`, `"floor":-3`)), 400, "address/floor"},
	{toCustomer(with(newCustomer, `"floor":-1`, `"lift":true`)), 400, "address/lift: is not known"},
	{toCustomer(with(newCustomer, `["regular"]`, `["regular","regular"]`)), 400, "tags: has an item twice"},
	{toCustomer(with(newCustomer, `"ties@example.org"`, `"ties"`)), 400, "email: is no email"},
	{toCustomer(with(newCustomer, `"ties@example.org"`, `null`)), 400, "email: is of the wrong type"},
	{toCustomer(newCustomer + "]"), 400, "something follows"},
	{toCustomer("{"), 400, "is no JSON"},
	{toCustomer(""), 400, "is missing"},
	{send("POST", "/customers", "text/plain", newCustomer, withWorkshopKey), 415, ""},
	{post("/customers", newCustomer), 401, ""},
	{toBike(cityBike), 201, `"basket":true`},
	{post("/bikes", electricBike, withMechanic), 201, `"wattHours":625`},
	{toBike(with(cityBike, `"city"`, `"tandem"`)), 400, "kind: names no kind"},
	{toBike(with(cityBike, `"city"`, `"cargo"`)), 400, "load: is missing"},
	{toBike(with(cityBike, `28`, `27`)), 400, "wheels"},
	{toBike(with(cityBike, `28`, `28.0`)), 201, ""},
	{toBike(with(cityBike, `"colour":null`, `"colour":"re"`)), 400, "colour: is too short"},
	{toBike(with(electricBike, `625`, `626`)), 400, "battery/wattHours: is no multiple of 5"},
	{toVisit(newVisit), 201, "Location: /customers/" + noorID + "/visits/"},
	{get("/customers/"+noorID+"/visits", withWorkshopKey), 200, "Fetch the bike"},
	{get("{made}", withWorkshopKey), 200, `"minutes":15`},
	{remove("{made}", withWorkshopKey), 204, ""},
	{get("{made}", withWorkshopKey), 404, ""},
	{toVisit(with(newVisit, "15", "4")), 400, "minutes: is too small"},
	{toVisit(with(newVisit, "2026-03-09", "soon")), 400, "on: is no date"},
	{post("/customers/"+photoID+"/visits", newVisit, withWorkshopKey), 404, ""},
	{get("/bikes/4711", withMechanic), 200, `"kind":"electric"`},
	{get("/bikes/0", withMechanic), 400, ""},
	{get("/bikes/4712", withMechanic), 404, ""},
	{remove("/bikes/4712", withWorkshopKey), 404, ""},
	{remove("/bikes/4712", withMechanic), 401, ""},
	{toJob(newJob), 201, `"state":"new"`},
	{toJob(with(newJob, `"normal"`, `1`)), 201, ""},
	{toJob(with(newJob, `"normal"`, `null`)), 201, ""},
	{toJob(with(newJob, `"normal"`, `2`)), 400, "priority"},
	{toJob(with(newJob, `"version":2`, `"version":"2"`)), 400, "version"},
	{toJob(with(newJob, `"phone":"+31612345678"`, `"fax":"1"`)), 400, "contact: is none of the kinds"},
	{toJob(with(newJob, `149.95`, `149.955`)), 400, "budget/amount: is no multiple of 0.01"},
	{toJob(with(newJob, `"minutes":20`, `"minutes":22`)), 400, "tasks/0/steps/0/minutes"},
	{toJob(with(newJob, `"minutes":20`, `"hours":1`)), 400, "tasks/0/steps/0/hours: is not known"},
	{toJob(with(newJob, `"north"`, `"nowhere"`)), 400, "place: is what it must not be"},
	{toJob(with(newJob, `{"rack":"B3"}`, `{}`)), 400, "labels"},
	{toJob(with(newJob, `{"rack":"B3"}`, `{"rack":7}`)), 400, "labels/rack"},
	{get("/jobs/J-204811", withMechanic), 200, "Last-Modified: Mon, 02 Mar 2026 09:30:00 GMT"},
	{get("/jobs/J-000001", withMechanic), 404, ""},
	{get("/jobs/204811", withMechanic), 400, ""},
	{get("/jobs/J-204811/notes", withMechanic), 200, "Rear rim"},
	{send("POST", "/jobs/J-204811/notes", "text/plain", "Ordered", withMechanic), 201, `"text":"Ordered"`},
	{post("/jobs/J-204811/notes", `{"text":"Ordered","pinned":true}`, withMechanic), 201, `"pinned":true`},
	{post("/jobs/J-204811/notes", `{"text":"Ordered","by":"Bo"}`, withMechanic), 400, ""},
	{send("POST", "/jobs/J-204811/notes", "text/plain", strings.Repeat("é", 281), withMechanic), 400, ""},
	{send("POST", "/jobs/J-204811/notes", "text/html", "<p>", withMechanic), 415, ""},
	{send("POST", "/jobs/J-000001/notes", "text/plain", "Ordered", withMechanic), 404, ""},
	{toPayment(newPayment), 201, `"items":["tube","patch kit"]`},
	{toPayment(with(newPayment, "24.50", "5000.01")), 400, "amount: is too large"},
	{toPayment(with(newPayment, "24.50", "0")), 400, "amount: is too small"},
	{toPayment(with(newPayment, "24.50", "1.005")), 400, "amount: is no multiple"},
	{toPayment(with(newPayment, "card", "Card")), 400, "method"},
	{toPayment(with(newPayment, "WT2041", "xWT2041")), 400, "reference"},
	{toPayment(with(newPayment, "patch+kit", "tube")), 400, "items: has an item twice"},
	{toPayment(with(newPayment, "receipt=true", "receipt=yes")), 400, "receipt"},
	{toPayment(newPayment + "&tip=1"), 400, "tip: is not known"},
	{post("/payments", "{}", withWorkshopKey), 415, ""},
	{get("/payments/p7k2m9q4", withWorkshopKey), 200, `"reference":"WT2041"`},
	{get("/payments/p7k2m9q5", withWorkshopKey), 404, ""},
	{newPhoto, 201, `"caption":"Crack"`},
	{toPhotos(photoFile), 400, "about: is missing"},
	{toPhotos(photoAbout), 400, "file: is missing"},
	{toPhotos(photoFile, [3]string{"about", "application/json", `{"part":"saddle"}`}), 400, "about/part"},
	{toPhotos(photoFile, photoAbout, [3]string{"taken", "text/plain", "yesterday"}), 400, "taken: is no date-time"},
	{toPhotos(photoFile, photoAbout, [3]string{"caption", "text/plain", strings.Repeat("x", 41)}), 400, "caption: is too long"},
	{toPhotos([3]string{"file", "image/png", strings.Repeat("x", 1<<20)}, photoAbout), 413, ""},
	{get("/photos/"+photoID, withWorkshopKey), 200, `"bytes":20481`},
	{toEstimate(newEstimate), 200, `{"total":{"amount":96.30,"currency":"EUR"}}`},
	{toEstimate(with(newEstimate, "1.5", "1.6")), 400, "hours: is no multiple"},
	{toEstimate(with(newEstimate, "10", "100")), 400, "discount: is too large"},
	{toEstimate(with(newEstimate, `"discount"`, `"coupon":"X","discount"`)), 400, "is what it must not be"},
	{post("/estimates", newEstimate), 415, ""},
	{get("/parts?category=brakes"), 200, `[{"category":"brakes"`},
	{get("/parts?below=9.5"), 200, "[]"},
	{get("/parts?category=bells"), 400, ""},
	{toPart(newPart), 201, "Location: /parts/LI-0100"},
	{toPart(with(newPart, `"S"`, `3`)), 201, ""},
	{toPart(with(newPart, `"S"`, `"XL"`)), 400, "size"},
	{toPart(with(newPart, `{"north":4}`, `{"north":-1}`)), 400, "stock/north"},
	{get("/parts/BR-0042"), 200, "Brake pads"},
	{get("/parts/br-0042"), 404, ""},
	{remove("/parts/XX-0000", withWorkshopKey), 404, ""},
}

// TestWorkshop sends requests to the plain service, and looks at what is particular to the answers.
func TestWorkshop(t *testing.T) {
	t.Parallel()
	answersAsExpected(t, workshop(), workshopExchanges)
}

// TestWorkshopKeeps follows what is created to its end: it is shown as it was given, and then no more.
func TestWorkshopKeeps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		create Request
		given  string // what is shown, beside what the service adds
		header string
		gone   int // 0 if there is no DELETE
	}{
		"customers": {toCustomer(newCustomer), with(newCustomer, `"pin":"0420",`, ""), withWorkshopKey, 404},
		"bikes":     {toBike(electricBike), electricBike, withWorkshopKey, 404},
		"jobs":      {toJob(newJob), newJob, withMechanic, 410},
		"parts":     {toPart(newPart), newPart, withWorkshopKey, 404},
		"photos":    {newPhoto, `{"caption":"Crack","taken":"2026-03-01T10:00:00Z","about":{"part":"wheel","side":"left"}}`, withWorkshopKey, 404},
		"payments": {toPayment(newPayment), `{"amount":24.5,"method":"card","reference":"WT2041","items":["tube","patch kit"],"receipt":true}`,
			withWorkshopKey, 0},
	}
	for name, tt := range tests {
		show := get("{made}", tt.header)
		answers := exchange(t, workshop().New("", 2), []Request{tt.create, show, remove("{made}", tt.header), show, remove("{made}", tt.header)})
		shown, _ := jsonOf(t, answers[1].body).(map[string]any)
		for member, want := range jsonOf(t, tt.given).(map[string]any) {
			if !reflect.DeepEqual(shown[member], want) {
				t.Errorf("%s: %s: expected %v, got %v", name, member, want, shown[member])
			}
		}
		if name == "customers" && shown["pin"] != nil {
			t.Error("expected that the PIN is not shown")
		}
		for i, want := range []int{201, 200, 204, tt.gone, tt.gone} {
			if got := answers[i].status; got != want && (tt.gone != 0 || i < 2) {
				t.Errorf("%s: answer %d: expected %d, got %d", name, i, want, got)
			}
		}
	}
}

// TestVariationsKeep checks that each variation shows what was created as it was given. Those that refuse for a while
// are asked again; those that do not create have nothing to show.
func TestVariationsKeep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		service *Service
		create  Request
		given   string
		header  string
	}{
		{library(), post("/holds", order, withReader), order, withReader},
		{workshop(), toCustomer(newCustomer), with(newCustomer, `"pin":"0420",`, ""), withWorkshopKey},
		{workshop(), toBike(cityBike), cityBike, withWorkshopKey},
		{workshop(), toJob(newJob), newJob, withMechanic},
		{workshop(), toPart(newPart), newPart, withWorkshopKey},
	}
	for _, tt := range tests {
		given := jsonOf(t, tt.given).(map[string]any)
		for _, v := range tt.service.Variations {
			show := get("{made}", tt.header)
			answers := exchange(t, tt.service.New(v.Name, 4), []Request{tt.create, show, show})
			if answers[0].status != 201 {
				t.Errorf("%s: expected a creation, got %s", v.Name, answers[0])
				continue
			}
			shown := answers[1]
			if shown.status != 200 {
				shown = answers[2]
			}
			object, _ := jsonOf(t, shown.body).(map[string]any)
			for member, want := range given {
				if text, ok := want.(map[string]any); ok && text["country"] == nil {
					delete(object[member].(map[string]any), "country") // has a default
				}
				if links, ok := object[member].(map[string]any); ok {
					delete(links, "_links")
				}
				if !reflect.DeepEqual(object[member], want) {
					t.Errorf("%s: %s: expected %v, got %v", v.Name, member, want, object[member])
				}
			}
		}
	}
}

// TestWorkshopChanges replaces and changes a customer.
func TestWorkshopChanges(t *testing.T) {
	t.Parallel()
	path := "/customers/" + noorID
	answers := exchange(t, workshop().New("", 2), []Request{
		send("PATCH", path, "application/merge-patch+json", `{"phone":null}`, withWorkshopKey),
		send("PATCH", path, "application/merge-patch+json", `{}`, withWorkshopKey),
		send("PUT", path, "application/json", newCustomer, withWorkshopKey),
		get(path, withWorkshopKey),
	})
	for i, want := range []int{200, 400, 200, 200} {
		if answers[i].status != want {
			t.Errorf("answer %d: expected %d, got %s", i, want, answers[i])
		}
	}
	changed, replaced := jsonOf(t, answers[0].body).(map[string]any), jsonOf(t, answers[3].body).(map[string]any)
	if _, there := changed["phone"]; there || changed["name"] != "Noor de Wit" {
		t.Errorf("expected Noor without a phone, got %v", changed)
	}
	if replaced["name"] != "Ties Bakker" || replaced["birthday"] != nil || replaced["id"] != noorID {
		t.Errorf("expected Ties under the same id, got %v", replaced)
	}
}
