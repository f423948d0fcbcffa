package result

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/linejson"
)

// WriteJSON writes the run as results.json.
func WriteJSON(w io.Writer, run Run) error {
	if run.Requirements == nil {
		run.Requirements = []Requirement{}
	}
	if run.Cases == nil {
		run.Cases = []Case{}
	}
	if err := linejson.Encode(w, run); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

// ReadJSON reads what WriteJSON wrote. The cases only have the numbers of their
// exchanges; Attach adds the exchanges.
func ReadJSON(r io.Reader) (Run, error) {
	var run Run
	if err := json.NewDecoder(r).Decode(&run); err != nil {
		return Run{}, fmt.Errorf("read results: %w", err)
	}
	if err := run.check(); err != nil {
		return Run{}, err
	}
	return run, nil
}

// ReadHead reads what WriteJSON wrote, but for the cases, the requirements, the coverage and the
// sources. However large those are, it takes little memory.
func ReadHead(r io.Reader) (Run, error) {
	var run Run
	d := json.NewDecoder(r)
	head, err := headOf(d)
	if err == nil {
		err = json.Unmarshal(head, &run)
	}
	if err != nil {
		return Run{}, fmt.Errorf("read results: %w", err)
	}
	err = run.check()
	return run, err
}

const mostHead = 16 << 20 // bytes

// passedOver are the members that ReadHead does not read. encoding/json does not mind the case
// of their names.
var passedOver = []string{"cases", "requirements", "coverage", "sources"}

// headOf returns a JSON object without the members that are passed over.
func headOf(d *json.Decoder) ([]byte, error) {
	if err := open(d, '{'); err != nil {
		return nil, err
	}
	var head bytes.Buffer
	comma := byte('{')
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(passedOver, func(n string) bool { return strings.EqualFold(n, name.(string)) }) {
			if err := skip(d); err != nil {
				return nil, err
			}
			continue
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		head.WriteByte(comma)
		head.Write(key)
		head.WriteByte(':')
		head.Write(value)
		comma = ','
		if head.Len() > mostHead {
			return nil, fmt.Errorf("expected at most %d MiB beside the cases, got more", mostHead>>20)
		}
	}
	if comma == '{' {
		head.WriteByte('{')
	}
	head.WriteByte('}')
	_, err := d.Token()
	return head.Bytes(), err
}

func open(d *json.Decoder, with json.Delim) error {
	token, err := d.Token()
	if err == nil && token != with {
		err = fmt.Errorf("expected %s, got %.40v", with, token)
	}
	return err
}

// skip passes over a value, of an array or object one element at a time.
func skip(d *json.Decoder) error {
	token, err := d.Token()
	delim, ok := token.(json.Delim)
	if err != nil || !ok {
		return err
	}
	for d.More() {
		if delim == '{' {
			if _, err := d.Token(); err != nil {
				return err
			}
		}
		if err := d.Decode(new(ignored)); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// ignored is a value that is not kept.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// check returns an error if the run cannot be the content of a results.json.
func (run *Run) check() error {
	if run.SchemaVersion != SchemaVersion {
		return fmt.Errorf("read results: schema_version: expected %d, got %d", SchemaVersion, run.SchemaVersion)
	}
	if run.Target.Endpoint == "" && run.Client == nil { // plan.json and matrix.json have a schema_version, too
		return errors.New("read results: expected the results.json of a run, got something else")
	}
	return nil
}

// Attach adds the exchanges to the cases of a run that was read. If some are missing, it
// adds the others and returns an error about the first.
func (run *Run) Attach(exchanges []exchange.Exchange) error {
	bySequence := make(map[int]exchange.Exchange, len(exchanges))
	for _, x := range exchanges {
		bySequence[x.Sequence] = x
	}
	var missing error
	for i := range run.Cases {
		c := &run.Cases[i]
		c.Exchanges = make([]exchange.Exchange, len(c.Sequences))
		for j, sequence := range c.Sequences {
			x, ok := bySequence[sequence]
			if !ok && missing == nil {
				missing = fmt.Errorf("case %s: exchange %d is missing", c.Case, sequence)
			}
			x.Sequence = sequence
			c.Exchanges[j] = x
		}
	}
	return missing
}
