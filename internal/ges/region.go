package ges

import (
	"regexp"
	"strings"
)

var regionName = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)

// IsRegion reports whether a name has the form of a region's, cn-north-4 for example.
func IsRegion(name string) bool { return regionName.MatchString(name) }

// Endpoint is the URL under which a region of Huawei's own cloud has the service.
// Regions that begin with eu-west-1 belong to the European cloud, which has a domain
// of its own.
func Endpoint(region string) string {
	domain := "myhuaweicloud.com"
	if strings.HasPrefix(region, "eu-west-1") {
		domain = "myhuaweicloud.eu"
	}
	return "https://ges." + region + "." + domain
}
