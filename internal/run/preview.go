package run

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/session"
)

// Preview writes the plan of a run, and each request that it could send as a
// curl line, the cases in the order of their ids; and plan.json, if an output
// folder is given. Nothing is sent, so what a run reads first stands there in
// words: <the graph's own version>. Credentials are variables.
func Preview(o Options) error {
	s, err := session.New(o.Options, engine.Hooks{})
	if err != nil {
		return err
	}
	defer s.Close()
	plan := s.Plan()
	if output := s.Config().Output; output != "" {
		if _, err := evidence.WritePlan(output, plan); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	fmt.Fprintln(&b, planLine(s.Describe(time.Now())))
	for i := range plan.Cases {
		previewCase(&b, &plan.Cases[i])
	}
	_, err = o.Out.Write(b.Bytes())
	return err
}

// previewCase writes what a case may send.
func previewCase(w io.Writer, k *plan.Case) {
	fmt.Fprintf(w, "\n%s (%s %s)\n", k.ID, k.Level, k.Requirement)
	if k.Supports {
		fmt.Fprintln(w, "  was not selected; goes before what is dangerous, or carries what others look at")
	}
	if k.Observes != "" {
		fmt.Fprintln(w, "  a step of the lifecycle: seen in the upgrades of other cases, or in one of its own")
	}
	for _, aim := range k.Aims {
		if aim.Request == nil {
			fmt.Fprintf(w, "  %s: not sent, %s\n", aim.Risk, aim.NotSent)
		} else {
			fmt.Fprintf(w, "  %s: %s\n", aim.Risk, aim.Request.Curl())
		}
	}
}
