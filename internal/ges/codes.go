package ges

import "strings"

// FromGateway reports whether an error code is from the gateway in front of the service,
// which then has not seen the request. The gateway's prefix is APIGW or APIG.
func FromGateway(code string) bool {
	prefix, _, _ := strings.Cut(code, ".")
	return prefix == "APIGW" || prefix == "APIG"
}

// RequestRefused is the gateway's code for a request that it does not forward.
const RequestRefused = "APIGW.0201"

// FromService reports whether an error code is from the service itself, which may have
// acted before it refused.
func FromService(code string) bool { return strings.HasPrefix(code, "GES.") }
