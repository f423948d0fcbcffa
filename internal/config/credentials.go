package config

import (
	"strings"

	"github.com/gesconform/gesconform/internal/ges"
	"github.com/gesconform/gesconform/internal/ges/iam"
)

// HasToken reports whether there is a token, or a way to get one.
func (c *Config) HasToken() bool {
	return c.Token+c.TokenFile+c.TokenCommand != "" || c.Login.Given()
}

// Signs reports whether requests are signed with the access key.
func (c *Config) Signs() bool { return !c.HasToken() && c.AccessKey != "" }

// useOpenStackLogin sets the login from the variables of OpenStack's tools.
func (c *Config) useOpenStackLogin(value func(name string) string) {
	login := iam.Login{
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

// useOtherTools sets the credentials from the variables of other tools if c has none: a
// login at IAM, otherwise an access key.
func (c *Config) useOtherTools(environ []string) {
	if c.HasToken() || c.AccessKey+c.SecretKey != "" {
		return
	}
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	if c.useOpenStackLogin(func(name string) string { return values[name] }); c.HasToken() {
		return
	}
	for _, v := range ges.KeyVariables {
		if values[v.Access] != "" && values[v.Secret] != "" {
			c.AccessKey, c.SecretKey, c.SecurityToken = values[v.Access], values[v.Secret], values[v.SecurityToken]
			return
		}
	}
}
