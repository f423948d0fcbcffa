package fakeserver

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// Each operation of the shipped contract must be a method of the generated interface and
// be served, so that an operation that is added need not be registered by hand.
func TestEveryOperationIsServed(t *testing.T) {
	t.Parallel()
	document, err := contract.Default()
	if err != nil {
		t.Fatal(err)
	}
	service := New().current.Load()
	generated, err := service.generatedOperations()
	if err != nil {
		t.Fatal(err)
	}
	methods := map[string]bool{}
	for i := range reflect.TypeFor[gen.StrictServerInterface]().NumMethod() {
		methods[strings.ToLower(reflect.TypeFor[gen.StrictServerInterface]().Method(i).Name)] = true
	}
	for _, op := range document.Operations() {
		if !methods[strings.ToLower(op.ID)] || generated[op.ID] == nil {
			t.Errorf("%s: gen has no method or no handler for it; run make generate", op.ID)
		}
		delete(methods, strings.ToLower(op.ID))
	}
	for name := range methods {
		t.Errorf("%s: the contract has no such operation", name)
	}
	for _, r := range service.routes {
		if r.serve == nil {
			t.Errorf("%s: expected it to be served", r.ID)
		}
	}
}
