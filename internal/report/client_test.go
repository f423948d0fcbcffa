package report

import (
	"bytes"
	"testing"

	"github.com/gesconform/gesconform/internal/result/resulttest"
)

func TestClientTextGolden(t *testing.T) {
	for name, options := range map[string]TextOptions{
		"client.golden": {Width: 120}, "client-verbose.golden": {Verbose: true, ASCII: true}, "client-quiet.golden": {Quiet: true},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Text(&b, resulttest.ClientRun(t), options); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, name, b.Bytes())
		})
	}
}
