# Thin names over cargo. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help build test lint fmt demo bench budget deny fuzz image schema clean

target := x86_64-unknown-linux-musl
target_directory := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
binary := $(target_directory)/$(target)/release/fitout

help: ## Show this help
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## Build the static release binary
	@tools/install build
	cargo build --release --locked
	@ls -l $(binary)

demo: build ## Run the main job: make a volume ready for a calculator service, and start it
	@tools/install demo
	examples/calculator/demo $(binary)

test: build ## Run all tests, against the release binary
	@tools/install test
	FITOUT_BINARY=$(binary) cargo test --workspace --locked

lint: ## Formatting, clippy, and words that do not belong into the code
	cargo fmt --all --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml > /dev/null
	cargo clippy --workspace --all-targets --locked -- --deny warnings
	cargo clippy --lib --features fuzz --locked -- --deny warnings
	tools/forbid

fmt: ## Format the code
	cargo fmt --all

bench: build ## Measure speed and memory beside the tools that users would otherwise pick
	@tools/install bench
	benches/run $(binary)

budget: build ## Check size, crates, memory and start-up against budget.toml
	tools/budget $(binary)

deny: ## Check licences, advisories, sources and versions of dependencies
	@command -v cargo-deny > /dev/null || cargo install cargo-deny --locked
	cargo deny --locked check

fuzz: ## Fuzz plans, templates, escaping, editors and readers, each for SECONDS_EACH (60)
	@tools/install fuzz
	tools/fuzz

image: build ## Build the image `fitout:dev` and print its size
	image/build $(binary)

schema: ## Write plan.schema.json and docs/helpers.md from the code
	cargo run --quiet --package generate

clean: ## Remove what was built
	cargo clean
	rm -rf .cache
