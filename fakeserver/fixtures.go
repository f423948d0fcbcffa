package fakeserver

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"
)

// initialVersion is the version that the graphs start with.
const initialVersion = "2.2.8"

// laterVersions is how many later ones are on offer.
const laterVersions = 80

// Fixtures says what a server holds, so that a client or a suite can be pointed
// at it.
type Fixtures struct {
	ProjectID      string
	GraphID        string // running, at version 2.2.8
	GraphName      string
	Token          string   // may read and upgrade
	ReadonlyToken  string   // may read
	ExpiredToken   string   // was Token's like once
	StoppedGraphID string   // of the same project
	ForeignGraphID string   // of another project
	Versions       []string // later ones, ascending; 2.2.9 and 2.2.10 are the first
}

// Fixtures returns what the server was given when it was made. Upgrades do not
// change them.
func (s *Server) Fixtures() Fixtures {
	f := s.service.fixtures
	f.Versions = slices.Clone(f.Versions)
	return f
}

// populate makes the fixtures and the state that they tell of.
func (s *service) populate() {
	n, now := s.ids, s.clock()
	foreignProject := n.hex(16)
	s.fixtures = Fixtures{
		ProjectID: n.hex(16), GraphID: n.uuid(), GraphName: "ges_demo",
		Token: n.token(), ReadonlyToken: n.token(), ExpiredToken: n.token(),
		StoppedGraphID: n.uuid(), ForeignGraphID: n.uuid(),
	}
	f := &s.fixtures
	for i := range laterVersions {
		f.Versions = append(f.Versions, fmt.Sprintf("2.2.%d", 9+i))
	}
	created := now.Add(-30 * 24 * time.Hour)
	for _, g := range []*graph{
		{id: f.GraphID, project: f.ProjectID, name: f.GraphName, state: graphRunning},
		{id: f.StoppedGraphID, project: f.ProjectID, name: "ges_stopped", state: graphStopped},
		{id: f.ForeignGraphID, project: foreignProject, name: "ges_foreign", state: graphRunning},
	} {
		g.version, g.created, g.updated = initialVersion, created, created
		s.graphs[g.id] = g
	}
	const day = 24 * time.Hour
	s.callers = []*caller{
		{sum: sha256.Sum256([]byte(f.Token)), project: f.ProjectID, expires: now.Add(day)},
		{sum: sha256.Sum256([]byte(f.ReadonlyToken)), project: f.ProjectID, readOnly: true, expires: now.Add(day)},
		{sum: sha256.Sum256([]byte(f.ExpiredToken)), project: f.ProjectID, expired: true, expires: now.Add(-day)},
	}
}
