// Package aksk signs and verifies requests with the scheme SDK-HMAC-SHA256 of
// Huawei Cloud's API gateway: an access key (AK) names the caller, its secret key
// (SK) signs. The steps are those of
// https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-001.html
// and the pages after it; where they are silent, what the official Go SDK sends
// decides.
//
// The package knows neither clock nor keys. A server finds the secret of
// Authorization.Access, and judges X-Sdk-Date and X-Security-Token, itself.
package aksk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	// Scheme is the first word of the Authorization header.
	Scheme = "SDK-HMAC-SHA256"
	// DateFormat is the layout of X-Sdk-Date, which is in UTC. The gateway takes
	// a request within 15 minutes of it.
	// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-0001.html
	DateFormat = "20060102T150405Z"

	// DateHeader says when a request was signed.
	DateHeader = "X-Sdk-Date"
	dateName   = "x-sdk-date"
)

// A Key is an access key. SecurityToken is set for a temporary one only.
type Key struct {
	Access        string // the AK, sent with each request: visible ASCII without a comma
	Secret        string // the SK, never sent and never empty
	SecurityToken string // goes into X-Security-Token
}

// A Request is the part of an HTTP request that can be signed. Path is escaped as on the
// wire, Query is raw and without its question mark. Header has its keys in the canonical
// form of package http; a Host in it is ignored in favour of the field. Body is the exact
// body.
type Request struct {
	Method, Path, Query, Host string
	Header                    http.Header
	Body                      []byte
}

// values returns the trimmed values of a header by its lower-case name, or none. Several
// values are sorted, as the SDK does, so that a proxy may reorder but not drop, add or
// change one.
func (r *Request) values(name string) []string {
	if name == "host" {
		if r.Host == "" {
			return nil
		}
		return []string{r.Host}
	}
	values := slices.Clone(r.Header.Values(name))
	for i, value := range values {
		values[i] = strings.TrimSpace(value)
	}
	slices.Sort(values)
	return values
}

// date returns X-Sdk-Date if there is exactly one and it is in DateFormat.
func (r *Request) date() (string, bool) {
	dates := r.values(dateName)
	if len(dates) != 1 {
		return "", false
	}
	// Parse accepts fractions of a second, which the format does not have.
	date, err := time.Parse(DateFormat, dates[0])
	return dates[0], err == nil && date.Format(DateFormat) == dates[0]
}

// Sign signs the request as sent at now. In r.Header, which it creates if necessary, it
// sets X-Sdk-Date, X-Security-Token and Authorization. It removes X-Security-Token if the
// key has none, so that a request can be signed again with another key.
//
// It signs Host, Content-Type and all X- headers except X-Auth-Token. The scheme only
// requires X-Sdk-Date and the Go SDK omits Host and Content-Type, but Huawei's own example
// signs them, and without Host a request could be replayed against another service. Proxies
// may change other headers. X-Auth-Token is omitted because the gateway repeats the
// canonical request in its error, and tokens do not belong in logs.
func Sign(r *Request, key Key, now time.Time) {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(DateHeader, now.UTC().Format(DateFormat))
	if key.SecurityToken != "" {
		r.Header.Set("X-Security-Token", key.SecurityToken)
	} else {
		r.Header.Del("X-Security-Token")
	}
	a := Authorization{Access: key.Access, SignedHeaders: headersToSign(r)}
	a.Signature = a.signature(r, key.Secret)
	r.Header.Set("Authorization", a.Value())
}

// headersToSign returns the names of the headers that Sign signs, sorted.
func headersToSign(r *Request) []string {
	var names []string
	if r.Host != "" {
		names = append(names, "host")
	}
	for key, values := range r.Header {
		name := strings.ToLower(key)
		wanted := name == "content-type" || strings.HasPrefix(name, "x-") && name != "x-auth-token"
		// A key in another form would not be found again, and an invalid header name
		// cannot be sent.
		if wanted && len(values) > 0 && key == http.CanonicalHeaderKey(key) && isName(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Verify reports whether the holder of the secret signed this request. It also returns
// false
//
//   - for an empty secret, which anybody could sign with;
//   - if X-Sdk-Date is not among the signed headers, or is missing, repeated or not in
//     DateFormat: the page requires it to be signed, or old requests could be replayed;
//   - if a header that is listed as signed is missing.
//
// The comparison takes the same time wherever the signatures differ. Verify
// does not compare X-Sdk-Date with the time.
// Source: https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm-001.html
func (a Authorization) Verify(r *Request, secret string) bool {
	if _, ok := r.date(); !ok || secret == "" || !slices.Contains(a.SignedHeaders, dateName) {
		return false
	}
	for _, name := range a.SignedHeaders {
		if len(r.values(name)) == 0 {
			return false
		}
	}
	return hmac.Equal([]byte(a.Signature), []byte(a.signature(r, secret)))
}

// signature computes the expected a.Signature. The secret itself is the key of the HMAC.
func (a Authorization) signature(r *Request, secret string) string {
	date, _ := r.date()
	digest := sha256.Sum256([]byte(a.CanonicalRequest(r)))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(Scheme + "\n" + date + "\n" + hex.EncodeToString(digest[:])))
	return hex.EncodeToString(mac.Sum(nil))
}
