package suggest

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"token", "endpoint", "graph-id", "graph-name", "run"}
	for name, want := range map[string]string{
		"tokn": "token", "endpont": "endpoint", "grpah-id": "graph-id", "graph-nam": "graph-name", "token": "token", "rn": "run",
		"zzz": "", "x": "", "": "", "something else": "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q): expected %q, got %q", name, want, got)
		}
	}
	if got := Nearest("token", nil); got != "" {
		t.Errorf("Nearest of nothing: expected nothing, got %q", got)
	}
}

func TestDidYouMean(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, otherwise, want string }{
		{"tokn", "`--help` lists them", `, did you mean "token"?`},
		{"zzz", "`--help` lists them", "; `--help` lists them"},
		{"zzz", "", ""},
	} {
		if got := DidYouMean(tt.name, []string{"token"}, tt.otherwise); got != tt.want {
			t.Errorf("DidYouMean(%q, …, %q): expected %q, got %q", tt.name, tt.otherwise, tt.want, got)
		}
	}
}
