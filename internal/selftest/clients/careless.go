package clients

import "slices"

// Careless are clients with one fault each.
var Careless = slices.Concat(silent, unlawful, indiscreet, gullible, strayAsking, choosy, hasty, heedless)
