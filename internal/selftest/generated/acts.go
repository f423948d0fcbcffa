package generated

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/contract"
)

// admit puts the credentials into a request that has none or wrong ones.
func (g *generator) admit(c *call, op *contract.Operation) []string {
	if c.op != op || c.forward().Status != http.StatusUnauthorized && c.answer.Status != http.StatusForbidden {
		return nil
	}
	header := c.request.Header.Clone()
	path := c.request.Path
	for _, scheme := range op.Security[0] {
		text := c.s.Credentials[scheme.ID]
		switch {
		case scheme.In == contract.InQuery:
			join := "?"
			if strings.Contains(path, "?") {
				join = "&"
			}
			path += join + url.QueryEscape(scheme.Name) + "=" + url.QueryEscape(text)
		case scheme.In == contract.InCookie:
			header.Set("Cookie", scheme.Name+"="+text)
		case scheme.Type == "apiKey":
			header.Set(scheme.Name, text)
		case scheme.Scheme == "basic":
			r := &http.Request{Header: header}
			user, password, _ := strings.Cut(text, ":")
			r.SetBasicAuth(user, password)
		default:
			header.Set("Authorization", "Bearer "+text)
		}
	}
	a := c.s.ask(contract.Request{Method: c.request.Method, Path: path, Header: header, Body: c.request.Body})
	if a.Status >= 300 {
		return nil
	}
	c.answer = a
	return []string{"credentials.required", "credentials.valid"}
}

// proves reports whether a request has the credentials of an operation.
func (c *call) proves(op *contract.Operation) bool {
	all := fmt.Sprint(c.request.Path, c.request.Header)
	return op.Anonymous() || slices.ContainsFunc(op.Security, func(a contract.Alternative) bool {
		return !slices.ContainsFunc(a, func(scheme *contract.SecurityScheme) bool {
			text := c.s.Credentials[scheme.ID]
			return !strings.Contains(all, text) && !strings.Contains(all, base64.StdEncoding.EncodeToString([]byte(text)))
		})
	})
}

// keep answers a deletion without asking for it.
func (g *generator) keep(c *call, op *contract.Operation) []string {
	if c.op != op {
		return nil
	}
	r := op.Success()
	path, _, _ := strings.Cut(c.request.Path, "?")
	read, _, _ := g.contract.Find(http.MethodGet, path)
	if r == nil || read == nil || len(r.Content) > 0 || !c.proves(op) {
		return nil
	}
	if c.s.ask(contract.Request{Method: http.MethodGet, Path: path, Header: c.request.Header}).Status != http.StatusOK {
		return nil
	}
	c.answer = &contract.Answer{Status: http.StatusNoContent, Header: http.Header{}}
	return []string{"resource.deleted"}
}
