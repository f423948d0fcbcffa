package clients

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ges/v2/model"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	labels "github.com/prometheus/common/model"

	"github.com/gesconform/gesconform/fakeserver"
	"github.com/gesconform/gesconform/fakeserver/scenario"
	"github.com/gesconform/gesconform/internal/fakeadmin"
)

// TestMetrics reads the fake's metrics with the parser of Prometheus. One of them has a label
// value with every character that must be escaped.
func TestMetrics(t *testing.T) {
	t.Parallel()
	const odd = "half \"open\" \\ closed\nand 坏"
	fake := start(t, fakeserver.WithFault(scenario.Fault{
		Name: odd, Match: scenario.Match{Operation: "showJob"}, Answer: &scenario.Answer{Status: 503},
	}))
	f := fake.Fixtures()
	client := newSDK(t, fake, own(f))
	client.mustShowGraph(t, f.GraphID)
	client.mustShowGraph(t, f.GraphID)
	job := client.mustUpgrade(t, f.GraphID, f.Versions[0], false)
	_, err := client.ShowJob2(&model.ShowJob2Request{GraphId: f.GraphID, JobId: job})
	expectRefusal(t, err, 503, "APIGW.0613")
	_, err = client.upgrade("", f.Versions[0])
	expectRefusal(t, err, 404, "APIGW.0101")

	got := map[string]float64{}
	for name, family := range scrape(t, fake) {
		if family.GetHelp() == "" {
			t.Errorf("%s: expected a help text", name)
		}
		for _, m := range family.GetMetric() {
			got[name+sample(m)] = value(t, family, m)
		}
	}
	want := map[string]float64{
		"gesconform_fake_requests_total operation=showGraph status=200":    2,
		"gesconform_fake_requests_total operation=upgradeGraph status=200": 1,
		"gesconform_fake_requests_total operation=showJob status=503":      1,
		"gesconform_fake_requests_total operation=upgradeGraph status=404": 1,
		"gesconform_fake_faults_total fault=" + odd:                        1,
		"gesconform_fake_upgrades_total":                                   1,
		"gesconform_fake_graphs":                                           3,
		"gesconform_fake_journal_exchanges":                                5,
		"gesconform_fake_journal_bytes":                                    got["gesconform_fake_journal_bytes"],
	}
	if !maps.Equal(got, want) {
		t.Errorf("expected %v, got %v", want, got)
	}
	if got["gesconform_fake_journal_bytes"] <= 0 {
		t.Error("expected a journal size above 0")
	}
}

// scrape reads the metrics like Prometheus, in the format that the Content-Type names.
func scrape(t *testing.T, fake *fakeserver.Running) map[string]*dto.MetricFamily {
	t.Helper()
	server := httptest.NewServer(fakeadmin.Mount(fake.Server))
	t.Cleanup(server.Close)
	answer, err := server.Client().Get(server.URL + fakeadmin.Root + "metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("expected 200, got %s", answer.Status)
	}
	if format := expfmt.ResponseFormat(answer.Header); format.FormatType() != expfmt.TypeTextPlain {
		t.Errorf("expected the text format, got %q of %q", format, answer.Header.Get("Content-Type"))
	}
	parser := expfmt.NewTextParser(labels.LegacyValidation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil {
		t.Fatalf("expected what Prometheus can read, got %v", err)
	}
	return families
}

// sample returns the name and the sorted labels of a sample.
func sample(m *dto.Metric) string {
	text := ""
	for _, l := range slices.SortedFunc(slices.Values(m.GetLabel()), func(a, b *dto.LabelPair) int {
		return strings.Compare(a.GetName(), b.GetName())
	}) {
		text += " " + l.GetName() + "=" + l.GetValue()
	}
	return text
}

// value returns the value of a sample, which depends on the type of its family.
func value(t *testing.T, family *dto.MetricFamily, m *dto.Metric) float64 {
	t.Helper()
	switch {
	case family.GetType() == dto.MetricType_COUNTER && m.GetCounter() != nil:
		return m.GetCounter().GetValue()
	case family.GetType() == dto.MetricType_GAUGE && m.GetGauge() != nil:
		return m.GetGauge().GetValue()
	}
	t.Errorf("expected a counter or a gauge, got %v", family)
	return 0
}
