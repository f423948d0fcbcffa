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

// A caller is whom credentials identify.
type caller struct {
	user     *scenario.User
	project  string // id; "" if the credentials are scoped to a domain
	readOnly bool
	expires  time.Time // of a token
}

// An accessKey signs requests for its user, in all projects of the user's.
type accessKey struct {
	aksk.Key
	user     *scenario.User
	projects []string  // ids
	failures int       // bad signatures in a row
	locked   time.Time // until when
}

// keptTokens is how many of the tokens that IAM issues are kept.
const keptTokens = 10_000

// identities are the credentials that the service accepts, and their callers.
type identities struct {
	operator *caller // who counts as the caller if a defect lets in a request without credentials

	mu     sync.Mutex
	tokens map[digest]*caller
	issued []digest // by IAM, the oldest first
	keys   map[string]*accessKey
}

// A digest is the hash by which a token is looked up. Comparing hashes takes as
// long for a token that begins like an issued one as for any other.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

// issue adds a token that IAM issues, and forgets the oldest such token if there
// are too many.
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

// An identification is the caller of a request, or what is wrong with its
// credentials and what the gateway says of that.
type identification struct {
	who      *caller
	relation contract.Relation
	reason   string
}

// What the gateway says of credentials, as in its published samples.
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

// identify looks up the credentials of a request. Of a repeated header the first
// counts.
func (s *service) identify(c *call) identification {
	header := c.request.Header
	for _, scheme := range c.route.Security {
		values := header.Values(scheme.Header)
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

// projectFor is the project that a signed request is for: that of X-Project-Id or,
// without it, that of the path; "" if the user does not have it.
func (k *accessKey) projectFor(c *call) string {
	wanted := cmp.Or(c.request.Header.Get("X-Project-Id"), c.values["project_id"])
	if !slices.Contains(k.projects, wanted) {
		return ""
	}
	return wanted
}
