package fakeserver

import (
	"errors"
	"net/http"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

var errTooLarge = errors.New("the body is too large")

// A route is an operation of the contract with its refusals at hand.
type route struct {
	*contract.Operation
	refusals []*contract.Refusal
}

func routesOf(document *contract.Contract) []route {
	operations := document.Operations()
	routes := make([]route, 0, len(operations))
	for _, op := range operations {
		routes = append(routes, route{op, op.Refusals()})
	}
	return routes
}

// elsewhere lists what a real deployment offers beside the contract, as method
// and path; {} stands for any segment.
var elsewhere = split(
	"GET /v2/{}/graphs",
	"POST /v2/{}/graphs",
	"DELETE /v2/{}/graphs/{}",
	"GET /v2/{}/graphs/backups",
	"GET /v2/{}/graphs/jobs",
	"GET /v2/{}/graphs/metadatas",
	"POST /v2/{}/graphs/metadatas",
	"GET /v2/{}/graphs/metadatas/{}",
	"DELETE /v2/{}/graphs/metadatas/{}",
	"POST /v2/{}/graphs/metadata/upload-from-obs",
	"GET /v2/{}/graphs/quotas",
	"GET /v2/{}/graphs/{}/backups",
	"POST /v2/{}/graphs/{}/backups",
	"DELETE /v2/{}/graphs/{}/backups/{}",
	"POST /v2/{}/graphs/{}/bind-eip",
	"POST /v2/{}/graphs/{}/clear-graph",
	"POST /v2/{}/graphs/{}/expand",
	"POST /v2/{}/graphs/{}/export-graph",
	"POST /v2/{}/graphs/{}/import-graph",
	"POST /v2/{}/graphs/{}/resize",
	"POST /v2/{}/graphs/{}/restart",
	"GET /v2/{}/graphs/{}/scenes",
	"POST /v2/{}/graphs/{}/scenes/register",
	"POST /v2/{}/graphs/{}/scenes/unregister",
	"POST /v2/{}/graphs/{}/start",
	"POST /v2/{}/graphs/{}/stop",
	"POST /v2/{}/graphs/{}/unbind-eip",
	"POST /v1.0/{}/graphs/{}/action",
)

type pattern struct {
	method   string
	segments []string
}

func split(lines ...string) []pattern {
	patterns := make([]pattern, len(lines))
	for i, line := range lines {
		method, path, _ := strings.Cut(line, " ")
		patterns[i] = pattern{method, strings.Split(path, "/")}
	}
	return patterns
}

// unimplemented reports whether a method and an escaped path lead to one of
// those operations.
func unimplemented(method, path string) bool {
	if method == http.MethodPost && strings.HasSuffix(path, "/upgrade") {
		return false // the common case, quickly
	}
	segments := strings.Split(path, "/")
	for _, p := range elsewhere {
		if p.method == method && p.matches(segments) {
			return true
		}
	}
	return false
}

func (p pattern) matches(segments []string) bool {
	if len(p.segments) != len(segments) {
		return false
	}
	for i, want := range p.segments {
		if want != segments[i] && (want != "{}" || segments[i] == "") {
			return false
		}
	}
	return true
}
