package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// released has the platforms for which a release has an archive.
var released = []platform{
	{"darwin", "amd64"}, {"darwin", "arm64"}, {"linux", "amd64"}, {"linux", "arm64"}, {"windows", "amd64"},
}

// sumsFile has the SHA-256 digest of each file of a release.
const sumsFile = "SHA256SUMS"

// script is run by action.yml and the GitLab template. It is part of a release, because a GitLab
// job has no checkout of this repository.
const script = "deploy/ci.sh"

// beside has the files that each archive contains in addition to the binary.
var beside = []string{"LICENSE", "README.md"}

// An entry is a file in an archive or a layer.
type entry struct {
	name string
	mode int64
	text []byte
}

// release writes an archive for each platform, the script, and the digests of all to a folder.
func release(ctx context.Context, build builder, e edition, platforms []platform, out string) error {
	var sums bytes.Buffer
	put := func(name string, text []byte, mode os.FileMode) error {
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(text), name)
		return write(filepath.Join(out, name), text, mode)
	}
	common, err := read(e.source, beside)
	if err != nil {
		return err
	}
	for _, p := range platforms {
		binary, err := build(ctx, e, p)
		if err != nil {
			return err
		}
		text, err := pack(p, e.made, append([]entry{{p.command(), 0o755, binary}}, common...))
		if err != nil {
			return fmt.Errorf("pack %s: %w", archiveName(e, p), err)
		}
		if err := put(archiveName(e, p), text, 0o644); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(filepath.Join(e.source, script))
	if err != nil {
		return err
	}
	if err := put(filepath.Base(script), text, 0o755); err != nil {
		return err
	}
	return write(filepath.Join(out, sumsFile), sums.Bytes(), 0o644)
}

// archiveName returns the name of an archive. deploy/ci.sh computes the same name.
func archiveName(e edition, p platform) string {
	kind := "tar.gz"
	if p.os == "windows" {
		kind = "zip"
	}
	return fmt.Sprintf("gesconform_%s_%s_%s.%s", e.version, p.os, p.arch, kind)
}

func read(dir string, names []string) ([]entry, error) {
	var entries []entry
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry{name, 0o644, text})
	}
	return entries, nil
}

func write(path string, text []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // for others to read
		return err
	}
	return os.WriteFile(path, text, mode)
}

// pack makes the archive in the format that is usual on a platform: zip on Windows, tar.gz
// elsewhere.
func pack(p platform, made time.Time, entries []entry) ([]byte, error) {
	var out bytes.Buffer
	if p.os == "windows" {
		err := writeZip(&out, made, entries)
		return out.Bytes(), err
	}
	compressed, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if err := writeTar(compressed, made, entries); err != nil {
		return nil, err
	}
	err = compressed.Close()
	return out.Bytes(), err
}

func writeTar(w io.Writer, made time.Time, entries []entry) error {
	archive := tar.NewWriter(w)
	for _, f := range entries {
		header := &tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.text)), ModTime: made, Format: tar.FormatUSTAR}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(f.text); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeZip(w io.Writer, made time.Time, entries []entry) error {
	archive := zip.NewWriter(w)
	for _, f := range entries {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: made}
		header.SetMode(os.FileMode(f.mode))
		file, err := archive.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(f.text); err != nil {
			return err
		}
	}
	return archive.Close()
}
