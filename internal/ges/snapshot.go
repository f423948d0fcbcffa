package ges

import "strings"

// A Snapshot is what a deployment shows of a graph at one time.
type Snapshot struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Status  string `json:"status"`
	// Jobs are the graph's, as the list of jobs has them.
	Jobs []Job `json:"jobs,omitempty"`
	// Gap says why Jobs are not all there are; "" if they are.
	Gap string `json:"gap,omitempty"`
}

// JobKey is a job's id in the one form by which ids are compared: an operation may
// show them in other letter case than the one that gave them.
func JobKey(id string) string { return strings.ToLower(id) }
