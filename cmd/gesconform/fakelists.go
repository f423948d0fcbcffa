package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// listFlags are the flags that print something instead of serving.
type listFlags struct {
	defects, variations, scenarios, schema bool
	scenario                               string
}

func (f *listFlags) add(set *pflag.FlagSet) {
	set.BoolVar(&f.defects, "list-defects", false, "print the defects, one per line, and exit")
	set.BoolVar(&f.variations, "list-variations", false, "print the variations, one per line, and exit")
	set.BoolVar(&f.scenarios, "list-scenarios", false, "print the built-in scenarios, one per line, and exit")
	set.StringVar(&f.scenario, "print-scenario", "", "print the built-in scenario with this name, and exit")
	set.BoolVar(&f.schema, "print-scenario-schema", false, "print the JSON Schema of scenario files, and exit")
}

func (f *listFlags) any() bool {
	return f.defects || f.variations || f.scenarios || f.schema || f.scenario != ""
}

func (f *listFlags) print(w io.Writer) error {
	var b bytes.Buffer
	line := func(name, summary string) { fmt.Fprintf(&b, "%-40s %s\n", name, summary) }
	switch {
	case f.defects:
		for _, d := range fakeserver.Defects() {
			line(d.Name, d.Summary)
		}
	case f.variations:
		for _, v := range fakeserver.Variations() {
			line(v.Name, v.Summary)
		}
	case f.scenarios:
		for _, name := range scenario.Names() {
			s, err := scenario.Named(name)
			if err != nil {
				return err
			}
			line(name, s.Description)
		}
	case f.schema:
		b.Write(scenario.Schema())
	default:
		text, err := scenario.Source(f.scenario)
		if err != nil {
			return err
		}
		b.Write(text)
	}
	_, err := b.WriteTo(w)
	return err
}
