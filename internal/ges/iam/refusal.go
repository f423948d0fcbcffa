package iam

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// refusal says why there is no token, and what to do about it, without quoting IAM's answer, which
// may repeat the password.
func (l *Login) refusal(err error) string {
	unexpected, answered := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err)
	failed, lost := errors.AsType[*url.Error](err)
	switch {
	case err == nil:
		return "expected a token in X-Subject-Token, got none; check " + l.address()
	case answered:
		return fmt.Sprintf("expected 201, got %d; %s", unexpected.Actual, l.advice(unexpected.Actual))
	case lost:
		return l.withoutPassword(failed.Err.Error())
	default: // what came is not Keystone's JSON
		return "expected the answer of IAM, got something else; check " + l.address()
	}
}

func (l *Login) withoutPassword(text string) string {
	if l.Password == "" {
		return text
	}
	return strings.ReplaceAll(text, l.Password, "***")
}

// address is the setting with the address of IAM.
func (l *Login) address() string {
	if l.Cloud != "" {
		return "auth_url in clouds.yaml"
	}
	return "OS_AUTH_URL"
}

// advice says what to do about a status of IAM.
func (l *Login) advice(status int) string {
	user := "OS_USERNAME, OS_PASSWORD and OS_USER_DOMAIN_NAME"
	if l.Cloud != "" {
		user = "the user, password and domain in clouds.yaml"
	}
	switch {
	case status == http.StatusUnauthorized:
		return "check " + user + ": the account may be locked after some wrong passwords"
	case status == http.StatusForbidden:
		return "check --project-id, and whether the user may log in for it"
	case status == http.StatusBadRequest:
		return "check " + user + ", and --project-id"
	case status == http.StatusProxyAuthRequired:
		return "put the user and the password for the proxy into HTTPS_PROXY"
	case status == http.StatusTooManyRequests || status >= http.StatusInternalServerError:
		return "try again later"
	default: // a redirect is not followed: it would forward the password
		return "check " + l.address() + ", which is like https://iam.cn-north-4.myhuaweicloud.com/v3"
	}
}
