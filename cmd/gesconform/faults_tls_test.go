package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// issued makes a self-signed certificate for this machine, which change may modify, and a
// file with it for clients to trust.
func issued(t *testing.T, change func(*x509.Certificate)) (certificate tls.Certificate, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	change(&template)
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, writeCA(t, der)
}

func writeCA(t *testing.T, der []byte) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "ca.pem")
	write(t, file, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return file
}

// If the certificate cannot be trusted, the run ends before it has sent a request, and with
// it the token.
func TestBadCertificates(t *testing.T) {
	t.Parallel()
	_, another := issued(t, func(*x509.Certificate) {})
	for name, tt := range map[string]struct {
		change func(*x509.Certificate)
		caFile string // "" for that of the certificate
		want   string
		advice string
	}{
		"expired":           {func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) }, "", "certificate has expired", "; check the clock of this machine; if it is right, the endpoint needs another certificate"},
		"not valid yet":     {func(c *x509.Certificate) { c.NotBefore = time.Now().Add(time.Minute) }, "", "is not yet valid", "; check the clock of this machine; if it is right, the endpoint needs another certificate"},
		"wrong host":        {func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"ges.example.com"} }, "", "127.0.0.1", "; set --endpoint to a host that the certificate names"},
		"unknown authority": {func(*x509.Certificate) {}, another, "certificate signed by unknown authority", "; set --ca-file to a PEM file with the certificate of the authority that signed it, if you trust it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, caFile := issued(t, tt.change)
			if tt.caFile != "" {
				caFile = tt.caFile
			}
			var asked atomic.Int64
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
			s.TLS, s.Config.ErrorLog = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}, log.New(io.Discard, "", 0)
			s.StartTLS()
			t.Cleanup(s.Close)
			dir := t.TempDir()
			c := call(t, nil, runArgs(s.URL, "--ca-file", caFile, "--output", dir, "--request-timeout", "20s")...)
			if c.status != exitNotJudged || asked.Load() > 0 {
				t.Errorf("expected status 2 and no request, got %d and %d", c.status, asked.Load())
			}
			oneSentence(t, c, "no connection: ", "certificate", tt.want, tt.advice+"\n")
			if run := wholeReports(t, dir); run.Failure == "" {
				t.Error("expected the reports to say why nothing was judged")
			}
		})
	}
}

// Over HTTP/2, a connection that the server closes with GOAWAY after each answer has no effect but that a request is
// repeated which was on its way when that was closed, and the request of a stream that it resets is repeated.
func TestFaultsOfHTTP2(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	for name, tt := range map[string]struct {
		affected affected
		fault    fault
		resets   bool // whether each fault is the failure of one exchange
	}{
		"GOAWAY": {every, func(e *faultyServer, w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Connection", "close") // makes net/http send a GOAWAY
			e.fake.ServeHTTP(w, r)
		}, false},
		"RST_STREAM": {some, func(*faultyServer, http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, dir := newFaulty(t, tt.affected, tt.fault), t.TempDir()
			var connections, older atomic.Int64
			e.server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					connections.Add(1)
				}
			}
			handler := e.server.Config.Handler
			e.server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ProtoMajor != 2 && r.Method != http.MethodHead { // what follows the head of an answer shows in HTTP/1.1 alone
					older.Add(1)
				}
				handler.ServeHTTP(w, r)
			})
			e.server.EnableHTTP2 = true
			e.server.StartTLS()
			caFile := writeCA(t, e.server.Certificate().Raw)
			c := call(t, nil, e.args("--ca-file", caFile, "--output", dir, "--request-timeout", "20s", "--label-filter", someCases)...)
			if c.status != exitConforms || c.stderr != "" || older.Load() > 0 {
				t.Errorf("expected status 0 and HTTP/2 alone, got %d, %d older requests: %.500s %.500s", c.status, older.Load(), c.stdout, c.stderr)
			}
			run := wholeReports(t, dir)
			if withVerdict(run, judge.Error) > 0 || withVerdict(run, judge.Conforms)+withVerdict(run, judge.Advisory) < 60 {
				t.Errorf("expected that all is judged, got %d that is not, %d that conforms", withVerdict(run, judge.Error), withVerdict(run, judge.Conforms))
			}
			failed := 0
			for _, x := range exchangesOf(t, dir) {
				if x.Failure != nil && x.Superseded == "" {
					if failed++; x.Failure.Kind != exchange.Dropped {
						t.Errorf("expected failures of kind %q, got %+v", exchange.Dropped, x.Failure)
					}
				}
			}
			if _, faulty := e.counts(); faulty < 15 || tt.resets && failed != faulty || !tt.resets && connections.Load() < 5 {
				t.Errorf("%d faults, %d failed, on %d connections", faulty, failed, connections.Load())
			}
		})
	}
}

// If an endpoint disappears in the middle of a run, with its listener, the run ends when
// --recovery-timeout is over.
func TestEndpointThatGoesAway(t *testing.T) {
	skipIfShort(t)
	t.Parallel()
	e, dir := newFaulty(t, every, func(e *faultyServer, w http.ResponseWriter, r *http.Request) {
		_ = e.server.Listener.Close()
		onWire(func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })(e, w, r)
	}), t.TempDir()
	// On another loopback address, if there is one, the port that becomes free cannot be
	// given to another test.
	if own, err := net.Listen("tcp", "127.0.0.2:0"); err == nil {
		_ = e.server.Listener.Close()
		e.server.Listener = own
	}
	e.server.Start()
	c := call(t, nil, e.args("--output", dir, "--recovery-timeout", "1s")...)
	if c.status != exitNotJudged {
		t.Errorf("expected status 2, got %d: %.300s", c.status, c.stderr)
	}
	run := wholeReports(t, dir)
	reasons := map[string]bool{}
	for i := range run.Cases {
		reasons[run.Cases[i].Reason] = true
	}
	named := false
	for reason := range reasons {
		named = named || strings.HasPrefix(reason, "the endpoint can no longer be reached: since ")
	}
	if !named || withVerdict(run, judge.Conforms) < servedWell/2 {
		t.Errorf("expected that the endpoint can no longer be reached, after %d cases; got %v", withVerdict(run, judge.Conforms), reasons)
	}
	if n := len(exchangesOf(t, dir)); n > 2*servedWell+24+2*32 {
		t.Errorf("expected the run to give up, got %d exchanges", n)
	}
}

// With --insecure, a warning is printed before anything else, and is in the reports.
func TestInsecureIsLoud(t *testing.T) {
	skipIfShort(t)
	dir := t.TempDir()
	envFile := filepath.Join(dir, "fake.env")
	startFake(t, "--tls-self-signed", filepath.Join(dir, "ca.pem"), "--env-file", envFile)
	environ := slices.DeleteFunc(environIn(t, envFile), func(v string) bool { return strings.HasPrefix(v, "GESCONFORM_CA_FILE=") })
	if c := call(t, environ, "run", "--risk", "inert"); c.status != exitNotJudged {
		t.Errorf("without a word: expected status 2, got %d: %s", c.status, c.stderr)
	}
	output := filepath.Join(dir, "report")
	c := call(t, environ, "run", "--risk", "inert", "--insecure", "--output", output)
	if c.status != exitConforms || !strings.HasPrefix(c.stdout, "WARNING: the endpoint's certificate was not checked (--insecure)") {
		t.Errorf("status %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
	if c := call(t, append(environ, "GESCONFORM_TOKEN=wrong"), "run", "--insecure"); c.status != exitNotJudged || !strings.HasPrefix(c.stdout, "WARNING: ") {
		t.Errorf("where nothing is judged: status %d: %.300s %s", c.status, c.stdout, c.stderr)
	}
	results, err := os.ReadFile(filepath.Join(output, "results.json"))
	if err != nil || !strings.Contains(string(results), "was not checked (--insecure)") {
		t.Errorf("expected the warning in results.json: %v", err)
	}
}
