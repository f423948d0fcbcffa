package ges

import "strings"

// A Snapshot is the state of a graph at one time.
type Snapshot struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Status  string `json:"status"`
	// Jobs are the graph's jobs in the list of jobs.
	Jobs []Job `json:"jobs,omitempty"`
	// Gap says why Jobs is incomplete; "" if it is complete.
	Gap string `json:"gap,omitempty"`
}

// JobKey returns a job id in lower case, for comparison: operations may differ in letter
// case.
func JobKey(id string) string { return strings.ToLower(id) }
