package conformancetest_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/gesconform/gesconform/conformancetest"
	"github.com/gesconform/gesconform/fakeserver"
)

// testMyService would be TestMyService in the tests of your service. Here the fake server
// takes the place of the service.
func testMyService(t *testing.T) {
	service := fakeserver.New()
	server := httptest.NewServer(service)
	defer server.Close()

	f := service.Fixtures()
	conformancetest.Run(t, conformancetest.Target{
		URL: server.URL, ProjectID: f.ProjectID, GraphID: f.GraphID, Token: f.Token,
		UpgradeVersions: f.Versions, Risk: conformancetest.Destructive,
	})
}

// Example judges a service in its own `go test`, valid upgrades included.
func Example() {
	fmt.Println("passed:", passes(testMyService))
	// Output: passed: true
}
