package clients

import (
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/gesconform/gesconform/fakeserver"
)

// TestLoginRefused checks how gophercloud reports a refused login.
func TestLoginRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(fakeserver.Fixtures, *gophercloud.AuthOptions){
		"wrong password":          func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.Password += "!" },
		"unknown user":            func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.Username = "nobody" },
		"user without a password": func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.Username = "former" },
		"unknown domain":          func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.DomainName = "globex" },
		"unknown domain, project by id": func(f fakeserver.Fixtures, o *gophercloud.AuthOptions) {
			o.DomainName, o.TenantName, o.TenantID = "globex", "", f.ProjectID
		},
		"unknown project":        func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.TenantName = "cn-nowhere-1" },
		"project of others":      func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.TenantName = "cn-north-1" },
		"unknown project, by id": func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) { o.TenantName, o.TenantID = "", unknownID },
		"project of another domain": func(_ fakeserver.Fixtures, o *gophercloud.AuthOptions) {
			o.Scope = &gophercloud.AuthScope{ProjectName: o.TenantName, DomainName: "globex"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t)
			options := byName(fake)
			change(fake.Fixtures(), &options)
			_, err := openstack.AuthenticatedClient(t.Context(), options)
			expectFailure(t, err, http.StatusUnauthorized, `"code":401`)
		})
	}
}

// TestDomainScope checks that GES refuses a token that is scoped to a domain.
func TestDomainScope(t *testing.T) {
	t.Parallel()
	fake := start(t)
	for name, scope := range map[string]*gophercloud.AuthScope{
		"domain": {DomainName: fake.Fixtures().DomainName}, "none": nil,
	} {
		options := byName(fake)
		options.TenantName, options.Scope = "", scope
		result := create(t, fake, options)
		if project, err := result.ExtractProject(); err != nil || project != nil {
			t.Errorf("%s: expected no project, got %v (%v)", name, project, err)
		}
		provider, err := openstack.NewClient(fake.URL + "/v3/")
		if err != nil {
			t.Fatal(err)
		}
		if err := provider.SetTokenAndAuthResult(result); err != nil {
			t.Fatal(err)
		}
		_, err = call(t, provider, http.MethodGet, graphURL(fake), nil)
		expectFailure(t, err, http.StatusBadRequest, "GES.0016")
		body := map[string]any{"upgrade_version": fake.Fixtures().Versions[0]}
		_, err = call(t, provider, http.MethodPost, graphURL(fake)+"/upgrade", body)
		expectFailure(t, err, http.StatusBadRequest, "GES.0016")
	}
}

// TestTokenExpires lets a token expire. A client with AllowReauth logs in again and repeats its
// request; any other is refused.
func TestTokenExpires(t *testing.T) {
	t.Parallel()
	fake := start(t, fakeserver.WithUpgradeTimes(time.Minute))
	once := login(t, byName(fake))
	options := byName(fake)
	options.AllowReauth = true
	again := login(t, options)
	first := again.Token()

	fake.Advance(24*time.Hour - time.Second)
	for _, provider := range []*gophercloud.ProviderClient{once, again} {
		if _, err := call(t, provider, http.MethodGet, graphURL(fake), nil); err != nil {
			t.Errorf("a second before the end: expected a graph, got %v", err)
		}
	}
	fake.Advance(time.Second)
	_, err := call(t, once, http.MethodGet, graphURL(fake), nil)
	expectFailure(t, err, http.StatusUnauthorized, "APIGW.0301")

	body := map[string]any{"upgrade_version": fake.Fixtures().Versions[0]}
	answer, err := call(t, again, http.MethodPost, graphURL(fake)+"/upgrade", body)
	if err != nil || answer["job_id"] == nil {
		t.Errorf("expected a job after another login, got %v (%v)", answer, err)
	}
	if again.Token() == first {
		t.Error("expected another token, got the old one")
	}
	if jobs := fake.Jobs(10); len(jobs) != 1 {
		t.Errorf("expected one job, got %v", jobs)
	}
}
