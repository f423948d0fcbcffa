// Package iam logs in to Huawei Cloud's Identity and Access Management, which speaks
// OpenStack's Keystone v3.
package iam

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/gesconform/gesconform/internal/printable"
)

// A Login gets a token from IAM by Keystone's password method. The token is always
// scoped to the project under test.
type Login struct {
	Cloud    string // an entry of clouds.yaml, instead of the other fields; "" for none
	AuthURL  string // https://iam.{region}.myhuaweicloud.com/v3
	UserName string
	Password string
	Domain   string // the account's name
}

// Given reports whether there is a login.
func (l *Login) Given() bool { return l.Cloud != "" || l.AuthURL != "" }

// Token logs in and returns a token for a project, with the time at which it expires. The
// client must not follow redirects, which would forward the password.
func (l Login) Token(ctx context.Context, project, userAgent string, client http.Client) (token string, expires time.Time, err error) {
	if l.Cloud != "" {
		options, _, _, err := clouds.Parse(clouds.WithCloudName(l.Cloud))
		if err != nil {
			return "", expires, fmt.Errorf("log in: expected the cloud %q in clouds.yaml, got: %w", l.Cloud, err)
		}
		l.AuthURL, l.UserName, l.Password, l.Domain = options.IdentityEndpoint, options.Username, options.Password, options.DomainName
	}
	provider, err := openstack.NewClient(l.AuthURL)
	if err != nil {
		return "", expires, fmt.Errorf("log in: expected the address of IAM, such as https://iam.cn-north-4.myhuaweicloud.com/v3, got %q; check %s", printable.URL(l.AuthURL), l.address())
	}
	provider.HTTPClient = client
	provider.UserAgent.Prepend(userAgent)
	identity, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		return "", expires, fmt.Errorf("log in at %s: %w", printable.URL(l.AuthURL), err)
	}
	answer := tokens.Create(ctx, identity, &tokens.AuthOptions{
		Username: l.UserName, Password: l.Password, DomainName: l.Domain, Scope: tokens.Scope{ProjectID: project},
	})
	issued, err := answer.ExtractToken()
	if err != nil || issued.ID == "" {
		return "", expires, fmt.Errorf("log in at %s as %q, project %s: %s", printable.URL(l.AuthURL), l.UserName, project, l.refusal(err))
	}
	return issued.ID, issued.ExpiresAt, nil
}
