package pathtemplate_test

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/pathtemplate"
)

func TestFill(t *testing.T) {
	for template, want := range map[string]string{
		"": "", "/pets": "/pets", "/pets/{petId}": "/pets/<petId>", "/a/{b}-{c}.json": "/a/<b>-<c>.json", "{a}{b}": "<a><b>", "/open/{a": "/open/{a", "/b/}": "/b/}",
	} {
		if got := pathtemplate.Fill(template, func(name string) string { return "<" + name + ">" }); got != want {
			t.Errorf("%s: want %s, got %s", template, want, got)
		}
	}
}

func TestUnnamed(t *testing.T) {
	form, names := pathtemplate.Unnamed("/stores/{storeId}/pets/{a}-{b}")
	if want := []string{"storeId", "a", "b"}; form != "/stores/{}/pets/{}-{}" || !slices.Equal(names, want) {
		t.Errorf("got %s with %q", form, names)
	}
}
