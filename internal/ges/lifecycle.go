package ges

// LifecycleSteps has the steps of an upgrade that a requirement can observe, with the
// reason to give if one was not reached.
var LifecycleSteps = map[string]string{
	"accepted":            "no upgrade was asked for",
	"version-order":       "no accepted upgrade went from a version such as 1.1.9 to 1.1.10",
	"second-refused":      "no upgrade was under way when a second one could be asked for",
	"version-shown":       "no upgrade has succeeded",
	"version-at-once":     "no upgrade was seen to take effect",
	"version-kept":        "no request was sent that could have moved the version",
	"job-ids-differ":      "no two upgrades were accepted",
	"job-queryable":       "no upgrade was accepted",
	"job-ends":            "no upgrade was accepted",
	"job-of-graph":        "no upgrade was accepted",
	"failure-rolled-back": "no upgrade has failed",
	"failure-explained":   "no upgrade has failed",
}

// LifecycleCases are the valid variations that start the lifecycle: the first tests the
// most at once; the second is sent if that is refused.
var LifecycleCases = []string{"charset", "force_upgrade-false"}

// ShownAlongside are variations that the acceptance of another one proves, too.
var ShownAlongside = map[string]string{"force_upgrade-absent": "charset"}
