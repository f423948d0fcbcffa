package run

import (
	"io"
	"sync"

	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
	"github.com/gesconform/gesconform/internal/report"
)

// A watcher updates the progress and the log of exchanges during a run.
type watcher struct {
	progress *report.Progress

	mu      sync.Mutex
	done    int
	total   int
	waiting string
	reads   int // since the last call of Waiting
	log     *evidence.ExchangeLog
	file    io.Closer
	failed  error // the first error of writing the log
}

// open claims the output folder, if there is one, and creates the log of exchanges in it.
func (w *watcher) open(output evidence.Output) error {
	if output.Folder == "" {
		return nil
	}
	claim, err := output.Claim()
	if err == nil {
		err = claim.Clear()
	}
	if err != nil {
		return err
	}
	log, file, err := evidence.CreateExchangeLog(output.Folder)
	if err != nil {
		return err
	}
	w.log, w.file = log, file
	return nil
}

func (w *watcher) close() {
	w.progress.Clear() // however the run has ended
	if w.file != nil {
		_ = w.file.Close() // every line has been written already
	}
}

// fail keeps an error of writing what the run leaves, unless there was one before.
func (w *watcher) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = err
	}
}

func (w *watcher) hooks() engine.Hooks {
	return engine.Hooks{Exchange: w.exchange, Result: w.result, Waiting: w.wait}
}

// exchange records an exchange. While the run waits for something, Waiting is called after
// each read of it; if another request is sent instead, the wait is over. A repeated request
// says nothing.
func (w *watcher) exchange(x exchange.Exchange) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.Exchange()
	if x.Attempt == 1 && x.Superseded == "" {
		w.reads++
	}
	if w.reads > 1 && w.waiting != "" {
		w.show("")
	}
	if w.log != nil && w.failed == nil {
		w.failed = w.log.Append(x)
	}
	return w.failed
}

func (w *watcher) result(*judge.Result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done++
	w.show("")
}

func (w *watcher) wait(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads = 0
	w.show(what)
}

func (w *watcher) show(waiting string) {
	w.waiting = waiting
	w.progress.Update(w.done, w.total, waiting)
}
