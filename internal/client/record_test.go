package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/internal/limits"
)

// What is kept of a request is cut, and may be cut within a credential: of that, the beginning is not
// kept either.
func TestRequestsAreNotCutWithinACredential(t *testing.T) {
	t.Parallel()
	c, all := scenarios(t)
	for name, request := range map[string]func(path, token string) string{
		"body": func(path, token string) string {
			body := strings.Repeat(" ", limits.KeptBody-20) + token
			return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nX-Auth-Token: %s\r\nContent-Length: %d\r\n\r\n%s", path, token, len(body), body)
		},
		"member": func(path, token string) string {
			body := fmt.Sprintf(`{"upgrade_version": "%s%s"}`, strings.Repeat("1", 180), token)
			return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
		},
		"name": func(path, token string) string {
			body := fmt.Sprintf(`{"upgrade_version": "2.2.17", "%s%s": 1}`, strings.Repeat("1", 180), token)
			return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
		},
		"first line": func(_, token string) string {
			return "GET /" + strings.Repeat(" ", longestLine-25) + token + " HTTP/1.1\r\n\r\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, err := newStage(c, all[0])
			if err != nil {
				t.Fatal(err)
			}
			e := &g.endpoint
			connection, err := net.Dial("tcp", strings.TrimPrefix(e.URL, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.WriteString(connection, request("/v2/"+e.ProjectID+"/graphs/"+e.GraphID+"/upgrade", e.Token))
			_, _ = io.ReadAll(connection) // which may be none
			_ = connection.Close()
			g.stop()
			kept := g.exchanges()
			text, marshalErr := json.Marshal(kept)
			if err != nil || marshalErr != nil || len(kept) != 1 {
				t.Fatalf("expected one request, got %d, %v, %v", len(kept), err, marshalErr)
			}
			for _, kept := range []string{string(text), string(kept[0].Request.Body)} {
				if at := strings.Index(kept, e.Token[:8]); at >= 0 {
					t.Errorf("expected no part of the credential, got %.100q", kept[at:])
				}
			}
		})
	}
}
