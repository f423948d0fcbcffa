// Package gen is what oapi-codegen makes of openapi.yaml: the models, a client
// and the strict server interface. Nothing in it is edited by hand; a change to
// the contract is followed by go generate ./gen, and CI fails where that was
// forgotten.
//
// The strict server decodes leniently (it takes null, unknown and repeated
// members, and any Content-Type), so what serves it checks a request against
// the contract first. The document itself is not embedded here; package
// gesconform does that once, for everyone.
package gen

//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config models.cfg.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config client.cfg.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools/go.mod oapi-codegen -config server.cfg.yaml ../openapi.yaml
