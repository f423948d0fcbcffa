package fakeserver

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strconv"
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
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), high)
	return hex.EncodeToString(binary.BigEndian.AppendUint64(b, low))
}

// requestID makes the gateway's id of the next request. It is no matter of ids, so
// that the nth upgrade's id does not depend on what was refused before.
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

// token makes a token that begins as those of IAM do.
func (n *ids) token() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-"
	return "MII" + n.text(alphabet, 125)
}

// job makes a job id like the documented one: a UUID followed by nine digits, which
// count, so that no id comes twice.
func (n *ids) job() string {
	n.jobs++
	n.last = n.uuid() + strconv.Itoa(1_000_000_000 + 168_231 + n.jobs)[1:]
	return n.last
}

// accessKey and secretKey have the length and the characters of the real ones.
func (n *ids) accessKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
}

func (n *ids) secretKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}
