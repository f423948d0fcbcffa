package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/report"
)

// schemaURL is where the JSON Schema of the configuration file of this version is.
const schemaURL = "https://raw.githubusercontent.com/gesconform/gesconform/v" + config.ToolVersion + "/docs/gesconform.schema.json"

func newInit(stdout io.Writer) *cobra.Command {
	var schema bool
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a " + config.FileName + " with every setting, commented out",
		Long: `Write a ` + config.FileName + ` to this folder, in which every setting that there is stands in
a comment, with what it does. It changes nothing until you remove a comment sign.
A file that exists is not overwritten.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if schema {
				_, err := stdout.Write(fileSchema())
				return err
			}
			if err := writeNew(config.FileName, initialFile()); err != nil {
				return fmt.Errorf("init: %w", err)
			}
			_, err := fmt.Fprintf(stdout, "%s has every setting, commented out; `gesconform run` reads it in this folder\n", config.FileName)
			return err
		},
	}
	cmd.Flags().BoolVar(&schema, "print-schema", false, "print the JSON Schema of the file, and exit")
	return cmd
}

// runFlags returns the flags of `gesconform run`.
func runFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	r := runner{config: config.Default()}
	r.flags(flags)
	return flags
}

// examples has a value, as YAML, for each setting that has no default.
var examples = map[string]string{
	"project-id": "0123456789abcdef0123456789abcdef", "graph-id": "53205529-026b-455a-9e07-228fae4b12b9",
	"stopped-graph-id": "7c1f2d64-6b0e-4a55-9c3e-1f6a0d1f7b11", "foreign-graph-id": "0f4f6e0a-4f0a-4c57-8a53-5f1f4e6f9d20",
	"upgrade-version": "2.2.17,2.3.1", "max-response-time": "500ms", "until": "2026-11-24T04:00:00+08:00",
	"label-filter": `"body && MUST"`, "require": "all-must", "ticket": "CHG-1234", "output": "report",
	"spec": "pets.yaml", "operation": "list*", "time": "60s",
	"header": "$PETS_HEADER", "query": "$PETS_QUERY", "cookie": "$PETS_COOKIE", "credential": "$PETS_CREDENTIAL",
	"contract": "openapi.yaml", "expect": "known.yaml", "baseline": "before/results.json", "targets": "targets.yaml",
	"endpoint": "https://ges.cn-north-4.myhuaweicloud.com", "region": "cn-north-4", "ca-file": "ca.pem", "client-cert": "client.pem", "client-key": "client.key",
	"token": "$GES_TOKEN", "token-file": "/run/secrets/token", "token-command": "openstack token issue -f json",
	"access-key": "$GES_ACCESS_KEY", "secret-key": "$GES_SECRET_KEY", "security-token": "$GES_SECURITY_TOKEN",
	"readonly-token": "$GES_READONLY_TOKEN", "expired-token": "$GES_EXPIRED_TOKEN",
}

// initialFile returns a configuration file that sets nothing.
func initialFile() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# yaml-language-server: $schema=%s

# Settings of gesconform run, which reads this file in the folder in which it is started. A flag
# overrides its variable (--ticket is GESCONFORM_TICKET), and both override this file. To set
# something, remove the # before its name. The value is the default or, where there is none, an
# example. What lowers a guard, such as --risk, must be a flag.
`, schemaURL)
	flags := runFlags()
	for _, named := range []bool{false, true} {
		if named {
			fmt.Fprint(&b, "\n# The rest is only read from a file that you name with --config, since it says where credentials\n# go, what they are, or what is run. The value of a secret must be a variable.\n")
		}
		for _, name := range config.InFile() {
			if (config.OnlyIfNamed(name) != "") != named {
				continue
			}
			f := flags.Lookup(name)
			fmt.Fprintf(&b, "\n# %s\n#%s: %s\n", strings.Join(strings.Fields(f.Usage), " "), name, exampleOf(f))
		}
	}
	return b.Bytes()
}

// exampleOf returns the default of a flag or an example, as YAML.
func exampleOf(f *pflag.Flag) string {
	if example := examples[f.Name]; example != "" {
		return example
	}
	return f.DefValue
}

// fileSchema returns the JSON Schema of the configuration file.
func fileSchema() []byte {
	flags, properties := runFlags(), map[string]any{}
	for _, name := range config.InFile() {
		f := flags.Lookup(name)
		property := map[string]any{"description": strings.Join(strings.Fields(f.Usage), " ")}
		if why := config.OnlyIfNamed(name); why != "" {
			property["description"] = "Only in a file that --config names: " + property["description"].(string)
		}
		switch config.KindOf(name) {
		case config.Switch:
			property["type"] = "boolean"
		case config.Number:
			property["type"] = "integer"
		default:
			property["type"] = []string{"string", "number"}
		}
		if name == "format" {
			property["enum"] = report.Formats(false)
		}
		properties[name] = property
	}
	text, _ := json.MarshalIndent(map[string]any{ // strings, which always have JSON
		"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": schemaURL,
		"title": "Settings of gesconform run", "description": "A gesconform.yaml, or the file that --config names. What lowers a guard must be a flag.",
		"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties,
	}, "", "  ")
	return append(slices.Clip(text), '\n')
}
