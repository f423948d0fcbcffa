package services

import (
	"encoding/base64"
	"net/http"
)

// Lines of headers with credentials.
var (
	withKey     = "X-Library-Key: " + libraryKey
	withStaff   = basic(staffUser, staffPassword)
	withReader  = "Authorization: Bearer " + readerToken
	withPartner = "Authorization: Bearer " + partnerToken
)

// basic is a line of http basic.
func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func get(path string, header ...string) Request {
	return Request{Method: http.MethodGet, Path: path, Header: header}
}

func head(path string, header ...string) Request {
	return Request{Method: http.MethodHead, Path: path, Header: header}
}

func remove(path string, header ...string) Request {
	return Request{Method: http.MethodDelete, Path: path, Header: header}
}

// post sends a body of JSON.
func post(path, body string, header ...string) Request {
	return Request{Method: http.MethodPost, Path: path, Body: body, Header: append(header, "Content-Type: application/json")}
}

// send has a body of any media type.
func send(method, path, media, body string, header ...string) Request {
	return Request{Method: method, Path: path, Body: body, Header: append(header, "Content-Type: "+media)}
}
