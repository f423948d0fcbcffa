package resources_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/resources"
)

// What a parameter's schema says, an id that exists, and what a made-up one looks like; "" if there is none.
var absentIDs = []struct{ schema, known, want string }{
	{"{type: string}", "", `^[a-z]{16}$`},
	{"{type: string, maxLength: 5}", "", `^[a-z]{5}$`},
	{"{type: string, minLength: 30}", "", `^[a-z]{30}$`},
	{"{type: string, minLength: 4, maxLength: 3000}", "", `^[a-z]{16}$`},
	{"{type: string}", "65f1c0a2b7e84d0012345678", `^[0-9a-f]{24}$`},
	{"{type: string}", "0ba33751-f7b5-41af-8ad7-0a5a1f2d8a47", `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
	{"{type: string}", "ord_8ZkQ2", `^ord_|^[a-z]{3}_[0-9][A-Z][a-z][A-Z][0-9]$`},
	{"{type: string}", "rex", `^[a-z]{11}$`},
	{"{type: string, format: uuid}", "", `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`},
	{"{type: string, format: date}", "", `^2[4-9]\d\d-\d\d-\d\d$|^3\d\d\d-\d\d-\d\d$`},
	{"{type: string, format: email}", "", `^[a-z]{16}@absent\.invalid$`},
	{"{type: string, format: ipv4}", "", `^240\.`},
	{"{type: string, pattern: '^[A-Z]{3}-[0-9]{6}$'}", "ABC-123456", `^[A-Z]{3}-[0-9]{6}$`},
	{"{type: string, pattern: '^[A-Z]{3}-[0-9]{6}$'}", "", ``},
	{"{type: integer}", "", `^(1[6-9]|2[01])\d{8}$`},
	{"{type: integer, format: int64}", "", `^[6-9]\d{15}$`},
	{"{type: integer, minimum: 1, maximum: 1000000}", "", `^[7-9]\d{5}$`},
	{"{type: integer, minimum: 5000000000, format: int64}", "", `^[6-9]\d{15}$`},
	{"{type: integer, multipleOf: 10}", "", `^\d{9}0$`},
	{"{type: integer, minimum: 1, maximum: 100}", "", ``},
	{"{type: boolean}", "", ``},
	{"{type: string, enum: [a, b]}", "", ``},
	{"{type: string, maxLength: 3}", "", ``},
}

func TestAbsentIDs(t *testing.T) {
	for _, tt := range absentIDs {
		c := parse(t, strings.ReplaceAll(shop, "{name: id, in: path, required: true, schema: {type: string}, example: example}",
			"{name: id, in: path, required: true, schema: "+tt.schema+"}"))
		op := c.Operation("showOrder")
		s := store(t, c)
		if tt.known != "" {
			answered(t, c, s, "listOrders", "/orders", 200, `["`+tt.known+`"]`)
		}
		seen := map[string]bool{}
		for n := range 5 {
			choice, err := s.Absent(op, n)
			if (err == nil) != (tt.want != "") {
				t.Errorf("%s: got %v and error %v", tt.schema, choice, err)
			}
			if err != nil {
				break
			}
			text := choice[0].Text
			if !regexp.MustCompile(tt.want).MatchString(text) || text == tt.known || seen[text] || choice[0].Source != resources.MadeUp {
				t.Errorf("%s, number %d: got %q, want another that matches %s", tt.schema, n, text, tt.want)
			}
			seen[text] = true
			if problems := op.Parameter("id").Schema.Check(valueFor(tt.schema, text), contract.Client); len(problems) > 0 {
				t.Errorf("%s: %q is not valid: %v", tt.schema, text, problems)
			}
			again := store(t, c)
			if tt.known != "" {
				answered(t, c, again, "listOrders", "/orders", 200, `["`+tt.known+`"]`)
			}
			if other, _ := again.Absent(op, n); other[0].Text != text {
				t.Errorf("%s: got %q, and with the same seed %q", tt.schema, text, other[0].Text)
			}
		}
	}
}

func valueFor(schema, text string) *contract.Value {
	if strings.Contains(schema, "integer") {
		return &contract.Value{Kind: contract.KindNumber, Text: text}
	}
	return &contract.Value{Kind: contract.KindString, Text: text}
}

func TestAnAbsentIDIsInWhatExists(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	answered(t, c, s, "listPets", "/stores/2/pets", 200, `["rex-1-and-more"]`)
	answered(t, c, s, "listStores", "/stores", 200, `[2]`)
	choice, err := s.Absent(c.Operation("showPet"), 0)
	if err != nil || choice[0].Text != "2" || choice[1].Text == "rex-1-and-more" {
		t.Errorf("got %v and %v, want store 2 and another pet", choice, err)
	}
	choice, err = store(t, c).Absent(c.Operation("listPets"), 0)
	if err != nil || choice[0].Source != resources.MadeUp {
		t.Errorf("got %v and %v, want a store that is made up", choice, err)
	}
	if _, err := s.Absent(c.Operation("listStores"), 0); err == nil {
		t.Error("a path without a parameter: want an error")
	}
}

func TestOperationsOfOneThingHaveTheSameAbsentID(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	show, err := s.Absent(c.Operation("showStore"), 3)
	if err != nil {
		t.Fatal(err)
	}
	answered(t, c, s, "listStores", "/stores", 200, `[1, 2]`)
	remove, err := s.Absent(c.Operation("deleteStore"), 3)
	if err != nil || fmt.Sprint(show[0].Text) != remove[0].Text {
		t.Errorf("got %v to read and %v to delete, and %v", show, remove, err)
	}
}

func TestWhatAReadHasShownToBeAbsent(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	r := &contract.Request{Method: "DELETE", Path: "/stores/5"}
	is := func() bool { return s.IsAbsent(c.Operation("deleteStore"), r) }
	if is() {
		t.Error("before it was read")
	}
	answered(t, c, s, "showStore", "/stores/5", 404, `{}`)
	if !is() {
		t.Error("after 404")
	}
	answered(t, c, s, "showStore", "/stores/5", 200, `{}`)
	if is() {
		t.Error("after 200")
	}
	answered(t, c, s, "showStore", "/stores/5", 403, `{}`)
	if is() {
		t.Error("after 403")
	}
}

func TestAnAbsentIDStaysTheSame(t *testing.T) {
	c := parse(t, shop)
	s := store(t, c)
	before, _ := s.Absent(c.Operation("showOrder"), 0)
	answered(t, c, s, "listOrders", "/orders", 200, `["65f1c0a2b7e84d0012345678"]`)
	if after, err := s.Absent(c.Operation("showOrder"), 0); err != nil || after[0].Text != before[0].Text {
		t.Errorf("got %v, then %v and %v", before, after, err)
	}
}
