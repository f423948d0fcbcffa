// Package pathtemplate takes the path templates of OpenAPI documents apart, such as /pets/{petId}.
package pathtemplate

import "strings"

// Fill returns a template, or a part of one, with a text in place of each parameter. What has no closing brace
// stays as it is.
func Fill(template string, text func(name string) string) string {
	var filled strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			filled.WriteString(template)
			return filled.String()
		}
		filled.WriteString(before + text(name))
		template = after
	}
}

// Unnamed returns a template, or a part of one, with {} for each parameter, and their names in order.
func Unnamed(template string) (form string, names []string) {
	form = Fill(template, func(name string) string {
		names = append(names, name)
		return "{}"
	})
	return form, names
}
