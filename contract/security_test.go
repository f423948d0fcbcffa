package contract

import (
	"net/http"
	"testing"
)

func TestCredentialsOfEachScheme(t *testing.T) {
	header := &SecurityScheme{Type: "apiKey", In: InHeader, Name: "X-Key", Clause: "/c/key"}
	query := &SecurityScheme{Type: "apiKey", In: InQuery, Name: "key"}
	cookie := &SecurityScheme{Type: "apiKey", In: InCookie, Name: "session"}
	basic := &SecurityScheme{Type: "http", Scheme: "basic", In: InHeader, Name: "Authorization"}
	bearer := &SecurityScheme{Type: "http", Scheme: "bearer", In: InHeader, Name: "Authorization"}
	digest := &SecurityScheme{Type: "http", Scheme: "digest", In: InHeader, Name: "Authorization"}
	oauth := &SecurityScheme{Type: "oauth2", In: InHeader, Name: "Authorization"}
	mutual := &SecurityScheme{Type: "mutualTLS"}
	and, or := func(all ...*SecurityScheme) Alternative { return all }, func(all ...Alternative) []Alternative { return all }
	const user = "Basic YTpi"
	for name, test := range map[string]struct {
		security []Alternative
		query    string
		header   http.Header
		want     string
	}{
		"none needed":                  {nil, "", nil, ""},
		"a key":                        {or(and(header)), "", headerOf("X-Key", "k"), ""},
		"no key":                       {or(and(header)), "", nil, "security X-Key required"},
		"a key in a query":             {or(and(query)), "key=k", nil, ""},
		"an empty key in a query":      {or(and(query)), "key=", nil, "security key required"},
		"no key in a query":            {or(and(query)), "keys=k", nil, "(query keys unknown), security key required"},
		"two keys in a query":          {or(and(query)), "key=k&key=l", nil, "security key repeated"},
		"a cookie":                     {or(and(cookie)), "", headerOf("Cookie", "a=b; session=s"), ""},
		"another cookie":               {or(and(cookie)), "", headerOf("Cookie", "a=b"), "security session required"},
		"a user":                       {or(and(basic)), "", headerOf("Authorization", user), ""},
		"a user in small letters":      {or(and(basic)), "", headerOf("Authorization", "basic YTpi"), ""},
		"a user without a password":    {or(and(basic)), "", headerOf("Authorization", "Basic YQ=="), "security Authorization pattern"},
		"a user that is not base64":    {or(and(basic)), "", headerOf("Authorization", "Basic a:b"), "security Authorization pattern"},
		"a token of other characters":  {or(and(bearer)), "", headerOf("Authorization", "Bearer a:b|c"), ""},
		"a token":                      {or(and(bearer)), "", headerOf("Authorization", "Bearer a.b-c_d~e+f/=="), ""},
		"a token with a space":         {or(and(bearer)), "", headerOf("Authorization", "Bearer a b"), "security Authorization pattern"},
		"a token for a user":           {or(and(basic)), "", headerOf("Authorization", "Bearer a"), "security Authorization pattern"},
		"no token":                     {or(and(bearer)), "", headerOf("Authorization", "Bearer"), "security Authorization pattern"},
		"a digest":                     {or(and(digest)), "", headerOf("Authorization", `Digest username="a"`), ""},
		"an empty digest":              {or(and(digest)), "", headerOf("Authorization", `Digest `), "security Authorization pattern"},
		"a token of OAuth":             {or(and(oauth)), "", headerOf("Authorization", "DPoP a"), ""},
		"a certificate":                {or(and(mutual)), "", nil, ""},
		"a certificate and no key":     {or(and(mutual, header)), "", nil, "security X-Key required"},
		"the other of two":             {or(and(header), and(bearer)), "", headerOf("Authorization", "Bearer a"), ""},
		"the other of two, one header": {or(and(basic), and(bearer)), "", headerOf("Authorization", "Bearer a"), ""},
		"none of two":                  {or(and(header), and(bearer)), "", nil, "security X-Key required"},
		"both together":                {or(and(header, query)), "key=k", headerOf("X-Key", "k"), ""},
		"one of both":                  {or(and(header, query)), "", headerOf("X-Key", "k"), "security key required"},
		"one of both, or another":      {or(and(bearer), and(header, query)), "", headerOf("X-Key", "k"), "security key required"},
		"wrong before missing":         {or(and(header), and(bearer)), "", headerOf("Authorization", "Bearer"), "security Authorization pattern"},
		"anonymous":                    {or(and(), and(header)), "", nil, ""},
		"anonymous, but wrong":         {or(and(bearer), and()), "", headerOf("Authorization", "Bearer"), "security Authorization pattern"},
		"wrong in part":                {or(and(header, bearer)), "", headerOf("X-Key", "k", "Authorization", "Bearer"), "security Authorization pattern"},
	} {
		c, op := plainOperation(t, func(op *Operation) { op.Security = test.security })
		r := &Request{Method: http.MethodPost, Path: "/p?" + test.query, Header: test.header}
		if got := briefly(c.JudgeRequest(op, r)); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The clause that asks for credentials is the one that is written: an operation's own, or the document's.
func TestSecurityClause(t *testing.T) {
	c, err := Parse("s.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: v}\nsecurity: [{k: []}]\npaths:\n  /a: {get: {operationId: a}}\n  /b:\n    get:\n      operationId: b\n      security: [{}, {k: []}]\ncomponents: {securitySchemes: {k: {type: http, scheme: basic}}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]struct {
		clause string
		line   int
	}{"a": {"/security", 3}, "b": {"/paths/~1b/get/security", 9}} {
		if clause := c.Operation(id).SecurityClause(); clause != want.clause || c.Line(clause) != want.line {
			t.Errorf("%s: got %s at line %d, want %+v", id, clause, c.Line(clause), want)
		}
	}
}
