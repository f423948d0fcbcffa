package services

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// Lines of headers with credentials.
var (
	withKey     = "X-Library-Key: " + libraryKey
	withStaff   = basic(staffUser, staffPassword)
	withReader  = "Authorization: Bearer " + readerToken
	withPartner = "Authorization: Bearer " + partnerToken
)

// Lines of headers with the credentials of the workshop.
const (
	withWorkshopKey = "X-Workshop-Key: " + workshopKey
	withMechanic    = "Authorization: Bearer " + mechanicToken
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

// form sends a form; names and values are as they go over the wire.
func form(path, body string, header ...string) Request {
	return send(http.MethodPost, path, "application/x-www-form-urlencoded", body, header...)
}

// parts sends a form of several parts, each with its name, its media type and its text.
func parts(path string, header []string, texts ...[3]string) Request {
	const boundary = "3d6b6a416f9b5"
	var b strings.Builder
	for _, t := range texts {
		disposition := fmt.Sprintf("form-data; name=%q", t[0])
		if strings.HasPrefix(t[1], "image/") {
			disposition += `; filename="photo.png"`
		}
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n%s\r\n", boundary, disposition, t[1], t[2])
	}
	return send(http.MethodPost, path, "multipart/form-data; boundary="+boundary, b.String()+"--"+boundary+"--\r\n", header...)
}
