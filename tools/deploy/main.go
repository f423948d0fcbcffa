// Command deploy builds what is published: `deploy release` the archives and their digests,
// `deploy image` the container image, without Docker. Both are reproducible. It is a separate
// module, so that users of gesconform do not depend on what it needs. Its tests read files of
// the main module, which Go's test cache does not see: run them with -count=1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	source := flag.String("source", "../..", "the folder of the main module")
	out := flag.String("out", "../../dist", "the folder to write into")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: deploy [flags] release|image")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(context.Background(), *source, *out, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "deploy: %v\n", err)
		os.Exit(1)
	}
}

// made has the subcommands.
var made = map[string]func(ctx context.Context, e edition, out string) error{
	"release": func(ctx context.Context, e edition, out string) error { return release(ctx, compile, e, released, out) },
	"image": func(ctx context.Context, e edition, out string) error {
		return image(ctx, compile, e, authorities, imaged, out)
	},
}

func run(ctx context.Context, source, out string, args []string) error {
	if len(args) != 1 || made[args[0]] == nil {
		return fmt.Errorf("expected release or image, got %q", args)
	}
	e, err := editionOf(ctx, source)
	if err != nil {
		return err
	}
	return made[args[0]](ctx, e, out)
}
