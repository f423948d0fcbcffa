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

// made takes note of a thing that was made, or may have been, or was deleted. The error says why the gate doubts that it
// was made: then it is not deleted, now or later.
func (k *maker) made(m resources.Made) error {
	var doubt error
	if !m.Deleted && m.Doubt == "" {
		if doubt = k.gate.Made(m.Path); doubt != nil {
			m.Doubt = doubt.Error()
		}
	}
	k.note(m)
	return doubt
}

// note writes what is known of a thing.
func (k *maker) note(m resources.Made) {
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
