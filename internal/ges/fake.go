package ges

import "net/http"

// FakeServer is the product name in the Server header of every answer of the fake server, so that
// nobody has to guess whether an address of this machine is one, or a tunnel to a deployment.
const FakeServer = "gesconform-fake"

// IsFake reports whether an answer with this header says that it is from the fake server.
func IsFake(h http.Header) bool { return h.Get("Server") == FakeServer }
