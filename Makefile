# Everything a person or a machine does with this house, one target each. `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: ## Bring up the control plane and a real Odoo 19.0 on this machine (SERVERS=2 adds two over SSH)
	@scripts/demo up

.PHONY: demo-down
demo-down: ## Remove everything that `make demo` made, and only that
	@scripts/demo down

.PHONY: build
build: prepare ## Build both programs, optimised, into .build/release
	@swift build -c release --product odeumd
	@swift build -c release --product odeum

.PHONY: test
test: ## Everything that must hold before a change lands, from a clean clone on a bare machine
	@scripts/test

.PHONY: lint
lint: ## Check the format of every Swift file
	@swift format lint --strict --recursive --parallel Package.swift Sources Tests

.PHONY: format
format: ## Bring every Swift file into format
	@swift format --in-place --recursive --parallel Package.swift Sources Tests

.PHONY: bench
bench: ## Measure, one line a figure (ONLY=create|jobs|api|fleet|console for a part)
	@scripts/bench $(ONLY)

.PHONY: chaos
chaos: ## Break everything in the middle of operations on real servers (ROUNDS=20 SEED=1 ONLY=kill)
	@scripts/chaos $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) $(ONLY:%=--only %)

.PHONY: simulate
simulate: ## Run the domain on a simulated fleet (OPERATIONS=n SEED=s SERVERS=n INSTANCES=n)
	@scripts/simulate

.PHONY: prepare
prepare: ## Install what building needs and fetch the console's browser assets
	@scripts/prepare build
