package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/gesconform/gesconform/internal/config"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// inFolder changes to a new folder with a gesconform.yaml of this text; "" for none.
func inFolder(t *testing.T, text string) {
	t.Helper()
	t.Chdir(t.TempDir())
	if text != "" {
		write(t, config.FileName, text)
	}
}

func TestFileThatIsFound(t *testing.T) {
	const file = "label-filter: method\nticket: CHG-7\n"
	for name, tt := range map[string]struct {
		file    string
		environ []string
		args    []string
		status  int
		stdout  []string
		stderr  string // what it is, or what it begins with if it ends in …
	}{
		"it is read":                {file, nil, []string{"run"}, 0, []string{"filter method", "ticket:   CHG-7"}, "gesconform: gesconform.yaml sets label-filter, ticket\n"},
		"a variable overrides it":   {file, []string{"GESCONFORM_TICKET=other"}, []string{"run"}, 0, []string{"ticket:   other"}, "gesconform: gesconform.yaml sets label-filter, ticket\n"},
		"a flag overrides it":       {file, nil, []string{"run", "--ticket", "other"}, 0, []string{"ticket:   other"}, "gesconform: gesconform.yaml sets label-filter, ticket\n"},
		"quiet":                     {file, nil, []string{"run", "-q"}, 0, []string{"partial: "}, ""},
		"quiet by itself":           {file + "quiet: true", nil, []string{"run"}, 0, []string{"partial: "}, "gesconform: gesconform.yaml sets label-filter, quiet, ticket\n"},
		"a flag of the command":     {file + "format: json", nil, []string{"run"}, 0, []string{"{\n"}, "gesconform: gesconform.yaml sets format, label-filter, ticket\nplan: …"},
		"it is not to be read":      {"risk: destructive", nil, []string{"run", "--no-config", "--label-filter", "method"}, 0, []string{"filter method"}, ""},
		"by a variable":             {"risk: destructive", []string{"GESCONFORM_NO_CONFIG=true"}, []string{"run", "--label-filter", "method"}, 0, []string{"filter method"}, ""},
		"a flag before a variable":  {"ticket: CHG-8", []string{"GESCONFORM_NO_CONFIG=true"}, []string{"run", "--config", "gesconform.yaml", "--label-filter", "method"}, 0, []string{"ticket:   CHG-8"}, "gesconform: gesconform.yaml sets ticket\n"},
		"the other one's variable":  {"risk: inert", []string{"GESCONFORM_CONFIG=gesconform.yaml"}, []string{"run", "--no-config", "--label-filter", "method"}, 0, []string{"filter method"}, ""},
		"quiet before its verbose":  {file + "verbose: true", []string{"GESCONFORM_QUIET=true"}, []string{"run"}, 0, []string{"partial: "}, ""},
		"both":                      {file, nil, []string{"run", "--no-config", "--config", "gesconform.yaml"}, 2, nil, "gesconform: config: expected --config or --no-config, got both\n"},
		"named, but nothing":        {file, nil, []string{"run", "--config", ""}, 2, nil, "gesconform: --config: expected a value, got an empty one; omit the flag if it is not meant\n"},
		"a guard":                   {file + "keep-going: true", nil, []string{"run"}, 2, nil, "gesconform: gesconform.yaml:3: keep-going: lowers a guard, which no file may; set gesconform run --keep-going\n"},
		"a guard in a named one":    {file + "plan: plan.json", nil, []string{"run", "--config", "gesconform.yaml"}, 2, nil, "gesconform: gesconform.yaml:3: plan: lowers a guard, which no file may; set gesconform run --plan\n"},
		"a deployment, no endpoint": {"graph-id: g", nil, []string{"run"}, 2, nil, "gesconform: gesconform.yaml sets graph-id\ngesconform: gesconform.yaml:1: graph-id: expected an endpoint with it, got none; set GESCONFORM_ENDPOINT…"},
		"a wrong value for a flag":  {"format: xml", nil, []string{"run"}, 2, nil, "gesconform: format: expected text, json, junit or markdown, got \"xml\"\n"},
		"an endpoint":               {"endpoint: http://127.0.0.1:1", nil, []string{"run"}, 2, nil, "gesconform: gesconform.yaml:1: endpoint: says where the credentials go, so a file that is found by itself may not set it; set GESCONFORM_ENDPOINT, or name the file: --config gesconform.yaml\n"},
		"a named one's endpoint":    {"endpoint: http://127.0.0.1:1", nil, []string{"run", "--config", "gesconform.yaml"}, 2, nil, "gesconform: gesconform.yaml sets endpoint\ngesconform: project-id, graph-id and token: are missing…"},
		"other commands":            {"nonsense", nil, []string{"cases", "--label-filter", "method && upgradeGraph"}, 0, []string{"upgradeGraph/method/put"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inFolder(t, tt.file)
			c := call(t, tt.environ, tt.args...)
			if c.status != tt.status {
				t.Errorf("expected status %d, got %d", tt.status, c.status)
			}
			begin, more := strings.CutSuffix(tt.stderr, "…")
			if c.stderr != begin && !(more && strings.HasPrefix(c.stderr, begin)) {
				t.Errorf("expected %q on standard error, got %q", tt.stderr, c.stderr)
			}
			for _, want := range tt.stdout {
				if !strings.Contains(c.stdout, want) {
					t.Errorf("expected %q, got %.600s", want, c.stdout)
				}
			}
		})
	}
}

// What init writes says everything that can be set, is valid and changes nothing; and each line of
// it is valid once its comment sign is removed.
func TestInit(t *testing.T) {
	inFolder(t, "")
	if c := call(t, nil, "init"); c.status != exitConforms || c.stderr != "" {
		t.Fatalf("status %d: %s", c.status, c.stderr)
	}
	file, err := config.FindFile()
	if err != nil || len(file.Sets()) != 0 {
		t.Errorf("expected that it sets nothing, got %q, %v", file.Sets(), err)
	}
	text := read(t, config.FileName)
	if first, _, _ := strings.Cut(text, "\n"); first != "# yaml-language-server: $schema="+schemaURL {
		t.Errorf("expected the schema in the first line, got %q", first)
	}
	said := regexp.MustCompile(`(?m)^#([a-z].*)$`)
	environ := []string{"GES_TOKEN=a", "GES_ACCESS_KEY=a", "GES_SECRET_KEY=a", "GES_SECURITY_TOKEN=a", "GES_READONLY_TOKEN=a", "GES_EXPIRED_TOKEN=a",
		"PETS_HEADER=X-Tenant: acme", "PETS_QUERY=v=2", "PETS_COOKIE=lang=en", "PETS_CREDENTIAL=key=k-1"}
	var names []string
	for _, line := range said.FindAllStringSubmatch(text, -1) {
		write(t, "one.yaml", line[1]+"\n")
		one, err := config.ReadFile("one.yaml", environ)
		if err != nil || len(one.Sets()) != 1 {
			t.Errorf("%s: %v", line[1], err)
			continue
		}
		names = append(names, one.Sets()...)
	}
	slices.Sort(names)
	if want := slices.Sorted(slices.Values(config.InFile())); !slices.Equal(names, want) {
		t.Errorf("expected %q, got %q", want, names)
	}
	write(t, config.FileName, "mine")
	oneSentence(t, call(t, nil, "init"), "init: expected a file that does not exist yet, got gesconform.yaml, which is not overwritten")
	if read(t, config.FileName) != "mine" {
		t.Error("init has overwritten a file")
	}
}

// The published schema is that of the table of options. It allows what the reader allows, and
// refuses keys and kinds that the reader refuses.
func TestFileSchema(t *testing.T) {
	const path = "../../docs/gesconform.schema.json"
	published := call(t, nil, "init", "--print-schema").stdout
	if os.Getenv("GESCONFORM_UPDATE") == "1" {
		write(t, path, published)
	}
	if read(t, path) != published {
		t.Errorf("%s is out of date; GESCONFORM_UPDATE=1 rewrites it", path)
	}
	var document any
	if err := json.Unmarshal([]byte(published), &document); err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("file", document); err != nil {
		t.Fatal(err)
	}
	schema, file := compiler.MustCompile("file"), filepath.Join(t.TempDir(), "a.yaml")
	valid := func(text string) bool {
		root, err := yamlfile.Strict.Read([]byte(text), "settings")
		if err != nil {
			t.Fatal(err)
		}
		value, err := yamlfile.JSON(root)
		return err == nil && schema.Validate(value) == nil
	}
	keys := append(config.InFile(), "risk", "plan", "shard", "dry-run", "write-expect", "config", "unknown")
	for _, key := range keys {
		for _, value := range []string{"true", "false", "'true'", "7", "'7'", "1.5", "30s", "text", "json", "[a]", "{a: b}", "null", "1.2.3", "https://a.example.com", "2026-11-24T04:00:00+08:00"} {
			write(t, file, key+": "+value)
			_, err := config.ReadFile(file, nil)
			refused := err != nil && slices.ContainsFunc([]string{"unknown key", "lowers a guard", "is for one run", "expected true or false", "expected a whole number", "expected text"},
				func(why string) bool { return strings.Contains(err.Error(), why) })
			switch allowed := valid(key + ": " + value); {
			case err == nil && !allowed && key != "format": // whose values the reader leaves to the command
				t.Errorf("%s: %s: the schema refuses what the reader takes", key, value)
			case refused && allowed:
				t.Errorf("%s: %s: the schema allows what the reader refuses: %v", key, value, err)
			}
		}
	}
}

// The example of docs/operators.md is valid, and all that its table says may be set by a file that
// is found.
func TestFileOfTheGuide(t *testing.T) {
	_, after, _ := strings.Cut(read(t, "../../docs/operators.md"), "\n```yaml\n# yaml-language-server")
	example, _, found := strings.Cut("# yaml-language-server"+after, "```")
	inFolder(t, example)
	file, err := config.FindFile()
	if !found || err != nil || len(file.Sets()) != 6 {
		t.Errorf("expected six settings, got %q, %v", file.Sets(), err)
	}
	if first, _, _ := strings.Cut(example, "\n"); first != "# yaml-language-server: $schema="+schemaURL {
		t.Errorf("expected the URL of the schema, got %q", first)
	}
}
