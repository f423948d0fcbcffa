package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestCasesAreListed(t *testing.T) {
	t.Parallel()
	text, again := call(t, nil, "cases"), call(t, nil, "cases")
	machine, machineAgain := call(t, nil, "cases", "--json"), call(t, nil, "cases", "--json")
	if text != again || machine != machineAgain {
		t.Error("expected the same list each time")
	}
	var listed []struct {
		ID   string `json:"id"`
		Aims []struct {
			Risk string `json:"risk"`
		} `json:"aims"`
	}
	if err := json.Unmarshal([]byte(machine.stdout), &listed); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(text.stdout, "\n"), "\n")
	if len(lines) != len(listed) || len(listed) < 200 {
		t.Fatalf("got %d lines of text and %d cases in JSON", len(lines), len(listed))
	}
	for i, k := range listed {
		if !strings.HasPrefix(lines[i], k.ID+" ") || !strings.Contains(lines[i], k.Aims[0].Risk) || i > 0 && listed[i-1].ID >= k.ID {
			t.Errorf("line %d: %q for %q: wrong, not sorted, or a duplicate", i, lines[i], k.ID)
		}
	}
	filtered := call(t, nil, "cases", "--label-filter", "media-type && guarded || security")
	if filtered.status != exitConforms || strings.Count(filtered.stdout, "\n") >= len(lines) || !strings.Contains(filtered.stdout, "/security/") {
		t.Errorf("filtered: status %d, %.200s", filtered.status, filtered.stdout)
	}
}
