# Needs Go and git. Linting openapi.yaml also needs npm, and is skipped without it.

GO        ?= go
FUZZTIME  ?= 20s
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
TIMEOUT   ?= 4h
RACE      ?= ./...
# The revision that `make breaking` compares with, by default the last tag.
BASE      ?= $(shell git describe --tags --abbrev=0 2>/dev/null)

TOOL     := $(GO) tool -modfile=tools/go.mod
GOLANGCI := $(GO) tool -modfile=tools/lint/go.mod golangci-lint
REDOCLY  := tools/node_modules/.bin/redocly
PRISM    := tools/prism/node_modules/.bin/prism

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##### Running

.PHONY: run
run: ## Judge the built-in fake
	$(GO) run ./cmd/gesconform run

.PHONY: fake
fake: ## Serve the built-in fake
	$(GO) run ./cmd/gesconform fake

# Each of these that is an argument of make (`make conformance ENDPOINT=… GRAPH_ID=…`) is passed to the suite as
# GESCONFORM_<name>, in the environment, so that it is not echoed. A PROJECT_ID that the shell happens to have is not.
# Arguments are visible in the list of processes; if that matters, set GESCONFORM_TOKEN in the environment instead. Other
# GESCONFORM_* variables are passed on, too. RISK is only read if ENDPOINT is a loopback address; elsewhere use
# `gesconform run --risk`.
FIXTURES := ENDPOINT PROJECT_ID GRAPH_ID TOKEN READONLY_TOKEN EXPIRED_TOKEN STOPPED_GRAPH_ID FOREIGN_GRAPH_ID \
	UPGRADE_VERSION RISK
$(foreach v,$(FIXTURES),$(if $(filter command,$(origin $v)),$(eval conformance: export GESCONFORM_$v = $$(value $v))))

.PHONY: conformance
conformance: ## Judge ENDPOINT=URL with the fixtures TOKEN, PROJECT_ID, GRAPH_ID, … (listed in the Makefile)
	@test -n "$$GESCONFORM_ENDPOINT" || { echo 'make conformance: expected ENDPOINT=URL, got none; to judge the built-in fake: make run' >&2; exit 2; }
	$(GO) test -count=1 -timeout=$(TIMEOUT) ./conformance

##### Tests

.PHONY: test
test: ## Run the tests
	$(GO) test ./...

.PHONY: test-all
test-all: export GESCONFORM_TEST_ALL = 1
test-all: ## Run all tests, the long proofs of limits and the nested modules included, and fuzz a little
	$(GO) test -timeout=60m ./...
	GO='$(GO)' tools/fuzz 1000x
	for dir in $$(dirname tools/*/*_test.go | sort -u); do $(GO) -C $$dir test -count=1 -timeout=30m ./... || exit 1; done

.PHONY: race
# The linters vet; with the detector, go would vet all that is imported once more.
race: export CGO_ENABLED = 1
race: ## Run all tests with the race detector, heavy ones shortened
	$(GO) test -race -short -vet=off $(RACE)

.PHONY: stress
stress: ## Run the tests on one processor and in another order, while burners keep all cores busy
	GO='$(GO)' tools/stress $(STRESS)

.PHONY: oracle
oracle: ## Compare with a second validator of requests and answers
	cd tools/oracle && $(GO) test ./...

.PHONY: clients
clients: ## Install the clients of examples/clients, CLIENTS (all), judge them, and rewrite docs/clients.md
	cd tools/clientmatrix && $(GO) run . $(CLIENTS)

.PHONY: mutants
mutants: ## Break the code in one place at a time, MUTANTS (all), and fail if a test does not notice
	cd tools/mutants && GO='$(GO)' $(GO) run . '$(MUTANTS)'

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (20s; 100x: 100 inputs)
	GO='$(GO)' tools/fuzz $(FUZZTIME)

.PHONY: bench
bench: ## Run the benchmarks BENCH (all), each for BENCHTIME (1s), COUNT times (1)
	$(GO) test ./... -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT)

.PHONY: bench-processes
bench-processes: ## Benchmark the fake and a bare handler, each in its own process, COUNT times (1)
	COUNT=$(COUNT) tools/bench-peers

.PHONY: bench-prism
bench-prism: $(PRISM) ## The same, with Prism for comparison, which npm installs
	COUNT=$(COUNT) tools/bench-peers prism

.PHONY: behaviour-prism
behaviour-prism: $(PRISM) ## Record what Prism answers, and rewrite the table in docs/benchmarks.md
	tools/bench-peers behaviour

$(PRISM): tools/prism/package.json tools/prism/package-lock.json
	npm --prefix tools/prism ci --ignore-scripts --no-audit --no-fund
	@touch $@

##### Generated files

.PHONY: generate
generate: ## Generate gen/ from openapi.yaml
	$(GO) generate ./gen

.PHONY: drift
drift: generate ## Fail if gen/ is not what openapi.yaml gives
	git diff --exit-code -- gen

.PHONY: golden
golden: ## Rewrite all golden files; review the diff before you commit
	GESCONFORM_UPDATE=1 $(GO) test -count=1 ./...
	GESCONFORM_UPDATE=1 $(GO) test -count=1 -run TestReadmeFigures ./internal/selftest # they come from the kill matrix

.PHONY: kill-matrix
kill-matrix: ## Rewrite docs/kill-matrix.md (which defects are found) and its figures in README.md
	GESCONFORM_UPDATE=1 $(GO) test ./internal/selftest -run TestKillMatrix -count=1
	GESCONFORM_UPDATE=1 $(GO) test ./internal/selftest -run TestReadmeFigures -count=1

.PHONY: traceability
traceability: ## Rewrite docs/traceability.md: from the upgrade page to requirements, cases and defects
	GESCONFORM_UPDATE=1 $(GO) test ./internal/selftest -run TestTraceability -count=1

.PHONY: pictures
pictures: ## Take the pictures of README.md (docs/pictures) again, with Chromium
	cd tools/browser && GESCONFORM_UPDATE=1 $(GO) test -run TestReadmePictures -count=1 .

##### Lint

.PHONY: lint
lint: lint-go lint-contract ## Lint the Go code and openapi.yaml

.PHONY: lint-go
lint-go:
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs gofmt -l) && \
		test -z "$$unformatted" || { echo "gofmt -w $$unformatted" >&2; exit 1; }
	$(GOLANGCI) run ./...

.PHONY: tools
tools: $(if $(shell command -v npm 2>/dev/null),$(REDOCLY)) ## Build the linters and the generator that other targets use
	$(GOLANGCI) version
	$(TOOL) oapi-codegen -version

.PHONY: lint-fix
lint-fix: ## Fix what the Go linter can fix
	$(GOLANGCI) run --fix ./...

.PHONY: lint-contract
ifneq ($(shell command -v npm 2>/dev/null),)
lint-contract: $(REDOCLY)
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(REDOCLY) lint --config tools/redocly.yaml openapi.yaml
else
lint-contract:
	@echo 'there is no npm: openapi.yaml is not linted' >&2
endif

$(REDOCLY): tools/package.json tools/package-lock.json
	npm --prefix tools ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: breaking
breaking: ## Fail if openapi.yaml breaks what BASE (the last tag) promised
ifeq ($(BASE),)
	@echo 'there is no tag to compare with: say BASE=revision' >&2
else
	$(TOOL) oasdiff breaking --fail-on ERR '$(BASE):openapi.yaml' openapi.yaml
endif

##### Releases

.PHONY: release
release: ## Build the release archives, with SHA256SUMS, in dist/
	$(GO) -C tools/deploy run . release

.PHONY: image
image: ## Build the container image in dist/, without Docker; needs Debian's ca-certificates
	$(GO) -C tools/deploy run . image

##### Other

.PHONY: ci
ci: ## Run everything that CI runs
	.ci/run

.PHONY: clean
clean: ## Remove what was built or installed here
	rm -rf bin dist report gesconform fake.env tools/node_modules tools/prism/node_modules
