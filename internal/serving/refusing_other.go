//go:build !unix

package serving

import (
	"fmt"
	"net"
)

// Refusing returns the address of a port of the loopback interface that refuses connections, as long
// as nobody else gets it.
func Refusing() (address string, release func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("reserve a port that refuses connections: %w", err)
	}
	return listener.Addr().String(), func() {}, listener.Close()
}
