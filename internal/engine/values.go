package engine

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/wire"
)

// values returns the values of a request's placeholders at an aim.
func (e *Engine) values(aim cases.Aim, version string) map[string]string {
	own := e.stateFor(aim).version
	values := e.versionValues(version, cmp.Or(own, sampleVersion))
	maps.Copy(values, map[string]string{
		cases.ProjectPlaceholder:        url.PathEscape(e.config.ProjectID),
		cases.SimilarProjectPlaceholder: url.PathEscape(similar(e.config.ProjectID)),
		cases.GraphPlaceholder:          url.PathEscape(e.graphOf(aim)),
		cases.JobPlaceholder:            e.absentJob,
		cases.TokenPlaceholder:          wire.AuthToken(e.config),
		cases.TamperedTokenPlaceholder:  wire.TamperedToken(e.config),
		cases.ReadonlyTokenPlaceholder:  e.config.ReadonlyToken,
		cases.ExpiredTokenPlaceholder:   e.config.ExpiredToken,
		cases.DatePlaceholder:           time.Now().UTC().Format("20060102T150405Z"),
		cases.PlacedTokenPlaceholder:    wire.PlacedToken,
		cases.OtherCaseTokenPlaceholder: wire.NearToken(wire.OtherCase),
		cases.LongerTokenPlaceholder:    wire.NearToken(wire.Longer),
		cases.ShorterTokenPlaceholder:   wire.NearToken(wire.Shorter),
		cases.LongerProjectPlaceholder:  url.PathEscape(longer(e.config.ProjectID)),
		cases.ShorterProjectPlaceholder: url.PathEscape(shorter(e.config.ProjectID)),
		cases.ShorterGraphPlaceholder:   url.PathEscape(shorter(e.config.GraphID)),
		cases.UpperGraphPlaceholder:     url.PathEscape(strings.ToUpper(e.config.GraphID)),
		cases.RealJobPlaceholder:        url.PathEscape(e.realJob.id),
		cases.ShorterJobPlaceholder:     url.PathEscape(shorter(e.realJob.id)),
	})
	return values
}

// versionsOf are the values that depend on two versions: the one to request and the graph's own.
type versionsOf struct {
	version, own string
	values       map[string]string
}

// versionValues returns the values for a version. Most requests in a row have the same.
func (e *Engine) versionValues(version, own string) map[string]string {
	last := e.versions.Load()
	if last == nil || last.version != version || last.own != own {
		last = &versionsOf{version, own, cases.VersionValues(version, own)}
		e.versions.Store(last)
	}
	return maps.Clone(last.values)
}

// stateFor returns the state of the graph whose version counts at an aim.
func (e *Engine) stateFor(aim cases.Aim) *graphState {
	if aim.Graph == cases.StoppedGraph {
		return &e.stoppedGraph
	}
	return &e.graph
}

// longest is the length of the longest project id.
const longestProject = 64

// longer returns a project id with another character, or without some if it would be too long
// for one.
func longer(project string) string {
	if len(project) >= longestProject {
		return project[:longestProject-2]
	}
	return project + "0"
}

// shorter returns an id without its last character, or another if nothing would be left.
func shorter(id string) string {
	if len(id) < 2 {
		return id + id + "0"
	}
	return id[:len(id)-1]
}

func (e *Engine) graphOf(aim cases.Aim) string {
	switch aim.Graph {
	case cases.AbsentGraph:
		return e.absent
	case cases.StoppedGraph:
		return e.config.StoppedGraphID
	case cases.ForeignGraph:
		return e.config.ForeignGraphID
	default:
		return e.config.GraphID
	}
}

// similar returns a project id with its last character changed.
func similar(project string) string {
	if last := len(project) - 1; project[last] != '0' {
		return project[:last] + "0"
	}
	return project[:len(project)-1] + "1"
}

// sampleVersion is used if no version is known and it does not matter.
const sampleVersion = "1.0.5"

// versionFor returns the version that an aim requests, or why there is none.
func (e *Engine) versionFor(aim cases.Aim) (version, why string) {
	state := e.stateFor(aim)
	switch aim.Version {
	case "":
		return "", ""
	case cases.AnyVersion:
		if e.graph.version != "" {
			return e.graph.version, ""
		}
		return sampleVersion, ""
	case cases.CurrentVersion:
		if state.version == "" {
			return "", "the graph's version could not be read"
		}
		return state.version, ""
	case cases.LaterVersion:
		from := e.reached(state.version)
		if aim.Graph == cases.StoppedGraph && contract.Later(e.upgrades.stoppedTo, from) {
			from = e.upgrades.stoppedTo
		}
		if next := e.laterThan(from); next != "" {
			return next, ""
		}
		return "", "no later version is left: " + strconv.Itoa(len(e.config.UpgradeVersions)) + " given with --upgrade-version"
	case cases.PreviousVersion:
		if e.upgrades.previous == "" {
			return "", "no upgrade has been accepted in this run"
		}
		if contract.Later(e.upgrades.previous, e.graph.version) {
			return "", "the graph no longer has the version of the last upgrade"
		}
		return e.upgrades.previous, ""
	default:
		if older := ges.Older(state.version, string(aim.Version)); older != "" {
			return older, ""
		}
		return "", "no " + string(aim.Version) + " version can be derived from the graph's version " + strconv.Quote(state.version)
	}
}

// laterThan returns the first available version that is later.
func (e *Engine) laterThan(version string) string {
	for _, v := range e.config.UpgradeVersions {
		if contract.Later(v, version) {
			return v
		}
	}
	return ""
}

// stillLater returns the available versions that are later than the graph's.
func (e *Engine) stillLater() []string {
	return slices.DeleteFunc(slices.Clone(e.config.UpgradeVersions), func(v string) bool { return !contract.Later(v, e.graph.version) })
}
