package judge

import "strings"

const (
	notReached = ", so the rule of this case was not reached: "
	needs      = "needs "
)

// NotReached returns the reason of a case that another refusal masks, and that is not decided by a
// further request because of something.
func NotReached(masked, because string) string {
	if strings.HasPrefix(because, needs) {
		because = "that " + because
	}
	return masked + notReached + because
}

// Because returns why a masked case was not decided, from its reason, if that says so.
func Because(reason string) (because string, found bool) {
	_, because, found = strings.Cut(reason, notReached)
	return strings.TrimPrefix(because, "that "), found
}
