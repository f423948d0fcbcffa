package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
)

// configFlags say which configuration file is read.
type configFlags struct {
	path string
	none bool
}

func (f *configFlags) flags(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "config", "", "read settings from this file instead of the "+config.FileName+" in this folder")
	flags.BoolVar(&f.none, "no-config", false, "do not read "+config.FileName)
}

// read reads the configuration file; nil if there is none. given has the flags that were not set by
// a variable: they override the variable of the other one.
func (f *configFlags) read(flags *pflag.FlagSet, given map[string]bool, environ []string) (*config.File, error) {
	named := flags.Changed("config") // by its variable, too
	switch {
	case named && f.none && given["config"] == given["no-config"]:
		return nil, errors.New("config: expected --config or --no-config, got both")
	case named && f.none && given["no-config"]:
		return nil, nil
	case named:
		return config.ReadFile(f.path, environ)
	case f.none:
		return nil, nil
	}
	return config.FindFile()
}

// opposites are flags of which one overrides the other one in a file.
var opposites = map[string]string{"quiet": "verbose", "verbose": "quiet"}

// fromFile sets the flags that are no options of a target from a configuration file, unless they
// have been set, and returns an error for a value that cannot be used.
func fromFile(flags *pflag.FlagSet, file *config.File) error {
	for _, name := range config.CommandFlags {
		text, place := file.Get(name)
		if place == "" || flags.Changed(name) || flags.Changed(opposites[name]) {
			continue
		}
		if err := flags.Set(name, text); err != nil {
			return fmt.Errorf("%s: %s: %w", place, name, err)
		}
	}
	return nil
}

// sayFile says which file was read and what it sets, unless the user wants the run quiet. That the
// file says so does not hide it.
func (r *runner) sayFile(file *config.File) {
	if _, says := file.Get("quiet"); file == nil || r.quiet && says == "" {
		return
	}
	sets := "nothing"
	if names := file.Sets(); len(names) > 0 {
		sets = strings.Join(names, ", ")
	}
	fmt.Fprintf(r.stderr, "gesconform: %s sets %s\n", file.Name, sets)
}

// settings sets the flags that are no options of a target from variables and then from the
// configuration file, and returns that file.
func (r *runner) settings(flags *pflag.FlagSet, given map[string]bool) (*config.File, error) {
	if err := commandsOwn(flags, r.environ, given); err != nil {
		return nil, err
	}
	file, err := r.configFile.read(flags, given, r.environ)
	if err != nil {
		return nil, err
	}
	return file, fromFile(flags, file)
}
