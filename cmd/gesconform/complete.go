package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/report"
)

// A completion is what a shell offers for the value of a flag.
type completion struct {
	values func(cmd *cobra.Command) []string // nil for none
	breaks string                            // the characters after which a value in the text begins
	files  bool                              // names of files, too
	folder bool                              // only names of folders
}

// completions are those of the flags, by name. Nothing is offered for the value of any other one.
var completions = map[string]completion{
	"risk":           {values: func(*cobra.Command) []string { return risks() }},
	"format":         {values: func(cmd *cobra.Command) []string { return report.Formats(cmd.Name() == "merge") }},
	"label-filter":   {values: func(*cobra.Command) []string { return labels() }, breaks: " &|!(),"},
	"require":        {values: func(*cobra.Command) []string { return []string{"all-must", "all-must:any"} }, files: true},
	"defect":         {values: func(*cobra.Command) []string { return defects() }},
	"vary":           {values: func(*cobra.Command) []string { return variations() }, breaks: ","},
	"without":        {values: func(*cobra.Command) []string { return operations() }, breaks: ","},
	"scenario":       {values: scenariosFor, breaks: ",", files: true},
	"explain":        {values: func(*cobra.Command) []string { return scenariosForClients() }},
	"print-scenario": {values: func(*cobra.Command) []string { return scenario.Names() }},
	"output":         {folder: true},
	"baseline":       {files: true}, "ca-file": {files: true}, "client-cert": {files: true}, "client-key": {files: true}, "config": {files: true},
	"spec": {files: true}, "fixtures": {files: true}, "contract": {files: true}, "env-file": {files: true}, "expect": {files: true}, "plan": {files: true}, "targets": {files: true}, "tls-cert": {files: true},
	"tls-key": {files: true}, "tls-self-signed": {files: true}, "token-file": {files: true}, "write-expect": {files: true},
}

// scenariosFor returns the scenarios of a command: those of the fake, or those for clients.
func scenariosFor(cmd *cobra.Command) []string {
	if cmd.Name() == "client" {
		return scenariosForClients()
	}
	return scenario.Names()
}

func scenariosForClients() (names []string) {
	c, err := contract.Default()
	if err != nil {
		return nil
	}
	all, err := client.Scenarios(c)
	if err != nil {
		return nil
	}
	for _, s := range all {
		names = append(names, s.Name)
	}
	return names
}

// complete returns what can stand where the text ends.
func (c *completion) complete(cmd *cobra.Command, text string) ([]string, cobra.ShellCompDirective) {
	directive := cobra.ShellCompDirectiveNoFileComp
	switch {
	case c.folder:
		return nil, cobra.ShellCompDirectiveFilterDirs
	case c.files:
		directive = cobra.ShellCompDirectiveDefault
	}
	if c.values == nil {
		return nil, directive
	}
	before, begun := "", text
	if at := strings.LastIndexAny(text, c.breaks); c.breaks != "" && at >= 0 {
		before, begun = text[:at+1], text[at+1:]
	}
	var all []string
	for _, value := range c.values(cmd) {
		if strings.HasPrefix(value, begun) {
			all = append(all, before+value)
		}
	}
	return all, directive
}

// completeValues lets a shell complete the values of all flags of all commands.
func completeValues(root *cobra.Command) {
	for _, cmd := range root.Commands() {
		if cmd.ValidArgsFunction == nil {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if f.NoOptDefVal != "" { // is given without a value
				return
			}
			c := completions[f.Name]
			// Fails only if there is no such flag, or if it is registered twice.
			_ = cmd.RegisterFlagCompletionFunc(f.Name, func(cmd *cobra.Command, _ []string, text string) ([]string, cobra.ShellCompDirective) {
				return c.complete(cmd, text)
			})
		})
	}
}

// folders offers names of folders for the arguments of a command.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func risks() []string {
	var names []string
	for _, risk := range []cases.Risk{cases.Inert, cases.Guarded, cases.Destructive} {
		names = append(names, risk.String())
	}
	return names
}

// labels returns the labels of the cases of the built-in contract; none if it cannot be read.
func labels() []string {
	c, err := contract.Default()
	if err != nil {
		return nil
	}
	all, err := cases.Of(c)
	if err != nil {
		return nil
	}
	var names []string
	for _, k := range all {
		names = append(names, k.Labels...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func defects() []string {
	var names []string
	for _, d := range fakeserver.Defects() {
		names = append(names, d.Name)
	}
	return names
}

func variations() []string {
	names := []string{"all"}
	for _, v := range fakeserver.Variations() {
		names = append(names, v.Name)
	}
	return names
}

func operations() []string {
	c, err := contract.Default()
	if err != nil {
		return nil
	}
	var names []string
	for _, o := range c.Operations() {
		names = append(names, o.ID)
	}
	return names
}
