package selftest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wordsOfOneService may only be in internal/ges and openapi.yaml: everything else is derived
// from the document, for whatever service.
var wordsOfOneService = []string{"/graphs/", "APIGW", "X-Auth-Token", "showGraph", "data_store_version"}

// TestOnlyGESKnowsItsWords checks the code of contract and internal, except for ges, tests
// and their helpers.
func TestOnlyGESKnowsItsWords(t *testing.T) {
	t.Parallel()
	root, files := os.DirFS(repository()), 0
	for _, folder := range []string{"contract", "internal"} {
		err := fs.WalkDir(root, folder, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path == "internal/ges" || d.IsDir() && (d.Name() == "testdata" || strings.HasSuffix(d.Name(), "test")):
				return fs.SkipDir
			case filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			files++
			text, err := fs.ReadFile(root, path)
			if err != nil {
				return err
			}
			for number, line := range strings.Split(string(text), "\n") {
				for _, word := range wordsOfOneService {
					if strings.Contains(line, word) {
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
	if files < 100 {
		t.Errorf("expected the files of contract and internal, got %d", files)
	}
}
