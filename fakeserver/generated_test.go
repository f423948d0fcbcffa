package fakeserver

import (
	"reflect"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/gen"
)

// Each operation of the shipped contract is a method of the generated interface
// and is served. Whoever adds one and runs the generator need not name it
// anywhere else.
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
			t.Errorf("%s: expected a method and a handler in gen; make generate makes them", op.ID)
		}
		delete(methods, strings.ToLower(op.ID))
	}
	for name := range methods {
		t.Errorf("%s: the contract has no such operation", name)
	}
	for _, r := range service.routes {
		if r.serve == nil {
			t.Errorf("%s: nothing serves it", r.ID)
		}
	}
}
