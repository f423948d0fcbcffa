package fakeserver

import (
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

// A caller is who credentials stand for.
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
	projects []string // ids
	misses   int      // bad signatures in a row
	locked   time.Time
}

// keptTokens is how many tokens are kept of those that IAM gives out.
const keptTokens = 10_000

// identities knows the credentials.
type identities struct {
	operator *caller // stands for whoever is let in without credentials

	mu     sync.Mutex
	tokens map[digest]*caller
	issued []digest // by IAM; a ring, when it is full
	next   int      // the oldest in it
	keys   map[string]*accessKey
}

// A digest stands for a token. To look it up takes no longer for a token that
// begins like one that was issued: whoever guesses cannot steer the digest.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

// know makes a token known for as long as the scenario is loaded. Nobody else may
// use i yet.
func (i *identities) know(token string, who *caller) { i.tokens[digestOf(token)] = who }

// issue makes a token known; the oldest of those that were issued so is
// forgotten if there are too many.
func (i *identities) issue(token string, who *caller) {
	i.mu.Lock()
	defer i.mu.Unlock()
	d := digestOf(token)
	i.tokens[d] = who
	if len(i.issued) < keptTokens {
		i.issued = append(i.issued, d)
		return
	}
	delete(i.tokens, i.issued[i.next])
	i.issued[i.next] = d
	i.next = (i.next + 1) % keptTokens
}

// holder returns whom a token was given to, or nil.
func (i *identities) holder(token string) *caller {
	d := digestOf(token)
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.tokens[d]
}

// A finding is who sends a request, or what is wrong with the credentials and
// what the gateway says of it.
type finding struct {
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

// identify finds out who sends a request. Of a repeated header the first counts.
func (s *service) identify(c *call) finding {
	header := c.request.Header
	for _, scheme := range c.route.Security {
		values := header.Values(scheme.Header)
		switch {
		case len(values) == 0 || values[0] == "" && len(values) == 1:
			continue
		case scheme.Pattern != nil:
			return s.identifySigner(c, values[0])
		default:
			return s.identifyHolder(values[0])
		}
	}
	return finding{relation: contract.NotIssued, reason: tokenMissing}
}

func (s *service) identifyHolder(token string) finding {
	who := s.identities.holder(token)
	switch {
	case who == nil:
		return finding{relation: contract.NotIssued, reason: tokenUnknown}
	case !s.clock.now().Before(who.expires):
		return finding{who, contract.Expired, tokenExpired + who.expires.UTC().Format(tokenTime)}
	default:
		return finding{who: who}
	}
}

const (
	dateTolerance = 15 * time.Minute
	maxMisses     = 5
	lockTime      = 5 * time.Minute
)

// identifySigner checks an AK/SK signature as the gateway does: the date within
// 15 minutes, five bad signatures in a row lock the key for five minutes.
func (s *service) identifySigner(c *call, value string) finding {
	refuse := func(reason string) finding { return finding{relation: contract.NotIssued, reason: reason} }
	header := c.request.Header
	authorization, err := aksk.ParseAuthorization(value)
	if err != nil {
		return refuse(authentication + err.Error())
	}
	now := s.clock.now()
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
		if key.misses++; key.misses >= maxMisses {
			key.misses, key.locked = 0, now.Add(lockTime)
		}
		return refuse(signatureWrong + authorization.Shown(request))
	}
	key.misses = 0
	return finding{who: &caller{user: key.user, project: key.projectFor(c), readOnly: key.user.Role == scenario.Reader}}
}

// projectFor is the project in which a signed request acts: the one that
// X-Project-Id names, none if that is not the user's; else that of the path, if
// it is.
func (k *accessKey) projectFor(c *call) string {
	wanted := c.request.Header.Get("X-Project-Id")
	if wanted == "" {
		wanted = c.values["project_id"]
	}
	if !slices.Contains(k.projects, wanted) {
		return ""
	}
	return wanted
}
