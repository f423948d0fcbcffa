package cases

import (
	"sync"

	"github.com/gesconform/gesconform/contract"
)

// latest has the cases of the contract that was asked for last.
var latest struct {
	sync.Mutex
	c   *contract.Contract
	all []*Case
}

// Of returns the cases of a contract as Derive does, once for as long as no other
// contract is asked for. They are everybody's and must not be changed.
func Of(c *contract.Contract) ([]*Case, error) {
	latest.Lock()
	defer latest.Unlock()
	if latest.c != c {
		all, err := Derive(c)
		if err != nil {
			return nil, err
		}
		latest.c, latest.all = c, all
	}
	return latest.all, nil
}
