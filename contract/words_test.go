package contract_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// wordsOfOneService are known to internal/ges and to openapi.yaml alone: the rest
// follows from the document, whatever service it is of.
var wordsOfOneService = []string{"/graphs/", "APIGW", "X-Auth-Token", "showGraph", "data_store_version"}

// roomsWithWords still hold some. It is to become empty.
var roomsWithWords = []string{"internal/engine", "internal/fakeadmin", "internal/serving", "internal/wire"}

func TestOnlyGESKnowsItsWords(t *testing.T) {
	found := map[string]bool{}
	for _, root := range []string{"contract", "internal"} {
		err := fs.WalkDir(os.DirFS(".."), root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path == "internal/ges" || path == "internal/selftest" || d.Name() == "testdata":
				return fs.SkipDir
			case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			text, err := os.ReadFile(filepath.Join("..", path))
			if err != nil {
				return err
			}
			room := filepath.ToSlash(filepath.Dir(path))
			for number, line := range strings.Split(string(text), "\n") {
				for _, word := range wordsOfOneService {
					if !strings.Contains(line, word) {
						continue
					}
					if found[room] = true; !slices.Contains(roomsWithWords, room) {
						t.Errorf("%s:%d: %s belongs to internal/ges or to the document", path, number+1, word)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, room := range roomsWithWords {
		if !found[room] {
			t.Errorf("%s holds none of the words any more: take it out of the table", room)
		}
	}
}
