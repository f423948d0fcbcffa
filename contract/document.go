package contract

import (
	"regexp"

	"github.com/gesconform/gesconform/internal/docfile"
	"github.com/gesconform/gesconform/internal/swagger"
	"github.com/gesconform/gesconform/internal/yamlfile"
)

// A dialect is a version of the specification that a document is written by.
type dialect string

const (
	openAPI30 dialect = "3.0"
	openAPI31 dialect = "3.1"
)

const readVersions = "openapi: expected 3.0.x or 3.1.x, or swagger: '2.0'"

var versionForm = regexp.MustCompile(`^(3\.[01])(\.[0-9]+(-.*)?)?$`)

// readDialect finds out by which specification the document is written, and refuses what is no document
// of one that is read.
func (c *Contract) readDialect() error {
	top := c.set.Top()
	if !top.Node.Is(docfile.Mapping) {
		return yamlfile.At(top.Line, "expected an OpenAPI document, got %s", top.Kind())
	}
	version := top.At("openapi")
	if version.Node == nil && top.Node.Get("swagger") != nil {
		return c.convertSwagger(top.At("swagger"))
	}
	if version.Node == nil {
		return yamlfile.At(version.Line, readVersions+", got neither")
	}
	form := versionForm.FindStringSubmatch(version.Node.Text)
	if form == nil || version.Node.Kind != docfile.Text && version.Node.Kind != docfile.Number {
		got := version.Kind().String()
		if len(version.Node.Members()) == 0 {
			got = version.Node.Text
		}
		return yamlfile.At(version.Line, readVersions+", got %.60q", got)
	}
	c.dialect = dialect(form[1])
	return c.checkPaths()
}

// checkPaths makes sure that the document has something to say.
func (c *Contract) checkPaths() error {
	top := c.set.Top()
	paths := top.At("paths")
	switch {
	case paths.Node == nil && (top.Node.Get("components") != nil || top.Node.Get("webhooks") != nil):
		c.note(top, "paths: there are none, so there is no operation")
	case !paths.Node.Is(docfile.Mapping):
		return yamlfile.At(paths.Line, "paths: %s", expected("a mapping", paths))
	}
	return nil
}

// convertSwagger turns a document of Swagger 2.0 into one of OpenAPI 3.0.
func (c *Contract) convertSwagger(version docfile.Place) error {
	if version.Node.Text != "2.0" {
		return yamlfile.At(version.Line, readVersions+", got swagger: %.60q", version.Node.Text)
	}
	c.dialect = openAPI30
	c.set.Replace(swagger.Convert(c.set.Root.Node))
	c.note(version, "the document is written by Swagger 2.0, and was converted to OpenAPI 3.0: clauses are named as there, lines are those of the document")
	return c.checkPaths()
}
