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
	var document, filter string
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List the cases without sending anything",
		Long: `List the cases that are derived from the contract, one per line: the id, the risks
of the requests that may decide the case (the least risky one that decides is used),
and the labels, one of which is the requirement. Nothing is sent.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := loadContract(document)
			if err != nil {
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
	cmd.Flags().StringVar(&filter, "label-filter", "", "list only the cases whose labels match, in Ginkgo's filter language: 'body && MUST', '!lifecycle'")
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document to derive from (default: the built-in one)")
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
