package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
)

// A version says what the command is made of.
type version struct {
	Version  string          `json:"version"`
	Commit   string          `json:"commit,omitempty"`
	Modified bool            `json:"modified,omitempty"` // files of the commit were changed
	Time     string          `json:"time,omitempty"`     // of the commit
	Contract contractVersion `json:"contract"`
	Go       string          `json:"go"`
	Platform string          `json:"platform"`
}

type contractVersion struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
}

func newVersion(stdout io.Writer) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of the command, of its contract and of Go, and the commit",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := contract.Default()
			if err != nil {
				return err
			}
			info, _ := debug.ReadBuildInfo()
			v := versionOf(info, c)
			if asJSON {
				encoder := json.NewEncoder(stdout)
				encoder.SetIndent("", "  ")
				return encoder.Encode(v)
			}
			return v.print(stdout)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// versionOf returns the version of a program with this build information, which may be nil.
func versionOf(info *debug.BuildInfo, c *contract.Contract) version {
	v := version{
		Version: config.ToolVersion, Contract: contractVersion{c.Name(), c.Version(), c.SHA256()},
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info == nil {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func (v *version) print(w io.Writer) error {
	commit := v.Commit
	switch {
	case commit == "":
		commit = "unknown, built outside a checkout or with -buildvcs=false"
	case v.Modified:
		commit += ", with changes"
	}
	if v.Time != "" {
		commit += ", " + v.Time
	}
	_, err := fmt.Fprintf(w, "gesconform %s\ncommit:   %s\ncontract: %s %s, sha256 %s\ngo:       %s %s\n",
		v.Version, commit, v.Contract.Name, v.Contract.Version, v.Contract.SHA256, v.Go, v.Platform)
	return err
}
