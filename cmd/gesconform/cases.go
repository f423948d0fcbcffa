package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/labelfilter"
)

func newCases(stdout io.Writer) *cobra.Command {
	var asJSON bool
	var filter string
	var document documentFlags
	var ofDocument documentCases
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases without sending anything",
		Long: `List the cases that are derived from the contract, one per line: the id, the risks
of the requests that may decide the case (the least risky one that decides is used),
and the labels, one of which is the requirement. Nothing is sent.

With the --spec of a document that states no requirements of its own, it says of each
operation how many cases were derived of which kind and risk, what is needed for them,
and what was not derived and why; with --operation, it lists the cases of these
operations, with --verbose those of all, and with --explain it explains one.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, err := document.path(flagsSet(cmd.Flags()))
			if err != nil {
				return err
			}
			c, err := loadContract(cmd.Context(), path)
			if err != nil {
				return err
			}
			if c.Implied() {
				ofDocument.filter = filter
				return ofDocument.print(stdout, c, asJSON)
			}
			if err := ofDocument.given(flagsSet(cmd.Flags())); err != nil {
				return err
			}
			all, err := cases.Of(c)
			if err != nil {
				return err
			}
			if all, err = labelfilter.Select(all, filter); err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(stdout)
				encoder.SetEscapeHTML(false)
				encoder.SetIndent("", "  ")
				return encoder.Encode(all)
			}
			return listCases(stdout, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, including requests, aims and conditions")
	cmd.Flags().StringVar(&filter, "label-filter", "", "list only the cases whose labels match, in Ginkgo's filter language: 'body && MUST', '!lifecycle'; of a document that states no requirements, 'query && value.refused'")
	document.flags(cmd.Flags(), "to derive from")
	ofDocument.flags(cmd.Flags())
	return cmd
}

func listCases(w io.Writer, all []*cases.Case) error {
	for _, k := range all {
		risks := make([]string, len(k.Aims))
		for i, aim := range k.Aims {
			risks[i] = aim.Risk.String()
		}
		if _, err := fmt.Fprintf(w, "%-62s %-29s %s\n", k.ID, strings.Join(risks, ","), strings.Join(k.Labels, " ")); err != nil {
			return err
		}
	}
	return nil
}
