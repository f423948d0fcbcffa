package fakeserver_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gesconform/gesconform/fakeserver"
)

// A scope stands in for the *testing.T that a test has.
type scope struct{ cleanups []func() }

func (*scope) Helper()                   {}
func (s *scope) Cleanup(f func())        { s.cleanups = append(s.cleanups, f) }
func (*scope) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func (s *scope) close() {
	for _, f := range s.cleanups {
		f()
	}
}

func ExampleStart() {
	t := &scope{} // in a test, its *testing.T
	defer t.close()

	server := fakeserver.Start(t, fakeserver.WithUpgradeTimes(0))
	f := server.Fixtures()

	url := server.URL + "/v2/" + f.ProjectID + "/graphs/" + f.GraphID + "/upgrade"
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(`{"upgrade_version":"2.2.9"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("X-Auth-Token", f.Token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = response.Body.Close()
	fmt.Println(response.Status)
	// Output: 200 OK
}
