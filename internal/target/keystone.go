package target

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// A Login is what IAM gives a token for, by Keystone's password method. The
// token is always scoped to the project that is judged.
type Login struct {
	Cloud    string // the name of one in clouds.yaml, which says the rest; "" if it does not
	AuthURL  string // https://iam.{region}.myhuaweicloud.com/v3
	UserName string
	Password string
	Domain   string // the account's name
}

func (l *Login) given() bool { return l.Cloud != "" || l.AuthURL != "" }

// takeLoginOfOthers takes what OpenStack's tools log in with, if nothing has
// been said of credentials.
func (c *Config) takeLoginOfOthers(value func(name string) string) {
	login := Login{
		Cloud: value("OS_CLOUD"), AuthURL: value("OS_AUTH_URL"), UserName: value("OS_USERNAME"), Password: value("OS_PASSWORD"),
		Domain: value("OS_USER_DOMAIN_NAME"),
	}
	if login.Domain == "" {
		login.Domain = value("OS_DOMAIN_NAME")
	}
	if login.Cloud != "" || login.AuthURL != "" && login.UserName != "" && login.Password != "" {
		c.Login = login
	}
}

// logIn gets a token of IAM, and tells when it expires.
func (c *Config) logIn(ctx context.Context) (token string, expires time.Time, err error) {
	login := c.Login
	if login.Cloud != "" {
		options, _, _, err := clouds.Parse(clouds.WithCloudName(login.Cloud))
		if err != nil {
			return "", expires, fmt.Errorf("log in: expected the cloud %q in clouds.yaml, got: %w", login.Cloud, err)
		}
		login.AuthURL, login.UserName, login.Password, login.Domain = options.IdentityEndpoint, options.Username, options.Password, options.DomainName
	}
	security, err := c.tls()
	if err != nil {
		return "", expires, err
	}
	provider, err := openstack.NewClient(login.AuthURL)
	if err != nil {
		return "", expires, fmt.Errorf("log in: expected the address of IAM, got %q", redactURL(login.AuthURL))
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: security, DisableKeepAlives: true}
	provider.HTTPClient = http.Client{Transport: transport, Timeout: c.RequestTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the password would travel along
	}}
	provider.UserAgent.Prepend(c.userAgent())
	identity, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		return "", expires, fmt.Errorf("log in at %s: %w", redactURL(login.AuthURL), err)
	}
	answer := tokens.Create(ctx, identity, &tokens.AuthOptions{
		Username: login.UserName, Password: login.Password, DomainName: login.Domain, Scope: tokens.Scope{ProjectID: c.ProjectID},
	})
	issued, err := answer.ExtractToken()
	if err != nil || issued.ID == "" {
		return "", expires, fmt.Errorf("log in at %s as %q, project %s: %s", redactURL(login.AuthURL), login.UserName, c.ProjectID, refusal(err, login.Password))
	}
	return issued.ID, issued.ExpiresAt, nil
}

// refusal says why there is no token, without what IAM answered: that may repeat
// the password.
func refusal(err error, password string) string {
	var unexpected gophercloud.ErrUnexpectedResponseCode
	switch {
	case err == nil:
		return "expected a token in X-Subject-Token, got none"
	case errors.As(err, &unexpected):
		return fmt.Sprintf("expected 201, got %d", unexpected.Actual)
	case password == "":
		return err.Error()
	default:
		return strings.ReplaceAll(err.Error(), password, "***")
	}
}
