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
)

// unfinished is the failure in the results that a run leaves behind which was
// killed.
const unfinished = "the run has not ended; `gesconform judge` says what it had found"

// record writes into the output folder what a run leaves behind if it is killed,
// beside the exchanges: its plan, and results that say so. It does so at the side;
// the function that it returns waits for the end, completes run by the digests, and
// says what went wrong.
func (s *session) record(run *result.Run) (wait func() error) {
	if s.config.Output == "" {
		return func() error { return nil }
	}
	start := *run
	done := make(chan error, 1)
	var plan, program string
	go func() {
		defer s.turns.take()()
		var failed, unread error
		if plan, failed = s.plan().write(s.config.Output); failed == nil {
			if !s.config.Embedded { // nobody holds a run against the fake to account
				program, unread = programDigest()
			}
			start.Plan.SHA256, start.Tool.SHA256, start.Failure = plan, program, unfinished
			failed = errors.Join(unread, evidence.WriteResults(s.config.Output, s.summarise(start, nil)))
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
