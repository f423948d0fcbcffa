package fakeserver

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteMetrics writes the server's metrics in the Prometheus text format, version 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Requests and faults are
// counted from the server's start, whatever is loaded or reset; upgrades are counted from
// when the scenario was loaded.
func (s *Server) WriteMetrics(w io.Writer) error {
	var b strings.Builder
	family := func(name, kind, help string) {
		fmt.Fprintf(&b, "# HELP gesconform_fake_%s %s\n# TYPE gesconform_fake_%s %s\n", name, help, name, kind)
	}
	sample := func(name, labels string, value uint64) {
		fmt.Fprintf(&b, "gesconform_fake_%s%s %d\n", name, labels, value)
	}
	single := func(name, kind, help string, value uint64) {
		family(name, kind, help)
		sample(name, "", value)
	}
	j := &s.journal
	j.mu.Lock()
	counts, faults := maps.Clone(j.counts), maps.Clone(j.faults)
	kept, memory := len(j.records), j.bytes
	j.mu.Unlock()

	family("requests_total", "counter", "Requests by operation and status; status 0 if no answer was sent.")
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b countKey) int {
		return cmp.Or(cmp.Compare(a.operation, b.operation), cmp.Compare(a.status, b.status))
	})
	for _, k := range keys {
		sample("requests_total", fmt.Sprintf("{operation=%s,status=\"%d\"}", label(cmp.Or(k.operation, "none")), k.status), counts[k])
	}
	family("faults_total", "counter", "Requests struck by a fault, by the name of the fault.")
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		sample("faults_total", "{fault="+label(name)+"}", faults[name])
	}
	n := s.current.Load()
	n.mu.Lock()
	upgraded, graphs := n.upgraded, len(n.graphs)
	n.mu.Unlock()
	single("upgrades_total", "counter", "Upgrades accepted since the scenario was loaded.", uint64(upgraded))
	single("graphs", "gauge", "Graphs of the scenario.", uint64(graphs))
	single("journal_exchanges", "gauge", "Exchanges that the journal keeps.", uint64(kept))
	single("journal_bytes", "gauge", "Approximate memory of the exchanges that the journal keeps.", uint64(memory))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write metrics: %w", err)
	}
	return nil
}

// label quotes the value of a label. Only backslashes, double quotes and line feeds are
// escaped.
func label(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}
