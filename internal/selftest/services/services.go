// Package services has two services of different make, each with its OpenAPI document, that what judges servers of
// any document is tried on: correct ones, lawful variations of them, and defective ones with one lapse each. They are
// written by hand with the standard library alone, and share no code with what judges them.
package services

import (
	_ "embed" // the documents
	"fmt"
	"net/http"
)

// A Service is a server with its document.
type Service struct {
	Name        string            // "library" or "workshop"
	Document    []byte            // its OpenAPI document, YAML
	Credentials map[string]string // the value of each security scheme by its name; USER:PASSWORD for http basic
	Fixtures    map[string]string // ids of what there is from the start, by the name of the parameter
	Variations  []Twist
	Defects     []Defect

	build func(seed uint64) *server
}

// A Twist is a lawful way to behave otherwise than the plain service.
type Twist struct {
	Name     string
	Summary  string
	Advisory string // the SHOULD that it breaks, if any: no requirement that is a MUST is ever broken

	change  edit
	trigger []Request
}

// A Defect is a lapse by which a service breaks a requirement of its document.
type Defect struct {
	Name        string
	Requirement string // the id of the requirement that must turn red
	Summary     string
	Risk        string // what a run needs to be allowed to find it: inert, guarded or destructive

	change  edit
	trigger []Request
}

// A Request is one of those that show how a variation or a defect differs from the plain service.
type Request struct {
	Method string
	Path   string   // with the query; "{made}" stands for the last Location that was answered
	Header []string // "Name: value"
	Body   string
}

//go:embed library.yaml
var libraryDocument []byte

//go:embed workshop.yaml
var workshopDocument []byte

// All returns the services.
func All() []*Service {
	return []*Service{library(), workshop()}
}

// New returns a handler with a state of its own. The twist is the name of a variation or of a defect; "" is the plain,
// correct service. The seed decides the ids that are made, and everything else that a variation leaves to chance.
// New panics if there is no such twist. Nothing that the service does takes longer than some milliseconds. To cut a
// connection, its handler panics with http.ErrAbortHandler, as net/http has it.
func (s *Service) New(twist string, seed uint64) http.Handler {
	srv := s.build(seed)
	if twist != "" {
		s.change(twist)(srv)
	}
	return srv.handler()
}

// change returns what a variation or a defect changes.
func (s *Service) change(twist string) edit {
	for _, t := range s.Variations {
		if t.Name == twist {
			return t.change
		}
	}
	for _, d := range s.Defects {
		if d.Name == twist {
			return d.change
		}
	}
	panic(fmt.Sprintf("the service %s has no variation and no defect %q", s.Name, twist))
}
