package wire

import (
	"net/http"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
)

// clockTolerance is how far a clock may be off before it is mentioned: signatures are
// valid for a quarter of an hour, on some services for less.
const clockTolerance = 3 * time.Minute

// ClockSkew returns the end of a sentence about refused credentials: that the endpoint's
// clock, by which signatures and tokens expire, differs from this machine's. It returns
// "" if the clocks agree or the endpoint's is unknown.
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
