package fakeserver

import "net/http"

type rule struct{}

func (s *Server) serveByRules(w http.ResponseWriter, r *http.Request) { s.serve(w, r) }
