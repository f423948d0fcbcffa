package serving

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/gesconform/gesconform/internal/ges"
)

const (
	maxHeader = 32 << 10 // bytes: request line, names and values
	maxURI    = 8 << 10  // bytes
	// hardHeaderLimit is the size in bytes from which net/http itself answers, with a
	// 431 in plain text, and closes the connection. It is far above maxHeader, so that
	// nearly all clients get our answer.
	hardHeaderLimit = 1 << 20
	// headerTooLarge is nginx's status for it. Gateways are often built on nginx.
	headerTooLarge = 494
)

// limit refuses requests whose URI or headers are too large, as a gateway does.
func limit(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case len(r.RequestURI) > maxURI:
			refuse(w, http.StatusRequestURITooLong, "Request URI too large")
		case headerSize(r) > maxHeader:
			refuse(w, headerTooLarge, "Request headers too large")
		default:
			handler.ServeHTTP(w, r)
		}
	})
}

// headerSize returns the length in bytes of the request line, and of the names and values
// of the headers.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("Host") + len(r.Host)
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	return size
}

// refuse answers as a gateway that does not pass the request on.
func refuse(w http.ResponseWriter, status int, message string) {
	id := fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", id)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error_code": ges.RequestRefused, "error_msg": message, "request_id": id}) // fails if the client is gone
}
