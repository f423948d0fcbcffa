package session

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/config"
)

// A Shard is one of several parts of a run. The zero value is all of it.
type Shard struct {
	Index int // from 0
	Of    int
}

// maxShards is far more than anybody needs.
const maxShards = 100_000

// ParseShard reads I/N, such as 0/4 for the first of four.
func ParseShard(text string) (Shard, error) {
	index, of, _ := strings.Cut(text, "/")
	i, iErr := strconv.Atoi(index)
	n, nErr := strconv.Atoi(of)
	if iErr != nil || nErr != nil || n < 1 || n > maxShards || i < 0 || i >= n {
		return Shard{}, fmt.Errorf("shard: expected I/N with 0 <= I < N, such as 0/4 for the first of four, got %.40q", text)
	}
	return Shard{i, n}, nil
}

// String returns the form that ParseShard reads, or "" for the zero value.
func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// Holds returns the ids in the shard. Each id is in one shard, and the sizes of shards
// differ by one at most. The order of ids does not matter: they are sorted by their
// digests, which separates similar ones, and each shard is a range of that order. An
// additional id moves at most one other id over each border between shards.
func (s Shard) Holds(ids []string) map[string]bool {
	if s.Of == 0 {
		s = Shard{0, 1}
	}
	sorted := slices.Clone(ids)
	digests := make(map[string][sha256.Size]byte, len(ids))
	for _, id := range ids {
		digests[id] = sha256.Sum256([]byte(id))
	}
	slices.SortFunc(sorted, func(a, b string) int {
		x, y := digests[a], digests[b]
		return cmp.Or(bytes.Compare(x[:], y[:]), cmp.Compare(a, b))
	})
	held := map[string]bool{}
	for _, id := range sorted[len(ids)*s.Index/s.Of : len(ids)*(s.Index+1)/s.Of] {
		held[id] = true
	}
	return held
}

// split removes the cases of other shards. Cases that only send inert requests are split.
// All others are in shard 0, because two runs that upgrade one graph at the same time would
// disturb each other; in other shards the risk is limited to inert.
func (s *Session) split() {
	if s.shard.Of == 0 {
		return
	}
	var ids []string
	for _, k := range s.selected {
		if !s.serial(k) {
			ids = append(ids, k.ID)
		}
	}
	held := s.shard.Holds(ids)
	s.selected = slices.DeleteFunc(slices.Clone(s.selected), func(k *cases.Case) bool {
		if s.serial(k) {
			return s.shard.Index > 0
		}
		return !held[k.ID]
	})
	if s.shard.Index > 0 {
		s.config.Risk = cases.Inert
	}
}

// HasNone reports whether a shard has no cases, of those that a filter selects and with the risk
// that was allowed.
func (s Shard) HasNone(c *contract.Contract, filter string, risk cases.Risk) (bool, error) {
	cfg := config.Default()
	cfg.LabelFilter, cfg.Risk = filter, risk
	part, err := selected(&Options{Contract: c, Config: cfg, Shard: s})
	if err != nil {
		return false, err
	}
	part.split()
	return part.Selected() == 0, nil
}

// Notes returns what a report says about the shard.
func (s Shard) Notes() []string {
	if s.Of == 0 {
		return nil
	}
	return []string{fmt.Sprintf("shard %s is only a part of the cases; only shard 0/%d sends requests that could change something; `gesconform merge` joins the results", s, s.Of)}
}
