// Package gesconform embeds the contract, so that compiled programs do not need the file.
package gesconform

import _ "embed"

// OpenAPI is the content of openapi.yaml, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte
