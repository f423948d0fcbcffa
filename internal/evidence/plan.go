package evidence

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/gesconform/gesconform/internal/plan"
	"github.com/gesconform/gesconform/internal/result"
)

// Unfinished is the failure in the results of a killed run.
const Unfinished = "the run has not ended; `gesconform judge` shows what it has found so far"

// WritePlan writes plan.json to a directory and returns its digest.
func WritePlan(dir string, p *plan.Plan) (digest string, err error) {
	text, err := p.Encode()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), WriteFile(dir, result.PlanFile, text)
}
