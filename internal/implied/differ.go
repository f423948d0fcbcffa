package implied

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// differs says which member of what was sent is shown otherwise; "" if none is. What is not shown says nothing,
// but for the items of an array: the document says whether a member may be left out.
func differs(sent, shown *contract.Value, s *contract.Schema, at string) string {
	if s != nil && (s.WriteOnly || s.ReadOnly || isTime(s)) || shown == nil || sent.Kind == contract.KindNull || at == "" && sent.Kind != shown.Kind {
		return ""
	}
	otherwise := fmt.Sprintf("%s is shown otherwise than it was given: expected %.80s, got %.80s", at, told(sent), told(shown))
	if sent.Kind != shown.Kind {
		return otherwise
	}
	switch sent.Kind {
	case contract.KindObject:
		for _, m := range sent.Members {
			now := shown.Member(m.Name)
			if now == nil {
				continue
			}
			if d := differs(m.Value, now, memberOf(s, m.Name, 0), at+"/"+m.Name); d != "" {
				return d
			}
		}
		return ""
	case contract.KindArray:
		if sameItems(sent.Items, shown.Items) {
			return ""
		}
		if len(sent.Items) != len(shown.Items) {
			return fmt.Sprintf("%s is shown otherwise than it was given: expected %d items, got %d", at, len(sent.Items), len(shown.Items))
		}
		for i := range sent.Items {
			if d := differs(sent.Items[i], shown.Items[i], itemsOf(s), fmt.Sprintf("%s/%d", at, i)); d != "" {
				return d
			}
		}
		return ""
	default:
		if !sent.Equal(shown) && !(s != nil && anyCase[s.Format] && strings.EqualFold(sent.Text, shown.Text)) {
			return otherwise
		}
		return ""
	}
}

// anyCase are formats whose texts mean the same in either case, so that many servers change it.
var anyCase = map[string]bool{"uuid": true, "email": true, "hostname": true, "ipv6": true}

// sameItems reports whether two arrays have the same items, in whatever order: the document does not say that there
// is one.
func sameItems(a, b []*contract.Value) bool {
	left := slices.Clone(b)
	for _, v := range a {
		i := slices.IndexFunc(left, func(other *contract.Value) bool { return v.Equal(other) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return len(left) == 0
}

// told shows a scalar.
func told(v *contract.Value) string {
	switch v.Kind {
	case contract.KindString:
		return strconv.Quote(v.Text)
	case contract.KindNumber:
		return v.Text
	case contract.KindBoolean:
		return strconv.FormatBool(v.Bool)
	default:
		return string(v.Kind)
	}
}

// memberOf returns the schema of a member, from the schemas that s combines, too; nil if there is none.
func memberOf(s *contract.Schema, name string, depth int) *contract.Schema {
	if s == nil || depth > 5 {
		return nil
	}
	if p := s.Property(name); p != nil {
		return p
	}
	for _, sub := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		if p := memberOf(sub, name, depth+1); p != nil {
			return p
		}
	}
	return nil
}

func itemsOf(s *contract.Schema) *contract.Schema {
	if s == nil {
		return nil
	}
	return s.Items
}

func isTime(s *contract.Schema) bool { return s.Format == "date-time" || s.Format == "time" }
