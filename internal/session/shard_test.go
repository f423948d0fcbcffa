package session

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseShard(t *testing.T) {
	for text, want := range map[string]Shard{"0/1": {0, 1}, "3/4": {3, 4}, "99999/100000": {99_999, 100_000}} {
		if got, err := ParseShard(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: expected %v, got %v, %v", text, want, got, err)
		}
	}
	for _, text := range []string{"", "1", "1/", "/4", "4/4", "-1/4", "0/0", "0/100001", "1/4/2", "a/b", "1.5/4", strings.Repeat("9", 100)} {
		if _, err := ParseShard(text); err == nil || !strings.HasPrefix(err.Error(), "shard: expected I/N") || len(err.Error()) > 200 {
			t.Errorf("%q: expected to be refused in a sentence, got %v", text, err)
		}
	}
}

func shardsOf(n int, ids []string) []map[string]bool {
	var all []map[string]bool
	for i := range n {
		all = append(all, Shard{i, n}.Holds(ids))
	}
	return all
}

func at(shards []map[string]bool, id string) int {
	return slices.IndexFunc(shards, func(s map[string]bool) bool { return s[id] })
}

// Each id is in one shard, the sizes of shards differ by one at most, and the order of ids
// does not matter. An additional id moves at most one other id over each border.
func TestShardsSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9-]{1,8}`), 0, 60, rapid.ID).Draw(t, "ids")
		n := rapid.IntRange(1, 12).Draw(t, "shards")
		shards := shardsOf(n, ids)
		seen := map[string]int{}
		for i, held := range shards {
			if len(held) < len(ids)/n || len(held) > (len(ids)+n-1)/n {
				t.Errorf("shard %d of %d: %d of %d ids", i, n, len(held), len(ids))
			}
			for id := range held {
				seen[id]++
			}
		}
		for _, id := range ids {
			if seen[id] != 1 {
				t.Errorf("%s: expected it in one shard, got %d", id, seen[id])
			}
		}
		shuffled := slices.Clone(ids)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		more := shardsOf(n, append(shuffled, "one more than there were"))
		moved := 0
		for i, held := range shardsOf(n, shuffled) {
			for id := range held {
				if at(shards, id) != i {
					t.Errorf("%s: expected the same shard for any order of ids", id)
				}
				if at(more, id) != i {
					moved++
				}
			}
		}
		if moved > n-1 {
			t.Errorf("expected one id more than %d to move at most %d others between shards, got %d", len(ids), n-1, moved)
		}
	})
}

// The split must never change: jobs with different versions of the tool must agree on it.
func TestShardsStay(t *testing.T) {
	var ids []string
	for i := range 12 {
		ids = append(ids, fmt.Sprintf("region-%d", i))
	}
	var got []string
	for _, held := range shardsOf(3, ids) {
		var names []string
		for id := range held {
			names = append(names, strings.TrimPrefix(id, "region-"))
		}
		slices.Sort(names)
		got = append(got, strings.Join(names, " "))
	}
	// Sorted by `printf region-N | sha256sum`.
	if want := []string{"1 11 4 6", "0 10 2 5", "3 7 8 9"}; !slices.Equal(got, want) {
		t.Errorf("expected %q, got %q", want, got)
	}
	if whole := (Shard{}).Holds(ids); len(whole) != len(ids) {
		t.Errorf("expected the zero value to hold all, got %v", whole)
	}
}
