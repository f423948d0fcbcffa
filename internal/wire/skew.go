package wire

import (
	"net/http"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
)

// clockTolerance is how far a clock may be off before it is worth a word:
// signatures are good for a quarter of an hour, and some keep stricter rules.
const clockTolerance = 3 * time.Minute

// ClockSkew says, as the continuation of a sentence on an answer that refuses
// credentials, that the clock of who answered is far from this machine's: it
// decides when signatures and tokens are good. It is "" where the clocks agree or
// nothing is known.
func ClockSkew(x *exchange.Exchange) string {
	if x.Answer == nil {
		return ""
	}
	theirs, err := http.ParseTime(x.Answer.Header.Get("Date"))
	if err != nil {
		return ""
	}
	ahead := theirs.Sub(x.Started.Add(x.Duration)).Round(time.Second)
	switch {
	case ahead > clockTolerance:
		return ", and the endpoint's clock is " + ahead.String() + " ahead of this machine's, by which signatures are dated"
	case -ahead > clockTolerance:
		return ", and the endpoint's clock is " + (-ahead).String() + " behind this machine's, by which signatures are dated"
	}
	return ""
}
