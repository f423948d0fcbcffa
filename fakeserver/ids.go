package fakeserver

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
)

// ids makes ids and credentials, which follow from a seed and the order of the calls. It
// is not safe for concurrent use.
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
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), high)
	return hex.EncodeToString(binary.BigEndian.AppendUint64(b, low))
}

// requestID makes the gateway's id for the next request. It does not use ids, so that the
// id of the nth upgrade does not depend on how many requests there were before.
func (s *Server) requestID() string {
	random := rand.NewPCG(uint64(s.config.seed), s.requests.Add(1))
	return hex128(random.Uint64(), random.Uint64())
}

func (n *ids) text(alphabet string, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = alphabet[n.rand.IntN(len(alphabet))]
	}
	return string(b)
}

// uuid makes a random UUID (RFC 9562, version 4).
func (n *ids) uuid() string {
	high, low := n.rand.Uint64(), n.rand.Uint64()
	h := hex128(high&^0xf000|0x4000, low<<2>>2|1<<63)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// token makes a token with the prefix of IAM's tokens.
func (n *ids) token() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
	return "MII" + n.text(alphabet, 125)
}

// job makes a job id like the documented one: a UUID followed by nine digits. The digits
// are a counter, so that each id is unique.
func (n *ids) job() string {
	n.jobs++
	n.last = n.uuid() + strconv.Itoa(1_000_000_000 + 168_231 + n.jobs)[1:]
	return n.last
}

// accessKey and secretKey make keys with the length and the characters of real ones.
func (n *ids) accessKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
}

func (n *ids) secretKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}
