package suggest

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"token", "endpoint", "graph-id", "graph-name"}
	for name, want := range map[string]string{
		"tokn": "token", "endpont": "endpoint", "grpah-id": "graph-id", "graph-nam": "graph-name", "token": "token",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q): expected %q, got %q", name, want, got)
		}
	}
	if got := Nearest("token", nil); got != "" {
		t.Errorf("Nearest of nothing: expected nothing, got %q", got)
	}
}
