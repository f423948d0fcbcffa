package result

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/printable"
)

// Limits of the ways that are kept: a server can accept whatever it is sent, and make up
// states.
const (
	keptWays  = 100
	keptSteps = 12
	keptState = 64 // characters of a state, a version or an id
)

// Ways are the ways of the upgrades that were accepted, as all exchanges of a run show them,
// also those that decide no case.
type Ways struct {
	Upgrades []*Way
	More     int // upgrades that are not kept

	byJob, byGraph map[string]*Way
}

// A Way is what was seen of an accepted upgrade.
type Way struct {
	Exchange int    // the sequence number of the acceptance
	To       string // the version that was asked for
	Job      string // "" if the answer named none
	Steps    []Step
	Ended    bool          // its job was seen to end
	Seen     time.Duration // when it was last looked at

	accepted time.Time
}

// A Step is a state, and when it was first seen after the answer that accepted the upgrade.
type Step struct {
	State string
	Kind  StepKind
	At    time.Duration
}

// A StepKind says what a state means.
type StepKind string

// The kinds of steps. The last two are versions that the graph showed.
const (
	StepPending      StepKind = ges.JobPending
	StepRunning      StepKind = ges.JobRunning
	StepSuccess      StepKind = ges.JobSuccess
	StepFailed       StepKind = ges.JobFailed
	StepUnknown      StepKind = "unknown"
	StepVersion      StepKind = "version" // the one that was asked for
	StepOtherVersion StepKind = "other-version"
)

// Note takes in an exchange. They have to come in the order in which they ended.
func (w *Ways) Note(x *exchange.Exchange) {
	if x.Answer == nil || x.Answer.Status != http.StatusOK {
		return
	}
	path, _, _ := strings.Cut(x.Request.Path, "?")
	graph, rest := ges.BelowGraphs(path)
	graph = strings.ToLower(graph)
	switch {
	case x.Request.Method == http.MethodPost && rest == "upgrade":
		w.accept(x, graph)
	case x.Request.Method != http.MethodGet:
	case strings.HasPrefix(rest, "jobs/"):
		job := ges.JobOf(x.JSON())
		if of := w.byJob[ges.JobKey(job.ID)]; of != nil {
			of.see(x, stateOf(job))
		}
	case rest == "":
		if of := w.byGraph[graph]; of != nil {
			of.see(x, of.versionState(ges.GraphOf(x.JSON()).Version))
		}
	}
}

func (w *Ways) accept(x *exchange.Exchange, graph string) {
	if len(w.Upgrades) == keptWays {
		w.More++
		return
	}
	if w.byJob == nil {
		w.byJob, w.byGraph = map[string]*Way{}, map[string]*Way{}
	}
	id := ges.JobOf(x.JSON()).ID
	made := &Way{Exchange: x.Sequence, To: shortly(targetOf(x.Request.Body)), Job: shortly(id), accepted: x.Started.Add(x.Duration)}
	w.Upgrades, w.byGraph[graph] = append(w.Upgrades, made), made
	if id != "" {
		w.byJob[ges.JobKey(id)] = made
	}
}

// targetOf returns the version that a request asks for, or "".
func targetOf(body []byte) string {
	var wanted struct {
		Version any `json:"upgrade_version"`
	}
	if json.Unmarshal(body, &wanted) != nil || wanted.Version == nil {
		return ""
	}
	return fmt.Sprint(wanted.Version)
}

// shortly makes one short line of a text from the target.
func shortly(s string) string {
	if s = printable.Line(s); utf8.RuneCountInString(s) > keptState {
		s = string([]rune(s)[:keptState-1]) + "…"
	}
	return s
}

func stateOf(job ges.Job) Step {
	kind := StepUnknown
	switch job.Status {
	case ges.JobPending, ges.JobRunning, ges.JobSuccess:
		kind = StepKind(job.Status)
	case ges.JobFailed, ges.JobPartiallyFailed:
		kind = StepFailed
	}
	if job.Status == "" {
		return Step{State: "no status", Kind: kind}
	}
	return Step{State: shortly(job.Status), Kind: kind}
}

func (w *Way) versionState(version string) Step {
	kind := StepOtherVersion
	if version = shortly(version); version == w.To {
		kind = StepVersion
	}
	return Step{State: "version " + version, Kind: kind}
}

// see adds a step, unless the upgrade has been seen in that state. What the graph shows
// before the job has ended, or before it shows another version, is no step.
func (w *Way) see(x *exchange.Exchange, s Step) {
	s.At = max(0, x.Started.Add(x.Duration).Sub(w.accepted))
	if s.Kind == StepOtherVersion && w.Job != "" && !w.Ended {
		return
	}
	w.Seen = max(w.Seen, s.At)
	w.Ended = w.Ended || s.Kind == StepSuccess || s.Kind == StepFailed
	if len(w.Steps) < keptSteps && !slices.ContainsFunc(w.Steps, func(known Step) bool { return known.State == s.State }) {
		w.Steps = append(w.Steps, s)
	}
}
