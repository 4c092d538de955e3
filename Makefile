# One command builds and checks everything. `make help` lists the targets.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
BINARY := build/release/headwater

.PHONY: help build run demo test test-asan soak bench pictures fuzz format lint clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: ## Install what is needed, build build/release/headwater
	@scripts/setup
	@scripts/configure release
	@cmake --build --preset release --target headwater -j $(JOBS)

run: build ## Build, start the server with a demo source and flow, show its first records, keep serving
	@scripts/setup demo
	@demo/run --serve

demo: build ## The same, checked: exits 0 when the records are right
	@scripts/setup demo
	@demo/run --check

test: ## Install, build and run every test
	@scripts/setup test
	@scripts/configure release
	@cmake --build --preset release -j $(JOBS)
	@ctest --test-dir build/release --output-on-failure --no-tests=error -j $(JOBS)

test-asan: ## The unit, API and end-to-end tests under AddressSanitizer and UBSan
	@scripts/setup test
	@scripts/configure asan
	@cmake --build --preset asan -j $(JOBS)
	@ASAN_OPTIONS=detect_stack_use_after_return=1 ctest --test-dir build/asan --output-on-failure --no-tests=error -j $(JOBS) -L 'unit|api|e2e'

soak: ## The crash tests at length: KILLS=100 kills of a server under load (about 2 minutes)
	@scripts/setup test
	@scripts/configure release
	@cmake --build --preset release -j $(JOBS)
	@HEADWATER_KILLS=$(or $(KILLS),100) ctest --test-dir build/release --output-on-failure --no-tests=error --timeout 3600 -R 'InletTest|KillRestart'

bench: ## Build and run the benchmarks, figures to standard output
	@scripts/setup bench test
	@scripts/configure release -DHEADWATER_BENCH=ON
	@cmake --build --preset release -j $(JOBS)
	@bench/run

pictures: ## Walk through the application in Chromium and make the README's pictures anew
	@scripts/setup test
	@scripts/configure release
	@cmake --build --preset release --target headwater -j $(JOBS)
	@ctest --test-dir build/release --output-on-failure --no-tests=error -R browser/web_walk
	@node tests/browser/readme_pictures.mjs build/release/tests/browser/pictures docs/pictures

fuzz: ## Run every fuzz target for 10 seconds (FUZZ_SECONDS=n for longer)
	@scripts/setup fuzz test
	@fuzz/run

format: ## Format all C++ files
	@scripts/setup lint
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 -i

lint: ## clang-format and clang-tidy over all files
	@scripts/setup lint test
	@git ls-files '*.cc' '*.h' | xargs clang-format-19 --dry-run --Werror
	@JOBS=$(JOBS) scripts/lint

clean: ## Remove all builds
	@rm -rf build
