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

// record writes into the output folder what a run leaves behind if it is killed,
// beside the exchanges: its plan, and results that say so. It does so at the side;
// the function that it returns waits for the end, completes run by the digests, and
// says what went wrong.
func record(s *session.Session, run *result.Run, turns turns) (wait func() error) {
	output := s.Config().Output
	if output == "" {
		return func() error { return nil }
	}
	start := *run
	done := make(chan error, 1)
	var plan, program string
	go func() {
		defer turns.take()()
		var failed, unread error
		if plan, failed = evidence.WritePlan(output, s.Plan()); failed == nil {
			if !start.Target.Embedded { // nobody holds a run against the fake to account
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

// programDigest is the SHA-256 digest of the program that runs, which is read once,
// however many targets are judged.
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
