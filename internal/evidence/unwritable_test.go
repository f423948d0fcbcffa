package evidence

import (
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

func TestUnwritableFoldersSayWhatToDo(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		syscall.EROFS:   `output: expected a folder that can be written to, got "out": read-only file system (out/x); it must be writable by user `,
		syscall.EACCES:  `-v "$PWD:/out" does, and set --output /out/report`,
		syscall.ENOSPC:  "(out/x); the disk is full: free some space, or set another --output",
		syscall.ENOTDIR: "(out/x); there is a file where the folder should be: set another --output",
		syscall.EIO:     "(out/x); set another --output",
	} {
		if got := unwritable("out", &fs.PathError{Op: "mkdir", Path: "out/x", Err: cause}).Error(); !strings.Contains(got, want) {
			t.Errorf("%v: expected %q, got %q", cause, want, got)
		}
	}
}
