package command

import (
	"io"
	"os"
	"os/exec"
)

// A pipe is what a client prints to. Unlike those of os/exec it can be left although somebody still
// has its other end.
type pipe struct {
	from *os.File
	to   io.Writer
	done chan struct{} // is closed when nothing more will be read
}

// start starts a command that prints to two writers.
func start(cmd *exec.Cmd, stdout, stderr io.Writer) ([]*pipe, error) {
	var pipes []*pipe
	var theirs []*os.File
	fail := func(err error) ([]*pipe, error) {
		for _, p := range pipes {
			_ = p.from.Close() // nothing has been printed
		}
		return nil, err
	}
	defer func() {
		for _, f := range theirs {
			_ = f.Close() // the client has its own
		}
	}()
	for _, to := range []io.Writer{stdout, stderr} {
		r, w, err := os.Pipe()
		if err != nil {
			return fail(err)
		}
		pipes, theirs = append(pipes, &pipe{from: r, to: to, done: make(chan struct{})}), append(theirs, w)
	}
	cmd.Stdout, cmd.Stderr = theirs[0], theirs[1]
	if err := cmd.Start(); err != nil {
		return fail(err)
	}
	for _, p := range pipes {
		go p.copy()
	}
	return pipes, nil
}

// copy hands on what comes until there is nothing more, or finish is called.
func (p *pipe) copy() {
	defer close(p.done)
	piece := make([]byte, 64<<10)
	for {
		n, err := p.from.Read(piece)
		if n > 0 {
			_, _ = p.to.Write(piece[:n]) // a writer that fails does not end the client
		}
		if err != nil {
			break
		}
	}
	p.drain(piece)
}

// finish waits until all has been handed on that had been printed when it was called.
func (p *pipe) finish() {
	p.interrupt()
	<-p.done
	_ = p.from.Close() // it has only been read
}
