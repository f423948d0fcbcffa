package command

import (
	"slices"
	"testing"

	"github.com/gesconform/gesconform/internal/client"
)

func TestEnviron(t *testing.T) {
	for _, tt := range []struct {
		name, url   string
		surrounding []string
		want        []string
	}{
		{"nothing", "http://127.0.0.1:1", nil, []string{"NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1"}},
		{"proxies", "http://127.0.0.1:1", []string{"HTTP_PROXY=http://p:1", "https_proxy=http://p:1", "ALL_PROXY=socks5://p:1"},
			[]string{"HTTP_PROXY=http://p:1", "https_proxy=http://p:1", "ALL_PROXY=socks5://p:1", "NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1"}},
		{"exceptions of both", "http://127.0.0.1:1", []string{"NO_PROXY=a,.b", "no_proxy=c"},
			[]string{"NO_PROXY=localhost,127.0.0.1,a,.b,c", "no_proxy=localhost,127.0.0.1,a,.b,c"}},
		{"everything is an exception", "http://127.0.0.1:1", []string{"no_proxy=*"}, []string{"NO_PROXY=*", "no_proxy=*"}},
		{"another host", "http://[::1]:80", []string{"NO_PROXY="}, []string{"NO_PROXY=localhost,127.0.0.1,::1", "no_proxy=localhost,127.0.0.1,::1"}},
		{"of another endpoint", "http://127.0.0.1:1", []string{"A=1", "GESCONFORM_TOKEN=t", "GESCONFORM_=", "gesconform_Risk=destructive", "XGESCONFORM_TOKEN=t", "=C:=C:\\", "B"},
			[]string{"A=1", "XGESCONFORM_TOKEN=t", "=C:=C:\\", "B", "NO_PROXY=localhost,127.0.0.1", "no_proxy=localhost,127.0.0.1"}},
	} {
		e := client.Endpoint{URL: tt.url, Token: "own", Scenario: "plain"}
		want := append(slices.Clip(tt.want), "GESCONFORM_ENDPOINT="+tt.url, "GESCONFORM_TOKEN=own", "GESCONFORM_SCENARIO=plain")
		if got := environ(tt.surrounding, &e); !slices.Equal(got, want) {
			t.Errorf("%s: expected %q, got %q", tt.name, want, got)
		}
	}
}
