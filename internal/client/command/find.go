package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// find returns the path of a command, or says why there is none.
func find(argv []string) (string, error) {
	if len(argv) == 0 {
		return "", errors.New("expected a command that runs a client, got none")
	}
	name := argv[0]
	if strings.TrimSpace(name) == "" {
		return "", fmt.Errorf("expected a command that runs a client, got %q", name)
	}
	path, err := exec.LookPath(name)
	if err == nil {
		err = interpreted(path)
	}
	if err != nil {
		return "", fmt.Errorf("expected a command that runs a client, got %q, which %s", name, wrong(name, err))
	}
	return path, nil
}

// wrong says what is wrong with a file that should be executed.
func wrong(name string, err error) string {
	hint := ""
	if arguments := strings.Fields(name); len(arguments) > 1 {
		hint = "; arguments are given apart: " + strings.Join(arguments, " ")
	}
	info, here := os.Stat(name)
	switch {
	case errors.Is(err, syscall.EISDIR), here == nil && info.IsDir():
		return "is a folder"
	case errors.Is(err, fs.ErrPermission):
		return "is not executable; chmod +x makes it so"
	case errors.Is(err, exec.ErrDot), errors.Is(err, exec.ErrNotFound) && here == nil:
		return fmt.Sprintf("is in this folder, and in none of those of PATH; for this one write .%c%s", filepath.Separator, name)
	case errors.Is(err, exec.ErrNotFound):
		return "is in none of the folders of PATH" + hint
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "does not exist" + hint
	}
	return err.Error()
}

// interpreted checks that a file is one, and that the interpreter exists that a script names.
func interpreted(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil // a program may be executable, and not readable
	}
	defer f.Close()
	line, _ := bufio.NewReader(io.LimitReader(f, 4<<10)).ReadString('\n') // the first one may be the last
	line = strings.TrimSuffix(line, "\n")
	script, ok := strings.CutPrefix(line, "#!")
	if !ok || filepath.Separator != '/' {
		return nil
	}
	// Unlike others, the kernel takes the carriage return of a file from Windows for a part of the name.
	words := strings.FieldsFunc(script, func(c rune) bool { return c == ' ' || c == '\t' })
	if len(words) == 0 {
		return fmt.Errorf("begins with %q, where an interpreter was expected", line)
	}
	interpreter := words[0]
	if !strings.Contains(interpreter, "/") {
		interpreter = "./" + interpreter // not that of PATH
	}
	if _, err := exec.LookPath(interpreter); err != nil {
		return fmt.Errorf("begins with %q, and %q %s", line, words[0], wrong(interpreter, err))
	}
	return nil
}
