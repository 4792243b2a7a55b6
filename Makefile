# A table of contents; the chapters are in scripts/.
.DEFAULT_GOAL := help

PYTHON ?= python3
# What `make run` uses: DEMO=0 starts the server alone.
DEMO ?= 1
PORT ?= 8000
DATA ?= ./hiveboard-data
SPEED ?= 1
# Which fleet: fleet, or frameworks (an agent for each framework, on models that are made up).
FLEET ?= fleet
# Which frameworks `make test-integrations` tries, and which wheels `make wheels` builds; all unless given.
ONLY ?=
# How long `make fuzz` runs each target.
SECONDS ?= 60
# How often `make torture` kills the server.
ROUNDS ?= 200

# Benchmarks take QUICK=--quick, and STORE, a filled data directory.
STORE ?=
# Recorded runs with what is known about each, for `make bench-insights`.
RUNS ?=
QUICK ?=

.PHONY: help build wheels debian clients run test test-integrations test-scale torture fuzz bench bench-ingest bench-otlp bench-query bench-live bench-disk bench-insights bench-client bench-instructions bench-alerts bench-scale bench-browser screenshots fmt lint clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

build: ## Build the dashboard and the server (target/release/hiveboard)
	@sh scripts/prerequisites.sh
	@sh scripts/build.sh

wheels: ## Build the client's wheel and sdist and the server's wheel into dist/, and try all (ONLY=client|server)
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/wheels.py $(if $(ONLY),--only $(ONLY))

debian: ## Build the server's wheel and a Debian package of the same binary into dist/, and try both
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/wheels.py --only server --debian

clients: ## Build the TypeScript client into dist/ (hiveloop-….tgz)
	@sh scripts/prerequisites.sh
	@sh scripts/clients.sh

run: ## Build what is needed, start the server and a demo fleet (DEMO=0, PORT=8000, DATA=./hiveboard-data, SPEED=1, FLEET=fleet|frameworks)
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/run.py --demo $(DEMO) --port $(PORT) --data $(DATA) --speed $(SPEED) --fleet $(FLEET)

test: ## Install what the tests need and run them all; the last line is the sum
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/test.py

test-integrations: ## Try the client with every framework, each in an environment of its own (ONLY=crewai,litellm)
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/integrations.py $(if $(ONLY),--only $(ONLY))

test-scale: ## Try a cluster of three nodes, and what it is made of, on real engines: ClickHouse and NATS (Linux on x86-64)
	@sh scripts/prerequisites.sh
	@$(PYTHON) scripts/test.py --scale

torture: ## Kill the server ROUNDS=200 times under load, a day passing with each, and count what is lost
	@$(PYTHON) scripts/test.py --torture $(ROUNDS)

fuzz: ## Look for bytes that break a parser, SECONDS=60 each
	@sh scripts/fuzz.sh $(SECONDS)

bench: bench-ingest bench-otlp bench-live bench-client bench-instructions ## Run every benchmark

bench-ingest: ## Measure how fast the server takes events in, from an empty store and, where there is one, from STORE
	@sh scripts/build.sh
	@$(PYTHON) bench/ingest/run.py $(QUICK) $(if $(wildcard $(STORE)),--store $(STORE))

bench-otlp: ## Measure what a span of OpenTelemetry costs the server
	@sh scripts/build.sh
	@$(PYTHON) bench/otlp/run.py $(QUICK)

bench-query: ## Measure every query of the board on a filled data directory (STORE=…) while events come in
	@sh scripts/build.sh
	@$(PYTHON) bench/query/run.py $(QUICK) --store $(STORE)

bench-live: ## Measure how late the live stream and answers at half load are, and what an empty server holds
	@sh scripts/build.sh
	@$(PYTHON) bench/live/run.py $(QUICK)

bench-disk: ## Measure what an event takes on disk, as it arrives and once its day is over
	@sh scripts/build.sh
	@$(PYTHON) bench/disk/run.py $(QUICK)

bench-insights: ## Compare insights with what is known of recorded runs (RUNS=…), and measure their endpoint at 1 M events, or on STORE
	@sh scripts/build.sh
	@$(PYTHON) bench/insights/run.py $(QUICK) $(if $(RUNS),--runs $(RUNS)) $(if $(STORE),--store $(STORE))

bench-client: ## Measure what the client costs its host
	@$(PYTHON) bench/client/run.py
	@.cache/bench-client/ours/bin/python bench/client/far.py

bench-instructions: ## Count the instructions of decode, fold and append (callgrind), against bench/instructions.json
	@$(PYTHON) bench/instructions.py

bench-alerts: ## Measure what judging 10,000 rules of alerts over 1,000 agents costs
	@cargo run -q --release -p hiveboard-bench-alerts

bench-scale: ## Measure what a cluster's parts cost an event, on real engines, beside the embedded store (QUICK=--quick)
	@sh scripts/build.sh
	@$(PYTHON) scripts/test.py --scale --prepare-only
	@.cache/test-venv/bin/python bench/scale/store.py $(QUICK)
	@.cache/test-venv/bin/python bench/scale/run.py $(QUICK)

bench-browser: ## Measure what the board costs its browser: bytes, frames, main thread, heap (QUICK=--quick for a short run)
	@sh scripts/build.sh
	@HIVEBOARD_BINARY=$${CARGO_TARGET_DIR:-$(CURDIR)/target}/release/hiveboard QUICK=$(QUICK) npm --prefix web run --silent bench

screenshots: ## Make every picture of README and docs anew, from a seeded fleet (docs/pictures/)
	@sh scripts/build-web.sh
	@cargo build -q -p hiveboard
	@UPDATE_PICTURES=1 npm --prefix web run --silent e2e -- pictures.spec.ts

fmt: ## Format the sources
	@sh scripts/format.sh

lint: ## Check format, lints and types
	@$(PYTHON) scripts/test.py --checks-only

clean: ## Remove everything that was built (data directories stay)
	@sh scripts/clean.sh
