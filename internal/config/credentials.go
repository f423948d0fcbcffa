package config

import "strings"

// HasToken reports whether there is a token, or where to fetch one.
func (c *Config) HasToken() bool {
	return c.Token+c.TokenFile+c.TokenCommand != "" || c.Login.Given()
}

// Signs reports whether requests are signed with the access key.
func (c *Config) Signs() bool { return !c.HasToken() && c.AccessKey != "" }

// A Login is what IAM gives a token for, by Keystone's password method. The
// token is always scoped to the project that is judged.
type Login struct {
	Cloud    string // the name of one in clouds.yaml, which says the rest; "" if it does not
	AuthURL  string // https://iam.{region}.myhuaweicloud.com/v3
	UserName string
	Password string
	Domain   string // the account's name
}

// Given reports whether there is one.
func (l *Login) Given() bool { return l.Cloud != "" || l.AuthURL != "" }

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

// keyVariables are what the official SDKs and tools read an access key from.
var keyVariables = []struct{ access, secret, token string }{
	{"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"},
	{"HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"},
}

// takeCredentialsOfOthers takes what other tools of the same user use, if nothing
// has been said of credentials: a login to IAM, else an access key.
func (c *Config) takeCredentialsOfOthers(environ []string) {
	if c.HasToken() || c.AccessKey+c.SecretKey != "" {
		return
	}
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	if c.takeLoginOfOthers(func(name string) string { return values[name] }); c.HasToken() {
		return
	}
	for _, v := range keyVariables {
		if values[v.access] != "" && values[v.secret] != "" {
			c.AccessKey, c.SecretKey, c.SecurityToken = values[v.access], values[v.secret], values[v.token]
			return
		}
	}
}
