package evidence

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// unwritable says why an output folder cannot be written to, and what to do about it.
func unwritable(dir string, err error) error {
	cause, _ := errors.AsType[*fs.PathError](err)
	if cause == nil {
		return err // is a sentence
	}
	advice := "set another --output"
	_, gone := os.Getwd()
	switch {
	case gone != nil:
		advice = "the working directory does not exist any more: run it in another, or set --output to an absolute path"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		advice = fmt.Sprintf("it must be writable by user %d; in a container, mount a volume that is, as docker run -u \"$(id -u):$(id -g)\" -v \"$PWD:/out\" does, and set --output /out/report", os.Getuid())
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		advice = "there is a file where the folder should be: set another --output"
	case errors.Is(err, syscall.ENOSPC):
		advice = "the disk is full: free some space, or set another --output"
	}
	return fmt.Errorf("output: expected a folder that can be written to, got %q: %w (%s); %s", dir, cause.Err, cause.Path, advice)
}
