package selftest

import (
	"bytes"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/gesconform/gesconform/internal/config"
)

var (
	// A fenced block, with the comment before it that says what the tests do with it.
	blockPattern   = regexp.MustCompile("(?s)(?:<!-- ([^\n]*) -->)?\n```(\\w+)\n(.*?\n)```\n")
	fencePattern   = regexp.MustCompile("(?m)^ *(?:```|~~~)")
	headingPattern = regexp.MustCompile(`(?m)^#+ (.*)$`)
	linkPattern    = regexp.MustCompile(`\]\(([^)\s]+)\)`)

	flagPattern       = regexp.MustCompile(`--([a-z][a-z-]*)`)
	listedFlagPattern = regexp.MustCompile(`(?m)^ +(?:-[a-z], )?--([a-z][a-z-]*)`)
	variablePattern   = regexp.MustCompile(config.Prefix + `[A-Z_]*[A-Z]`)
	versionPattern    = regexp.MustCompile(`gesconform(?:[_:@]|/v)v?(\d+\.\d+\.\d+)`)
)

// Flags and variables in the guides that are not the command's, and whose they are.
var (
	flagsOfOthers = map[string]string{
		"all": "skopeo", "rm": "docker", "from": "kubectl", "from-env-file": "kubectl", "local": "kubectl",
		"fail-with-body": "curl", "retry": "curl", "port": "prism",
	}
	variablesOfOthers = map[string]string{
		"GESCONFORM_VERSION": "deploy/ci.sh", "GESCONFORM_RELEASES": "deploy/ci.sh",
		"GESCONFORM_CREDENTIAL_KEY": "curl commands in reports",
		"GESCONFORM_FORCE_UPGRADE":  "clients that are judged", "GESCONFORM_SCENARIO": "clients that are judged",
	}
)

// A guide is a page for people.
type guide struct {
	name   string // its path in the repository
	text   string
	blocks []block
}

type block struct{ note, language, text string }

// path is that of the file.
func (g *guide) path() string { return repository(filepath.FromSlash(g.name)) }

// prose is the text without its blocks.
func (g *guide) prose() string { return blockPattern.ReplaceAllString(g.text, "\n") }

// readGuides reads the README, CONTRIBUTING.md, and all pages in docs.
func readGuides(t *testing.T) []*guide {
	t.Helper()
	paths, err := filepath.Glob(repository("docs", "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("expected pages in docs, got %v", err)
	}
	var guides []*guide
	for _, path := range append([]string{repository("README.md"), repository("CONTRIBUTING.md")}, paths...) {
		guides = append(guides, readGuide(t, path))
	}
	return guides
}

func readGuide(t *testing.T, path string) *guide {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(repository(), path)
	if err != nil {
		t.Fatal(err)
	}
	g := &guide{name: filepath.ToSlash(name), text: string(text)}
	for _, m := range blockPattern.FindAllStringSubmatch(g.text, -1) {
		g.blocks = append(g.blocks, block{m[1], m[2], m[3]})
	}
	return g
}

// TestGuideBlocks checks that each block says what the tests do with it (CONTRIBUTING.md has
// the ways to say it), so that none is forgotten.
func TestGuideBlocks(t *testing.T) {
	t.Parallel()
	for _, g := range readGuides(t) {
		if fences := len(fencePattern.FindAllString(g.text, -1)); fences != 2*len(g.blocks) {
			t.Errorf("%s: expected the fences of %d blocks that name their language, got %d fences", g.name, len(g.blocks), fences)
		}
		for _, b := range g.blocks {
			if problem := b.problem(g); problem != "" {
				t.Errorf("%s: %s: %s\n%s", g.name, b.language, problem, b.text)
			}
		}
	}
}

// problem says what is wrong with the comment before a block, or returns "".
func (b block) problem(g *guide) string {
	if reason, ok := strings.CutPrefix(b.note, notRun); ok && reason != "" {
		return ""
	}
	if file, ok := strings.CutPrefix(b.note, "checked by "); ok {
		if text, err := os.ReadFile(repository(filepath.FromSlash(file))); err != nil || !strings.Contains(string(text), filepath.Base(g.name)) {
			return "expected " + file + " to check the block, but it does not name " + filepath.Base(g.name)
		}
		return ""
	}
	kind, rest, _ := strings.Cut(b.note, ":")
	switch b.language {
	case "go":
		if b.note == "" {
			return ""
		}
	case "sh":
		known := b.note == ownShell || b.deployed() || strings.HasPrefix(rest, ` prints "`) && strings.HasSuffix(rest, `"`)
		if kind == ownShell && known {
			return ""
		}
	case "text":
		if strings.HasPrefix(b.note, outputOf) {
			return ""
		}
	}
	return "the comment does not say what the tests do with the block, got " + strconv.Quote(b.note)
}

// TestGuideLinks checks that the files and headings that the guides link to exist.
func TestGuideLinks(t *testing.T) {
	t.Parallel()
	guides := readGuides(t)
	anchors := map[string][]string{}
	for _, g := range guides {
		anchors[g.path()] = g.anchors()
	}
	for _, g := range guides {
		for _, m := range linkPattern.FindAllStringSubmatch(g.prose(), -1) {
			link, err := url.Parse(m[1])
			if err != nil {
				t.Errorf("%s links to %q: %v", g.name, m[1], err)
				continue
			}
			if link.Scheme != "" {
				continue
			}
			path := g.path()
			if link.Path != "" {
				path = filepath.Join(filepath.Dir(path), filepath.FromSlash(link.Path))
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", g.name, m[1], err)
			}
			if link.Fragment != "" && filepath.Ext(path) == ".md" && !slices.Contains(anchors[path], link.Fragment) {
				t.Errorf("%s links to %s, which has no such heading; it has %q", g.name, m[1], anchors[path])
			}
		}
	}
}

// anchors are those that GitHub gives the headings of a page.
func (g *guide) anchors() []string {
	var anchors []string
	seen := map[string]int{}
	for _, m := range headingPattern.FindAllStringSubmatch(g.prose(), -1) {
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, m[1])
		if seen[anchor]++; seen[anchor] > 1 {
			anchor += "-" + strconv.Itoa(seen[anchor]-1)
		}
		anchors = append(anchors, anchor)
	}
	return anchors
}

// TestGuideNames checks that the flags and variables in the guides exist, and that the version
// of the command is the present one.
func TestGuideNames(t *testing.T) {
	t.Parallel()
	flags := flagsOfTheCommand(t)
	for _, g := range readGuides(t) {
		for _, m := range flagPattern.FindAllStringSubmatch(g.text, -1) {
			if !flags[m[1]] && flagsOfOthers[m[1]] == "" {
				t.Errorf("%s names the flag --%s, which no command has", g.name, m[1])
			}
		}
		for _, name := range variablePattern.FindAllString(g.text, -1) {
			if !isVariable(name) && variablesOfOthers[name] == "" {
				t.Errorf("%s names the variable %s, which nothing reads", g.name, name)
			}
		}
		for _, m := range versionPattern.FindAllStringSubmatch(g.text, -1) {
			if m[1] != config.ToolVersion {
				t.Errorf("%s: expected version %s, got %s", g.name, config.ToolVersion, m[0])
			}
		}
	}
}

// isVariable reports whether something reads a variable of ours: the command warns of others.
func isVariable(name string) bool {
	c := config.Default()
	warnings, _ := config.FromEnvironment(&c, []string{name + "=x"}, nil) // x may be no value of it
	return len(warnings) == 0
}

// flagsOfTheCommand returns the flags in the help texts of the subcommands.
func flagsOfTheCommand(t *testing.T) map[string]bool {
	t.Helper()
	help := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), command(t), append(args, "--help")...).Output()
		if err != nil {
			t.Fatalf("gesconform %q --help: %v", args, err)
		}
		return string(out)
	}
	_, list, _ := strings.Cut(help(), "\nAvailable Commands:\n")
	list, _, _ = strings.Cut(list, "\n\n")
	flags := map[string]bool{}
	for line := range strings.Lines(list) {
		for _, m := range listedFlagPattern.FindAllStringSubmatch(help(strings.Fields(line)[0]), -1) {
			flags[m[1]] = true
		}
	}
	return flags
}

// TestReadmeFits checks that the README stays within three screens, names all guides, and shows
// pictures that load quickly.
func TestReadmeFits(t *testing.T) {
	t.Parallel()
	const screens, most = 160, 200_000
	guides := readGuides(t)
	readme := guides[0]
	if lines := strings.Count(readme.text, "\n"); lines > screens {
		t.Errorf("README.md: expected at most %d lines, got %d; move something into a guide", screens, lines)
	}
	for _, g := range guides[1:] {
		if !strings.Contains(readme.text, "]("+g.name) && g.name != "docs/kill-matrix.md" { // how-it-works.md links to it
			t.Errorf("README.md does not link to %s", g.name)
		}
	}
	pictures, err := filepath.Glob(repository("docs", "pictures", "*"))
	if err != nil || len(pictures) < 2 {
		t.Fatalf("expected two pictures, got %q, %v", pictures, err)
	}
	for _, path := range pictures {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.DecodeConfig(bytes.NewReader(data)); err != nil || len(data) >= most {
			t.Errorf("%s: expected a PNG of less than %d bytes, got %d bytes, %v", path, most, len(data), err)
		}
		if name := "](docs/pictures/" + filepath.Base(path) + ")"; !strings.Contains(readme.text, name) {
			t.Errorf("README.md does not show %s", path)
		}
	}
}
