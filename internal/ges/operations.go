package ges

// The ids of the operations in the document.
const (
	UpgradeGraph = "upgradeGraph"
	ShowGraph    = "showGraph"
	ShowJob      = "showJob"
	ListJobs     = "listJobs"
)

// The parameters of their paths.
const (
	ProjectParameter = "project_id"
	GraphParameter   = "graph_id"
	JobParameter     = "job_id"
)

// Headers of IAM and of the gateway.
const (
	TokenHeader        = "X-Auth-Token"    // the caller's token
	SubjectTokenHeader = "X-Subject-Token" // the token that IAM issues for a login
	ProjectHeader      = "X-Project-Id"    // the project that an access key is used for
)
