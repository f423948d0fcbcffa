package contract_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform"
	"github.com/gesconform/gesconform/contract"
)

// A published answer is one that a page shows, copied word for word.
type published struct {
	ID        string            `yaml:"id"`
	Operation string            `yaml:"operation"`
	Page      string            `yaml:"page"`
	Date      string            `yaml:"date"`
	Status    int               `yaml:"status"`
	Headers   map[string]string `yaml:"headers"`
	Body      string            `yaml:"body"`
	Condition string            `yaml:"condition"`
	Lawful    bool              `yaml:"lawful"`
	Decision  string            `yaml:"decision"`
	Note      string            `yaml:"note"`
}

func decisions(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("../docs/decisions.md")
	if err != nil {
		t.Fatal(err)
	}
	headings := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^## (D[0-9]+)\b`).FindAllSubmatch(text, -1) {
		if headings[string(found[1])] {
			t.Errorf("the heading ## %s appears twice", found[1])
		}
		headings[string(found[1])] = true
	}
	return headings
}

// The contract must allow what the pages themselves show, unless a decision says why
// not.
func TestPublishedAnswers(t *testing.T) {
	c := load(t)
	known := decisions(t)
	files, err := filepath.Glob("testdata/published/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var p published
			decoder := yaml.NewDecoder(bytes.NewReader(data))
			decoder.KnownFields(true)
			if err := decoder.Decode(&p); err != nil {
				t.Fatal(err)
			}
			op := c.Operation(p.Operation)
			switch {
			case p.ID != strings.TrimSuffix(filepath.Base(file), ".yaml"):
				t.Errorf("the id is %q", p.ID)
			case op == nil:
				t.Fatalf("unknown operation %q", p.Operation)
			case p.Page == "" || p.Date == "":
				t.Error("expected page and date")
			case p.Condition != "" && c.Refusal(p.Condition) == nil:
				t.Fatalf("unknown condition %q", p.Condition)
			case !p.Lawful && p.Decision == "":
				t.Error("unlawful, and no decision says why")
			case p.Decision != "" && !known[p.Decision]:
				t.Errorf("docs/decisions.md has no heading ## %s", p.Decision)
			}
			if lawful, why := judgePublished(c, op, &p); lawful != p.Lawful {
				t.Errorf("lawful: got %v, want %v\n%v", lawful, p.Lawful, why)
			}
		})
	}
}

func judgePublished(c *contract.Contract, op *contract.Operation, p *published) (lawful bool, why any) {
	header := http.Header{}
	for name, value := range p.Headers {
		header.Set(name, value)
	}
	method := op.Method
	answer := &contract.Answer{Status: p.Status, Header: header, Body: []byte(p.Body)}
	if problems := c.JudgeAnswer(op, method, answer); len(problems) > 0 {
		return false, problems
	}
	if p.Condition == "" {
		return true, nil
	}
	code := answer.ErrorCode()
	switch fit := c.Fit(c.Refusal(p.Condition), p.Status, code); fit {
	case contract.Exact, contract.Tolerated, contract.Unlisted, contract.Generic:
		return true, nil
	default:
		return false, c.Refusal(p.Condition).Lawful()
	}
}

// Each decision that the document names, and no other, is argued in docs/decisions.md, under
// its title and with the sentence that reports show.
func TestOwnDecisionsAreArgued(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "decisions.md"))
	if err != nil {
		t.Fatal(err)
	}
	argued := map[string]string{} // the heading and what follows it, by number
	for _, section := range strings.Split(string(text), "\n## D")[1:] {
		number, _, _ := strings.Cut(section, " ")
		argued[number] = strings.Join(strings.Fields(section), " ")
	}
	c := load(t)
	for number := range argued {
		if c.Source("ours-d"+number) == nil {
			t.Errorf("x-sources has no ours-d%s, which docs/decisions.md argues", number)
		}
	}
	entries := regexp.MustCompile(`(?m)^  ours-d([0-9]+):`).FindAllStringSubmatch(string(gesconform.OpenAPI), -1)
	if len(entries) == 0 {
		t.Error("openapi.yaml has no decision")
	}
	for _, entry := range entries {
		s := c.Source("ours-d" + entry[1])
		want := fmt.Sprintf("%s %s **In one sentence:** %s ", entry[1], s.Title, s.Reason)
		if !strings.HasPrefix(argued[entry[1]], want) {
			t.Errorf("docs/decisions.md: expected a section that begins with %q, got %.200q", want, argued[entry[1]])
		}
	}
}
