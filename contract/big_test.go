package contract_test

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/selftest/bigdoc"
)

// allocated returns the bytes and objects that f allocates, and the bytes that are still in use when it is done.
func allocated(f func() any) (size, objects, kept uint64) {
	var before, after, held runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := f()
	runtime.ReadMemStats(&after)
	runtime.GC()
	runtime.ReadMemStats(&held)
	runtime.KeepAlive(result)
	return after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs, held.HeapAlloc - min(before.HeapAlloc, held.HeapAlloc)
}

func parsed(tb testing.TB, document []byte) *contract.Contract {
	c, err := contract.Parse("big.json", document)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Ten times the operations take at most thirteen times the memory. What is allocated, unlike time,
// does not depend on what else the machine does.
func TestLoadGrowsLinearly(t *testing.T) {
	for _, test := range []struct {
		name  string
		small []byte
		large []byte
	}{
		{"operations", bigdoc.Document(100), bigdoc.Document(1000)},
		{"expandable", bigdoc.Expandable(200_000), bigdoc.Expandable(2_000_000)},
	} {
		t.Run(test.name, func(t *testing.T) {
			times := func(n uint64) uint64 { return n * 13 * uint64(len(test.large)) / uint64(len(test.small)) / 10 }
			size, objects, _ := allocated(func() any { return parsed(t, test.small) })
			largeSize, largeObjects, _ := allocated(func() any { return parsed(t, test.large) })
			if largeSize > times(size) || largeObjects > times(objects) {
				t.Errorf("a document of %d bytes: expected at most %d bytes in %d objects, got %d in %d", len(test.large), times(size), times(objects), largeSize, largeObjects)
			}
		})
	}
}

// What is loaded of a generated document is whole.
func TestBigDocuments(t *testing.T) {
	for n, document := range map[int][]byte{10: bigdoc.Document(10), 101: bigdoc.Document(101), 0: bigdoc.Document(0)} {
		c := parsed(t, document)
		if got := len(c.Operations()); got != n || len(c.Notes()) > 0 || !bytes.Equal(document, bigdoc.Document(n)) {
			t.Errorf("expected %d operations, got %d; notes: %q", n, got, c.Notes())
		}
		for _, op := range c.Operations() {
			if len(op.Unsupported) > 0 {
				t.Errorf("%s: %v", op.ID, op.Unsupported)
			}
		}
	}
	for id, document := range map[string][]byte{"issues/update3": bigdoc.Illustrated(100_000), "patch3": bigdoc.Templated(4)} {
		c := parsed(t, document)
		if op := c.Operation(id); op == nil || len(op.Unsupported) > 0 || op.Body == nil || len(op.Body.Content[0].Schema.Properties) < 3 || len(c.Notes()) > 0 {
			t.Errorf("%s: got %+v, notes %q", id, op, c.Notes())
		}
	}
	c := parsed(t, bigdoc.Expandable(100_000))
	if op := c.Operation("PostObject3"); op == nil || len(op.Unsupported) > 0 || op.Body.Content[0].Schema.Property("option5") == nil || op.Success().Schema().Property("owner7").AnyOf[1].Property("owner0") == nil {
		t.Errorf("got %+v, notes %q", op, c.Notes())
	}
}

func loadByKin(tb testing.TB, document []byte) *openapi3.T {
	kin, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		tb.Fatal(err)
	}
	return kin
}

// BenchmarkLoadBig loads generated documents. Beside time and memory it reports how they
// compare with kin-openapi's load of the same document, without validation.
func BenchmarkLoadBig(b *testing.B) {
	documents := map[string]func() []byte{"expandable-8MB": func() []byte { return bigdoc.Expandable(8_000_000) }}
	names := []string{}
	for _, n := range []int{10, 100, 1000, 3000} {
		name := fmt.Sprintf("operations-%d", n)
		names, documents[name] = append(names, name), func() []byte { return bigdoc.Document(n) }
	}
	for _, name := range append(names, "expandable-8MB") {
		b.Run(name, func(b *testing.B) {
			document := documents[name]()
			size, _, kept := allocated(func() any { return parsed(b, document) })
			kinSize, _, kinKept := allocated(func() any { return loadByKin(b, document) })
			b.ReportAllocs()
			b.SetBytes(int64(len(document)))
			for b.Loop() {
				parsed(b, document)
			}
			own := b.Elapsed() / time.Duration(max(1, b.N))
			start := time.Now()
			loadByKin(b, document)
			b.ReportMetric(float64(own)/float64(time.Since(start)), "time/kin")
			b.ReportMetric(float64(size)/float64(kinSize), "bytes/kin")
			b.ReportMetric(float64(kept)/float64(kinKept), "kept/kin")
			b.ReportMetric(float64(kept)/(1<<20), "MiB-kept")
		})
	}
}
