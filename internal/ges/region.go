package ges

import (
	"regexp"
	"strings"
)

var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)

// IsRegion reports whether a name has the form of a region, such as cn-north-4.
func IsRegion(name string) bool { return regionName.MatchString(name) }

// Endpoint returns the URL of the service in a region of Huawei Cloud. Regions that begin
// with eu-west-1 belong to the European cloud, which has a different domain.
func Endpoint(region string) string {
	domain := "myhuaweicloud.com"
	if strings.HasPrefix(region, "eu-west-1") {
		domain = "myhuaweicloud.eu"
	}
	return "https://ges." + region + "." + domain
}
