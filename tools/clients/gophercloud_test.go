package clients

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
	"github.com/gophercloud/gophercloud/v2/openstack/utils"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
)

// byName returns the options of a login with the names of user, domain and project.
func byName(fake *fakeserver.Running) gophercloud.AuthOptions {
	f := fake.Fixtures()
	return gophercloud.AuthOptions{
		IdentityEndpoint: fake.URL + "/v3/", Username: f.UserName, Password: f.Password, DomainName: f.DomainName,
		TenantName: f.ProjectName,
	}
}

// login returns a client with a token.
func login(t *testing.T, options gophercloud.AuthOptions) *gophercloud.ProviderClient {
	t.Helper()
	provider, err := openstack.AuthenticatedClient(t.Context(), options)
	if err != nil {
		t.Fatalf("log in: %v", err)
	}
	return provider
}

// call sends a request with the client's token and returns the answer.
func call(t *testing.T, provider *gophercloud.ProviderClient, method, url string, body any) (answer map[string]any, err error) {
	t.Helper()
	options := &gophercloud.RequestOpts{JSONBody: body, JSONResponse: &answer, OkCodes: []int{http.StatusOK}}
	_, err = provider.Request(t.Context(), method, url, options)
	return answer, err
}

// expectFailure checks the status and code of an error of gophercloud.
func expectFailure(t *testing.T, err error, status int, code string) {
	t.Helper()
	if !gophercloud.ResponseCodeIs(err, status) {
		t.Errorf("expected gophercloud's error for %d, got %T: %v", status, err, err)
		return
	}
	if !strings.Contains(err.Error(), code) {
		t.Errorf("expected an error with %s, got %v", code, err)
	}
}

func graphURL(fake *fakeserver.Running) string {
	f := fake.Fixtures()
	return fake.URL + "/v2/" + f.ProjectID + "/graphs/" + f.GraphID
}

// TestLogin logs in with each way to name user and project, and reads a graph with the token.
func TestLogin(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fakeserver.Running, *gophercloud.AuthOptions){
		"project by name":          func(*fakeserver.Running, *gophercloud.AuthOptions) {},
		"endpoint without a slash": func(f *fakeserver.Running, o *gophercloud.AuthOptions) { o.IdentityEndpoint = f.URL + "/v3" },
		"discovery":                func(f *fakeserver.Running, o *gophercloud.AuthOptions) { o.IdentityEndpoint = f.URL },
		"discovery with a slash":   func(f *fakeserver.Running, o *gophercloud.AuthOptions) { o.IdentityEndpoint = f.URL + "/" },
		"project by id": func(f *fakeserver.Running, o *gophercloud.AuthOptions) {
			o.TenantName, o.TenantID = "", f.Fixtures().ProjectID
		},
		"scope with a domain": func(f *fakeserver.Running, o *gophercloud.AuthOptions) {
			o.TenantName, o.Scope = "", &gophercloud.AuthScope{ProjectName: f.Fixtures().ProjectName, DomainName: f.Fixtures().DomainName}
		},
		"scope by id": func(f *fakeserver.Running, o *gophercloud.AuthOptions) {
			o.TenantName, o.Scope = "", &gophercloud.AuthScope{ProjectID: f.Fixtures().ProjectID}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := start(t)
			options := byName(fake)
			change(fake, &options)
			provider := login(t, options)
			answer, err := call(t, provider, http.MethodGet, graphURL(fake), nil)
			if err != nil {
				t.Fatalf("show the graph: %v", err)
			}
			if g, ok := answer["graph"].(map[string]any); !ok || g["id"] != fake.Fixtures().GraphID {
				t.Errorf("expected the graph %s, got %v", fake.Fixtures().GraphID, answer)
			}
		})
	}
}

// TestDiscovery reads Keystone's list of versions and their URLs.
func TestDiscovery(t *testing.T) {
	t.Parallel()
	fake := start(t)
	provider, err := openstack.NewClient(fake.URL + "/v3")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/v3", "/v3/"} {
		versions, err := utils.GetServiceVersions(t.Context(), provider, fake.URL+path, true)
		if err != nil {
			t.Fatal(err)
		}
		if want := (utils.SupportedVersion{Major: 3, Minor: 6, Status: utils.StatusCurrent}); !slices.Equal(versions, []utils.SupportedVersion{want}) {
			t.Errorf("%s: expected %v, got %v", path, want, versions)
		}
	}
}

// TestDomainByID logs in with the id of the domain, which only a token contains.
func TestDomainByID(t *testing.T) {
	t.Parallel()
	fake := start(t)
	user, err := create(t, fake, byName(fake)).ExtractUser()
	if err != nil {
		t.Fatal(err)
	}
	options := byName(fake)
	options.DomainName, options.DomainID = "", user.Domain.ID
	if _, err := call(t, login(t, options), http.MethodGet, graphURL(fake), nil); err != nil {
		t.Error(err)
	}
	options.DomainID = strings.Repeat("0", 32)
	_, err = openstack.AuthenticatedClient(t.Context(), options)
	expectFailure(t, err, http.StatusUnauthorized, "")
}

// create requests a token with tokens.Create, without logging the client in.
func create(t *testing.T, fake *fakeserver.Running, options gophercloud.AuthOptions) tokens.CreateResult {
	t.Helper()
	provider, err := openstack.NewClient(fake.URL + "/v3/")
	if err != nil {
		t.Fatal(err)
	}
	identity, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{})
	if err != nil {
		t.Fatal(err)
	}
	result := tokens.Create(t.Context(), identity, &options)
	if result.Err != nil {
		t.Fatalf("create a token: %v", result.Err)
	}
	return result
}

// TestToken checks everything that gophercloud reads from a token.
func TestToken(t *testing.T) {
	t.Parallel()
	fake := start(t)
	f := fake.Fixtures()
	result := create(t, fake, byName(fake))
	token, err := result.ExtractToken()
	if err != nil {
		t.Fatal(err)
	}
	var issued struct {
		At time.Time `json:"issued_at"`
	}
	if err := result.ExtractInto(&issued); err != nil {
		t.Fatal(err)
	}
	if now := fake.Now().Truncate(time.Microsecond); !issued.At.Equal(now) {
		t.Errorf("issued_at: expected %v, got %v", now, issued.At)
	}
	if life := token.ExpiresAt.Sub(issued.At); life != 24*time.Hour {
		t.Errorf("expires_at: expected 24 hours after issued_at, got %v", life)
	}
	if token.ID == "" || token.ID == f.Token {
		t.Errorf("expected a token of its own, got %q", token.ID)
	}
	project, err := result.ExtractProject()
	if err != nil || project == nil || project.ID != f.ProjectID || project.Name != f.ProjectName || project.Domain.Name != f.DomainName {
		t.Errorf("expected the project %s %s of %s, got %v (%v)", f.ProjectID, f.ProjectName, f.DomainName, project, err)
	}
	user, err := result.ExtractUser()
	if err != nil || user.Name != f.UserName || user.Domain.Name != f.DomainName || user.ID == "" {
		t.Errorf("expected the user %s of %s, got %v (%v)", f.UserName, f.DomainName, user, err)
	}
	if roles, err := result.ExtractRoles(); err != nil || len(roles) == 0 {
		t.Errorf("expected roles, got %v (%v)", roles, err)
	}
	if domain, err := result.ExtractDomain(); err != nil || domain != nil && domain.ID != "" {
		t.Errorf("expected no domain of a token for a project, got %v (%v)", domain, err)
	}
}

// TestCatalog finds the service in the catalog by its type, and calls its endpoint.
func TestCatalog(t *testing.T) {
	t.Parallel()
	fake := start(t)
	f := fake.Fixtures()
	catalog, err := create(t, fake, byName(fake)).ExtractServiceCatalog()
	if err != nil || len(catalog.Entries) == 0 {
		t.Fatalf("expected a catalog, got %v (%v)", catalog, err)
	}
	provider := login(t, byName(fake))
	base, err := provider.EndpointLocator(gophercloud.EndpointOpts{
		Type: "ges", Region: f.ProjectName, Availability: gophercloud.AvailabilityPublic,
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := fake.URL + "/v2/" + f.ProjectID + "/"; base != want {
		t.Errorf("expected the service at %s, got %s", want, base)
	}
	if answer, err := call(t, provider, http.MethodGet, base+"graphs", nil); err != nil || answer["graph_count"] != json.Number("2") {
		t.Errorf("expected 2 graphs, got %v (%v)", answer, err)
	}
	identity, err := openstack.NewIdentityV3(provider, gophercloud.EndpointOpts{
		Region: f.ProjectName, Availability: gophercloud.AvailabilityPublic,
	})
	if err != nil || identity.Endpoint != fake.URL+"/v3/" {
		t.Errorf("expected identity at %s/v3/, got %v (%v)", fake.URL, identity, err)
	}
	_, err = provider.EndpointLocator(gophercloud.EndpointOpts{Type: "ecs", Availability: gophercloud.AvailabilityPublic})
	if err == nil {
		t.Error("expected no other service in the catalog")
	}
}

// TestUpgradeWithToken upgrades with a token and a charset in the Content-Type, as Terraform's
// provider sends its requests.
func TestUpgradeWithToken(t *testing.T) {
	t.Parallel()
	fake := start(t, fakeserver.WithUpgradeTimes(time.Minute))
	provider := login(t, byName(fake))
	options := &gophercloud.RequestOpts{
		JSONBody:    map[string]any{"upgrade_version": fake.Fixtures().Versions[0]},
		MoreHeaders: map[string]string{"Content-Type": "application/json;charset=UTF-8"},
		OkCodes:     []int{http.StatusOK},
	}
	var answer map[string]string
	options.JSONResponse = &answer
	if _, err := provider.Request(t.Context(), http.MethodPost, graphURL(fake)+"/upgrade", options); err != nil {
		t.Fatal(err)
	}
	fake.Advance(time.Minute)
	job, err := call(t, provider, http.MethodGet, graphURL(fake)+"/jobs/"+answer["job_id"]+"/status", nil)
	if err != nil || job["status"] != "success" {
		t.Errorf("expected a job that has succeeded, got %v (%v)", job, err)
	}
}

// TestReaderWithToken checks that a read-only user can read and cannot upgrade.
func TestReaderWithToken(t *testing.T) {
	t.Parallel()
	fake := start(t)
	options := byName(fake)
	reader := scenario.Default().Users[1]
	options.Username, options.Password = reader.Name, reader.Password
	provider := login(t, options)
	if _, err := call(t, provider, http.MethodGet, graphURL(fake), nil); err != nil {
		t.Errorf("expected a graph, got %v", err)
	}
	body := map[string]any{"upgrade_version": fake.Fixtures().Versions[0]}
	_, err := call(t, provider, http.MethodPost, graphURL(fake)+"/upgrade", body)
	expectFailure(t, err, http.StatusForbidden, "GES.7041")
}
