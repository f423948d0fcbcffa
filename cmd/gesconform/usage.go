package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/suggest"
)

// sentences has wrong arguments and flags of all commands answered with sentences of ours: what
// was expected, what came, and what to do.
func sentences(root *cobra.Command) {
	root.SetFlagErrorFunc(flagFault)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if cmd.Name() == "help" {
			cmd.RunE, cmd.Run = help, nil
			continue
		}
		withSentence(cmd)
	}
}

func withSentence(cmd *cobra.Command) {
	if accepts := cmd.Args; accepts != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := flagFaults(cmd.Flags()); err != nil {
				return err
			}
			if accepts(cmd, args) != nil {
				return argumentsFault(cmd, args)
			}
			if strings.Contains(cmd.Use, " DIR") {
				return foldersFault(cmd, args)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		withSentence(sub)
	}
}

// help prints the help of a command.
func help(cmd *cobra.Command, args []string) error {
	found, rest, err := cmd.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return unknownCommand(cmd.Root(), args[len(args)-max(1, len(rest))])
	}
	found.InitDefaultHelpFlag()
	return found.Help()
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return fmt.Errorf("unknown command %q%s", name, suggest.DidYouMean(name, names, "`gesconform --help` lists them"))
}

// argumentsFault says what a command expected instead of these arguments: the words in upper case
// of its usage, such as DIR.
func argumentsFault(cmd *cobra.Command, args []string) error {
	_, usage, _ := strings.Cut(cmd.Use, " ")
	words := strings.Fields(usage)
	name := strings.TrimPrefix(cmd.CommandPath(), "gesconform ")
	switch {
	case len(words) == 0 && slices.ContainsFunc(args, isTruth):
		return fmt.Errorf("%s: expected no arguments, got %q; the value of a switch follows an equals sign: --SWITCH=%s", name, args[0], args[0])
	case len(words) == 0:
		return fmt.Errorf("%s: expected no arguments, got %s; `%s --help` lists the flags", name, quoted(args), cmd.CommandPath())
	case len(args) == 0:
		return fmt.Errorf("%s: expected %s, got none; usage: %s %s", name, words[len(words)-1], cmd.CommandPath(), usage)
	default:
		return fmt.Errorf("%s: expected one %s, got %d: %s", name, words[len(words)-1], len(args), quoted(args))
	}
}

// errEmpty is the error of a flag whose value is empty, as from a variable of the shell that is not
// set: to go on as if there were no such flag could do without a plan, or without a requirement.
var errEmpty = errors.New("expected a value, got an empty one; omit the flag if it is not meant")

// flagFaults returns an error if the value of a flag is empty, or the flag that follows: its own is missing.
func flagFaults(flags *pflag.FlagSet) (err error) {
	flags.Visit(func(f *pflag.Flag) {
		value, _, _ := strings.Cut(f.Value.String(), "=")
		_, option := f.Value.(*optionFlag) // has refused what is empty
		switch name, found := strings.CutPrefix(value, "--"); {
		case err != nil:
		case found && flags.Lookup(name) != nil:
			err = fmt.Errorf("--%s: expected %s, got the flag %s", f.Name, valueOf(f.Value.Type()), value)
		case !option && value == "" && f.Name != "label-filter":
			err = fmt.Errorf("--%s: %w", f.Name, errEmpty)
		}
	})
	return err
}

// foldersFault says which argument is no folder.
func foldersFault(cmd *cobra.Command, folders []string) error {
	for _, folder := range folders {
		info, err := os.Stat(folder)
		switch {
		case folder == "":
			return fmt.Errorf("%s: expected the output folder of a run, got an empty argument", cmd.Name())
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: expected the output folder of a run, got %q, which does not exist", cmd.Name(), folder)
		case err != nil:
			return fmt.Errorf("%s: expected the output folder of a run, got %q: %w", cmd.Name(), folder, withoutOp(err))
		case info.Mode().IsRegular():
			return fmt.Errorf("%s: expected the output folder of a run, got the file %q; its folder is %q", cmd.Name(), folder, filepath.Dir(folder))
		}
	}
	return nil
}

func isTruth(text string) bool { return text == "true" || text == "false" }

// quoted lists arguments. One that may have a password, as a URL may, is not shown.
func quoted(args []string) string {
	const most = 3
	var all []string
	for _, arg := range args[:min(len(args), most)] {
		if strings.Contains(arg, "@") {
			all = append(all, "one with an @ (not shown)")
			continue
		}
		all = append(all, fmt.Sprintf("%.80q", arg))
	}
	if more := len(args) - most; more > 0 {
		all = append(all, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(all, ", ")
}

// flagFault says what is wrong with a flag, in place of pflag's errors.
func flagFault(cmd *cobra.Command, err error) error {
	lists := fmt.Sprintf("`%s --help` lists the flags", cmd.CommandPath())
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, unknown, lists)
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return fmt.Errorf("--%s: expected %s, got none", bare.GetFlag().Name, valueOf(bare.GetFlag().Value.Type()))
	}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return invalidValue(invalid)
	}
	if syntax, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return fmt.Errorf("expected a flag such as --endpoint, got %q; %s", syntax.GetSpecifiedFlag(), lists)
	}
	return fmt.Errorf("%w; %s", err, lists)
}

func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError, lists string) error {
	given, name := "--"+unknown.GetSpecifiedName(), unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		name, _, _ = strings.Cut(letters, "=")
		given = "-" + name
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := suggest.Nearest(strings.ReplaceAll(strings.ToLower(name), "_", "-"), names); near != "" {
		return fmt.Errorf("unknown flag %s, did you mean --%s?", given, near)
	}
	return fmt.Errorf("unknown flag %s; %s", given, lists)
}

// invalidValue says which value a flag takes. The sentences of options are their own.
func invalidValue(invalid *pflag.InvalidValueError) error {
	flag, fault := invalid.GetFlag(), errors.Unwrap(invalid)
	if option, ok := errors.AsType[*config.ValueError](fault); ok {
		fault = option.Err
	} else if _, ok := flag.Value.(*optionFlag); !ok {
		fault = fmt.Errorf("expected %s, got %.80q", valueOf(flag.Value.Type()), invalid.GetValue())
	}
	return fmt.Errorf("--%s: %w", flag.Name, fault)
}

// valueOf says what a flag of one of pflag's types takes.
func valueOf(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "int", "int64":
		return "a whole number"
	case "duration":
		return "a duration such as 2s or 5m"
	case "stringSlice":
		return "comma-separated names"
	default:
		return "a value"
	}
}
