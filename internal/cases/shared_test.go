package cases_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

func lastAim(k *cases.Case) cases.Aim { return k.Aims[len(k.Aims)-1] }

// All valid variations of the upgrade fit into few requests, each of them valid, and each of them
// is in one.
func TestShare(t *testing.T) {
	c := shipped(t)
	var valid []*cases.Case
	for _, k := range derive(t, c) {
		if k.Slot != "" {
			valid = append(valid, k)
		}
	}
	shared := cases.Share(valid, lastAim)
	if len(shared) > 5 {
		t.Errorf("expected at most 5 requests, got %d", len(shared))
	}
	seen := 0
	for _, s := range shared {
		seen += len(s.Cases)
		slots := map[string]bool{}
		k := *s.Cases[0]
		k.Request = s.Request
		if found := static(c, c.Operation(k.Operation), filled(c, &k)); len(found) > 0 {
			t.Errorf("%q breaks %q", s.Request.Body, found)
		}
		for _, k := range s.Cases {
			if slots[k.Slot] {
				t.Errorf("two variations of %s share a request", k.Slot)
			}
			if slots[k.Slot] = true; (k.Level == contract.May) != (s.Cases[0].Level == contract.May) {
				t.Errorf("%s may be refused, and shares a request with %s", k.ID, s.Cases[0].ID)
			}
			for _, h := range k.Request.Headers {
				if h.Name != "Content-Type" && !slices.Contains(s.Request.Headers, h) {
					t.Errorf("%s: the shared request has no %s: %s", k.ID, h.Name, h.Value)
				}
			}
			if k.Request.Chunked && !s.Request.Chunked || k.Request.PadTo > s.Request.PadTo || k.Request.Gzip != s.Request.Gzip && k.Request.Gzip {
				t.Errorf("%s: the shared request does not travel like it: %+v", k.ID, s.Request)
			}
			if k.Accepts == "force_upgrade-true" && !strings.Contains(string(s.Request.Body), `"force_upgrade":true`) {
				t.Errorf("%s: the shared request has the body %s", k.ID, s.Request.Body)
			}
		}
	}
	if seen != len(valid) {
		t.Errorf("expected each of %d variations in one request, got %d", len(valid), seen)
	}
	if one := cases.Share(valid[:1], lastAim); len(one) != 1 || !slices.Equal(one[0].Request.Headers, valid[0].Request.Headers) {
		t.Errorf("expected one variation to have its own request, got %+v", one)
	}
}

// A body is padded to a length and compressed when it is filled in, and says the same.
func TestBodiesThatArePaddedOrCompressed(t *testing.T) {
	request := cases.Template{Body: `{"upgrade_version":"${version}"}`, PadTo: 4096}
	values := map[string]string{cases.VersionPlaceholder: "2.2.10"}
	filled := request.Fill(values)
	if len(filled.Body) != 4096 || !strings.HasSuffix(string(filled.Body), " }") || !strings.HasPrefix(string(filled.Body), `{"upgrade_version":"2.2.10" `) {
		t.Errorf("expected a body of 4096 bytes that ends in white space and a brace, got %d: %.40s", len(filled.Body), filled.Body)
	}
	request.Gzip, request.PadTo = true, 0
	filled = request.Fill(values)
	if body, ok := filled.Plain(); !ok || body != `{"upgrade_version":"2.2.10"}` || strings.HasPrefix(string(filled.Body), "{") {
		t.Errorf("expected a compressed body that says the same, got %q, which says %q", filled.Body, body)
	}
	cut := cases.Template{Body: filled.Body[:12]}
	if body, ok := cut.Plain(); ok {
		t.Errorf("expected it to be unknown what a cut body says, got %q", body)
	}
}
