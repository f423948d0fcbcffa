package conformance_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/gesconform/gesconform/conformance"
	"github.com/gesconform/gesconform/fakeserver"
)

// The suite judges the deployment that the GESCONFORM_* variables name or, without an
// endpoint and a file that may have one, a fake server with all risks. Its variables are set before Ginkgo builds its
// tree.
var (
	specs     *conformance.Specs
	fake      *http.Server
	judgeFake = os.Getenv("GESCONFORM_ENDPOINT")+os.Getenv("GESCONFORM_CONFIG") == ""
)

// throwAway are the options for the fake server, to which a run may do anything.
var throwAway = map[string]string{
	"GESCONFORM_RISK": "destructive", "GESCONFORM_KEEP_GOING": "true", "GESCONFORM_CONFIRM_FOREIGN_GRAPH": "true",
	"GESCONFORM_REQUEST_TIMEOUT": "5s", "GESCONFORM_JOB_TIMEOUT": "10s",
}

// setMissing sets those of the variables that are not set.
func setMissing(variables map[string]string) error {
	for name, value := range variables {
		if os.Getenv(name) != "" {
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

func TestConformance(t *testing.T) {
	if judgeFake {
		if err := setMissing(throwAway); err != nil {
			t.Fatal(err)
		}
	}
	gomega.RegisterFailHandler(ginkgo.Fail)
	registered, err := conformance.Register(conformance.Target{})
	if err != nil {
		t.Fatal(err)
	}
	specs = registered
	ginkgo.RunSpecs(t, "conformance")
}

// Credentials go over HTTP to this machine only, unless an option says otherwise.
func TestPlainHTTPElsewhereIsRefused(t *testing.T) {
	err := new(conformance.Specs).Start(conformance.Target{URL: "http://ges.example.com", ProjectID: "p", GraphID: "g", Token: "t"})
	if err == nil || !strings.Contains(err.Error(), "ges.example.com is not a loopback address") {
		t.Errorf("expected an error that says why, got %v", err)
	}
}

// One process starts the fake server, and all of them judge it.
var _ = ginkgo.SynchronizedBeforeSuite(func() []byte {
	variables := map[string]string{}
	if judgeFake {
		variables = startFake()
	}
	shared, err := json.Marshal(variables)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return shared
}, func(shared []byte) {
	var variables map[string]string
	gomega.Expect(json.Unmarshal(shared, &variables)).To(gomega.Succeed())
	gomega.Expect(setMissing(variables)).To(gomega.Succeed())
	gomega.Expect(specs.Start(conformance.Target{})).To(gomega.Succeed())
})

var _ = ginkgo.SynchronizedAfterSuite(func() { specs.Stop() }, func() {
	if fake != nil {
		gomega.Expect(fake.Close()).To(gomega.Succeed())
	}
})

// startFake starts a fake server, and returns the variables that describe it.
func startFake() map[string]string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	handler := fakeserver.New()
	fake = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = fake.Serve(listener) }() // ends when the suite has
	var env bytes.Buffer
	gomega.Expect(handler.Fixtures().WriteEnv(&env, "http://"+listener.Addr().String())).To(gomega.Succeed())
	variables := map[string]string{}
	for line := range strings.Lines(env.String()) {
		if name, value, _ := strings.Cut(strings.TrimSpace(line), "="); strings.HasPrefix(name, "GESCONFORM_") {
			variables[name] = strings.Trim(value, "'")
		}
	}
	return variables
}
