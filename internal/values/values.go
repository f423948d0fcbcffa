// Package values derives from a schema values that it allows, at its bounds too, and values
// that break one of its keywords and no other.
package values

// A Value is a value for a schema.
type Value struct {
	JSON any // as encoding/json decodes into any, with json.Number for numbers
	// Name says in a few words what is special about it, such as minLength-1 or null; unique
	// among those of a schema.
	Name string
	// Keyword is what it breaks; "" if it is valid.
	Keyword string
	// Pointer is the place in the value that is special (RFC 6901); "" for the whole.
	Pointer string
	// Clause is a JSON pointer into the document, to the keyword that it is about.
	Clause string
	// Scalar is whether common readers take what is broken for valid: a scalar of another kind,
	// or white space around.
	Scalar bool
}

// A Reason says why no value could be derived for a keyword.
type Reason struct {
	Clause string
	Text   string
}
