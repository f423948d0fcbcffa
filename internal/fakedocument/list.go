package fakedocument

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// Names of parameters that say which part of a list is wanted, without case and separators.
var (
	limits  = map[string]bool{"limit": true, "size": true, "pagesize": true, "perpage": true, "maxresults": true, "maxitems": true, "pagelimit": true, "top": true}
	offsets = map[string]bool{"offset": true, "skip": true, "start": true}
	pages   = map[string]bool{"page": true, "pagenumber": true}
)

// usualPage is how many things are listed if neither the request nor the document says.
const usualPage = 20

func list(s *Server, c *call, to *reply) {
	if !s.there(c) {
		s.absent(c, to)
		return
	}
	if to.media == nil || !c.isJSON(to.media) {
		single(s, c, to)
		return
	}
	all := s.store.of(c.path)
	total := len(all)
	first, count := c.window()
	all = all[min(first, total):min(first+count, total)]
	schema := to.media.Schema
	whole := schema
	if len(c.place) > 0 {
		schema = memberOf(schema, c.place[0])
	}
	if schema == nil || schema.Type != contract.KindArray {
		single(s, c, to)
		return
	}
	if schema.MaxItems >= 0 {
		all = all[:min(len(all), schema.MaxItems)]
	}
	items := []any{}
	for _, t := range all {
		if v, ok := s.shaped(schema.Items, t.value); ok {
			items = append(items, v)
		}
	}
	var v any = items
	if !valid(schema, v) { // it must have some
		v, _ = s.full(schema) // is a part of what was made when the server started
	}
	s.send(c, to, c.status, s.placed(whole, c.place, v, counts(whole, total)), facts{total: total})
}

// counts returns the members beside a list that say how many there are.
func counts(whole *contract.Schema, total int) map[string]any {
	beside := map[string]any{}
	for _, name := range memberNames(whole) {
		switch fold(name) {
		case "total", "count", "totalcount", "totalitems", "totalresults":
			beside[name] = json.Number(strconv.Itoa(total))
		}
	}
	return beside
}

// window returns which things of a list are wanted.
func (c *call) window() (first, count int) {
	count = usualPage
	page := 1
	for _, p := range c.op.ParametersIn(contract.InQuery) {
		n, known := c.numberOf(p)
		switch name := fold(p.Name); {
		case !known:
		case limits[name]:
			count = max(n, 0)
		case offsets[name]:
			first = max(n, 0)
		case pages[name]:
			page = max(n, 1)
		}
	}
	if page-1 > mostThings {
		return mostThings, count
	}
	return min(first, mostThings) + (page-1)*min(count, mostThings), min(count, mostThings)
}

// numberOf returns the number that a parameter of the query has, or its default.
func (c *call) numberOf(p *contract.Parameter) (int, bool) {
	text := ""
	if v, problems := p.Decode(c.query); v != nil && len(problems) == 0 {
		text = v.Text
	} else if p.Schema != nil && p.Schema.Default != nil {
		text = textOf(p.Schema.Default)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		return n, true
	}
	return 0, false
}
