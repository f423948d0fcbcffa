package main

import (
	"context"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gesconform/gesconform/internal/selftest/inprocess"
)

// A memoryListener is a network in memory with an address of its own, to which dialAny leads.
// In a bubble of testing/synctest, time passes only while everything waits for it: a time limit
// is reached at once, and never because the machine is busy.
type memoryListener struct {
	*inprocess.Listener
	address net.TCPAddr
}

func (l *memoryListener) Addr() net.Addr { return &l.address }

var (
	memoryListeners sync.Map // by address
	memoryAddresses atomic.Uint32
)

// listenInMemory listens until the test has ended.
func listenInMemory(t *testing.T) net.Listener {
	t.Helper()
	n := memoryAddresses.Add(1)
	l := &memoryListener{inprocess.Listen(), net.TCPAddr{IP: net.IPv4(127, 77, byte(n>>8), byte(n)), Port: 80}}
	memoryListeners.Store(l.address.String(), l)
	t.Cleanup(func() { memoryListeners.Delete(l.address.String()) })
	return l
}

// dialAny dials servers in memory, and what is none of them over the system's network.
func dialAny(ctx context.Context, network, address string) (net.Conn, error) {
	if l, found := memoryListeners.Load(address); found {
		return l.(*memoryListener).Dial(ctx, network, address)
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// Runs that overlap leave the process with the limit that it had.
func TestMemoryLimitsOverlap(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	first, second := limitMemory(nil, 1<<40), limitMemory(nil, 1<<41)
	first()
	if got := debug.SetMemoryLimit(-1); got != 1<<41 {
		t.Errorf("expected the limit of the second run, got %d", got)
	}
	second()
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("expected the limit from before, %d, got %d", before, got)
	}
}
