package cases

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// A part is a part of an operation's requests, at a place.
type part struct {
	subject string // of the case's id
	name    string // of the header, the parameter or the member
	related string // the part as the contract's relations name it
	schema  *contract.Schema
	version bool // it names the version
	// values are the values of the placeholders in a mutation's text that come from the
	// document: the valid ${body}, the ${name} and the valid ${value} of the part, …
	values map[string]string
}

// parts lists the parts of the operation's requests at a place.
func (d *deriver) parts(at place) []part {
	switch at {
	case atCredentials, atSecondHeader:
		return d.schemes(func(s *contract.SecurityScheme) bool { return s == d.op.Schemes()[0] })
	case atSignature:
		return d.schemes(func(s *contract.SecurityScheme) bool { return s.Pattern != nil })
	case atProject:
		in, name, ok := d.op.Place(contract.OtherProject)
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool { return ok && in == contract.InPath && p.Name == name })
	case atGraph:
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool { return p.Name == d.target.NamedBy })
	case atID:
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool { return d.related(contract.Unknown, p.Name) != "" })
	case atSegment:
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool { return p.Name == d.target.NamedBy && d.refusesSlash() })
	case atNearID:
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool {
			return p.Name == d.target.NamedBy && d.version != "" || p.Name == d.target.NamedBy && d.op.Safe()
		})
	case atJob:
		return d.parameters(contract.InPath, func(p *contract.Parameter) bool { return d.placeholder(p) == JobPlaceholder })
	case atMethod:
		return []part{{subject: "method"}}
	case atQuery, atHeaders:
		return []part{{values: map[string]string{"${name}": d.op.Schemes()[0].Name, "${method}": d.op.Method}}}
	case atWholePath:
		return d.wholePath()
	case atHeader:
		return d.parameters(contract.InHeader, func(*contract.Parameter) bool { return true })
	case atMediaType:
		if d.op.Body != nil {
			return []part{{subject: "media-type", name: "Content-Type", values: map[string]string{
				"${media_type}": d.op.Body.MediaTypes()[0], "${upper_media_type}": strings.ToUpper(d.op.Body.MediaTypes()[0]),
			}}}
		}
	case atBody, atAddedMember:
		if d.op.Body != nil {
			return []part{{subject: "body", values: d.bodyValues()}}
		}
	case atMember, atMemberValue:
		return d.members(func(contract.Property) bool { return true })
	case atMemberText:
		return d.members(func(p contract.Property) bool { return p.Schema.Type == contract.KindString })
	case atVersionMember, atVersionText, atVersionWanted:
		return d.members(func(p contract.Property) bool { return p.Name == d.version })
	case atVersionQuery:
		if d.op.Body != nil && d.version != "" {
			return []part{{subject: "query", related: "/" + d.version, values: map[string]string{"${name}": d.version}}}
		}
	case nowhere, placeCount:
	}
	return nil
}

// wholePath returns the path as a part, if the contract says how a path is refused that is not
// the operation's.
func (d *deriver) wholePath() []part {
	if d.c.RefusalFor(d.op, contract.Problem{In: contract.InPath, Keyword: "required"}) == nil {
		return nil
	}
	path := d.base.Path
	at := strings.LastIndex(path, "/")
	_, project, _ := d.op.Place(contract.OtherProject)
	start, end := lastFixed(path)
	return []part{{
		subject: "path", related: project,
		values: map[string]string{
			"${path}": path, "${parent}": path[:at], "${last}": path[at+1:],
			"${path_with_escape}":   path[:start] + fmt.Sprintf("%%%02X", path[start]) + path[start+1:],
			"${path_with_capitals}": path[:start] + strings.ToUpper(path[start:end]) + path[end:],
		},
	}}
}

// lastFixed returns where the last segment of a path without a placeholder starts and ends.
func lastFixed(path string) (start, end int) {
	for end = len(path); ; end = start - 1 {
		if start = strings.LastIndex(path[:end], "/") + 1; start == 0 || !strings.Contains(path[start:end], "${") {
			return start, end
		}
	}
}

func (d *deriver) schemes(wanted func(*contract.SecurityScheme) bool) []part {
	var all []part
	for _, s := range d.op.Schemes() {
		if wanted(s) {
			all = append(all, part{subject: "security/" + s.ID, name: s.Name})
		}
	}
	return all
}

func (d *deriver) parameters(in contract.In, wanted func(*contract.Parameter) bool) []part {
	var all []part
	for _, p := range d.op.Parameters {
		if p.In == in && wanted(p) {
			name := p.Name
			if in == contract.InHeader {
				name = strings.ToLower(name)
			}
			all = append(all, part{
				subject: string(in) + "/" + name, name: p.Name, related: p.Name, schema: p.Schema,
				values: map[string]string{"${name}": p.Name, "${value}": d.placeholder(p)},
			})
		}
	}
	return all
}

func (d *deriver) members(wanted func(contract.Property) bool) []part {
	if d.op.Body == nil {
		return nil
	}
	var all []part
	for _, p := range d.op.Body.Schema().Properties {
		if wanted(p) {
			all = append(all, part{
				subject: "body/" + p.Name, name: p.Name, related: "/" + p.Name, schema: p.Schema, version: p.Name == d.version, values: d.memberValues(p),
			})
		}
	}
	return all
}

// refusesSlash reports whether the operation has a refusal for paths that a router may
// take for another.
func (d *deriver) refusesSlash() bool {
	return slices.ContainsFunc(d.op.Refusals(), func(r *contract.Refusal) bool {
		return slices.ContainsFunc(r.When, func(w contract.When) bool { return w.In == contract.InPath && w.Keyword == "slash" })
	})
}

// bodyPlaceholder stands for the valid body.
const bodyPlaceholder = "${body}"

// bodyValues returns the placeholder values for texts that replace a whole body.
func (d *deriver) bodyValues() map[string]string {
	valid := d.body()
	return map[string]string{
		bodyPlaceholder:        valid.String(),
		"${members}":           valid.inner(),
		"${member}":            d.firstMember(),
		"${body_spaced}":       valid.spaced(),
		"${body_with_escapes}": valid.escaped().String(),
		"${body_reversed}":     d.withOptional().reversed().String(),
		"${body_in_utf16}":     inUTF16(valid.String()),
	}
}

// memberValues returns the placeholder values for texts that replace a member. If the
// schema does not set a bound, its placeholder has the valid value.
func (d *deriver) memberValues(p contract.Property) map[string]string {
	s, valid := p.Schema, d.validValue(p.Name, p.Schema)
	values := map[string]string{
		"${name}": p.Name, "${upper_name}": strings.ToUpper(p.Name), "${title_name}": titleCase(p.Name), "${optional}": d.optional(),
		"${value}": valid, "${below_minimum}": valid, "${above_maximum}": valid, "${not_whole}": valid,
	}
	if s.Minimum != nil {
		values["${below_minimum}"] = number(*s.Minimum - 1)
	}
	if s.Maximum != nil {
		values["${above_maximum}"] = number(*s.Maximum + 1)
	}
	if s.Integer {
		values["${not_whole}"] = number(wholeWithin(s) + 0.5)
	}
	return values
}

// titleCase writes a snake_case name with capitals: Upgrade_Version.
func titleCase(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "_")
}
