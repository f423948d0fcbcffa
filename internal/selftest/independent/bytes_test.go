package independent_test

import (
	"net/http"
	"time"
)

// shiftTimes moves the times of a job.
func shiftTimes(by time.Duration) func(*call, *reply) {
	const form = "2006-01-02T15:04:05"
	return func(_ *call, r *reply) {
		for _, name := range []string{"begin_time", "end_time"} {
			m, _ := member(r.body, name)
			if m == nil {
				continue
			}
			text, _ := m[name].(string)
			if t, err := time.Parse(form, text); err == nil {
				m[name] = t.Add(by).Format(form)
			}
		}
	}
}

// suffixTimes appends to the times of a job.
func suffixTimes(suffix string) func(*call, *reply) {
	return func(_ *call, r *reply) {
		for _, name := range []string{"begin_time", "end_time"} {
			if m, _ := member(r.body, name); m != nil && m[name] != nil {
				if text, ok := m[name].(string); ok {
					m[name] = text + suffix
				}
			}
		}
	}
}

var wrongBytes = []row{
	{name: "ETag of the resource", turn: headed("ETag", `"graph-1"`), foundFrom: oneUpgrade, why: hidden},
	{name: "times in the zone of Beijing", turn: edited(reported, shiftTimes(8*time.Hour)), foundFrom: oneUpgrade, why: hidden},
	{name: "times with +08:00", turn: edited(reported, suffixTimes("+08:00")), foundFrom: oneUpgrade, why: hidden},
	{name: "times with microseconds", turn: edited(reported, suffixTimes(".123456")), foundFrom: oneUpgrade, why: hidden},
	{name: "progress of 200 %", turn: edited(reported, set("job_progress", 200)), should: "upgrade.job-progress"},
	{name: "one X-Request-Id for all", turn: headed("X-Request-Id", "8080d377bffeb6d519b0567c09cebe6b"), should: "answer.request-id"},
	{name: "charset utf-16", turn: headed("Content-Type", "application/json; charset=utf-16"), should: "answer.charset"},
	{name: "two dates", turn: func(k *knobs) {
		k.before = func(_ *call, w http.ResponseWriter, _ *http.Request) bool {
			now := time.Now().UTC().Format(http.TimeFormat)
			w.Header()["Date"] = []string{now, now}
			return false
		}
	}},
}
