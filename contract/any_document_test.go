package contract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gesconform/gesconform/contract"
)

// outlineOf writes what was loaded of an operation, a line each.
func outlineOf(op *contract.Operation) string {
	lines := []string{op.Method + " " + op.Path + " " + op.ID}
	for _, p := range op.Parameters {
		lines = append(lines, "parameter "+outlineOfParameter(p))
	}
	for _, a := range op.Security {
		var schemes []string
		for _, s := range a {
			schemes = append(schemes, strings.TrimRight(fmt.Sprintf("%s: %s%s in %s %s", s.ID, s.Type, strings.TrimSuffix("/"+s.Scheme, "/"), s.In, s.Name), " "))
		}
		lines = append(lines, "security ["+strings.Join(schemes, " and ")+"]")
	}
	if op.Body != nil {
		lines = append(lines, strings.TrimRight(fmt.Sprintf("body %s", must(op.Body.Required)), " "))
		lines = append(lines, outlineOfContent(op.Body.Content)...)
	}
	for _, r := range op.Responses {
		lines = append(lines, "response "+r.Status)
		lines = append(lines, outlineOfContent(r.Content)...)
		for _, h := range r.Headers {
			lines = append(lines, "  header "+outlineOfParameter(h))
		}
		for _, l := range r.Links {
			lines = append(lines, fmt.Sprintf("  link %s to %s with %v", l.Name, l.Operation, l.Parameters))
		}
	}
	for _, u := range op.Unsupported {
		lines = append(lines, "unsupported "+u.Reason)
	}
	return strings.Join(lines, "\n")
}

func outlineOfParameter(p *contract.Parameter) string {
	words := []string{string(p.In), p.Name, must(p.Required), string(p.Style)}
	for word, is := range map[string]bool{"explode": p.Explode, "reserved": p.AllowReserved, "empty": p.AllowEmptyValue} {
		if is {
			words = append(words, word)
		}
	}
	slices.Sort(words[4:])
	if p.MediaType != "" {
		words = append(words, p.MediaType)
	}
	if p.Schema != nil {
		words = append(words, string(p.Schema.Type))
	}
	if p.Example != nil {
		words = append(words, fmt.Sprintf("such as %v", p.Example))
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

func must(required bool) string {
	if required {
		return "required"
	}
	return ""
}

func outlineOfContent(content []*contract.MediaType) (lines []string) {
	for _, m := range content {
		line := "  " + m.Name
		if m.Schema != nil {
			line += " " + string(m.Schema.Type)
		}
		if m.Example != nil {
			line += fmt.Sprintf(" such as %v", m.Example)
		}
		lines = append(lines, strings.TrimRight(line, " "))
		for _, name := range slices.Sorted(keysOf(m.Parts)) {
			p := m.Parts[name]
			lines = append(lines, strings.TrimRight(fmt.Sprintf("    part %s %s %s explode=%v headers=%d", name, p.ContentType, p.Style, p.Explode, len(p.Headers)), " "))
		}
	}
	return lines
}

func keysOf(parts map[string]*contract.Part) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range parts {
			if !yield(name) {
				return
			}
		}
	}
}

// constructs are documents that each use one construct. want is the outline of the operations, or the
// parts of it that matter; notes are parts of the notes.
var constructs = []struct {
	name, document string
	want           []string
	notes          []string
}{
	{"no paths", "paths: {}", nil, nil},
	{"no operationId", "paths: {/a: {get: {responses: {'200': {description: d}}}}}", []string{"GET /a GET /a\nresponse 200"}, nil},
	{"operationId twice", "paths: {/a: {get: {operationId: x, responses: {}}, put: {operationId: x, responses: {}}}, /b: {get: {operationId: x, responses: {}}}}",
		[]string{"GET /a x", "PUT /a PUT /a", "GET /b GET /b"}, []string{"operationId x: is that of GET /a, too; called PUT /a here", "called GET /b here"}},
	{"an operationId like another's method and path", "paths: {/a: {get: {operationId: PUT /a}, put: {}}}", []string{"GET /a PUT /a", "PUT /a PUT /a (2)"}, nil},
	{"all methods", "paths: {/a: {get: {}, put: {}, post: {}, delete: {}, options: {}, head: {}, patch: {}, trace: {}, x-y: {}, summary: s, connect: {}}}",
		[]string{"GET /a GET /a", "PUT /a PUT /a", "POST /a POST /a", "DELETE /a DELETE /a", "OPTIONS /a OPTIONS /a", "HEAD /a HEAD /a", "PATCH /a PATCH /a", "TRACE /a TRACE /a"}, nil},
	{"webhooks and callbacks", "webhooks: {w: {post: {operationId: w}}}\npaths: {/a: {get: {callbacks: {c: {'{$url}': {post: {operationId: c}}}}}}}", []string{"GET /a GET /a"}, nil},

	{"defaults of parameters", "paths: {'/a/{p}': {get: {parameters: [{name: c, in: cookie}, {name: h, in: header}, {name: q, in: query}, {name: p, in: path, schema: {type: integer}}]}}}",
		[]string{"parameter path p required simple number\nparameter query q form explode\nparameter header h simple\nparameter cookie c form explode"}, nil},
	{"styles", "paths: {'/a/{l}/{m}': {get: {parameters: [{name: l, in: path, style: label, explode: true}, {name: m, in: path, style: matrix}, {name: s, in: query, style: spaceDelimited}, {name: i, in: query, style: pipeDelimited, required: true}, {name: d, in: query, style: deepObject, explode: true}, {name: f, in: query, explode: false, allowReserved: true, allowEmptyValue: true}]}}}",
		[]string{"path l required label explode\nparameter path m required matrix\nparameter query s spaceDelimited\nparameter query i required pipeDelimited\nparameter query d deepObject explode\nparameter query f form empty reserved"}, nil},
	{"parameter written as a media type", "paths: {/a: {get: {parameters: [{name: q, in: query, content: {application/json: {schema: {type: object}, example: {a: 1}}}}]}}}",
		[]string{"query q form explode application/json object such as map[a:1]"}, nil},
	{"examples of a parameter", "paths: {/a: {get: {parameters: [{name: q, in: query, examples: {e: {$ref: '#/components/examples/E'}}}]}}}\ncomponents: {examples: {E: {value: 7}}}", []string{"query q form explode such as 7"}, nil},
	{"headers that mean nothing", "paths: {/a: {get: {parameters: [{name: accept, in: header}, {name: Content-Type, in: header, required: true}, {name: Authorization, in: header}, {name: X, in: header}]}}}",
		[]string{"GET /a GET /a\nparameter header X simple"}, nil},
	{"parameters of the path", "paths: {/a: {parameters: [{name: q, in: query, required: true}, {name: r, in: query}], get: {parameters: [{name: q, in: query}]}}}",
		[]string{"GET /a GET /a\nparameter query q form explode\nparameter query r form explode"}, nil},
	{"parameter twice", "paths: {/a: {get: {parameters: [{name: q, in: query, schema: {type: string}}, {name: q, in: query, schema: {type: integer}}, {name: q, in: header}]}}}",
		[]string{"GET /a GET /a\nparameter query q form explode string\nparameter header q simple"}, []string{"operation GET /a: parameter q in query appears twice; the first counts"}},
	{"parameter that is not described", "paths: {'/a/{b}': {get: {}}}", []string{"parameter path b required simple string"}, []string{`the path has the parameter "b", which is not described`}},
	{"parameter that the path lacks", "paths: {/a: {get: {parameters: [{name: b, in: path, required: true}]}}}", []string{"GET /a GET /a"}, []string{`the path has no parameter "b"`}},
	{"style of another place", "paths: {/a: {get: {parameters: [{name: b, in: query, style: matrix}, {name: c, in: query, style: matrix, required: true}]}}}",
		[]string{"GET /a GET /a\nunsupported parameter c: style: expected one of [form spaceDelimited pipeDelimited deepObject] in query, got \"matrix\""}, []string{"parameter b: style: expected"}},
	{"place of a parameter", "paths: {/a: {get: {parameters: [{name: b, in: body}]}}}", []string{`unsupported parameter b: in: expected path, query, header or cookie, got "body"`}, nil},
	{"parameter without a name", "paths: {/a: {get: {parameters: [{in: query}]}}}", []string{"unsupported parameter: expected a name, got nothing"}, nil},
	{"parameters without any", "paths: {/a: {get: {parameters: }}}", []string{"GET /a GET /a"}, nil},
	{"headers of the connection", "paths: {/a: {get: {parameters: [{name: host, in: header, required: true}, {name: Content-Length, in: header}, {name: X, in: header}]}}}",
		[]string{"GET /a GET /a\nparameter header X simple"}, []string{"parameter host: is of the connection", "parameter Content-Length: is of the connection"}},
	{"names that headers and cookies cannot have", "paths: {/a: {get: {parameters: [{name: a b, in: header, required: true}, {name: 'a;b', in: cookie}]}}}",
		[]string{`unsupported parameter a b: expected a name that a header may have (RFC 9110, section 5.6.2), got "a b"`}, []string{"parameter a;b: expected a name that a cookie may have"}},
	{"parameters of media types", "paths: {/a: {get: {parameters: [{name: q, in: query, content: {text/plain: {schema: {type: string}}}}, {name: x, in: query, content: {application/xml: {}}}, {name: y, in: query, required: true, content: {image/png: {}}}]}}}",
		[]string{"parameter query q form explode string\nunsupported parameter y: content: expected a media type of JSON or text/plain, got \"image/png\""}, []string{"parameter x: content: expected"}},
	{"parameters no list", "paths: {/a: {get: {parameters: {q: 1}}}, /b: {get: {}}}", []string{"unsupported parameters: expected a list, got a mapping", "GET /b GET /b"}, nil},
	{"reference to nothing in a parameter", "paths: {/a: {get: {parameters: [{$ref: '#/components/parameters/P'}]}}, /b: {get: {}}}", []string{`unsupported $ref: this document has nothing at "#/components/parameters/P"`, "GET /b GET /b"}, nil},

	{"half a segment", "paths: {'/r/{n}.csv': {get: {}}, \"/u('{id}')\": {get: {}}, '/{a}-{b}/x': {get: {}}}", []string{"GET /r/{n}.csv GET /r/{n}.csv\nparameter path n", "GET /u('{id}')", "parameter path a required simple string\nparameter path b"}, nil},
	{"paths that differ in names only", "paths: {'/a/{b}': {get: {parameters: [{name: b, in: path}]}}, '/a/{c}': {get: {parameters: [{name: c, in: path}]}, put: {parameters: [{name: c, in: path}]}}}", []string{"GET /a/{b} GET /a/{b}", "GET /a/{c} GET /a/{c}", "PUT /a/{c}"}, []string{"operation GET /a/{c}: has the same path as GET /a/{b} but for the names"}},
	{"braces", "paths: {'/a/{b': {get: {}}, '/c/{}': {get: {}}}", []string{`unsupported path: expected names in pairs of braces, got "/a/{b"`, `got "/c/{}"`}, nil},
	{"path without a slash", "paths: {a: {get: {}}, '/b?x=1': {get: {}}}", []string{`unsupported path: expected one that begins with /, got "a"`, "unsupported path: expected one without ? and #"}, nil},
	{"path that leads elsewhere", "paths: {/a/../b: {get: {}}, /./c: {get: {}}, /d/...: {get: {}}}", []string{"unsupported path: expected one without the segments . and ..", `got "/./c"`, "GET /d/... GET /d/..."}, nil},
	{"path item elsewhere", "paths: {/a: {$ref: '#/x-items/a'}, /b: {$ref: '#/x-items/b'}}\nx-items: {a: {get: {operationId: o}}}", []string{"GET /a o"}, []string{`path /b: this document has nothing at "#/x-items/b"`}},
	{"what stands beside the $ref of a path", "paths: {/a: {$ref: '#/x-items/a', post: {}}}\nx-items: {a: {get: {operationId: o}}}", []string{"GET /a o"}, []string{"path /a: post stands beside a $ref; left out"}},
	{"an operation elsewhere", "paths: {/a: {get: {$ref: '#/x-get'}, put: {$ref: '#/x-put'}, post: {$ref: '#/x-rings/a/b'}}}\nx-get: {operationId: o}\nx-rings: {a: {$ref: '#/x-rings/a/b'}}", []string{"GET /a o", `unsupported $ref: this document has nothing at "#/x-put"`, `unsupported $ref: this document has nothing at "#/x-rings/a/b"`}, nil},
	{"methods in capitals", "paths: {/a: {GET: {}}}", nil, []string{`path /a: expected methods in small letters, got "GET"; left out`}},
	{"servers", "servers: [{url: https://a.example}]\npaths: {/a: {servers: [{url: https://a.example/}], get: {}}, /b: {servers: [{url: https://b.example}], get: {}}, /c: {get: {servers: [{url: /v2}]}}}",
		[]string{"GET /a GET /a", `unsupported servers: has one of its own, "https://b.example", and a run has one endpoint`, `"/v2"`}, nil},

	{"body", "paths: {/a: {post: {requestBody: {required: true, content: {application/json: {schema: {type: object}, examples: {e: {value: {a: 1}}}}, 'text/*': {}, '*/*': {}, text/plain: {schema: {type: string}}}}}}}",
		[]string{"body required\n  */*\n  application/json object such as map[a:1]\n  text/*\n  text/plain string"}, nil},
	{"forms", "paths: {/a: {post: {requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object}, encoding: {a: {style: deepObject}, b: {explode: false}}}, multipart/form-data: {schema: {type: object}, encoding: {f: {contentType: image/png, headers: {X: {schema: {type: string}}}}}}}}}}}",
		[]string{"    part a  deepObject explode=false headers=0\n    part b  form explode=false headers=0\n  multipart/form-data object\n    part f image/png form explode=true headers=1"}, nil},
	{"media type that is none", "paths: {/a: {post: {requestBody: {content: {json: {}}}}}, /b: {get: {responses: {'200': {content: {text/csv: {}, json: {}}}}}}}",
		[]string{"unsupported requestBody: has no media type that can be read", "GET /b GET /b\nresponse 200"}, []string{`content: expected a media type such as application/json, got "json"; all of it is left out`}},
	{"body without a media type", "paths: {/a: {post: {requestBody: {content: {}}}}}", []string{"unsupported requestBody: has no media type"}, nil},
	{"body that refers to nothing", "paths: {/a: {post: {requestBody: {$ref: '#/components/requestBodies/B'}}}}", []string{"unsupported requestBody: this document has nothing at"}, nil},

	{"responses", "paths: {/a: {get: {responses: {default: {description: d}, 4xx: {description: d}, 5XX: {$ref: '#/components/responses/R'}, 200: {description: d, content: {text/csv: {}}}, 2000: {}, x-y: {}}}}}\ncomponents: {responses: {R: {description: d, content: {application/problem+json: {schema: {type: object}}}}}}",
		[]string{"response 200\n  text/csv\nresponse 4XX\nresponse 5XX\n  application/problem+json object\nresponse default"}, []string{`expected a status such as 200, a class such as 4XX, or default, got "2000"`}},
	{"headers of an answer", "paths: {/a: {get: {responses: {'200': {headers: {Content-Type: {schema: {type: string}}, X-B: {$ref: '#/components/headers/H'}, X-A: {required: true, schema: {type: integer}}}}}}}}\ncomponents: {headers: {H: {schema: {type: array}, explode: true}}}",
		[]string{"response 200\n  header header X-A required simple number\n  header header X-B simple explode array"}, nil},
	{"links", "paths: {/a: {post: {operationId: make, responses: {'201': {links: {l: {operationId: show, parameters: {id: $response.body#/id}}, r: {operationRef: '#/paths/~1a~1{id}/get'}, n: {operationId: none}, o: {}}}}}}, '/a/{id}': {get: {operationId: show}}}",
		[]string{"  link l to show with map[id:$response.body#/id]\n  link r to show with map[]"}, []string{`link n: there is no operation "none"`, "link o: expected operationId or operationRef, got neither"}},
	{"response that refers to nothing", "paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/R'}}}}}", []string{"GET /a GET /a\nresponse 200"}, []string{"response 200: this document has nothing at"}},

	{"security", `paths: {/a: {get: {}}, /b: {get: {security: []}}, /c: {get: {security: [{}, {q: [], k: []}]}}}
security: [{h: []}, {b: []}, {d: []}, {o: [read]}, {i: []}, {m: []}]
components: {securitySchemes: {h: {type: apiKey, in: header, name: x-key}, q: {type: apiKey, in: query, name: key}, k: {type: apiKey, in: cookie, name: session}, b: {type: http, scheme: Basic}, d: {type: http, scheme: digest}, o: {type: oauth2, flows: {}}, i: {type: openIdConnect}, m: {type: mutualTLS}}}`,
		[]string{"security [h: apiKey in header X-Key]\nsecurity [b: http/basic in header Authorization]\nsecurity [d: http/digest in header Authorization]\nsecurity [o: oauth2 in header Authorization]\nsecurity [i: openIdConnect in header Authorization]\nsecurity [m: mutualTLS in]", "GET /b GET /b", "GET /c GET /c\nsecurity []\nsecurity [k: apiKey in cookie session and q: apiKey in query key]"}, nil},
	{"unknown scheme", "paths: {/a: {get: {security: [{none: []}]}}, /b: {get: {security: [{none: []}, {k: []}]}}}\ncomponents: {securitySchemes: {k: {type: http, scheme: bearer}}}",
		[]string{`unsupported security: unknown scheme "none"`, "GET /b GET /b\nsecurity [k: http/bearer in header Authorization]"}, []string{`operation GET /b: security: unknown scheme "none"; left out`}},
	{"security that is no list", "security: {k: []}\npaths: {/a: {get: {}}, /b: {get: {security: }}}", []string{"GET /a GET /a\nunsupported security: expected a list, got a mapping", "GET /b GET /b\nunsupported security: expected a list, got nothing"}, nil},
	{"scheme with a name that is none", "security: [{k: []}]\npaths: {/a: {get: {}}}\ncomponents: {securitySchemes: {k: {type: apiKey, in: header, name: X Key}}}", []string{`unsupported security: scheme k: expected a name that a header may have (RFC 9110, section 5.6.2), got "X Key"`}, nil},
	{"scheme of no type", "security: [{k: []}]\npaths: {/a: {get: {}}}\ncomponents: {securitySchemes: {k: {type: magic}}}", []string{`unsupported security: scheme k: type: expected apiKey, http, oauth2, openIdConnect or mutualTLS, got "magic"`}, nil},

	{"schema that refers to nothing, in a request", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {properties: {b: {$ref: '#/components/schemas/B'}}}}}}}}, /c: {get: {}}}",
		[]string{`unsupported $ref: this document has nothing at "#/components/schemas/B"`, "GET /c GET /c"}, []string{"this document has nothing at"}},
	{"schema that refers to nothing, in an answer", "paths: {/a: {get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/B'}}}}}}}}", []string{"GET /a GET /a\nresponse 200\n  application/json"}, []string{"this document has nothing at"}},
	{"schema that refers to nothing, in a parameter that may be left out", "paths: {/a: {get: {parameters: [{name: q, in: query, schema: {$ref: '#/b'}}]}}}", []string{"GET /a GET /a"}, []string{"this document has nothing at"}},
	{"schema combined from itself", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}, /b: {get: {}}}\ncomponents: {schemas: {A: {allOf: [{$ref: '#/components/schemas/B'}]}, B: {anyOf: [{type: string}, {$ref: '#/components/schemas/A'}]}}}",
		[]string{"unsupported schema /components/schemas/B: is combined from itself by anyOf", "GET /b GET /b"}, nil},
	{"schema that refers to itself", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}}", []string{"unsupported $ref: expected a reference that ends somewhere"}, nil},
	{"schema that refers to the whole document, or to what is no text", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: '#'}}}}}}, /b: {post: {requestBody: {content: {application/json: {schema: {$ref: 5}}}}}}}",
		[]string{"unsupported $ref: expected a reference to a schema, got one to a whole document", "unsupported $ref: expected text, got a number"}, nil},
	{"reference over the network", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: 'https://example.com/a.json#/b'}}}}}}}", []string{`unsupported $ref: expected a file below the folder of the document, got "https://example.com/a.json"; nothing is read over the network`}, nil},
	{"reference to a file, without a folder", "paths: {/a: {post: {requestBody: {content: {application/json: {schema: {$ref: 'a.json#/b'}}}}}}}", []string{`unsupported $ref: expected a place in this document, got the file "a.json"; the document was not read from a file`}, nil},
}

func TestConstructs(t *testing.T) {
	for _, test := range constructs {
		t.Run(test.name, func(t *testing.T) {
			c, err := contract.Parse("c.yaml", []byte("openapi: 3.1.0\ninfo: {title: t, version: v}\n"+test.document))
			if err != nil {
				t.Fatal(err)
			}
			var outlines []string
			ops := c.Operations()
			slices.SortStableFunc(ops, func(a, b *contract.Operation) int { return strings.Compare(a.Clause, b.Clause) })
			for _, op := range ops {
				outlines = append(outlines, outlineOf(op))
				for _, u := range op.Unsupported {
					if u.Line != 3 && u.Line != 4 || u.Clause == "" {
						t.Errorf("unsupported: expected a clause and its line, got %+v", u)
					}
				}
			}
			all := strings.Join(outlines, "\n")
			for _, want := range test.want {
				if !slices.Contains(outlines, want) && !strings.Contains(all, want) {
					t.Errorf("got\n%s\nwant\n%s", all, want)
				}
			}
			if foreseen := strings.Contains(strings.Join(test.want, "\n"), "unsupported"); foreseen != strings.Contains(all, "unsupported") {
				t.Errorf("got\n%s\nwant something unsupported: %v", all, foreseen)
			}
			if len(test.want) == 0 && len(ops) > 0 {
				t.Errorf("got %s, want no operation", all)
			}
			notes := strings.Join(c.Notes(), "\n")
			for _, want := range test.notes {
				if !strings.Contains(notes, want) {
					t.Errorf("notes: got %q, want %q", notes, want)
				}
			}
			if len(test.notes) == 0 && !strings.Contains(all, "unsupported") && notes != "" && !strings.Contains(test.name, "segment") {
				t.Errorf("notes: got %q, want none", notes)
			}
			use(c)
		})
	}
}
