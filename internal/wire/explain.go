package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
)

// A place is where a connection goes, and the setting that says so.
type place struct {
	setting string // --endpoint, for example
	url     string
}

// endpoint is the place of the target.
func (t *Client) endpoint() place { return place{"--endpoint", t.base} }

// with returns the address of the place with another scheme, as advice.
func (p place) with(scheme string) string {
	_, rest, _ := strings.Cut(p.url, "://")
	return p.setting + " " + scheme + "://" + rest
}

func (p place) secure() bool { return strings.HasPrefix(strings.ToLower(p.url), "https:") }

// proxyVariable is the variable with the proxy for the place.
func (p place) proxyVariable() string {
	if p.secure() {
		return "HTTPS_PROXY"
	}
	return "HTTP_PROXY"
}

// A connectRefusal is a proxy's refusal of CONNECT.
type connectRefusal struct {
	proxy  string // its host and port
	status int
}

// Error implements error.
func (r *connectRefusal) Error() string {
	return fmt.Sprintf("the proxy %s answered CONNECT with %d %s", r.proxy, r.status, http.StatusText(r.status))
}

// refusedConnect notes a proxy's answer that is not 200, which net/http only shows the words of.
func refusedConnect(_ context.Context, proxy *url.URL, _ *http.Request, r *http.Response) error {
	if r.StatusCode == http.StatusOK {
		return nil
	}
	return &connectRefusal{proxy: proxy.Host, status: r.StatusCode}
}

// explain says why there is no connection to a place, and what to do about that.
func explain(err error, to place) (says, advice string) {
	if r, ok := errors.AsType[*connectRefusal](err); ok {
		return r.Error(), r.advice(to)
	}
	op, _ := errors.AsType[*net.OpError](err)
	if op != nil && op.Op == "proxyconnect" {
		says, _ = explainDial(op.Err, to)
		return "the proxy cannot be used: " + says, fmt.Sprintf("check the variable %s, or set NO_PROXY", to.proxyVariable())
	}
	if says, advice = explainTLS(err, to); says != "" {
		return says, advice
	}
	return explainDial(err, to)
}

// advice says what to do about a refusal.
func (r *connectRefusal) advice(to place) string {
	host := to.url
	if u, err := url.Parse(to.url); err == nil {
		host = u.Hostname()
	}
	switch r.status {
	case http.StatusProxyAuthRequired:
		return fmt.Sprintf("put the user and the password for the proxy into %s, http://USER:PASSWORD@HOST:PORT", to.proxyVariable())
	case http.StatusForbidden, http.StatusMethodNotAllowed:
		return fmt.Sprintf("have the proxy allow %s, or set NO_PROXY=%s if it can be reached without", host, host)
	default:
		return fmt.Sprintf("check the host in %s and whether the proxy can reach it, or set NO_PROXY=%s if it can be reached without", to.setting, host)
	}
}

// explainDial says why there is no TCP connection.
func explainDial(err error, to place) (says, advice string) {
	at := "the endpoint"
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Addr != nil {
		at = op.Addr.String()
	}
	dns, isDNS := errors.AsType[*net.DNSError](err)
	switch {
	case isDNS && dns.IsNotFound:
		return fmt.Sprintf("no host has the name %q", dns.Name), fmt.Sprintf("check the host in %s, and the DNS of this machine", to.setting)
	case isDNS:
		return fmt.Sprintf("the name %q could not be resolved (%s)", dns.Name, dns.Err), "check the DNS of this machine"
	case errors.Is(err, syscall.ECONNREFUSED):
		return at + " refuses connections", fmt.Sprintf("check the host and the port in %s, and whether the service is up", to.setting)
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to " + at, fmt.Sprintf("check the network, and whether a VPN or a proxy (%s) is needed", to.proxyVariable())
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return at + " ended the connection at once", fmt.Sprintf("check the port in %s, and what is in front of the service", to.setting)
	default:
		return strings.TrimPrefix(plain(err), "dial tcp: "), "check " + to.setting + " and the network"
	}
}

// alert is before the text of a TLS alert that has come.
const alert = "remote error: tls: "

// alerts say what a server's TLS alert is about.
var alerts = []struct{ has, advice string }{
	{"certificate required", "set --client-cert and --client-key: the server asks for a client certificate"},
	{"bad certificate", "check --client-cert and --client-key: the server does not accept the client certificate"},
	{"unknown certificate authority", "check --client-cert: the server does not know the authority that signed it"},
	{"handshake failure", "check whether the server asks for a client certificate (--client-cert), or only offers TLS older than 1.2"},
	{"protocol version", "have the server offer TLS 1.2 or later"},
	{"unrecognized name", "check the host: the server has no certificate for its name"},
}

// explainTLS says why there is no TLS connection, or "" if it is about something else.
func explainTLS(err error, to place) (says, advice string) {
	text := plain(err)
	if invalid, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return explainCertificate(invalid.Err, to)
	}
	if _, what, found := strings.Cut(text, alert); found {
		says, advice = "the server ended the TLS handshake: "+what, "check "+to.setting+" and its TLS"
		for _, a := range alerts {
			if strings.Contains(what, a.has) {
				return says, a.advice
			}
		}
		return says, advice
	}
	var record tls.RecordHeaderError
	noTLS := errors.As(err, &record)
	switch {
	case noTLS && string(record.RecordHeader[:]) == "HTTP/", strings.Contains(text, "server gave HTTP response to HTTPS client"):
		return "the port speaks HTTP without TLS", "give the port that speaks TLS, or set " + to.with("http")
	case noTLS:
		return "the port does not speak TLS", "check the port in " + to.setting
	case to.secure() && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)):
		return "the server ended the connection during the TLS handshake", "check the port in " + to.setting + "; if it speaks HTTP without TLS, set " + to.with("http")
	case strings.HasPrefix(text, "tls: "):
		return strings.TrimPrefix(text, "tls: "), "check " + to.setting + " and its TLS"
	}
	return "", ""
}

// explainCertificate says why a certificate is not trusted.
func explainCertificate(err error, to place) (says, advice string) {
	says = strings.TrimPrefix(err.Error(), "x509: ")
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return says, "set --ca-file to a PEM file with the certificate of the authority that signed it, if you trust it"
	case errors.As(err, &host):
		return says, "set " + to.setting + " to a host that the certificate names"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return says, "check the clock of this machine; if it is right, the endpoint needs another certificate"
	}
	return says, "the endpoint needs another certificate"
}
