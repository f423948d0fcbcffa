package wire

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

	"github.com/gesconform/gesconform/internal/config"
)

// logIn gets a token from IAM, and returns when it expires.
func logIn(ctx context.Context, c *config.Config) (token string, expires time.Time, err error) {
	login := c.Login
	if login.Cloud != "" {
		options, _, _, err := clouds.Parse(clouds.WithCloudName(login.Cloud))
		if err != nil {
			return "", expires, fmt.Errorf("log in: expected the cloud %q in clouds.yaml, got: %w", login.Cloud, err)
		}
		login.AuthURL, login.UserName, login.Password, login.Domain = options.IdentityEndpoint, options.Username, options.Password, options.DomainName
	}
	security, err := c.TLS()
	if err != nil {
		return "", expires, err
	}
	provider, err := openstack.NewClient(login.AuthURL)
	if err != nil {
		return "", expires, fmt.Errorf("log in: expected the address of IAM, got %q", config.RedactURL(login.AuthURL))
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: security, DisableKeepAlives: true}
	provider.HTTPClient = http.Client{Transport: transport, Timeout: c.RequestTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a redirect would forward the password
	}}
	provider.UserAgent.Prepend(userAgent(c))
	identity, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		return "", expires, fmt.Errorf("log in at %s: %w", config.RedactURL(login.AuthURL), err)
	}
	answer := tokens.Create(ctx, identity, &tokens.AuthOptions{
		Username: login.UserName, Password: login.Password, DomainName: login.Domain, Scope: tokens.Scope{ProjectID: c.ProjectID},
	})
	issued, err := answer.ExtractToken()
	if err != nil || issued.ID == "" {
		return "", expires, fmt.Errorf("log in at %s as %q, project %s: %s", config.RedactURL(login.AuthURL), login.UserName, c.ProjectID, refusal(err, login.Password))
	}
	return issued.ID, issued.ExpiresAt, nil
}

// refusal says why there is no token, without quoting IAM's answer, which may repeat the
// password.
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
