package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/resources"
	"github.com/gesconform/gesconform/internal/wire"
)

// What the gate doubts is written as doubtful, so that nobody deletes it after a kill.
func TestWhatTheGateDoubtsIsInTheJournal(t *testing.T) {
	c, err := contract.Parse("notes.yaml", []byte(`openapi: 3.0.3
info: {title: Notes, version: "1"}
paths:
  /notes/{noteId}:
    parameters: [{name: noteId, in: path, required: true, schema: {type: string}}]
    delete: {operationId: dropNote, responses: {"204": {description: gone}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	k := &maker{gate: wire.NewDocumentGate(c, cases.Destructive, nil, nil), folder: folder}
	err = k.made(resources.Made{By: "makeNote", Delete: "dropNote", Path: "/notes/7", URL: "http://127.0.0.1/notes/7", IDs: []string{"7"}})
	if err == nil || !strings.Contains(err.Error(), "no creation was answered with its id") {
		t.Errorf("expected the doubt of the gate, got %v", err)
	}
	if err := k.close(); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(filepath.Join(folder, "made.jsonl"))
	if err != nil || !strings.Contains(string(line), `"doubt":"note that /notes/7 was made: no creation was answered with its id"`) {
		t.Errorf("expected the doubt in the journal, got %s and %v", line, err)
	}
}
