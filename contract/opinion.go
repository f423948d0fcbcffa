package contract

import (
	"encoding/json"
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// Check returns the problems that a value has by the schema, without advice. Read-only members
// have no place in what a Client sends, write-only ones none in what a Server sends.
func (s *Schema) Check(v *Value, from Side) []Problem {
	return slices.DeleteFunc(s.checkFrom(v, from), Problem.OnlyAdvice)
}

// SecondOpinion returns what kin-openapi finds wrong with a value, as encoding/json decodes it; nil
// if it finds it valid. It does not change the value. A schema that was not loaded from a document
// has no second opinion, and SecondOpinion returns nil.
func (s *Schema) SecondOpinion(v any, from Side) error {
	if s.second == nil {
		return nil
	}
	kin, err := s.second.read(s)
	if err != nil {
		return err
	}
	return kin.VisitJSON(v, secondOpinions()[from]...)
}

// HasSecondOpinion reports whether the schema was loaded from a document, so that kin-openapi knows
// it, too.
func (s *Schema) HasSecondOpinion() bool { return s.second != nil }

// secondOpinions are kin-openapi's settings for what each side sends. For formats that kin-openapi leaves
// to its users they ask the standard library, which shares no code with our own check. They are made when
// they are first asked, which most commands never do.
var secondOpinions = sync.OnceValue(func() map[Side][]openapi3.SchemaValidationOption {
	formats := openapi3.WithStringFormatValidators(otherFormats())
	return map[Side][]openapi3.SchemaValidationOption{
		Client: {openapi3.VisitAsRequest(), openapi3.FailFast(), formats},
		Server: {openapi3.VisitAsResponse(), openapi3.FailFast(), formats},
	}
})

var otherFormats = sync.OnceValue(func() map[string]openapi3.StringFormatValidator {
	return map[string]openapi3.StringFormatValidator{
		"date":      openapi3.NewCallbackValidator(readableAs(time.DateOnly)),
		"date-time": openapi3.NewCallbackValidator(dateTime),
		"uuid":      openapi3.NewRegexpFormatValidator(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`),
		"ipv4":      openapi3.NewIPValidator(true),
		"ipv6":      openapi3.NewIPValidator(false),
		"email": openapi3.NewCallbackValidator(func(text string) error {
			address, err := mail.ParseAddress(text)
			if err == nil && address.Address != text {
				err = errors.New("expected an address alone, got more")
			}
			return err
		}),
		"uri": openapi3.NewCallbackValidator(func(text string) error {
			u, err := url.Parse(text)
			if err == nil && !u.IsAbs() {
				err = errors.New("expected an absolute URI")
			}
			return err
		}),
		"uri-reference": openapi3.NewCallbackValidator(func(text string) error {
			_, err := url.Parse(text)
			return err
		}),
		"time":     openapi3.NewCallbackValidator(readableAs("15:04:05Z07:00")),
		"hostname": openapi3.NewRegexpFormatValidator(`^(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.(?i:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?))*$`),
		"duration": openapi3.NewRegexpFormatValidator(`^P(\d+W|(\d+[YMD]){1,3}(T(\d+[HMS]){1,3})?|T(\d+[HMS]){1,3})$`),
	}
})

var leapSecond = regexp.MustCompile(`:60(\.|Z|[+-])`)

// dateTime checks a date-time. Package time knows no leap seconds, so it gets the second before.
func dateTime(text string) error {
	return readableAs(time.RFC3339)(leapSecond.ReplaceAllString(text, ":59$1"))
}

func readableAs(layout string) func(string) error {
	return func(text string) error {
		_, err := time.Parse(layout, text)
		return err
	}
}

// ValueOf returns what ReadJSON returns for a value that encoding/json has decoded: nil, bool,
// string, json.Number or another number, []any, map[string]any, with members sorted by name.
func ValueOf(v any) *Value {
	switch v := v.(type) {
	case nil:
		return &Value{Kind: KindNull}
	case bool:
		return &Value{Kind: KindBoolean, Bool: v}
	case string:
		return &Value{Kind: KindString, Text: v}
	case json.Number:
		return &Value{Kind: KindNumber, Text: v.String()}
	case []any:
		array := &Value{Kind: KindArray, Items: make([]*Value, len(v))}
		for i, item := range v {
			array.Items[i] = ValueOf(item)
		}
		return array
	case map[string]any:
		object := &Value{Kind: KindObject, Members: make([]Member, 0, len(v))}
		for _, name := range sortedKeys(v) {
			object.Members = append(object.Members, Member{name, ValueOf(v[name])})
		}
		return object
	}
	text, err := json.Marshal(v)
	if err != nil {
		return &Value{Kind: KindNull}
	}
	return &Value{Kind: KindNumber, Text: string(text)}
}
