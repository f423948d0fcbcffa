package ges

import "strings"

// FromGateway reports whether an error code is the gateway's, which stands in front
// of the service: the service has not seen the request then. It writes its codes
// with either of two prefixes, APIGW and APIG.
func FromGateway(code string) bool {
	prefix, _, _ := strings.Cut(code, ".")
	return prefix == "APIGW" || prefix == "APIG"
}

// RequestRefused is the gateway's code for a request that it does not pass on as it is.
const RequestRefused = "APIGW.0201"

// FromService reports whether an error code is the service's own, which may have
// acted before it refused.
func FromService(code string) bool { return strings.HasPrefix(code, "GES.") }
