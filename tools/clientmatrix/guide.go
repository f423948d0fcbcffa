package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What is written into the guide stands between these.
const (
	from = "<!-- written by `make clients` -->\n"
	to   = "<!-- end of what is written by `make clients` -->\n"
)

// writeGuide writes what is known of the clients into docs/clients.md.
func writeGuide(repository string, recipes []recipe) error {
	path := filepath.Join(repository, "docs", "clients.md")
	is, wanted, err := guide(repository, recipes)
	if err != nil || is == wanted {
		return err
	}
	return os.WriteFile(path, []byte(wanted), 0o644) //nolint:gosec // it is committed
}

// guide returns docs/clients.md as it is, and as the kept summaries would have it.
func guide(repository string, recipes []recipe) (is, wanted string, err error) {
	text, err := os.ReadFile(filepath.Join(repository, "docs", "clients.md"))
	if err != nil {
		return "", "", err
	}
	before, rest, found := strings.Cut(string(text), from)
	_, after, ended := strings.Cut(rest, to)
	if !found || !ended {
		return "", "", fmt.Errorf("docs/clients.md: expected the lines %q and %q", strings.TrimSpace(from), strings.TrimSpace(to))
	}
	var all []known
	for _, r := range recipes {
		k := known{recipe: r}
		err := readJSON(kept(repository, r.name), &k.summary)
		if errors.Is(err, os.ErrNotExist) {
			continue // it has not been judged yet
		}
		if err == nil {
			k.wrapper, err = os.ReadFile(filepath.Join(repository, filepath.FromSlash(r.path()), r.source))
		}
		if err != nil {
			return "", "", err
		}
		all = append(all, k)
	}
	var b bytes.Buffer
	table(&b, all)
	for i := range all {
		all[i].section(&b)
	}
	return string(text), before + from + "\n" + b.String() + "\n" + to + after, nil
}

// A known is a client that has been judged.
type known struct {
	recipe
	summary
	wrapper []byte
}

// table writes a row for each requirement and a column for each client.
func table(b *bytes.Buffer, all []known) {
	if len(all) == 0 {
		return
	}
	b.WriteString("| |")
	for _, k := range all {
		fmt.Fprintf(b, " [%s](#%s) |", k.name, k.name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(all)) + "\n")
	for _, q := range all[0].Requirements {
		fmt.Fprintf(b, "| %s %s |", q.Level, q.ID)
		for _, k := range all {
			i := slices.IndexFunc(k.Requirements, func(of requirement) bool { return of.ID == q.ID })
			fmt.Fprintf(b, " %s |", k.cell(i))
		}
		b.WriteString("\n")
	}
}

// cell says what came of a requirement.
func (k *known) cell(i int) string {
	switch {
	case i < 0 || k.Requirements[i].Decided == 0:
		return "–"
	case k.Requirements[i].Deviates > 0:
		return fmt.Sprintf("**%d of %d**", k.Requirements[i].Deviates, k.Requirements[i].Decided)
	}
	return "✓"
}

// section writes what was judged, and what came of it.
func (k *known) section(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n### %s\n\nUses %s; run as `%s`: [%s](../%s/%s).\n",
		k.name, k.library, strings.Join(k.command, " "), k.source, k.path(), k.source)
	if k.language != "" {
		fmt.Fprintf(b, "\n<!-- checked by tools/clientmatrix/guide_test.go -->\n```%s\n%s```\n", k.language, k.wrapper)
	}
	if len(k.Deviations) == 0 {
		b.WriteString("\nNothing deviates.\n")
	}
	for _, q := range k.Requirements {
		if q.Deviates == 0 {
			continue
		}
		fmt.Fprintf(b, "\n%s (%s): %s\n\n", q.ID, q.Level, q.Text)
		for _, d := range k.Deviations {
			if d.Requirement == q.ID {
				d.item(b)
			}
		}
	}
}

// item writes a deviation.
func (d *deviation) item(b *bytes.Buffer) {
	fmt.Fprintf(b, "- `%s`", strings.Join(grouped(d.Scenarios), "`, `"))
	fmt.Fprintf(b, ": %s. It said %s.", strings.TrimSuffix(quoted(d.Got), "."), d.Said)
	if len(d.Wire) > 0 {
		fmt.Fprintf(b, " On the wire: `%s`.", strings.Join(d.Wire, "`, `"))
	}
	b.WriteString("\n")
}

// grouped returns the names of scenarios, or of many the groups.
func grouped(names []string) []string {
	const many = 30
	if len(names) <= many {
		return names
	}
	var groups []string
	counts := map[string]int{}
	for _, name := range names {
		group, _, _ := strings.Cut(name, "/")
		if counts[group]++; counts[group] == 1 {
			groups = append(groups, group)
		}
	}
	for i, group := range groups {
		groups[i] = fmt.Sprintf("%s/* (%d)", group, counts[group])
	}
	return groups
}

// quoted is a text that Markdown shows as it is.
func quoted(text string) string {
	return strings.NewReplacer("|", "\\|", "<", "\\<", "*", "\\*", "_", "\\_").Replace(text)
}
