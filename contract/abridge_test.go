package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// longAnswers are answers of which only a part is kept, to each of the operations. What the
// contract says of them must not depend on that.
func longAnswers() map[string]*Answer {
	long := strings.Repeat("long ", 14_000)
	jobs := func(n, reason int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"job_id":"j%d","job_name":"UpgradeGraph","job_type":"u","status":"success","related_graph":"g","fail_reason":%q}`, i, strings.Repeat("r", reason)))
		}
		return fmt.Sprintf(`{"job_count":%d,"job_list":[%s]}`, n, strings.Join(list, ","))
	}
	bodies := map[string]string{
		"a long message":               `{"error_code":"GES.0011","error_msg":"` + long + `"}`,
		"no code":                      `{"error_msg":"` + long + `"}`,
		"a long code":                  `{"error_code":"` + long + `","error_msg":"m"}`,
		"a number for a text":          `{"error_code":"GES.0011","error_msg":1` + strings.Repeat("0", 100_000) + `}`,
		"a fraction for a text":        `{"error_code":"GES.0011","error_msg":1.` + strings.Repeat("0", 100_000) + `}`,
		"the code at the end":          `{"x":"` + long + `","error_code":"GES.0011","error_msg":"m"}`,
		"the code behind many members": `{` + members(20_000) + `"error_code":"GES.0011","error_msg":"m","job_id":"j"}`,
		"a repeated member":            `{"job_id":"a","x":"` + long + `","job_id":"b"}`,
		"a member repeated often":      `{` + strings.Repeat(`"job_id":"a",`, 20_000) + `"job_id":1}`,
		"many values":                  `{"x":[` + strings.Repeat("0,", 100_000) + `0],"job_id":"j"}`,
		"deep values":                  `{"x":` + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000) + `,"job_id":"` + long + `"}`,
		"too deep values":              `{"x":` + strings.Repeat("[", 60_000) + strings.Repeat("]", 60_000) + `}`,
		"text that goes on":            `{"job_id":"j"}` + long,
		"text that ends too early":     `{"job_id":"` + long,
		"no JSON":                      "<html>" + long,
		"a trace at the end":           "<html>" + long + "goroutine 1 [running]",
		"a byte order mark":            "\xef\xbb\xbf" + `{"job_id":"` + long + `"}`,
		"bytes that are no text":       `{"job_id":"` + long + "\xff" + `"}`,
		"characters at the end":        `{"job_id":"` + long + `ä"}`,
		"control characters":           strings.Repeat("\x01", 100_000),
		"jobs":                         jobs(100, 1_000),
		"many jobs":                    jobs(5_000, 0),
		"blanks":                       strings.Repeat(" ", 100_000) + `{"job_id":"j"}`,
	}
	answers := map[string]*Answer{}
	for name, body := range bodies {
		for _, status := range []int{200, 400} {
			answers[fmt.Sprint(name, " ", status)] = &Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
		}
	}
	header := http.Header{"Content-Type": {"application/json", "text/html"}, "X-Trace": {strings.Repeat("v", 5_000) + " goroutine 1 [running]"}}
	for n := range 2_000 {
		header[fmt.Sprint("A-", n)] = []string{"v"}
	}
	answers["many header fields"] = &Answer{Status: 200, Header: header, Body: []byte(`{"job_id":"j"}`)}
	return answers
}

func members(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d":0,`, i)
	}
	return b.String()
}

// same compares problems, but for the texts that quote a value, and the sixth and later of a kind.
func same(a, b []Problem) bool {
	short := func(all []Problem) (short []Problem) {
		count := map[string]int{}
		for _, p := range all {
			if count[p.Keyword]++; count[p.Keyword] <= abridgedProblems {
				p.Message = ""
				short = append(short, p)
			}
		}
		return short
	}
	return reflect.DeepEqual(short(a), short(b))
}

func TestAbridgedAnswersAreJudgedAsWhole(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, a := range longAnswers() {
		wanted := map[*Operation][]Problem{}
		for _, op := range c.Operations() {
			wanted[op] = c.JudgeAnswer(op, op.Method, a)
		}
		for _, most := range []int{64 << 10, 512} {
			short := c.Abridge(a, most)
			size := len(short.Body) + len(short.Abridged.JSON)
			for field, values := range short.Header {
				size += len(field) + len(values[0])
			}
			if limit := most + min(most, 16<<10) + min(most, 8<<10) + 8<<10; size > limit {
				t.Errorf("%s: expected at most %d bytes, got %d", name, limit, size)
			}
			if !bytes.HasPrefix(a.Body, short.Body) || short.Length() != len(a.Body) || short.Abridged.Check(short.Body) != nil {
				t.Errorf("%s: expected the beginning and the length %d, got %d bytes and %d, %v", name, len(a.Body), len(short.Body), short.Length(), short.Abridged.Check(short.Body))
			}
			written, err := json.Marshal(short.Abridged)
			var read Abridged
			if err != nil || json.Unmarshal(written, &read) != nil || !reflect.DeepEqual(&read, short.Abridged) {
				t.Errorf("%s: expected what was written, got %+v, %v", name, read, err)
			}
			for _, op := range c.Operations() {
				want, got := wanted[op], c.JudgeAnswer(op, op.Method, short)
				if !same(want, got) {
					t.Errorf("%s, %d bytes, %s:\nexpected %v\ngot      %v", name, most, op.ID, beginnings(want), beginnings(got))
				}
			}
			wants, _ := a.JSON()
			gots, _ := short.JSON()
			if (wants == nil) != (gots == nil) || a.Encoding() != short.Encoding() {
				t.Errorf("%s: expected %v and %s, got %v and %s", name, wants != nil, a.Encoding(), gots != nil, short.Encoding())
			}
			for member := range c.answerMembers {
				if want, got := wants.Member(member), gots.Member(member); (want == nil) != (got == nil) || want != nil && (want.Kind != got.Kind || !strings.HasPrefix(want.Text, got.Text)) {
					t.Errorf("%s: expected %s %.40v, got %.40v", name, member, want, got)
				}
			}
		}
	}
}

func beginnings(all []Problem) (texts []string) {
	for _, p := range all[:min(len(all), 4)] {
		texts = append(texts, fmt.Sprintf("%.150s", p.String()))
	}
	return texts
}

func TestItemsThatAreLeftOutAreCounted(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	short := c.Abridge(longAnswers()["many jobs 200"], 64<<10)
	v, _ := short.JSON()
	if got := len(v.Member("job_list").Items); got == 0 || got+short.Abridged.ItemsLeftOut != 5_000 {
		t.Errorf("expected 5000 jobs, got %d and %d left out", got, short.Abridged.ItemsLeftOut)
	}
}

func TestShortAnswersAreNotAbridged(t *testing.T) {
	c, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	a := &Answer{Status: 200, Header: http.Header{"A": {"b"}}, Body: []byte(`{}`)}
	if c.Abridge(a, 64<<10) != a {
		t.Error("expected the same answer, got another")
	}
}

func TestCheckOfAbridged(t *testing.T) {
	const sum = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824" // of hello
	for _, test := range []struct {
		a    Abridged
		says string
	}{
		{Abridged{Length: 5, SHA256: sum}, ""},
		{Abridged{Length: 6, SHA256: strings.Repeat("0", 64)}, ""},
		{Abridged{Length: 4, SHA256: sum}, "abridged: expected the length of the whole body, 5 bytes or more, got 4"},
		{Abridged{Length: 6, SHA256: "x"}, `abridged: expected the sha256 of the whole body, got "x"`},
		{Abridged{Length: 5, SHA256: strings.Repeat("0", 64)}, "abridged: expected the sha256 of the whole body, got"},
		{Abridged{Length: 6, SHA256: sum, JSON: "{"}, `abridged: expected json to be a JSON value, got "{"`},
		{Abridged{Length: 6, SHA256: sum, ItemsLeftOut: -1}, "abridged: expected counts of what is left out, got less than 0"},
	} {
		if err := test.a.Check([]byte("hello")); (err == nil) != (test.says == "") || err != nil && !strings.HasPrefix(err.Error(), test.says) {
			t.Errorf("expected %q, got %v", test.says, err)
		}
	}
}
