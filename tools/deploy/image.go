package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

const (
	// authorities is the file of Debian's package ca-certificates. Go looks for the same path
	// in the image.
	authorities = "/etc/ssl/certs/ca-certificates.crt"
	// entrypoint is an absolute path, since the image has no PATH.
	entrypoint = "/usr/bin/gesconform"
	// user is an unprivileged user. It is a number, because Kubernetes cannot verify that a
	// name is not root's.
	user = "65532:65532"
	// layoutDir is the folder with the image for all platforms.
	layoutDir = "image"
	// refName is the annotation with the name of an image in a layout.
	refName = "org.opencontainers.image.ref.name"
)

// imaged has the platforms of the image.
var imaged = []platform{{"linux", "amd64"}, {"linux", "arm64"}}

// image writes the image into a folder: for all platforms as an OCI image layout
// (https://github.com/opencontainers/image-spec/blob/main/image-layout.md), which tools such as
// skopeo and crane can push, and for each platform as an archive for `docker load`.
func image(ctx context.Context, build builder, e edition, authorities string, platforms []platform, out string) error {
	certificates, err := os.ReadFile(authorities)
	if err != nil {
		return fmt.Errorf("the image needs certificates, as Debian's package ca-certificates installs them: %w", err)
	}
	var index v1.ImageIndex = empty.Index
	for _, p := range platforms {
		binary, err := build(ctx, e, p)
		if err != nil {
			return err
		}
		img, err := assemble(e, p, certificates, binary)
		if err != nil {
			return fmt.Errorf("assemble the image for %s: %w", p, err)
		}
		if err := writeLoadable(e, p, img, out); err != nil {
			return fmt.Errorf("write the image for %s: %w", p, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: p.os, Architecture: p.arch}},
		})
	}
	return writeLayout(e, mutate.IndexMediaType(index, types.OCIImageIndex), filepath.Join(out, layoutDir))
}

// assemble makes the image for one platform. It has a layer with the certificates and one with
// the binary.
func assemble(e edition, p platform, certificates, binary []byte) (v1.Image, error) {
	created := v1.Time{Time: e.made}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, f := range []entry{{authorities, 0o644, certificates}, {entrypoint, 0o755, binary}} {
		layer, err := layerOf(e, f)
		if err != nil {
			return nil, err
		}
		history := v1.History{Created: created, CreatedBy: "gesconform: add " + f.name}
		if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: history}); err != nil {
			return nil, err
		}
	}
	file, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created = p.os, p.arch, created
	file.Config = v1.Config{
		User: user, Entrypoint: []string{entrypoint}, WorkingDir: "/", Labels: labels(e),
		Env: []string{"PATH=/usr/bin"},
	}
	return mutate.ConfigFile(img, file)
}

// labels returns the labels that say where the image comes from.
func labels(e edition) map[string]string {
	const prefix = "org.opencontainers.image."
	all := map[string]string{
		prefix + "title":       "gesconform",
		prefix + "description": "Judges deployments of the Graph Engine Service by the contract of its upgrade",
		prefix + "source":      "https://github.com/gesconform/gesconform",
		prefix + "licenses":    "Apache-2.0",
		prefix + "version":     e.version,
		prefix + "created":     e.made.Format("2006-01-02T15:04:05Z07:00"),
	}
	if e.revision != "" {
		all[prefix+"revision"] = e.revision
	}
	return all
}

func layerOf(e edition, f entry) (v1.Layer, error) {
	var archive bytes.Buffer
	if err := writeTar(&archive, e.made, []entry{{f.name[1:], f.mode, f.text}}); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// writeLayout writes the layout, and first removes an earlier one, whose blobs would otherwise
// remain in the folder.
func writeLayout(e edition, index v1.ImageIndex, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return fmt.Errorf("write the image: %w", err)
	}
	if err := path.AppendIndex(index, layout.WithAnnotations(map[string]string{refName: e.version})); err != nil {
		return fmt.Errorf("write the image: %w", err)
	}
	return nil
}

// loadableName is the name of the archive for `docker load`, which has one platform.
func loadableName(e edition, p platform) string {
	return fmt.Sprintf("gesconform_%s_%s_%s_image.tar", e.version, p.os, p.arch)
}

func writeLoadable(e edition, p platform, img v1.Image, out string) error {
	tag, err := name.NewTag("gesconform:" + e.version)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // for others to read
		return err
	}
	return tarball.WriteToFile(filepath.Join(out, loadableName(e, p)), tag, img)
}
