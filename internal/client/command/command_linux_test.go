package command

import (
	"context"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

// What has left the group of the client ends, too.
func TestWhatHasLeftTheGroupEnds(t *testing.T) {
	for _, line := range [][]string{
		{"a", "b:own-session"},
		{"a", "b:own-group"},
		{"a", "b:own-session:ignores-SIGTERM", "c:own-group", "d:own-session:stops"},
	} {
		t.Run(strings.Join(line, " "), func(t *testing.T) {
			for said, how := range map[judge.Said]func(*family, context.CancelCauseFunc){
				judge.SaidNothing: func(_ *family, end context.CancelCauseFunc) { end(errLate) },
				judge.SaidSuccess: func(f *family, _ context.CancelCauseFunc) { _ = f.members["a"].Close() },
			} {
				f := newFamily(t)
				o, _ := f.run(t, f.driver(t, line...), len(line), func(end context.CancelCauseFunc) { how(f, end) })
				if f.noneIsLeft(t); o.Said != said {
					t.Errorf("expected %s, got %+v", said, o)
				}
			}
		})
	}
}

// The session of a client is its own, so that there is no terminal to stop it, and what it prints
// waits as usual if nobody is reading.
func TestTheSessionIsItsOwn(t *testing.T) {
	_, stdout, _ := drive(t, shell(t, "echo $$; cat /proc/$$/stat; cat /proc/$$/fdinfo/1"))
	fields := strings.Fields(stdout) // the number, and then: number, name, state, parent, group, session, terminal
	if len(fields) < 8 || fields[5] != fields[0] || fields[6] != fields[0] || fields[7] != "0" || !strings.Contains(stdout, "flags:\t01\n") {
		t.Errorf("expected group and session %s, no terminal and a blocking pipe, got %q", fields[0], fields)
	}
}
