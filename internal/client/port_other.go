//go:build !unix

package client

import (
	"fmt"
	"net"
)

// reservePort returns the address of a port on which nobody listens.
func reservePort() (address string, release func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("reserve a port: %w", err)
	}
	return listener.Addr().String(), func() {}, listener.Close()
}
