package contract

import (
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// parse fills c from the document, which stands in file, or in none.
func (c *Contract) parse(data []byte, file string) (err error) {
	if c.set, err = docfile.Parse(data, "an OpenAPI document"); err != nil {
		return err
	}
	if file != "" {
		if err := c.set.In(file); err != nil {
			return err
		}
	}
	defer c.set.Close()
	if err := c.readDialect(); err != nil {
		return err
	}
	if err := c.checkStrictly(); err != nil {
		return err
	}
	if info := c.set.Top().At("info").At("version"); info.Node != nil {
		c.version = info.Node.Text
	}
	for _, step := range []func() error{
		c.parseSources, c.parseCodeForm, c.parseCodes, c.parseSecondBest, c.parseRefusals, c.parseGraphStates, c.parseOperations, c.parseCredentialHeaders, c.parseResources,
		c.parsePathHeaders, c.parseRequirements, c.checkRequirements, c.checkSchemaSources, c.imply,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// entries decodes the entries of the mapping at pointer and calls add for each, in
// document order; a missing mapping has no entries. what, such as "source", says in
// errors what an entry is.
func entries[T any](c *Contract, pointer, what string, add func(key string, line int, entry *T) error) error {
	node := c.node(pointer)
	if node == nil {
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return yamlfile.At(node.Line, "%s: expected a mapping, got %s", pointer, yamlfile.KindOf(node))
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, entry := node.Content[i], new(T)
		if err := yamlfile.Decode(node.Content[i+1], entry); err != nil {
			return err
		}
		if err := add(key.Value, key.Line, entry); err != nil {
			return faultOf(what+" "+key.Value, key.Line, err)
		}
	}
	return nil
}

// faultOf adds the clause and its line to an error, unless the error has a line of its
// own.
func faultOf(clause string, line int, err error) error {
	var f *yamlfile.Fault
	if errors.As(err, &f) {
		return err
	}
	return yamlfile.At(line, "%s: %s", clause, err)
}

func (l Level) check() error {
	if !slices.Contains([]Level{Must, Should, May}, l) {
		return fmt.Errorf("level: expected MUST, SHOULD or MAY, got %q", l)
	}
	return nil
}
