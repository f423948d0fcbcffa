package implied

import (
	"net/http"
	"testing"
	"time"

	"github.com/gesconform/gesconform/contract"
)

// When the time is over, nothing is sent but deletions of what was made, and those not for long.
func TestTimeLeavesDeletions(t *testing.T) {
	for _, test := range []struct {
		since            time.Duration
		others, deletion bool
	}{
		{time.Minute, true, true},
		{90 * time.Minute, false, true},
		{3 * time.Hour, false, false},
	} {
		r := &run{o: Options{Time: time.Hour, Recovery: time.Hour}, started: time.Now().Add(-test.since)}
		op := &contract.Operation{Method: http.MethodDelete}
		others := r.take(t.Context(), aimFirst, op, op.Method)
		deletion := r.take(t.Context(), aimDelete, op, op.Method)
		if others != test.others || deletion != test.deletion || (r.cut == "") != test.others {
			t.Errorf("after %s: expected that others are sent: %t, deletions: %t; got %t, %t, cut %q", test.since, test.others, test.deletion, others, deletion, r.cut)
		}
	}
}
