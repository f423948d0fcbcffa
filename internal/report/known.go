package report

import "github.com/gesconform/gesconform/internal/result"

// outOfDate is what a report says of expectations that are not met, or too late.
var outOfDate = []struct {
	State result.ExpectationState
	Title string
}{
	{result.Expired, "expired, and counts as a deviation again"},
	{result.Gone, "gone, and can be taken out of the file"},
	{result.NotExercised, "not exercised in full, so that it may still be there"},
}
