package fakeserver

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
)

// ids makes ids and tokens. Its results depend on nothing but the seed and the
// order of the calls, those for request ids apart, so that the nth upgrade's id
// does not depend on what was refused before. It is not safe for concurrent use.
type ids struct {
	rand, requests *rand.Rand
	jobs           int
	last           string // job id
}

func newIDs(seed int64) *ids {
	stream := func(n uint64) *rand.Rand {
		return rand.New(rand.NewPCG(uint64(seed), n)) //nolint:gosec // repeatable on purpose
	}
	return &ids{rand: stream(0x6765736d), requests: stream(0x7265716d)}
}

// hex makes 32 lower-case hexadecimal digits.
func (n *ids) hex() string { return hex128(n.rand) }

// request makes a gateway's request id.
func (n *ids) request() string { return hex128(n.requests) }

func hex128(r *rand.Rand) string {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], r.Uint64())
	binary.BigEndian.PutUint64(raw[8:], r.Uint64())
	return hex.EncodeToString(raw[:])
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

// token begins as the service's own tokens do.
func (n *ids) token() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
	return "MII" + n.text(alphabet, 125)
}

// job makes a job id like the documented one: a UUID with nine digits glued on.
// The digits count, so that none is given twice.
func (n *ids) job() string {
	n.jobs++
	b := n.appendUUID(make([]byte, 0, 45))
	digits := strconv.Itoa(1_000_000_000 + 168_231 + n.jobs)
	n.last = string(append(b, digits[1:]...))
	return n.last
}

// accessKey and secretKey are of the length and the letters of the real ones.
func (n *ids) accessKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
}

func (n *ids) secretKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}
