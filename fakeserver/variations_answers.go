package fakeserver

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// The variations in this file change an answer on its way to the wire.

func (v *variant) addCharset(e *outgoing) {
	if e.header.Get("Content-Type") != "application/json" {
		return
	}
	v.shown["charset"] = true
	forms := []string{"application/json;charset=utf-8", "application/json; charset=UTF-8", `application/json; charset="utf-8"`}
	e.header.Set("Content-Type", forms[v.random.IntN(len(forms))])
}

func (v *variant) chunk(e *outgoing) {
	v.shown["chunked"] = true
	e.chunk = 1 + v.random.IntN(16)
}

// addMembers adds members to a body that is an object.
func (v *variant) addMembers(e *outgoing) {
	members := orderedMembers(e.body)
	if members == nil {
		return
	}
	v.shown["unknown-members"] = true
	more := []member{
		{"trace_id", json.RawMessage(`"` + strconv.FormatUint(v.random.Uint64(), 16) + `"`)},
		{"x_details", json.RawMessage(`{"retry":false,"hints":[]}`)},
		{"deprecated", json.RawMessage(`null`)},
	}
	e.body = joined(append(members, more[:1+v.random.IntN(len(more))]...))
}

// reorder reverses the order of the members.
func (v *variant) reorder(e *outgoing) {
	members := orderedMembers(e.body)
	if len(members) < 2 {
		return
	}
	v.shown["member-order"] = true
	slices.Reverse(members)
	e.body = joined(members)
}

// indent spreads a body over several lines.
func (v *variant) indent(e *outgoing) {
	var spread bytes.Buffer
	if json.Indent(&spread, e.body, " ", "\t") != nil {
		return
	}
	v.shown["white-space"] = true
	e.body = slices.Concat([]byte("\r\n "), bytes.TrimSpace(spread.Bytes()), []byte("\r\n\n"))
}

// jsonString matches a string in JSON.
var jsonString = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// escape writes some letters of each string as escapes. An escape that is there stays, because
// no letter of one stands alone.
func (v *variant) escape(e *outgoing) {
	if !json.Valid(e.body) {
		return
	}
	v.shown["escapes"] = true
	e.body = jsonString.ReplaceAllFunc(e.body, func(text []byte) []byte {
		if bytes.Contains(text, []byte(`\`)) {
			return text
		}
		var escaped []byte
		for i, b := range text {
			if letter := 'a' <= b|0x20 && b|0x20 <= 'z'; letter && (i == 1 || v.random.IntN(4) == 0) {
				escaped = fmt.Appendf(escaped, `\u%04x`, b)
				continue
			}
			escaped = append(escaped, b)
		}
		return escaped
	})
}

// addBlankError adds what some clients take for an error.
func (v *variant) addBlankError(e *outgoing) {
	if !successOf("upgradeGraph")(e) {
		return
	}
	v.shown["blank-error"] = true
	set("/error_code", "")(e)
	set("/error_msg", "")(e)
}

// dropGraphMembers leaves out what a graph need not say.
func (v *variant) dropGraphMembers(e *outgoing) {
	v.drop(e, "graph-members", "showGraph", "/graph/region_code", "/graph/az_code", "/graph/product_type", "/graph/created", "/graph/updated")
}

// dropJobMembers leaves out what else than times a job need not say.
func (v *variant) dropJobMembers(e *outgoing) {
	v.drop(e, "job-members", "showJob", "/job_type", "/job_name", "/related_graph")
}

// dropTimes leaves out the times of a job, and its progress.
func (v *variant) dropTimes(e *outgoing) {
	v.drop(e, "job-without-times", "showJob", "/begin_time", "/end_time", "/job_progress")
}

// drop removes members of a success of an operation, or makes them null.
func (v *variant) drop(e *outgoing, name, operation string, pointers ...string) {
	if !successOf(operation)(e) {
		return
	}
	v.shown[name] = true
	change := remove
	if v.random.IntN(2) == 0 {
		change = func(pointer string) edit { return set(pointer, nil) }
	}
	for _, pointer := range pointers {
		change(pointer)(e)
	}
}

// jobProgress matches the progress of a job. It is the only number of which the contract does not
// say that it is whole.
var jobProgress = regexp.MustCompile(`"job_progress":[0-9.]+`)

// writeNumbers writes a number with a fraction or an exponent.
func (v *variant) writeNumbers(e *outgoing) {
	e.body = jobProgress.ReplaceAllFunc(e.body, func(member []byte) []byte {
		name, number, _ := bytes.Cut(member, []byte(":"))
		value, err := strconv.ParseFloat(string(number), 64)
		if err != nil {
			return member
		}
		v.shown["numbers"] = true
		if v.random.IntN(2) == 0 && !bytes.Contains(number, []byte(".")) {
			return slices.Concat(member, []byte(".00"))
		}
		return strconv.AppendFloat(slices.Concat(name, []byte(":")), value, "eE"[v.random.IntN(2)], -1, 64)
	})
}

// addHeaders adds lists in several fields, as proxies do, or leaves out the request's id.
func (v *variant) addHeaders(e *outgoing) {
	v.shown["headers"] = true
	e.header["vary"] = []string{"Accept", "Origin"} // in lower case, as some servers write them
	e.header["Cache-Control"] = []string{"no-store", "no-cache"}
	e.header["Set-Cookie"] = []string{"HWWAFSESID=1; Path=/", "HWWAFSESTIME=2; Path=/"}
	e.header["Via"] = []string{"1.1 a", "1.1 b"}
	if v.random.IntN(2) == 0 {
		e.header["X-Request-Id"] = nil
	}
}

// changeMediaTypeCase changes the letter case of a media type, which does not matter.
func (v *variant) changeMediaTypeCase(e *outgoing) {
	mediaType, parameters, _ := strings.Cut(e.header.Get("Content-Type"), ";")
	if mediaType != "application/json" {
		return
	}
	v.shown["media-type-case"] = true
	other := []string{"Application/JSON", "APPLICATION/JSON", "application/Json"}[v.random.IntN(3)]
	if parameters != "" {
		other += ";" + parameters
	}
	e.header.Set("Content-Type", other)
}

// changeRequestID gives the request an id of another form. An error has it in its body, too,
// or else no id there.
func (v *variant) changeRequestID(e *outgoing) {
	v.shown["request-ids"] = true
	id := fmt.Sprintf("%08X-%04x.%d", v.random.Uint32(), v.random.Uint32()>>16, v.number)
	e.header.Set("X-Request-Id", id)
	switch {
	case e.status < http.StatusBadRequest:
	case v.random.IntN(2) == 0:
		set("/request_id", id)(e)
	default:
		remove("/request_id")(e)
	}
}

// addValidators adds validators that lawfully say little.
func (v *variant) addValidators(e *outgoing) {
	if !successOf("showGraph")(e) {
		return
	}
	v.shown["weak-validators"] = true
	e.header.Set("ETag", `W/"53205529"`)
	if v.random.IntN(2) == 0 {
		e.header.Set("Last-Modified", e.call.came.UTC().Format(http.TimeFormat))
	}
}

func (v *variant) tag(e *outgoing) {
	if successOf("showGraph")(e) {
		v.shown["strong-validators"] = true
		e.tagged = true
	}
}

func (v *variant) close(e *outgoing) {
	v.shown["closing"] = true
	e.header.Set("Connection", "close")
}

func (v *variant) compress(e *outgoing) {
	if strings.Contains(e.request.Header.Get("Accept-Encoding"), "gzip") {
		v.shown["compressed"] = true
		e.compressed = true
	}
}

func (v *variant) hint(e *outgoing) {
	if e.request.ProtoAtLeast(1, 1) {
		v.shown["early-hints"] = true
		e.hinted = true
	}
}

func (v *variant) addTrailer(e *outgoing) {
	if e.request.ProtoAtLeast(1, 1) {
		v.shown["trailers"] = true
		e.trailer = http.Header{"X-Body-Bytes": {strconv.Itoa(len(e.body))}}
	}
}

// encode makes the body into the bytes that are sent, and tags them.
func (e *outgoing) encode() {
	if e.compressed {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(e.body) // neither fails, since the buffer does not
		_ = w.Close()
		e.body = packed.Bytes()
		e.header.Set("Content-Encoding", "gzip")
		e.header.Add("Vary", "Accept-Encoding")
	}
	if e.tagged {
		e.header.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(e.body)))
	}
}

type member struct {
	name  string
	value json.RawMessage
}

// orderedMembers returns the members of a JSON object in their order, or nil if the body
// is not an object.
func orderedMembers(body []byte) []member {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil
	}
	members := []member{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil
		}
		name, _ := token.(string) // a member begins with a string
		m := member{name: name}
		if decoder.Decode(&m.value) != nil {
			return nil
		}
		members = append(members, m)
	}
	return members
}

func joined(members []member) []byte {
	parts := make([]string, len(members))
	for i, m := range members {
		name, _ := json.Marshal(m.name) // cannot fail for a string
		parts[i] = string(name) + ":" + string(m.value)
	}
	return []byte("{" + strings.Join(parts, ",") + "}\n")
}
