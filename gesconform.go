// Package gesconform embeds the contract, so that a compiled suite needs no
// file beside it.
package gesconform

import _ "embed"

// OpenAPI is openapi.yaml, byte for byte as it stands in the repository.
//
//go:embed openapi.yaml
var OpenAPI []byte
