package conformance

import (
	"io"
	"sync"

	"github.com/gesconform/gesconform/conformance/engine"
	"github.com/gesconform/gesconform/conformance/judge"
	"github.com/gesconform/gesconform/conformance/report"
)

// A watcher keeps the progress and the log of exchanges up to date while a run
// goes on.
type watcher struct {
	out      io.Writer
	progress *report.Progress

	mu      sync.Mutex
	done    int
	total   int
	waiting string
	log     *report.ExchangeLog
	file    io.Closer
	failed  error // the first line of the log that could not be written
}

// open makes the log of exchanges in the output folder, if there is to be one.
func (w *watcher) open(folder string) error {
	if folder == "" {
		return nil
	}
	log, file, err := report.CreateExchangeLog(folder)
	if err != nil {
		return err
	}
	w.log, w.file = log, file
	return nil
}

func (w *watcher) close() {
	if w.file != nil {
		_ = w.file.Close() // every line has been written through
	}
}

func (w *watcher) hooks() engine.Hooks {
	return engine.Hooks{
		Exchange: func(x judge.Exchange) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.log == nil || w.failed != nil {
				return
			}
			w.failed = w.log.Append(x)
		},
		Result: func(*judge.Result) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.done++
			w.waiting = ""
			w.progress.Update(w.done, w.total, w.waiting)
		},
		Waiting: func(what string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.waiting = what
			w.progress.Update(w.done, w.total, w.waiting)
		},
	}
}
