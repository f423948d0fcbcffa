package engine

import (
	"reflect"
	"sync"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/cases"
	"github.com/gesconform/gesconform/internal/judge"
)

// common has, for each case of the last contract, the findings of the first run that decided
// it. Of a hundred deployments nearly all give the same ones, thousands each.
var common struct {
	sync.Mutex
	c        *contract.Contract
	findings map[*cases.Case][]judge.Finding
}

// shared returns the findings that another run has kept for a case, if they are equal to these.
// The findings of a result must not be changed.
func shared(c *contract.Contract, k *cases.Case, findings []judge.Finding) []judge.Finding {
	common.Lock()
	defer common.Unlock()
	if common.c != c {
		common.c, common.findings = c, map[*cases.Case][]judge.Finding{}
	}
	known, ok := common.findings[k]
	if !ok {
		common.findings[k] = findings[:len(findings):len(findings)]
	} else if reflect.DeepEqual(known, findings) {
		return known
	}
	return findings
}
