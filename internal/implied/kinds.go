package implied

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/internal/exchange"
	"github.com/gesconform/gesconform/internal/judge"
)

// An outcome is what an answer says, as far as the rules of any document tell answers apart.
type outcome int

// The outcomes.
const (
	unanswered  outcome = iota // there is no answer
	passed                     // 2xx, or another status below 400 that the operation documents
	redirected                 // any other 3xx
	invalid                    // 400 or 422: the request is called invalid
	otherRule                  // another rule spoke first: rights, states, preconditions, throttling
	notFound                   // 404 or 410
	refused                    // any other 4xx
	serverFault                // 5xx
)

// otherRules are the statuses that say nothing about the form of a request.
var otherRules = map[int]bool{
	http.StatusUnauthorized: true, http.StatusForbidden: true, http.StatusConflict: true, http.StatusPreconditionFailed: true,
	http.StatusLocked: true, http.StatusTooManyRequests: true, http.StatusProxyAuthRequired: true, http.StatusPreconditionRequired: true,
	http.StatusPaymentRequired: true, http.StatusTooEarly: true, http.StatusRequestTimeout: true,
}

func outcomeOf(op *contract.Operation, x *exchange.Exchange) outcome {
	status := x.Status()
	switch {
	case x.Failure != nil || status == 0:
		return unanswered
	case throttled(x) || otherRules[status]:
		return otherRule
	case status < 300 || status < 400 && lists(op, strconv.Itoa(status)):
		return passed
	case status < 400:
		return redirected
	case status == http.StatusBadRequest || status == http.StatusUnprocessableEntity:
		return invalid
	case status == http.StatusNotFound || status == http.StatusGone:
		return notFound
	case status < 500:
		return refused
	default:
		return serverFault
	}
}

// throttled reports whether an answer asks to come back later.
func throttled(x *exchange.Exchange) bool {
	return x.Status() == http.StatusTooManyRequests ||
		x.Status() == http.StatusServiceUnavailable && x.Answer.Header.Get("Retry-After") != ""
}

// lists reports whether an operation lists one of some statuses, as "400", "4XX" or "default".
func lists(op *contract.Operation, statuses ...string) bool {
	for _, r := range op.Responses {
		for _, s := range statuses {
			if strings.EqualFold(r.Status, s) {
				return true
			}
		}
	}
	return false
}

// covers reports whether the operation documents a refusal with one of some statuses, by the status
// itself, 4XX or default.
func covers(op *contract.Operation, statuses ...string) bool {
	return lists(op, append(statuses, "4XX", "default")...)
}

// A kind is a sort of case: the rule that it tests, and what each outcome says about it, if the
// plain request of the operation has passed.
type kind struct {
	name     string
	rule     contract.Rule
	verdicts map[outcome]judge.Verdict // judge.Deviates stands for what the level says; Masked for what is not there
	// refine, if there is one, decides what the outcome alone does not. It returns "" where it
	// has nothing to say.
	refine func(k *Case, x *exchange.Exchange) (v judge.Verdict, why string)
	lawful func(k *Case) []string
	why    string
}

// The kinds.
var (
	// plainKind is the plain request. It is the control of all others, and nothing is beside it,
	// so that its refusal says nothing about the server.
	plainKind = &kind{
		name: "plain", rule: contract.RuleValueAccepted, verdicts: map[outcome]judge.Verdict{passed: judge.Conforms},
		refine: refinePlain, lawful: success, why: "it has what the document requires and nothing else",
	}
	// proofKind is the plain request with the credentials of another alternative.
	proofKind = &kind{
		name: "credentials", rule: contract.RuleValueAccepted, verdicts: map[outcome]judge.Verdict{passed: judge.Conforms},
		refine: refineProof, lawful: success, why: "its credentials are those of an alternative of the operation, and the same request with others passed",
	}
	acceptedKind = &kind{
		name: "accepted", rule: contract.RuleValueAccepted,
		verdicts: map[outcome]judge.Verdict{passed: judge.Conforms, invalid: judge.Deviates},
		refine:   refineAccepted, lawful: success, why: "it keeps to the document, and so does the plain request, which passed",
	}
	refusedKind = &kind{
		name: "refused", rule: contract.RuleValueRefused,
		verdicts: map[outcome]judge.Verdict{passed: judge.Deviates, invalid: judge.Conforms, refused: judge.Conforms},
		refine:   refineRefused, lawful: invalidity,
		why: "it breaks this keyword and no other; the operation lists a refusal, and the plain request passed",
	}
	unlistedKind = &kind{
		name: "refused-unlisted", rule: contract.RuleValueRefusedUnlisted, verdicts: refusedKind.verdicts, refine: refineRefused, lawful: invalidity,
		why: "it breaks this keyword and no other; the operation lists no refusal for that, but the plain request passed",
	}
	scalarKind = &kind{
		name: "scalar", rule: contract.RuleValueScalar, verdicts: refusedKind.verdicts, refine: refineRefused, lawful: invalidity,
		why: "it breaks this keyword and no other, in a way that common readers pass over",
	}
	unknownKind = &kind{
		name: "unknown", rule: contract.RuleResourceUnknown, verdicts: map[outcome]judge.Verdict{notFound: judge.Conforms},
		refine: refineUnknown, lawful: absence, why: "the id is made up in the form of its schema, so that nothing has it",
	}
	missingKind = &kind{
		name: "missing-credentials", rule: contract.RuleCredentialsRequired, verdicts: map[outcome]judge.Verdict{passed: judge.Deviates},
		refine: refineCredentials, lawful: unauthorized,
		why: "the operation needs credentials, and the same request with them passed",
	}
	madeUpKind = &kind{
		name: "made-up-credentials", rule: contract.RuleCredentialsValid, verdicts: map[outcome]judge.Verdict{passed: judge.Deviates},
		refine: refineCredentials, lawful: unauthorized,
		why: "the credentials are the real ones with a character changed, and the same request with the real ones passed",
	}
	mediaTypeKind = &kind{
		name: "media-type", rule: contract.RuleRequestMediaType, verdicts: map[outcome]judge.Verdict{passed: judge.Deviates},
		refine: refineMediaType, lawful: func(*Case) []string { return []string{"415"} },
		why: "the operation lists 415, and none of its media types is that of the request",
	}
	acceptableKind = &kind{
		name: "acceptable", rule: contract.RuleRequestAcceptable, verdicts: map[outcome]judge.Verdict{passed: judge.Conforms},
		refine: refineAcceptable, lawful: func(k *Case) []string { return append(success(k), "406") },
		why: "the operation lists 406, and none of its media types is accepted",
	}
	// The kinds of what is made are decided by reads after it.
	createdKind = &kind{
		name: "created", rule: contract.RuleResourceCreated, lawful: func(*Case) []string { return []string{"shown with what it was given"} },
		why: "what was created is read at once, with members that it was given and that the document lets answers show",
	}
	linkedKind = &kind{
		name: "linked", rule: contract.RuleResourceLinked, lawful: func(*Case) []string { return []string{"found"} },
		why: "Location in the answer to a creation is where the thing is",
	}
	linkKind = &kind{
		name: "link", rule: contract.RuleResourceLinked, lawful: func(*Case) []string { return []string{"found"} },
		why: "the document links the answer to what it names",
	}
	deletedKind = &kind{
		name: "deleted", rule: contract.RuleResourceDeleted, lawful: absence,
		why: "the run has made it, has read it, and was told that it is deleted",
	}
	readOnlyKind = &kind{
		name: "read-only", rule: contract.RuleValueReadOnly, lawful: func(*Case) []string { return []string{"400", "422", "accepted without effect"} },
		why: "the member is only read, so that what a request says of it has no effect",
	}
)

func success(k *Case) []string {
	var all []string
	for _, r := range k.Operation.Responses {
		if r.Status < "4" || r.Status == "default" && len(all) == 0 {
			all = append(all, r.Status)
		}
	}
	return all
}

func invalidity(k *Case) []string {
	all := []string{"400", "422"}
	if k.inPath() {
		all = append(all, "404")
	}
	return all
}

func absence(*Case) []string { return []string{"404", "410"} }

// refusals of credentials that may stand in place of 401, if they are listed.
var inPlaceOf401 = []string{"403", "404"}

func unauthorized(k *Case) []string {
	all := []string{"401"}
	for _, s := range inPlaceOf401 {
		if lists(k.Operation, s, "4XX", "default") || !lists(k.Operation, "401") {
			all = append(all, s)
		}
	}
	return all
}

// inPath reports whether the case is about a value in the path.
func (k *Case) inPath() bool {
	for _, s := range k.change.set {
		if s.parameter.In == contract.InPath {
			return true
		}
	}
	return false
}

// refineRefused takes 404 for a refusal of what stands in the path: there is no such thing.
func refineRefused(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	if outcomeOf(k.Operation, x) == notFound && k.inPath() {
		return judge.Conforms, ""
	}
	return "", ""
}

// refineUnknown judges an answer to an id of nothing other than 404 and 410.
func refineUnknown(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	listed := lists(k.Operation, "404", "410")
	switch outcomeOf(k.Operation, x) {
	case passed:
		if !listed {
			return judge.Observed, "the operation lists neither 404 nor 410"
		}
		return judge.Deviates, "the id was made up, and nothing can have it"
	case invalid:
		if k.target == whatIsAbsent && k.hasMore() {
			return judge.Masked, "the server may want more of the rest of the request than the document says"
		}
		if listed && fixesForm(k.change.absent.Schema) {
			return judge.Deviates, "the id has the form that its schema says"
		}
		return judge.Masked, "the server may want ids of another form than the schema says"
	default:
		return "", ""
	}
}

// hasMore reports whether a request has more than what its path names, which nothing has shown to be accepted.
func (k *Case) hasMore() bool {
	return k.media != nil || slices.ContainsFunc(k.Operation.Parameters, func(p *contract.Parameter) bool { return p.Required && p.In != contract.InPath })
}

// refineMediaType judges refusals of a media type by their status.
func refineMediaType(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	return refineStatus(k, x, http.StatusUnsupportedMediaType)
}

// refineAcceptable judges refusals of what is accepted by their status.
func refineAcceptable(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	return refineStatus(k, x, http.StatusNotAcceptable)
}

// refineStatus judges a refusal for which one status is listed.
func refineStatus(k *Case, x *exchange.Exchange, listed int) (judge.Verdict, string) {
	switch o := outcomeOf(k.Operation, x); {
	case x.Status() == listed:
		return judge.Conforms, ""
	case o == invalid || o == refused:
		return judge.Deviates, otherStatus
	}
	return "", ""
}

const otherStatus = "it was refused, but with another status than the one that is listed for that"

// fixesForm reports whether a schema says exactly what an id looks like.
func fixesForm(s *contract.Schema) bool {
	return s != nil && (s.Integer || s.Format == "uuid" || s.Pattern != nil)
}

const insteadOfIt = "a page of HTML, and not with what the operation lists"

// refinePlain takes a page for people for what stands before the server.
func refinePlain(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	if outcomeOf(k.Operation, x) == passed && insteadOf(k.Operation, x) {
		return judge.Masked, "the answer is " + insteadOfIt
	}
	return "", ""
}

// refineProof takes the refusal of credentials that the user gives for that of the user's.
func refineProof(_ *Case, x *exchange.Exchange) (judge.Verdict, string) {
	if isUnauthorized(x) {
		return judge.Error, "credentials: the server refuses those that were given"
	}
	return "", ""
}

func isUnauthorized(x *exchange.Exchange) bool {
	return x.Status() == http.StatusUnauthorized || x.Status() == http.StatusForbidden
}

// refineCredentials judges refusals of missing or made-up credentials by their status.
func refineCredentials(k *Case, x *exchange.Exchange) (judge.Verdict, string) {
	if x.Failure != nil || throttled(x) || x.Status() >= 500 {
		return "", ""
	}
	if otherRules[x.Status()] && !isUnauthorized(x) {
		return judge.Masked, ""
	}
	status := strconv.Itoa(x.Status())
	for _, s := range unauthorized(k) {
		if s == status {
			return judge.Conforms, ""
		}
	}
	switch {
	case x.Status() < 400 && outcomeOf(k.Operation, x) != passed && !lists(k.Operation, "401"):
		return judge.Observed, "redirects are not followed"
	case x.Status() < 400 && outcomeOf(k.Operation, x) != passed:
		return judge.Deviates, "it leads elsewhere, in place of the 401 that is listed"
	case x.Status() < 400:
		return judge.Deviates, "the request was accepted"
	case !lists(k.Operation, "401"):
		return judge.Observed, "the operation does not list 401"
	default:
		return judge.Deviates, otherStatus
	}
}
