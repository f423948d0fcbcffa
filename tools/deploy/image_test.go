package main

import (
	"context"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// written writes the image and reads its index.
func written(t *testing.T, build builder) (index v1.ImageIndex, out string) {
	t.Helper()
	out = t.TempDir()
	if err := image(t.Context(), build, fixed(), authorities, imaged, out); err != nil {
		t.Fatal(err)
	}
	path, err := layout.FromPath(filepath.Join(out, layoutDir))
	if err != nil {
		t.Fatal(err)
	}
	outer, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := outer.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(manifest.Manifests) != 1 || manifest.Manifests[0].Annotations[refName] != fixed().version {
		t.Fatalf("expected one image that is called %s, got %+v", fixed().version, manifest.Manifests)
	}
	if index, err = outer.ImageIndex(manifest.Manifests[0].Digest); err != nil {
		t.Fatal(err)
	}
	return index, out
}

func digest(t *testing.T, of interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	h, err := of.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return h.String()
}

// imageFor returns the image that a machine of a platform would choose from an index.
func imageFor(t *testing.T, index v1.ImageIndex, p platform) v1.Image {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range manifest.Manifests {
		if d.Platform != nil && d.Platform.OS == p.os && d.Platform.Architecture == p.arch {
			img, err := index.Image(d.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return img
		}
	}
	t.Fatalf("there is no image for %s", p)
	return nil
}

// TestImageIsWhatItSays checks the images of both platforms, and the archives for Docker.
func TestImageIsWhatItSays(t *testing.T) {
	index, out := written(t, prebuilt)
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}
	for _, p := range imaged {
		img := imageFor(t, index, p)
		file, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if file.OS != p.os || file.Architecture != p.arch || !file.Created.Equal(fixed().made) {
			t.Errorf("expected %s of %v, got %s/%s of %v", p, fixed().made, file.OS, file.Architecture, file.Created)
		}
		if file.Config.User != "65532:65532" || !slices.Equal(file.Config.Entrypoint, []string{"/usr/bin/gesconform"}) || file.Config.Cmd != nil {
			t.Errorf("expected the command as an entrypoint for 65532:65532, got %+v", file.Config)
		}
		for name, want := range map[string]string{"version": fixed().version, "revision": fixed().revision, "licenses": "Apache-2.0"} {
			if got := file.Config.Labels["org.opencontainers.image."+name]; got != want {
				t.Errorf("label %s: expected %q, got %q", name, want, got)
			}
		}
		expectFiles(t, img, p)

		loadable, err := tarball.ImageFromPath(filepath.Join(out, loadableName(fixed(), p)), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := loadable.ConfigName(); err != nil || !isConfigOf(img, got) {
			t.Errorf("%s: expected the same image in the archive for Docker, got %v (%v)", p, got, err)
		}
	}
}

func isConfigOf(img v1.Image, h v1.Hash) bool {
	name, err := img.ConfigName()
	return err == nil && name == h
}

// expectFiles checks that an image has only the expected files.
func expectFiles(t *testing.T, img v1.Image, p platform) {
	t.Helper()
	flat := mutate.Extract(img)
	defer func() { _ = flat.Close() }()
	got := untar(t, flat)
	binary, err := prebuilt(t.Context(), fixed(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]packed{
		"etc/ssl/certs/ca-certificates.crt": {0o644, fixed().made, contents(t, authorities)},
		"usr/bin/gesconform":                {0o755, fixed().made, string(binary)},
	}
	for name, f := range got {
		w, known := want[name]
		if !known || f.mode != w.mode || !f.made.Equal(w.made) || f.text != w.text {
			t.Errorf("%s: %s: expected %t that it is there, %v of %v; got %v of %v with %d bytes", p, name, known, w.mode, w.made, f.mode, f.made, len(f.text))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: expected %d files, got %d", p, len(want), len(got))
	}
	if !strings.Contains(got["etc/ssl/certs/ca-certificates.crt"].text, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%s: expected certificates in PEM", p)
	}
}

// TestImageIsRepeatable makes the image twice, and compares the results. That the command in it
// is the same twice is tested with the release.
func TestImageIsRepeatable(t *testing.T) {
	var digests, loadable []string
	for range 2 {
		index, out := written(t, prebuilt)
		digests = append(digests, digest(t, index))
		for _, p := range imaged {
			loadable = append(loadable, contents(t, out, loadableName(fixed(), p)))
		}
	}
	if digests[0] != digests[1] {
		t.Errorf("expected the same digest twice, got %q", digests)
	}
	if n := len(imaged); !slices.Equal(loadable[:n], loadable[n:]) {
		t.Error("expected the same archives for Docker twice")
	}
}

// TestCommandInTheImageRuns extracts the command from the image for this platform, and runs it
// with an empty environment.
func TestCommandInTheImageRuns(t *testing.T) {
	if !slices.Contains(imaged, here) {
		t.Skipf("there is no image for %s", here)
	}
	index, _ := written(t, prebuilt)
	flat := mutate.Extract(imageFor(t, index, here))
	defer func() { _ = flat.Close() }()
	path := filepath.Join(t.TempDir(), "gesconform")
	if err := os.WriteFile(path, []byte(untar(t, flat)[entrypoint[1:]].text), 0o755); err != nil {
		t.Fatal(err)
	}
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = binary.Close() }()
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("expected a static command, for there are no libraries in the image, got one that needs %q (%v)", libraries, err)
	}
	for args, want := range map[string]string{"--version": fixed().version, "cases": "upgradeGraph/", "run": "conforms"} {
		if got := finish(t, t.TempDir(), nil, path, args); got.status != 0 || !strings.Contains(got.stdout, want) {
			t.Errorf("%s: expected status 0 and %q, got %d and %q, %q", args, want, got.status, got.stdout, got.stderr)
		}
	}
}

// TestImageIsReplaced checks that the layers of an earlier image are removed: otherwise they
// would be pushed with the next one.
func TestImageIsReplaced(t *testing.T) {
	none := func(context.Context, edition, platform) ([]byte, error) { return nil, nil }
	out := t.TempDir()
	left := filepath.Join(out, layoutDir, "blobs", "sha256", strings.Repeat("0", 64))
	if err := write(left, []byte("of an earlier image"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := image(t.Context(), none, fixed(), authorities, imaged, out); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("expected what an earlier image has left to be gone, got %v", err)
	}
}

func TestImageNeedsCertificates(t *testing.T) {
	none := func(context.Context, edition, platform) ([]byte, error) { return nil, nil }
	missing := filepath.Join(t.TempDir(), "ca-certificates.crt")
	err := image(t.Context(), none, fixed(), missing, imaged, t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "Debian's package ca-certificates") || !strings.Contains(err.Error(), missing) {
		t.Errorf("expected an error that names the package and %s, got %v", missing, err)
	}
}
