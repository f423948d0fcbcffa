package run

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/result"
	"github.com/gesconform/gesconform/internal/session"
)

// record writes what remains of a run that is killed, apart from the exchanges, to the
// output folder: its plan, and results that say that it has not ended. It does so in the
// background. The returned function waits for that, adds the digests to run, and returns
// the error.
func record(s *session.Session, run *result.Run, slots writeSlots) (wait func() error) {
	output := s.Config().Output
	if output == "" {
		return func() error { return nil }
	}
	start := *run
	done := make(chan error, 1)
	var plan, program string
	go func() {
		defer slots.acquire()()
		var failed, unread error
		if plan, failed = evidence.WritePlan(output, s.Plan()); failed == nil {
			if !start.Target.Embedded { // not needed for a run against the fake
				program, unread = programDigest()
			}
			start.Plan.SHA256, start.Tool.SHA256, start.Failure = plan, program, evidence.Unfinished
			failed = errors.Join(unread, evidence.WriteResults(output, s.Summarise(start, nil)))
		}
		done <- failed
	}()
	return sync.OnceValue(func() error {
		err := <-done
		run.Plan.SHA256, run.Tool.SHA256 = plan, program
		return err
	})
}

// programDigest returns the SHA-256 digest of the running program. It is computed once.
var programDigest = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("read the program's digest: %w", err)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the program's digest: %w", err)
	}
	defer f.Close() // it was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, f); err != nil {
		return "", fmt.Errorf("read the program's digest: %w", err)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
})
