package fakeserver

import (
	"fmt"
	"math/rand/v2"
)

// ids makes ids and tokens. Its results depend on nothing but the seed and the
// order of the calls; it is not safe for concurrent use.
type ids struct {
	rand *rand.Rand
	jobs int
	last string // job id
}

func newIDs(seed int64) *ids { return &ids{rand: rand.New(rand.NewPCG(uint64(seed), 0x6765736d))} }

func (n *ids) hex(bytes int) string {
	const digits = "0123456789abcdef"
	return n.text(digits, 2*bytes)
}

func (n *ids) text(alphabet string, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = alphabet[n.rand.IntN(len(alphabet))]
	}
	return string(b)
}

func (n *ids) uuid() string {
	h := []byte(n.hex(16))
	h[12], h[16] = '4', "89ab"[n.rand.IntN(4)]
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
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
	n.last = fmt.Sprintf("%s%09d", n.uuid(), 168231+n.jobs)
	return n.last
}

// accessKey and secretKey are of the length and the letters of the real ones.
func (n *ids) accessKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20)
}

func (n *ids) secretKey() string {
	return n.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 40)
}
