package implied_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/implied"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// BenchmarkDerive derives the cases of generated documents. Beside time and memory it reports how long deriving
// takes, relative to kin-openapi's load of the same document, without validation.
func BenchmarkDerive(b *testing.B) {
	documents := map[string]func() []byte{
		"expandable-1MB": func() []byte { return bigdoc.Expandable(1_000_000) }, "expandable-8MB": func() []byte { return bigdoc.Expandable(8 << 20) },
		"illustrated-13MB": func() []byte { return bigdoc.Illustrated(13 << 20) }, "templated-300": func() []byte { return bigdoc.Templated(300) },
	}
	names := []string{"expandable-1MB", "expandable-8MB", "illustrated-13MB", "templated-300"}
	for _, n := range []int{3000, 1000, 100, 10} {
		name := fmt.Sprintf("operations-%d", n)
		names, documents[name] = append([]string{name}, names...), func() []byte { return bigdoc.Document(n) }
	}
	for _, name := range names {
		b.Run(name, func(b *testing.B) {
			document := documents[name]()
			b.ReportAllocs()
			c, err := contract.Parse("big.json", document)
			if err != nil {
				b.Fatal(err)
			}
			var deriving, loading time.Duration // in turn, since the machine does other things, too
			derived := 0
			for b.Loop() {
				start := time.Now()
				if _, err := openapi3.NewLoader().LoadFromData(document); err != nil {
					b.Fatal(err)
				}
				loading += time.Since(start)
				start = time.Now()
				all, _, err := implied.Cases(implied.Options{Contract: c, MaxPlaces: config.DefaultMaxPlaces})
				if err != nil {
					b.Fatal(err)
				}
				deriving += time.Since(start)
				derived = len(all)
			}
			b.ReportMetric(float64(deriving)/float64(loading), "time/kin")
			b.ReportMetric(float64(derived), "cases")
		})
	}
}
