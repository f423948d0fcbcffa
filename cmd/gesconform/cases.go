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
		Short: "List the cases; nothing is sent",
		Long: `Derives the cases from the contract and lists them: id, risks, requirement and
labels. Nothing is sent.`,
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
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON, with requests, aims and conditions")
	cmd.Flags().StringVar(&filter, "label-filter", "", "only those whose labels the filter names, in Ginkgo's language")
	cmd.Flags().StringVar(&document, "contract", "", "the OpenAPI document to derive from; the one that is built in by default")
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
