package fakeserver

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gesconform/gesconform/contract"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/ges/aksk"
)

// A caller is the user whom credentials identify, with what they permit.
type caller struct {
	user     *scenario.User
	project  string // id; "" if the credentials are scoped to a domain
	readOnly bool
	expires  time.Time // of a token
}

// An accessKey signs requests of its user, for all of the user's projects.
type accessKey struct {
	aksk.Key
	user     *scenario.User
	projects []string  // ids
	failures int       // bad signatures in a row
	locked   time.Time // until when
}

// keptTokens is how many of the tokens issued by IAM are kept.
const keptTokens = 10_000

// identities are the credentials that the service accepts, and their callers.
type identities struct {
	operator *caller // the caller if a defect accepts a request without credentials

	mu     sync.Mutex
	tokens map[digest]*caller
	issued []digest // by IAM, the oldest first
	keys   map[string]*accessKey
}

// A digest is the hash by which a token is looked up. So the time that a lookup takes
// does not tell how much of a token is right.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

// issue adds a token issued by IAM, and forgets the oldest of them if there are too many.
func (i *identities) issue(token string, who *caller) {
	i.mu.Lock()
	defer i.mu.Unlock()
	d := digestOf(token)
	i.tokens[d] = who
	i.issued = append(i.issued, d)
	if len(i.issued) > keptTokens {
		delete(i.tokens, i.issued[0])
		i.issued = i.issued[1:]
	}
}

// holder returns the caller that a token was issued to, or nil.
func (i *identities) holder(token string) *caller {
	d := digestOf(token)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.tokens[d]
}

// An identification is the caller of a request, or else what is wrong with the
// credentials and what the gateway says about it.
type identification struct {
	who      *caller
	relation contract.Relation
	reason   string
}

// What the gateway says about credentials, as in its published samples.
const (
	authentication = "Incorrect IAM authentication information: "
	tokenMissing   = authentication + "x-auth-token not found"
	tokenUnknown   = authentication + "decrypt token fail"
	tokenExpired   = authentication + "token expires, expires_at: "
	keyUnknown     = authentication + "ak %s not exist"
	keyLocked      = authentication + "AK access failed to reach the limit,forbidden."
	signatureWrong = authentication + "verify aksk signature fail, canonicalRequest:"
	dateWrong      = authentication + "signature expired, x-sdk-date is not within 15 minutes"
)

// identify looks up the credentials of a request. If a header is repeated, the first
// value counts.
func (s *service) identify(c *call) identification {
	header := c.request.Header
	for _, scheme := range c.route.Schemes() {
		values := header.Values(scheme.Name)
		switch {
		case len(values) == 0 || values[0] == "" && len(values) == 1:
			continue
		case scheme.Pattern != nil:
			return s.identifySigner(c, values[0])
		default:
			return s.identifyHolder(c, values[0])
		}
	}
	return identification{relation: contract.NotIssued, reason: tokenMissing}
}

func (s *service) identifyHolder(c *call, token string) identification {
	who := s.identities.holder(token)
	switch {
	case who == nil:
		return identification{relation: contract.NotIssued, reason: tokenUnknown}
	case !c.came.Before(who.expires):
		return identification{who, contract.Expired, tokenExpired + who.expires.UTC().Format(tokenTime)}
	default:
		return identification{who: who}
	}
}

const (
	dateTolerance = 15 * time.Minute
	maxFailures   = 5
	lockTime      = 5 * time.Minute
)

// identifySigner checks an AK/SK signature as the gateway does: the date must be
// within 15 minutes, and five bad signatures in a row lock the key for five
// minutes.
func (s *service) identifySigner(c *call, value string) identification {
	refuse := func(reason string) identification {
		return identification{relation: contract.NotIssued, reason: reason}
	}
	header := c.request.Header
	authorization, err := aksk.ParseAuthorization(value)
	if err != nil {
		return refuse(authentication + err.Error())
	}
	now := c.came
	i := &s.identities
	i.mu.Lock()
	defer i.mu.Unlock()
	key := i.keys[authorization.Access]
	if key == nil {
		return refuse(fmt.Sprintf(keyUnknown, authorization.Access))
	}
	if now.Before(key.locked) {
		return refuse(keyLocked)
	}
	date, err := time.Parse(aksk.DateFormat, header.Get("X-Sdk-Date"))
	if err != nil || now.Sub(date).Abs() > dateTolerance && s.clock.base().Sub(date).Abs() > dateTolerance {
		return refuse(dateWrong)
	}
	request := &aksk.Request{
		Method: c.request.Method, Path: c.request.URL.EscapedPath(), Query: c.request.URL.RawQuery,
		Host: c.request.Host, Header: header, Body: c.body,
	}
	sound := subtle.ConstantTimeCompare([]byte(header.Get("X-Security-Token")), []byte(key.SecurityToken)) == 1
	if !authorization.Verify(request, key.Secret) || !sound {
		if key.failures++; key.failures >= maxFailures {
			key.failures, key.locked = 0, now.Add(lockTime)
		}
		return refuse(signatureWrong + authorization.Shown(request))
	}
	key.failures = 0
	return identification{who: &caller{user: key.user, project: key.projectFor(c), readOnly: key.user.Role == scenario.Reader}}
}

// projectFor returns the project of a signed request: X-Project-Id or, without it, the
// project in the path; "" if it is not one of the user's.
func (k *accessKey) projectFor(c *call) string {
	wanted := cmp.Or(c.request.Header.Get("X-Project-Id"), c.values["project_id"])
	if !slices.Contains(k.projects, wanted) {
		return ""
	}
	return wanted
}
