package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

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
// sources.
func ReadHead(r io.Reader) (Run, error) {
	var head struct {
		Run
		Cases        passedOver `json:"cases"`
		Requirements passedOver `json:"requirements"`
		Coverage     passedOver `json:"coverage"`
		Sources      passedOver `json:"sources"`
	}
	if err := json.NewDecoder(r).Decode(&head); err != nil {
		return Run{}, fmt.Errorf("read results: %w", err)
	}
	return head.Run, head.check()
}

// passedOver is a member that is not read.
type passedOver struct{}

func (*passedOver) UnmarshalJSON([]byte) error { return nil }

// check returns an error if the run cannot be the content of a results.json.
func (run *Run) check() error {
	if run.SchemaVersion != SchemaVersion {
		return fmt.Errorf("read results: schema_version: expected %d, got %d", SchemaVersion, run.SchemaVersion)
	}
	if run.Target.Endpoint == "" { // plan.json and matrix.json have a schema_version, too
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
