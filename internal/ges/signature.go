package ges

import "github.com/gesconform/gesconform/internal/ges/aksk"

// Invalid values of the Authorization header. The access key is made up: a few bad
// signatures lock a real one.
const (
	MissingSignature    = aksk.Scheme + " Access=GESCONFORMMADEUPKEY0, SignedHeaders=host;x-sdk-date"
	ShortSignature      = MissingSignature + ", Signature=00"
	UnknownKeySignature = MissingSignature + ", Signature=0000000000000000000000000000000000000000000000000000000000000000"
)
