package run

import (
	"errors"
	"io"

	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/wire"
)

// A maker keeps what a run has made: the gate lets it be deleted, and made.jsonl, if there is an output
// folder, says so even of a run that is killed.
type maker struct {
	gate    *wire.DocumentGate
	folder  string // "" for none
	file    io.WriteCloser
	journal *resources.Journal
	failed  error // the first error of writing the journal
}

// made takes note of a thing that was made, or was deleted.
func (k *maker) made(m resources.Made) {
	if !m.Deleted {
		_ = k.gate.Made(m.Path) // if the gate doubts it, it is not deleted, and is among what is left over
	}
	if k.folder == "" || k.failed != nil {
		return
	}
	if k.journal == nil { // a run that makes nothing has no such file
		if k.file, k.failed = evidence.CreateMade(k.folder); k.failed != nil {
			return
		}
		k.journal = resources.NewJournal(k.file)
	}
	if m.Deleted {
		k.failed = k.journal.Delete(m.Path)
	} else {
		k.failed = k.journal.Add(m)
	}
}

// close closes the journal, and returns the first error of writing it.
func (k *maker) close() error {
	if k.file == nil {
		return k.failed
	}
	return errors.Join(k.failed, k.file.Close())
}
