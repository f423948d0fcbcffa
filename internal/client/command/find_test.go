//go:build unix

package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/gesconform/gesconform/internal/judge"
)

func TestWhatIsNoCommand(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("PATH", "/usr/bin:/bin:"+filepath.Join(dir, "bin"))
	for name, text := range map[string]string{
		"fine": "#!/bin/sh\nexit 0\n", "options": "#! \t/usr/bin/env -S sh -e\nexit 0\n", "no-line-end": "#!/bin/true", "binary": "\x7fELF",
		"nowhere": "#!/no/such/shell -x\nexit 0\n", "windows": "#!/bin/sh\r\nexit 0\r\n", "empty-line": "#!\nexit 0\n", "to-a-folder": "#!/tmp\n",
		"to-a-file": "#!" + dir + "/not-executable\n", "relative": "#!sh\n", "bin/in-path": "#!/no/such/shell\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile("not-executable", []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("gone", "link"); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo("fifo", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		argv []string
		want string // after what was expected; "" if it is a command
	}{
		{[]string{"sh", "-c", "exit 0"}, ""},
		{[]string{"./fine"}, ""},
		{[]string{filepath.Join(dir, "fine")}, ""},
		{[]string{"./options"}, ""},
		{[]string{"./no-line-end"}, ""},
		{[]string{"./binary"}, ""}, // the system decides
		{nil, "got none"},
		{[]string{""}, `got ""`},
		{[]string{"  ", "-x"}, `got "  "`},
		{[]string{"no-such-command"}, `got "no-such-command", which is in none of the folders of PATH`},
		{[]string{"python client.py"}, `got "python client.py", which is in none of the folders of PATH; arguments are given apart: python client.py`},
		{[]string{"curl -s http://x"}, `got "curl -s http://x", which does not exist; arguments are given apart: curl -s http://x`},
		{[]string{"fine"}, `got "fine", which is in this folder, and in none of those of PATH; for this one write ./fine`},
		{[]string{"./no-such-file"}, `got "./no-such-file", which does not exist`},
		{[]string{"./fine -x"}, `got "./fine -x", which does not exist; arguments are given apart: ./fine -x`},
		{[]string{"./link"}, `got "./link", which does not exist`},
		{[]string{"."}, `got ".", which is a folder`},
		{[]string{"bin"}, `got "bin", which is a folder`},
		{[]string{"/tmp"}, `got "/tmp", which is a folder`},
		{[]string{"./not-executable"}, `got "./not-executable", which is not executable; chmod +x makes it so`},
		{[]string{"./fine/x"}, `got "./fine/x", which does not exist`},
		{[]string{"./fifo"}, `got "./fifo", which is no regular file`},
		{[]string{"./nowhere"}, `got "./nowhere", which begins with "#!/no/such/shell -x", and "/no/such/shell" does not exist`},
		{[]string{"in-path"}, `got "in-path", which begins with "#!/no/such/shell", and "/no/such/shell" does not exist`},
		{[]string{"./windows"}, `got "./windows", which begins with "#!/bin/sh\r", and "/bin/sh\r" does not exist`},
		{[]string{"./empty-line"}, `got "./empty-line", which begins with "#!", where an interpreter was expected`},
		{[]string{"./to-a-folder"}, `got "./to-a-folder", which begins with "#!/tmp", and "/tmp" is a folder`},
		{[]string{"./to-a-file"}, fmt.Sprintf(`got "./to-a-file", which begins with "#!%s/not-executable", and "%s/not-executable" is not executable; chmod +x makes it so`, dir, dir)},
		{[]string{"./relative"}, `got "./relative", which begins with "#!sh", and "sh" does not exist`},
	} {
		_, err := New(tt.argv)
		got := fmt.Sprint(err)
		if tt.want == "" && err != nil || tt.want != "" && got != "expected a command that runs a client, "+tt.want {
			t.Errorf("%q: expected %s\ngot %s", tt.argv, tt.want, got)
		}
	}
}

// What is no program is only known when it is started.
func TestWhatCannotBeStarted(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"text": "exit 0\n", "empty": "", "of-another-machine": "\x7fELF"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		d, err := New([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		o, _, _ := drive(t, d)
		want := "it could not be started: fork/exec " + path + ": exec format error: it is no program of this machine, and no script that begins with #!"
		if o.Said != judge.SaidNothing || !strings.HasPrefix(o.Reason, want) {
			t.Errorf("expected %q, got %+v", want, o)
		}
	}
	d, err := New([]string{"/bin/sh"})
	if err != nil {
		t.Fatal(err)
	}
	d.path = filepath.Join(dir, "gone")
	if o, _, _ := drive(t, d); !strings.HasSuffix(o.Reason, "no such file or directory") {
		t.Errorf("expected that it is gone, got %+v", o)
	}
}
