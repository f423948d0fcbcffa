//go:build unix

package serving

import (
	"fmt"
	"syscall"
)

// Refusing returns the address of a port of the loopback interface that refuses connections until it is
// released: nobody listens there, and nobody else gets it.
func Refusing() (address string, release func(), err error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		return "", nil, fmt.Errorf("reserve a port that refuses connections: %w", err)
	}
	release = func() { _ = syscall.Close(fd) }
	syscall.CloseOnExec(fd)
	if err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err == nil {
		var bound syscall.Sockaddr
		if bound, err = syscall.Getsockname(fd); err == nil {
			if inet, ok := bound.(*syscall.SockaddrInet4); ok {
				return fmt.Sprintf("127.0.0.1:%d", inet.Port), release, nil
			}
		}
	}
	release()
	return "", nil, fmt.Errorf("reserve a port that refuses connections: %w", err)
}
