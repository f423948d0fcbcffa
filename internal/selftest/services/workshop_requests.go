package services

// Bodies that the workshop takes.
const (
	newCustomer = `{"name":"Ties Bakker","email":"ties@example.org","phone":null,"pin":"0420","tags":["regular"],` +
		`"address":{"street":"Gracht 1","postcode":"1012 AB","city":"Amsterdam","floor":-1},"loyalty":{"card":"12345678"}}`
	cityBike     = `{"kind":"city","frame":"WTU-204811","wheels":28,"basket":true,"colour":null}`
	electricBike = `{"kind":"electric","frame":"WTU-204813","wheels":28,"battery":{"wattHours":625,"serial":"BX9011"}}`
	newJob       = `{"title":"Spring service","priority":"normal","version":2,"contact":{"phone":"+31612345678"},` +
		`"budget":{"amount":149.95,"currency":"EUR"},"labels":{"rack":"B3"},"place":"north",` +
		`"tasks":[{"title":"True the wheels","minutes":45,"steps":[{"title":"Front","minutes":20}]}]}`
	newPayment  = "amount=24.50&method=card&reference=WT2041&items=tube&items=patch+kit&receipt=true"
	newEstimate = `{"hours":1.5,"parts":["BR-0042"],"discount":10}`
	newPart     = `{"sku":"LI-0100","name":"Rear light","category":"lights","price":{"amount":12.5,"currency":"EUR"},"stock":{"north":4},"size":"S"}`
)

var (
	photoFile  = [3]string{"file", "image/png", "\x89PNG\r\n\x1a\n\x00\x01"}
	photoAbout = [3]string{"about", "application/json", `{"part":"wheel","side":"left"}`}
	newPhoto   = parts("/photos", []string{withWorkshopKey}, photoFile, photoAbout,
		[3]string{"caption", "text/plain", "Crack"}, [3]string{"taken", "text/plain", "2026-03-01T10:00:00Z"})
)
