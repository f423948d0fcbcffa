package cases_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
)

func lastAim(k *cases.Case) cases.Aim { return k.Aims[len(k.Aims)-1] }

// All that costs an upgrade each if it is accepted fits into few requests: three for the values that
// a member may have, and three for those that MAY be refused. Each request has just the conditions
// of its cases, which is none for valid ones, and each case is in one.
func TestShare(t *testing.T) {
	c := shipped(t)
	var valid []*cases.Case
	for _, k := range derive(t, c) {
		later := len(k.Aims) > 0 && lastAim(k).Version == cases.LaterVersion
		if k.Slot != "" {
			valid = append(valid, k)
		} else if k.Level == contract.May && later {
			t.Errorf("%s: expected a slot for what may cost an upgrade, got none", k.ID)
		}
	}
	shared := cases.Share(valid, lastAim)
	if len(shared) > 6 {
		t.Errorf("expected at most 6 requests, got %d", len(shared))
	}
	seen := 0
	for _, s := range shared {
		seen += len(s.Cases)
		slots := map[string]bool{}
		k := *s.Cases[0]
		k.Request = s.Request
		want := map[string]bool{}
		for _, k := range s.Cases {
			if k.Condition != "" {
				want[k.Condition] = true
			}
		}
		found := static(c, c.Operation(k.Operation), filled(c, &k))
		if slices.Sort(found); !slices.Equal(found, slices.Sorted(maps.Keys(want))) {
			t.Errorf("%.80q breaks %q, and its cases %q", s.Request.Body, found, slices.Sorted(maps.Keys(want)))
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
			if name, member, _ := strings.Cut(memberAdded(k), ":"); !strings.Contains(string(s.Request.Body), member) || !strings.Contains(string(s.Request.Body), name) {
				t.Errorf("%s: the shared request has no %.80s", k.ID, memberAdded(k))
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

// memberAdded returns what a case's body has after the version, as text, if it MAY be refused.
func memberAdded(k *cases.Case) string {
	_, added, _ := strings.Cut(string(k.Request.Body), `"${version}",`)
	if k.Condition == "" {
		return ""
	}
	return strings.TrimSuffix(added, "}")
}

// Requests that MAY be refused are shared where their acceptance costs an upgrade, and nowhere else.
func TestWhatMayBeRefusedIsTriedAloneFirst(t *testing.T) {
	for _, k := range derive(t, shipped(t)) {
		for _, aim := range k.Aims {
			if want := k.Slot != "" && (k.Accepts != "" || aim.Risk == cases.Destructive); k.Shares(aim) != want {
				t.Errorf("%s at %s: expected shared %v", k.ID, aim.Name, want)
			}
		}
		if k.Condition != "" && k.Slot != "" && (k.Level != contract.May || k.Aims[0].Risk != cases.Inert) {
			t.Errorf("%s: expected only what MAY be refused and can be tried for nothing to be shared", k.ID)
		}
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
