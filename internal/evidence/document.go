package evidence

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/result"
)

// A DocumentJudge judges again a run by a document that states no requirements of its own, from what
// results.json says of the run as a whole and from its exchanges. ended is whether it was not cut
// short. The error says where the exchanges are not those of such a run.
type DocumentJudge func(ctx context.Context, c *contract.Contract, run result.Run, exchanges []exchange.Exchange, ended bool) (result.Run, error)

// judgeDocument decides such a run again.
func (e *earlierRun) judgeDocument(ctx context.Context, o *JudgeOptions) (result.Run, error) {
	if o.Document == nil {
		return result.Run{}, fmt.Errorf("expected the folder of a run by a contract that states its requirements, got %s, which is of a run by one that states none", e.folder)
	}
	if !o.Contract.Implied() {
		return result.Run{}, fmt.Errorf("%s: expected the document that the run was judged by, got none; set --spec %s", e.folder, e.run.Contract.Name)
	}
	if err := e.byContract(o.Contract); err != nil {
		return result.Run{}, err
	}
	run := e.run
	if e.killed() {
		e.endWithExchanges(&run)
	}
	run, err := o.Document(ctx, o.Contract, run, e.exchanges, !e.cutShort())
	if ctx.Err() != nil {
		return result.Run{}, ctx.Err()
	}
	if err != nil {
		return result.Run{}, fmt.Errorf("%s: %w", filepath.Join(e.folder, result.ExchangesFile), err)
	}
	return run, nil
}
