// Command bare is the baseline of the fake server's benchmarks: a handler that decodes the
// body and answers a job id. Like the fake, it prints its address first.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(upgrade), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintln(os.Stderr, server.Serve(listener))
	os.Exit(1)
}

func upgrade(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Version string `json:"upgrade_version"`
		Force   bool   `json:"force_upgrade"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"job_id": "f99f60f1-bba6-4cde-bd1a-ff4bdd1fd500000168232"})
}
