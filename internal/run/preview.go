package run

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/engine"
	"github.com/gesconform/gesconform/internal/evidence"
	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/report"
	"github.com/gesconform/gesconform/internal/session"
)

// Preview writes the plan of a run to Out, with each request as a curl command, in the
// order of the case ids, and plan.json to the output folder, if there is one. It sends
// nothing. What is not yet known is described, such as <the graph's own version>;
// credentials are variables. As JSON, it is the content of plan.json.
func Preview(o Options) error {
	s, err := session.New(o.Options, engine.Hooks{})
	if err != nil {
		return err
	}
	defer s.Close()
	plan := s.Plan()
	if output := s.Config().Output; output != "" {
		claim, err := o.output(output).Claim()
		if err == nil {
			err = claim.Clear()
		}
		if err == nil {
			_, err = evidence.WritePlan(output, plan)
		}
		if err != nil {
			return err
		}
	}
	var b bytes.Buffer
	if o.Text.Format == report.JSON {
		text, err := plan.Encode()
		if err == nil {
			_, err = o.Out.Write(text)
		}
		return err
	}
	for _, caution := range s.Config().Cautions() {
		fmt.Fprintln(&b, "WARNING: "+caution)
	}
	fmt.Fprintln(&b, planLine(s.Describe(time.Now())))
	for i := range plan.Cases {
		previewCase(&b, &plan.Cases[i])
	}
	for i := range plan.Shared {
		shared := &plan.Shared[i]
		fmt.Fprintf(&b, "\nshared by %s\n  %s: %s\n", strings.Join(shared.Cases, ", "), shared.Risk, shared.Request.Curl())
	}
	_, err = o.Out.Write(b.Bytes())
	return err
}

// previewCase writes the requests of a case.
func previewCase(w io.Writer, k *plan.Case) {
	fmt.Fprintf(w, "\n%s (%s %s)\n", k.ID, k.Level, k.Requirement)
	if k.Supports {
		fmt.Fprintln(w, "  not selected; sent first as a safety check, or because other cases depend on it")
	}
	if k.Observes != "" {
		fmt.Fprintln(w, "  a step of the lifecycle: observed in the upgrades that other cases start, or in one of its own")
	}
	for _, aim := range k.Aims {
		if aim.Request == nil {
			fmt.Fprintf(w, "  %s: not sent, %s\n", aim.Risk, aim.NotSent)
		} else {
			fmt.Fprintf(w, "  %s: %s\n", aim.Risk, aim.Request.Curl())
		}
	}
}
