package main

import (
	"bufio"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/gesconform/gesconform/fakeserver"
)

// BenchmarkStart is the time from the start of the process `gesconform fake` to
// its answer to the first upgrade, as a ratio to that of a bare server. Both
// sides take turns.
func BenchmarkStart(b *testing.B) {
	fake, bare := buildCommand(b, "."), buildCommand(b, "./testdata/bare")
	firstAnswer(b, fake, "fake") // both are in the page cache
	firstAnswer(b, bare)
	var ours, floor time.Duration
	for b.Loop() {
		ours += firstAnswer(b, fake, "fake")
		floor += firstAnswer(b, bare)
	}
	b.ReportMetric(ours.Seconds()/float64(b.N)*1000, "ms/start")
	b.ReportMetric(floor.Seconds()/float64(b.N)*1000, "ms/floor")
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "x-floor")
}

// firstAnswer starts a server that prints its address, upgrades a graph there,
// and ends it.
func firstAnswer(b *testing.B, name string, args ...string) time.Duration {
	b.Helper()
	f := fakeserver.New().Fixtures()
	command := exec.Command(name, args...)
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it has been killed
	}()
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	host := strings.TrimPrefix(strings.TrimSpace(address), "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	body := `{"upgrade_version":"` + f.Versions[0] + `"}`
	r, err := http.NewRequest(http.MethodPost, "http://"+host+"/v2/"+f.ProjectID+"/graphs/"+f.GraphID+"/upgrade", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Auth-Token", f.Token)
	r.Header.Set("Content-Type", "application/json")
	if err := r.Write(conn); err != nil {
		b.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), r)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("got %v, %v", answer, err)
	}
	took := time.Since(began)
	_ = answer.Body.Close()
	return took
}
