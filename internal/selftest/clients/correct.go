package clients

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gesconform/gesconform/internal/client"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// correctly returns the habits of the correct client.
func correctly() habit {
	return habit{
		course:       upgradeAndWait,
		last:         report,
		connect:      func(*http.Transport) {},
		follow:       func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		dress:        plainly,
		authenticate: byWhatIsGiven,
		send:         func(r *run, q *http.Request) (*http.Response, error) { return r.http.Do(q) },
		limit:        8 * time.Second, // a busy machine does not reach it
		heard:        func(*run, *http.Request, answer) {},
		method:       http.MethodPost,
		path:         upgradePath,
		body:         func(e client.Endpoint, _ int) []byte { return members(e) },
		again:        whenAsked,
		started:      func(_ *run, a answer) (string, error) { return jobID(a) },
		jobPath:      jobPath,
		ended:        asJobSays,
		interval:     50 * time.Millisecond,
		bears:        refusedReads,
		patience:     15 * time.Second,
		impatient:    func() error { return errors.New("the job has not ended in time") },
	}
}

// report prints how the upgrade has ended.
func report(r *run, result error) {
	if result != nil {
		fmt.Fprintln(r.stderr, "upgrade:", result)
		return
	}
	fmt.Fprintf(r.stdout, "graph %s has version %s\n", r.endpoint.GraphID, r.endpoint.UpgradeVersion)
}

func bodyReader(body []byte) io.Reader {
	if body == nil {
		return nil
	}
	return bytes.NewReader(body)
}

func plainly(_ *run, q *http.Request) {
	if q.Body != nil {
		q.Header.Set("Content-Type", "application/json")
	}
	q.Header.Set("Accept", "application/json")
}

// byWhatIsGiven sends the token, or signs the request if there is none.
func byWhatIsGiven(r *run, q *http.Request, body []byte) {
	if r.endpoint.Token == "" {
		sign(r, q, body)
		return
	}
	q.Header.Set("X-Auth-Token", r.endpoint.Token)
}

func sign(r *run, q *http.Request, body []byte) {
	s := &aksk.Request{
		Method: q.Method, Path: q.URL.EscapedPath(), Query: q.URL.RawQuery, Host: q.URL.Host,
		Header: q.Header, Body: body,
	}
	aksk.Sign(s, aksk.Key{Access: r.endpoint.AccessKey, Secret: r.endpoint.SecretKey}, time.Now())
}

func graphPath(e client.Endpoint) string {
	return "/v2/" + url.PathEscape(e.ProjectID) + "/graphs/" + url.PathEscape(e.GraphID)
}

func upgradePath(e client.Endpoint) string { return graphPath(e) + "/upgrade" }

func jobPath(e client.Endpoint, id string) string {
	return graphPath(e) + "/jobs/" + url.PathEscape(id) + "/status"
}

// members returns the body of the upgrade, with more members, as "NAME": VALUE in JSON.
func members(e client.Endpoint, more ...string) []byte {
	all := append([]string{`"upgrade_version": ` + quote(e.UpgradeVersion)}, more...)
	if e.ForceUpgrade != nil {
		all = append(all, `"force_upgrade": `+strconv.FormatBool(*e.ForceUpgrade))
	}
	return []byte("{" + strings.Join(all, ", ") + "}")
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings can be marshaled
	}
	return string(quoted)
}

// attempts is how often the correct client sends the upgrade at most.
const attempts = 4

// whenAsked repeats an upgrade that has not left, or that was refused with the advice to come back.
func whenAsked(a answer, attempt int) (time.Duration, bool) {
	if attempt == attempts {
		return 0, false
	}
	if notSent(a.err) {
		return time.Duration(attempt) * 100 * time.Millisecond, true
	}
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0, false
	}
	after, said := retryAfter(a)
	return after, said && after <= 5*time.Second
}

// notSent reports whether there was no connection for the request.
func notSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// retryAfter returns the time that an answer asks the client to wait, with a little more, if it does.
func retryAfter(a answer) (time.Duration, bool) {
	const more = 20 * time.Millisecond
	value := a.header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return time.Duration(seconds)*time.Second + more, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(time.Until(date), 0) + more, true
	}
	return 0, false
}

// object parses the JSON object of a whole answer with status 200.
func object(a answer) (map[string]json.RawMessage, error) {
	switch {
	case a.err != nil:
		return nil, a.err
	case a.status != http.StatusOK:
		return nil, refusal(a)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(a.body, &members); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return members, nil
}

// text returns a member that is a string.
func text(members map[string]json.RawMessage, name string) string {
	var value string
	if json.Unmarshal(members[name], &value) != nil {
		return ""
	}
	return value
}

// jobID returns the id of the job in an answer to the upgrade.
func jobID(a answer) (string, error) {
	members, err := object(a)
	if err != nil {
		return "", err
	}
	id := text(members, "job_id")
	if id == "" || id == "." || id == ".." { // the last two cannot be asked for in a path
		return "", fmt.Errorf("expected a job_id, got the members %q%s", slices.Sorted(maps.Keys(members)), codeOf(a))
	}
	return id, nil
}

// refusal returns the error in an answer that is not a success.
func refusal(a answer) error {
	return fmt.Errorf("%d %s%s", a.status, http.StatusText(a.status), codeOf(a))
}

// codeOf returns the error code of an answer for a sentence, or "".
func codeOf(a answer) string {
	var e struct {
		Code string `json:"error_code"`
	}
	if json.Unmarshal(a.body, &e) != nil || e.Code == "" {
		return ""
	}
	return fmt.Sprintf(" (error code %s)", e.Code)
}

// A job is what an answer shows of a job.
type job struct {
	status, fail string
	progress     float64
	ended        bool // whether it has an end_time
}

// jobIn returns the job in the answer to its read.
func jobIn(a answer) (job, error) {
	members, err := object(a)
	if err != nil {
		return job{}, err
	}
	j := job{status: text(members, "status"), fail: text(members, "fail_reason"), ended: text(members, "end_time") != ""}
	if j.status == "" {
		return j, errors.New("expected a job with a status, got none" + codeOf(a))
	}
	_ = json.Unmarshal(members["job_progress"], &j.progress) // reserved
	return j, nil
}

func asJobSays(j job) (bool, error) {
	switch j.status {
	case "success":
		return true, nil
	case "failed", "partiallyFailed":
		return true, fmt.Errorf("the job has ended as %s: %s", j.status, j.fail)
	default:
		return false, nil
	}
}

// refusedReads bears refusals that ask for another time for as long as the client is patient, and a
// few of what can pass. What a read needs it can do again.
func refusedReads(a answer, nth int) (time.Duration, bool) {
	const interval = 100 * time.Millisecond
	switch {
	case a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable:
		after, said := retryAfter(a)
		if !said {
			return interval, true
		}
		return max(after, interval), true
	case a.err != nil || a.status >= 500 || a.status == http.StatusNotFound || a.status == http.StatusOK:
		return interval, nth < 3
	default:
		return 0, false
	}
}
