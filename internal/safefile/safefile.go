// Package safefile reads and writes files in folders that others may write to. It opens nothing
// that can block for ever, and never writes through a link, into a named pipe or to a device.
package safefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// kinds name what is no file.
var kinds = []struct {
	bit  fs.FileMode
	name string
}{
	{fs.ModeDir, "a folder"}, {fs.ModeSymlink, "a link"}, {fs.ModeNamedPipe, "a named pipe"},
	{fs.ModeSocket, "a socket"}, {fs.ModeDevice, "a device"},
}

func kindOf(mode fs.FileMode) string {
	for _, k := range kinds {
		if mode&k.bit != 0 {
			return k.name
		}
	}
	return "something else"
}

// Open opens a file for reading. Reading a named pipe or a device could take for ever.
func Open(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: expected a file, got %s", path, kindOf(info.Mode()))
	}
	return os.Open(path)
}

// Read reads a file of at most so many bytes.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(Limit(f, path, most))
	return text, errors.Join(err, f.Close())
}

// Limit returns a reader that fails after so many bytes, with an error that has the path.
func Limit(r io.Reader, path string, most int64) io.Reader {
	return &limited{r: r, path: path, most: most}
}

type limited struct {
	r          io.Reader
	path       string
	read, most int64
}

// Read implements io.Reader.
func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.read += int64(n); l.read > l.most {
		return 0, fmt.Errorf("%s: expected at most %d MiB, got more", l.path, l.most>>20)
	}
	return n, err
}

// Exists reports whether there is a file at a path. The error says what is there if it is no
// file, which can neither be read nor written to.
func Exists(path string) (bool, error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s: expected a file or nothing, got %s, which is not written to", path, kindOf(info.Mode()))
	}
	return true, nil
}

// Write writes a whole file or, on an error, none: it writes to Partial(path), and renames that
// when it is complete. An earlier file is replaced.
func Write(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if _, err := Exists(path); err != nil {
		return err
	}
	partial := Partial(path)
	if err := Remove(partial); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	f, err := Create(partial, mode)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(partial, path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", path, err), Remove(partial))
	}
	return nil
}

// Partial returns the name under which Write writes a file until it is complete.
func Partial(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".partial")
}

// Create creates a file, which must not exist.
func Create(path string, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
}

// Append opens a file for writing at its end, and creates it if necessary.
func Append(path string, mode fs.FileMode) (*os.File, error) {
	if _, err := Exists(path); err != nil {
		return nil, err
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, mode)
}

// Remove removes a file, if it exists.
func Remove(path string) error {
	if there, err := Exists(path); err != nil || !there {
		return err
	}
	return os.Remove(path)
}
