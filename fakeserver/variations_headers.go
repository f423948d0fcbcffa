package fakeserver

import "net/http"

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

// dropTimes leaves out what a job need not say.
func (v *variant) dropTimes(e *outgoing) {
	if !successOf("showJob")(e) {
		return
	}
	v.shown["job-without-times"] = true
	change := remove
	if v.random.IntN(2) == 0 {
		change = func(pointer string) edit { return set(pointer, nil) }
	}
	for _, pointer := range []string{"/begin_time", "/end_time", "/job_progress"} {
		change(pointer)(e)
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
