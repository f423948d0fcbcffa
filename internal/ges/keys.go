package ges

// KeyVariables are the environment variables in which the official SDKs and Huawei Cloud's
// Terraform provider expect an access key, its secret and, if it is temporary, its security
// token.
var KeyVariables = []struct{ Access, Secret, SecurityToken string }{
	{"HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_SECURITY_TOKEN"},
	{"HW_ACCESS_KEY", "HW_SECRET_KEY", "HW_SECURITY_TOKEN"},
}
