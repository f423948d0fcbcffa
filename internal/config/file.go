package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/yamlfile"
)

// FileName is the name of the configuration file that is read if it is in the working directory.
const FileName = "gesconform.yaml"

// A File is a configuration file: settings of a run, by the names of the flags. nil is no file.
type File struct {
	Name     string
	Found    bool // by itself, and not named by the user
	settings settings
}

// FindFile reads gesconform.yaml in the working directory, or returns nil if there is none. The
// folder may be somebody else's checkout: the file must not send a credential elsewhere, run a
// program, or lead out of the folder.
func FindFile() (*File, error) {
	info, err := os.Lstat(FileName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, notFound()
	case err != nil:
		return nil, fmt.Errorf("read the configuration file: %w", err)
	case info.Mode()&fs.ModeSymlink != 0:
		if err := leadsHere(FileName); err != nil {
			return nil, err
		}
	}
	return readFile(FileName, true, nil)
}

// notFound returns an error if there is a file that was probably meant.
func notFound() error {
	const other = "gesconform.yml"
	if _, err := os.Lstat(other); err == nil {
		return fmt.Errorf("%s: expected the name %s; rename the file, or name it with --config %s", other, FileName, other)
	}
	return nil
}

// leadsHere returns an error if a link in the working directory leads out of it.
func leadsHere(link string) error {
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here)
	}
	if err != nil {
		return fmt.Errorf("read the configuration file: %w", err)
	}
	behind, err := filepath.EvalSymlinks(link)
	if err != nil {
		return fmt.Errorf("%s: expected a file, got a link that leads nowhere: %w", link, err)
	}
	if !filepath.IsAbs(behind) {
		behind = filepath.Join(here, behind)
	}
	if below, err := filepath.Rel(here, behind); err != nil || !filepath.IsLocal(below) {
		return fmt.Errorf("%s: expected a file of this folder, got a link to %s; to read it, name it with --config", link, behind)
	}
	return nil
}

// ReadFile reads a configuration file that the user names. A value may be that of a variable in
// environ, $NAME; the value of a secret must be.
func ReadFile(path string, environ []string) (*File, error) {
	if path == "" {
		return nil, errors.New("config: expected the name of a file, got none")
	}
	return readFile(path, false, environ)
}

func readFile(path string, found bool, environ []string) (*File, error) {
	data, err := yamlfile.ReadRegular(path)
	if err != nil {
		return nil, fmt.Errorf("read the configuration file: %w", err)
	}
	f := &File{Name: path, Found: found, settings: settings{}}
	if yamlfile.IsEmpty(data) {
		return f, nil
	}
	root, err := yamlfile.Strict.Read(data, "settings")
	if err == nil {
		err = f.read(root, environ)
	}
	if err != nil {
		return nil, yamlfile.InFile(path, err)
	}
	return f, nil
}

func (f *File) read(root *yaml.Node, environ []string) error {
	members, err := yamlfile.Members(root, InFile())
	if err != nil {
		return f.refused(root, err)
	}
	for _, m := range members {
		name, line := m.Key.Value, m.Key.Line
		if err := f.allowed(name, line); err != nil {
			return err
		}
		text, err := m.Text()
		if err == nil {
			err = f.value(name, m.Value, &text, environ)
		}
		if err != nil {
			return err
		}
		f.settings[name] = setting{text, line}
	}
	return nil
}

// refused explains why an option or a flag that there is may not be in the file. err is the fault
// of an unknown key.
func (f *File) refused(root *yaml.Node, err error) error {
	if root.Kind != yaml.MappingNode {
		return err
	}
	known := InFile()
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		o := optionOf(key.Value)
		switch {
		case slices.Contains(known, key.Value):
			continue
		case slices.Contains(fileGuards, key.Value), o != nil && o.LowersGuard:
			return yamlfile.At(key.Line, "%[1]s: lowers a guard, which no file may; set gesconform run --%[1]s", key.Value)
		case slices.Contains(CommandFlags, key.Value):
			return yamlfile.At(key.Line, "%[1]s: is for one run, and not for a file; set gesconform run --%[1]s", key.Value)
		}
		return err
	}
	return err
}

// allowed returns an error if a file that was found by itself may not have the option.
func (f *File) allowed(name string, line int) error {
	if why := OnlyIfNamed(name); f.Found && why != "" {
		return yamlfile.At(line, "%s: %s, so a file that is found by itself may not set it; set %s, or name the file: --config %s", name, why, Variable(name), f.Name)
	}
	return nil
}

// value checks a value, and replaces that of a variable.
func (f *File) value(name string, node *yaml.Node, text *string, environ []string) error {
	if err := hasKind(name, node); err != nil {
		return err
	}
	if node.Style == 0 && hasSwallowed(*text) {
		return yamlfile.At(node.Line, "%s: expected a value on one line; the next line has no space after its colon", name)
	}
	o, variable := optionOf(name), variableName(*text)
	switch {
	case variable == "" && o != nil && o.Secret:
		return yamlfile.At(node.Line, "%s: expected a variable, such as $CN_NORTH_4_TOKEN, got a value (not shown); do not write secrets into the file", name)
	case variable == "" || name == "token-command": // its variables are the shell's
	case f.Found:
		return yamlfile.At(node.Line, "%s: expected a value, got the variable $%s, which a file that is found by itself may not read; set %s", name, variable, Variable(name))
	default:
		if *text = lookUp(environ, variable); *text == "" {
			return yamlfile.At(node.Line, "%s: the variable $%s is not set", name, variable)
		}
	}
	if f.Found && slices.Contains(paths, name) && !strings.HasPrefix(*text, "all-must") && !filepath.IsLocal(*text) {
		return yamlfile.At(node.Line, "%s: expected a path below this folder, got %.80q; set --%s", name, *text, name)
	}
	if o == nil {
		return nil
	}
	scratch := Default()
	switch err := o.Set(&scratch, *text); {
	case err != nil && variable != "": // the error might show the value
		return yamlfile.At(node.Line, "%s: the value of the variable $%s cannot be used", name, variable)
	case err != nil:
		return yamlfile.At(node.Line, "%s", err)
	}
	return nil
}

// hasKind returns an error if a value is of another kind than its option, as the JSON Schema of
// the file has it.
func hasKind(name string, node *yaml.Node) error {
	expected, tag := "", node.ShortTag()
	switch KindOf(name) {
	case Switch:
		if tag != "!!bool" {
			expected = "true or false"
		}
	case Number:
		if tag != "!!int" {
			expected = "a whole number"
		}
	default:
		if tag == "!!bool" {
			expected = "text"
		}
	}
	if expected == "" {
		return nil
	}
	return yamlfile.At(node.Line, "%s: expected %s, got %s", name, expected, yamlfile.KindOf(node))
}

// options returns the settings that are options, without those in but.
func (f *File) options(but []string) settings {
	if f == nil {
		return nil
	}
	all := maps.Clone(f.settings)
	maps.DeleteFunc(all, func(name string, _ setting) bool { return optionOf(name) == nil || slices.Contains(but, name) })
	return all
}

// Sets returns the names of what the file sets, in alphabetical order.
func (f *File) Sets() []string {
	if f == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(f.settings))
}

// Get returns what the file says for an option or a flag of the command, and where: FILE:LINE. The
// place is "" if it says nothing.
func (f *File) Get(name string) (text, place string) {
	if f == nil {
		return "", ""
	}
	s, said := f.settings[name]
	if !said {
		return "", ""
	}
	return s.text, fmt.Sprintf("%s:%d", f.Name, s.line)
}

// FileOf returns the configuration file that a variable names, or nil. It serves `go test`, which
// finds none by itself: its working directory is that of a package.
func FileOf(environ []string) (*File, error) {
	path := lookUp(environ, Variable("config"))
	if path == "" {
		return nil, nil
	}
	return ReadFile(path, environ)
}

// whatNamed says of what a file may only set if the user has named it what it does or is.
var whatNamed = map[string]string{
	"endpoint": "says where the credentials go", "region": "says where the credentials go", "targets": "says where the credentials go",
	"token-file": "gets a credential", "token-command": "runs a program", "access-key": "is a credential",
	"ca-file": "says which servers are trusted", "client-cert": "is a credential", "client-key": "is a credential",
}

// OnlyIfNamed says why a file may only set an option if the user has named the file, or "".
func OnlyIfNamed(name string) string {
	if o := optionOf(name); o != nil && o.Secret {
		return "is a credential"
	}
	return whatNamed[name]
}

// fileFlags are the flags of the command, apart from the options, that a file may set.
var fileFlags = map[string]Kind{
	"spec": Text, "contract": Text, "expect": Text, "baseline": Text, "fail-on-change": Switch, "targets": Text, "parallel": Number,
	"verbose": Switch, "quiet": Switch, "format": Text, "github": Switch,
}

// fileGuards are flags of the command that lower a guard.
var fileGuards = []string{"plan", "force"}

// paths are options and flags that name a file or a folder.
var paths = []string{"output", "require", "spec", "contract", "expect", "baseline"}

// InFile returns the names of what a file may set, if the user names it.
func InFile() []string {
	var names []string
	for _, o := range Options {
		if !o.LowersGuard {
			names = append(names, o.Name)
		}
	}
	for _, name := range CommandFlags {
		if fileFlags[name] != "" {
			names = append(names, name)
		}
	}
	return names
}

// A Kind is what the value of an option is.
type Kind string

// The kinds.
const (
	Text   Kind = "text"
	Number Kind = "number" // a whole one
	Switch Kind = "switch" // true or false
)

// KindOf returns the kind of an option, or of a flag of the command that a file may set.
func KindOf(name string) Kind {
	switch o := optionOf(name); {
	case o == nil:
		return cmp.Or(fileFlags[name], Text)
	case o.Switch:
		return Switch
	case o.whole:
		return Number
	}
	return Text
}

func optionOf(name string) *Option {
	if i := slices.IndexFunc(Options, func(o *Option) bool { return o.Name == name }); i >= 0 {
		return Options[i]
	}
	return nil
}
