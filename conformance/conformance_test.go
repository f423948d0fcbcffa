package conformance_test

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/gesconform/gesconform/conformance"
	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// config is what the environment says of the target, and specs what was
// registered for it. Ginkgo builds its tree before any test function runs.
var (
	cfg, configErr = fromEnvironment()
	specs          *conformance.Specs
	fake           *http.Server
)

// fromEnvironment reads GESCONFORM_*; without an endpoint the fake server is
// judged, at any risk.
func fromEnvironment() (config.Config, error) {
	c := config.Default()
	if _, err := config.FromEnvironment(&c, os.Environ(), nil); err != nil {
		return c, err
	}
	if c.Endpoint == "" {
		c.Risk, c.KeepGoing, c.ConfirmForeignGraph = cases.Destructive, true, true
		c.RequestTimeout, c.JobTimeout = 5*time.Second, 10*time.Second
	}
	return c, nil
}

func TestConformance(t *testing.T) {
	if configErr != nil {
		t.Fatal(configErr)
	}
	gomega.RegisterFailHandler(ginkgo.Fail)
	registered, err := conformance.Register(cfg)
	if err != nil {
		t.Fatal(err)
	}
	specs = registered
	ginkgo.RunSpecs(t, "conformance")
}

// One process starts the fake server, and all of them judge it.
var _ = ginkgo.SynchronizedBeforeSuite(func() []byte {
	gomega.Expect(configErr).NotTo(gomega.HaveOccurred())
	if cfg.Endpoint == "" {
		startFake()
	}
	shared, err := json.Marshal(cfg)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return shared
}, func(shared []byte) {
	gomega.Expect(json.Unmarshal(shared, &cfg)).To(gomega.Succeed())
	gomega.Expect(specs.Start(cfg)).To(gomega.Succeed())
})

var _ = ginkgo.SynchronizedAfterSuite(func() { specs.Stop() }, func() {
	if fake != nil {
		gomega.Expect(fake.Close()).To(gomega.Succeed())
	}
})

func startFake() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	handler := fakeserver.New()
	fake = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = fake.Serve(listener) }() // ends when the suite has
	f := handler.Fixtures()
	cfg.Endpoint = "http://" + listener.Addr().String()
	cfg.ProjectID, cfg.GraphID, cfg.Token = f.ProjectID, f.GraphID, f.Token
	cfg.ReadonlyToken, cfg.ExpiredToken = f.ReadonlyToken, f.ExpiredToken
	cfg.StoppedGraphID, cfg.ForeignGraphID, cfg.UpgradeVersions = f.StoppedGraphID, f.ForeignGraphID, f.Versions
}
