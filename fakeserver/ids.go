package fakeserver

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
)

// ids makes ids and credentials, by a seed and the order of the calls. It is not
// safe for concurrent use.
type ids struct {
	rand *rand.Rand
	jobs int
	last string // job id
}

func newIDs(seed int64) *ids {
	return &ids{rand: rand.New(rand.NewPCG(uint64(seed), 0x6765736d))}
}

// hex makes 32 lower-case hexadecimal digits.
func (n *ids) hex() string { return hex128(n.rand.Uint64(), n.rand.Uint64()) }

func hex128(high, low uint64) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], high)
	binary.BigEndian.PutUint64(raw[8:], low)
	return hex.EncodeToString(raw[:])
}

// requestIDs makes the gateway's request ids, for any number of goroutines. They
// are counted apart, so that the nth upgrade's id does not depend on what was
// refused before.
type requestIDs struct {
	seed  uint64
	count atomic.Uint64
}

func (n *requestIDs) next() string {
	number := n.count.Add(1)
	return hex128(mixed(n.seed+number), mixed(^n.seed-number))
}

// mixed spreads a number over all its bits (the finalizer of SplitMix64).
func mixed(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (n *ids) text(alphabet string, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = alphabet[n.rand.IntN(len(alphabet))]
	}
	return string(b)
}

func (n *ids) uuid() string { return string(n.appendUUID(make([]byte, 0, 36))) }

// appendUUID appends a random UUID (RFC 9562, version 4).
func (n *ids) appendUUID(b []byte) []byte {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], n.rand.Uint64())
	binary.BigEndian.PutUint64(raw[8:], n.rand.Uint64())
	raw[6], raw[8] = raw[6]&0x0f|0x40, raw[8]&0x3f|0x80
	for i, part := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, part)
	}
	return b
}

// token makes a token that begins as those of IAM do.
func (n *ids) token() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
	return "MII" + n.text(alphabet, 125)
}

// job makes a job id like the documented one: a UUID followed by nine digits, which
// count, so that no id comes twice.
func (n *ids) job() string {
	n.jobs++
	b := n.appendUUID(make([]byte, 0, 45))
	digits := strconv.Itoa(1_000_000_000 + 168_231 + n.jobs)
	n.last = string(append(b, digits[1:]...))
	return n.last
}

// accessKey and secretKey have the length and the characters of the real ones.
func (n *ids) accessKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
}

func (n *ids) secretKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}
