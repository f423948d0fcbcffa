// Package gen is generated from openapi.yaml by oapi-codegen: models, a client and a
// strict server interface. It is not edited by hand. After a change of openapi.yaml, run
// `make generate`; CI fails if that was forgotten.
//
// The server code decodes leniently: it accepts null, unknown and duplicate members, and
// any Content-Type. A service that uses it should first judge requests by the contract, as
// package fakeserver does. The document itself is embedded in package gesconform.
package gen

//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config models.cfg.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config client.cfg.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config server.cfg.yaml ../openapi.yaml
