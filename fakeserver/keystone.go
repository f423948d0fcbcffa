package fakeserver

import (
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// IAM issues tokens as Keystone v3 does
// (https://support.huaweicloud.com/api-iam/iam_30_0001.html).

// tokenTime is the format of times in IAM's answers, which have microseconds.
const tokenTime = "2006-01-02T15:04:05.000000Z"

// A tokenRequest is the body of POST /v3/auth/tokens. Only the password method is
// implemented.
type tokenRequest struct {
	Auth struct {
		Identity struct {
			Methods  []string `json:"methods"`
			Password struct {
				User struct {
					inDomain
					Password string `json:"password"`
				} `json:"user"`
			} `json:"password"`
		} `json:"identity"`
		Scope struct {
			Project *inDomain  `json:"project"`
			Domain  *nameAndID `json:"domain"`
		} `json:"scope"`
	} `json:"auth"`
}

type nameAndID struct {
	Name string `json:"name,omitempty"`
	ID   string `json:"id,omitempty"`
}

// inDomain is a user or a project, with the domain (account) that it belongs to.
type inDomain struct {
	nameAndID
	Domain nameAndID `json:"domain"`
}

// issuedToken is the token in the body of the answer to a tokenRequest.
type issuedToken struct {
	Methods   []string      `json:"methods"`
	ExpiresAt string        `json:"expires_at"`
	IssuedAt  string        `json:"issued_at"`
	User      inDomain      `json:"user"`
	Project   *inDomain     `json:"project,omitempty"`
	Domain    *nameAndID    `json:"domain,omitempty"`
	Roles     []nameAndID   `json:"roles"`
	Catalog   []catalogItem `json:"catalog"`
}

type catalogItem struct {
	nameAndID
	Type      string     `json:"type"`
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	ID        string `json:"id"`
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// createToken answers POST /v3/auth/tokens.
func (s *service) createToken(c *call) {
	if c.readBody(); c.unreadable != 0 {
		answerIAM(c, "unreadable-body", c.unreadable, "The request body could not be read.")
		return
	}
	var request tokenRequest
	if err := json.Unmarshal(c.body, &request); err != nil {
		answerIAM(c, "malformed-body", http.StatusBadRequest, "The request body is invalid.")
		return
	}
	given := &request.Auth.Identity.Password.User
	user := s.userWithPassword(given.Name, given.Password, given.Domain)
	if user == nil || !slices.Equal(request.Auth.Identity.Methods, []string{"password"}) {
		answerIAM(c, "wrong-password", http.StatusUnauthorized, "The username or password is wrong.")
		return
	}
	now := s.clock.now()
	who := &caller{user: user, readOnly: user.Role == scenario.Reader, expires: now.Add(tokenLife)}
	body := issuedToken{
		Methods: []string{"password"}, IssuedAt: now.UTC().Format(tokenTime), ExpiresAt: who.expires.UTC().Format(tokenTime),
		User:  inDomain{named(user.Name), named(user.DomainName())},
		Roles: []nameAndID{{Name: "te_admin", ID: "0"}}, Catalog: []catalogItem{},
	}
	if who.readOnly {
		body.Roles[0].Name = "readonly"
	}
	if refused := s.scope(c, &request, who, &body); refused != "" {
		answerIAM(c, refused, http.StatusUnauthorized, "The user has no such project or domain.")
		return
	}
	s.mu.Lock()
	token := s.ids.token()
	s.mu.Unlock()
	s.identities.issue(token, who)
	s.credentials.issue(token)
	c.w.Header().Set("X-Subject-Token", token)
	_ = writeJSON(c.w, http.StatusCreated, map[string]issuedToken{"token": body}) // fails if the client is gone
}

// scope scopes a token to the project that the request names, or else to the user's
// domain. If that is not possible it returns the condition for the refusal, else "".
func (s *service) scope(c *call, request *tokenRequest, who *caller, body *issuedToken) (condition string) {
	if wanted := request.Auth.Scope.Project; wanted != nil {
		project := s.projectOf(who.user, wanted.nameAndID, wanted.Domain)
		if project == nil {
			return "unknown-project"
		}
		who.project = project.ID
		body.Project = &inDomain{nameAndID{Name: project.Name, ID: project.ID}, named(project.DomainName())}
		body.Catalog = s.catalog(c, project)
		return ""
	}
	domain := named(who.user.DomainName())
	if wanted := request.Auth.Scope.Domain; wanted != nil && !isDomain(*wanted, domain.Name) {
		return "unknown-domain"
	}
	body.Domain = &domain
	return ""
}

// userWithPassword returns the user with the given name and password in a domain, or nil.
// The domain may have a name, an id or neither.
func (s *service) userWithPassword(name, password string, domain nameAndID) *scenario.User {
	var found *scenario.User
	for i := range s.scenario.Users {
		u := &s.scenario.Users[i]
		if u.Name != name || u.Password == "" || !isDomain(domain, u.DomainName()) {
			continue
		}
		if given, want := digestOf(password), digestOf(u.Password); subtle.ConstantTimeCompare(given[:], want[:]) == 1 {
			found = u
		}
	}
	return found
}

// projectOf returns the user's project with the wanted id, or with the wanted name and
// domain, or nil. The domain may be empty. The result always has an id.
func (s *service) projectOf(u *scenario.User, wanted, domain nameAndID) *scenario.Project {
	for _, p := range s.scenario.ProjectsOf(*u) {
		p.ID = s.projects[p.Name]
		if wanted.ID == p.ID || wanted.ID == "" && wanted.Name == p.Name && isDomain(domain, p.DomainName()) {
			return &p
		}
	}
	return nil
}

// isDomain reports whether a domain in a request is empty or the one with the given name.
func isDomain(domain nameAndID, name string) bool {
	home := named(name)
	return domain == nameAndID{} || domain.Name == home.Name || domain.ID == home.ID
}

// named returns a name with the id made from it.
func named(name string) nameAndID { return nameAndID{Name: name, ID: idOf(name)} }

// idOf makes an id from a name: 32 hexadecimal digits.
func idOf(name string) string {
	sum := digestOf(name)
	return hex.EncodeToString(sum[:16])
}

// catalog returns the service catalogue for a project, with the address that the client
// used.
func (s *service) catalog(c *call, p *scenario.Project) []catalogItem {
	base := addressOf(c.request)
	at := func(kind, path string) catalogItem {
		return catalogItem{named(kind), kind, []endpoint{{
			ID: idOf(kind + path), Interface: "public", Region: p.Name, RegionID: p.Name, URL: base + path,
		}}}
	}
	return []catalogItem{at("ges", "/v2/"+p.ID), at("identity", "/v3")}
}

func addressOf(r *http.Request) string { return schemeOf(r) + r.Host }

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://"
	}
	return "http://"
}

// listVersions answers GET /, with which clients of Keystone look for a version of the
// API that they support. The status is 300, as the page says
// (https://support.huaweicloud.com/api-iam/iam_15_0002.html).
func (s *service) listVersions(c *call) {
	_ = writeJSON(c.w, http.StatusMultipleChoices, map[string]any{ // fails if the client is gone
		"versions": map[string]any{"values": []any{versionThree(c)}},
	})
}

// showVersion answers GET /v3, with which clients of Keystone check that the version
// exists (https://support.huaweicloud.com/api-iam/iam_15_0003.html).
func (s *service) showVersion(c *call) {
	_ = writeJSON(c.w, http.StatusOK, map[string]any{"version": versionThree(c)}) // fails if the client is gone
}

func versionThree(c *call) map[string]any {
	return map[string]any{
		"id": "v3.6", "status": "stable", "updated": "2016-04-04T00:00:00Z",
		"links":       []map[string]string{{"rel": "self", "href": addressOf(c.request) + "/v3/"}},
		"media-types": []map[string]string{{"type": "application/vnd.openstack.identity-v3+json", "base": "application/json"}},
	}
}

// answerIAM writes an error as Keystone does.
func answerIAM(c *call, condition string, status int, message string) {
	c.condition = condition
	failure := map[string]any{"code": status, "message": message, "title": http.StatusText(status)}
	_ = writeJSON(c.w, status, map[string]any{"error": failure}) // fails if the client is gone
}
