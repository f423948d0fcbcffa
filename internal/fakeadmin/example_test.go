package fakeadmin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/internal/fakeadmin"
)

func Example() {
	fake := fakeserver.New(fakeserver.WithClock(func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }))
	server := httptest.NewServer(fakeadmin.Mount(fake))
	defer server.Close()

	answer, err := http.Post(server.URL+"/_fake/clock", "application/json", strings.NewReader(`{"advance":"30m"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	fmt.Println(answer.Status, fake.Now().Format(time.RFC3339))
	// Output: 200 OK 2026-01-01T00:30:00Z
}
