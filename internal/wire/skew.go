package wire

import (
	"net/http"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
)

// ClockTolerance is how far a clock may be off before it is mentioned: signatures are
// valid for a quarter of an hour, on some services for less.
const ClockTolerance = 3 * time.Minute

// ClockSkew returns the end of a sentence about refused credentials: that the endpoint's
// clock, by which signatures and tokens expire, differs from this machine's. It returns
// "" if the clocks agree or the endpoint's is unknown.
func ClockSkew(x *exchange.Exchange) string {
	ahead, known := ClockAhead(x)
	if !known || ahead.Abs() <= ClockTolerance {
		return ""
	}
	if ahead > 0 {
		return ", and the endpoint's clock is " + ahead.String() + " ahead of this machine's, by which signatures are dated"
	}
	return ", and the endpoint's clock is " + (-ahead).String() + " behind this machine's, by which signatures are dated"
}

// ClockAhead returns how far the endpoint's clock is ahead of this machine's, if the answer says.
func ClockAhead(x *exchange.Exchange) (ahead time.Duration, known bool) {
	if x.Answer == nil {
		return 0, false
	}
	theirs, err := http.ParseTime(x.Answer.Header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return theirs.Sub(x.Started.Add(x.Duration)).Round(time.Second), true
}
