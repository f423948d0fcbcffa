package independent_test

import (
	"net/http"
	"time"
)

var leaks = []row{
	{name: "token in every body", turn: edited(always, func(c *call, r *reply) { set("debug", c.token)(c, r) })},
	{name: "token in errors", turn: edited(refused, func(c *call, r *reply) { set("error_msg", "refused "+c.token)(c, r) })},
	{name: "token in a header", turn: edited(always, func(c *call, r *reply) { header("X-Debug", "t="+c.r.Header.Get("X-Auth-Token"))(c, r) })},
	{name: "token in a cookie", turn: edited(always, func(c *call, r *reply) { header("Set-Cookie", "session="+c.token)(c, r) })},
	{name: "token when taken on", turn: edited(taken, func(c *call, r *reply) { set("by", c.token)(c, r) }), foundFrom: oneUpgrade, why: hidden},
	{name: "token of a reader", turn: edited(kinds("readonly"), func(c *call, r *reply) { set("error_msg", c.token+" may not")(c, r) })},
	{name: "token that is over", turn: edited(kinds("expired"), func(c *call, r *reply) { set("error_msg", c.token+" is over")(c, r) })},
	{name: "stack trace of Go", turn: edited(kinds("syntax"), set("error_msg", "goroutine 12 [running]:\nmain.upgrade(0xc000)\n\t/srv/main.go:41 +0x1d")), foundFrom: guarded, why: "the graph is looked for first"},
	{name: "stack trace of Java", turn: edited(kinds("no-graph"), set("trace", "java.lang.NullPointerException\n\tat com.example.Graphs.find(Graphs.java:12)"))},
	{name: "stack trace of Python", turn: edited(kinds("no-graph"), set("error_msg", "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in f"))},
	{name: "stack trace in a header", turn: edited(refused, header("X-Error", "at com.example.Graphs.find(Graphs.java:12)"))},
	{name: "stack trace when taken on", turn: edited(taken, set("warning", "Caused by: java.lang.IllegalStateException: x\n\tat com.example.A.b(A.java:1)")), foundFrom: oneUpgrade, why: hidden},
}

var wrongTransport = []row{
	{name: "hangs when taken on", turn: hanging(""), foundFrom: destructive, why: "a first failure may be the network's"},
	{name: "hangs at bad JSON", turn: hanging("syntax"), foundFrom: guarded, why: "the graph is looked for first"},
	{name: "drops the connection when taken on", turn: transport("", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), foundFrom: destructive, why: "a first failure may be the network's"},
	{name: "drops the connection at bad JSON", turn: transport("syntax", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), foundFrom: guarded, why: "the graph is looked for first"},
	{name: "drops the connection at no object", turn: transport("not-object", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), foundFrom: destructive, why: unsafe},
	{name: "drops the connection without a token", turn: transport("no-token", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })},
	{name: "cuts the answer when taken on", turn: transport("", cutAnswer), foundFrom: destructive, why: "a first failure may be the network's"},
	{name: "cuts the answer for unknown graphs", turn: transport("no-graph", cutAnswer)},
	{name: "does not speak HTTP for unknown graphs", turn: transport("no-graph", garble)},
}

// transport answers upgrades in a way that only the connection shows: those that are
// refused for a reason or, with "", those that are accepted.
func transport(kind string, answer func(http.ResponseWriter, *http.Request)) func(*knobs) {
	return func(k *knobs) {
		k.deliver = func(c *call, w http.ResponseWriter, _ *reply) bool {
			if c.op != "upgrade" || c.kind != kind {
				return false
			}
			answer(w, c.r)
			return true
		}
	}
}

// hanging waits until the client gives up.
func hanging(kind string) func(*knobs) {
	return both(func(k *knobs) { k.patience, k.given = 400*time.Millisecond, versionsAfter(k.version)[:4] },
		transport(kind, func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}))
}

func cutAnswer(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte(`{"job_id":`))
	panic(http.ErrAbortHandler)
}

func garble(w http.ResponseWriter, _ *http.Request) {
	connection, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = buffer.WriteString("GES/1.0 404 no such graph\r\n\r\n")
	_ = buffer.Flush()
	_ = connection.Close()
}
