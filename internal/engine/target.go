package engine

// resources fills in what the contract says of the thing that a run changes, and of the jobs
// that belong to it.
func (e *Engine) resources() {
	for _, r := range e.c.Resources() {
		switch {
		case r.Of == "" && e.target.Name == "":
			e.target = r
		case r.Of == e.target.Name && e.job.Name == "":
			e.job = r
		}
	}
}

// running returns the state in which the target may be changed, as reports show it.
func (e *Engine) running() string {
	if len(e.target.ChangeableIn) == 0 {
		return ""
	}
	return e.target.ChangeableIn[0]
}

// unaimed returns what of the contract's resources is missing that a run needs, or "".
func (e *Engine) unaimed() string {
	switch {
	case e.target.Name == "":
		return "an entry of x-resources, without which no request can be aimed"
	case e.target.Members.Version == "" || e.target.Members.State == "":
		return "members.version and members.state of the resource " + e.target.Name
	case e.job.Name == "":
		return "an entry of x-resources that belongs to " + e.target.Name
	}
	return ""
}
