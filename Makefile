# Everything that this repository does, by name. `make help` lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
ARCHITECTURE ?= arm64
LOCAL := $(PYTHON) infra/local
STACK := $(LOCAL)/stack.py
TOOLS := $(LOCAL)/tools.py

.PHONY: help needs build up down demo test lint fmt logs status redrive bench mails package openapi clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

needs:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) is missing: install Python 3.11 or later" >&2; exit 1; }
	@$(TOOLS) rust

build: needs ## build every function and tool (debug)
	cargo build --workspace --bins

up: build ## start the local stack, or bring it up to date
	@$(STACK) up

down: ## stop the local stack; its data is gone
	@$(STACK) down

status: ## say whether the local stack is up, and where
	@$(STACK) status

demo: build ## the whole product, step by step, on the local stack
	@$(STACK) up
	@COUNTERSIGN_STACK="$(CURDIR)/.local/stack.json" cargo run -q --bin demo

test: needs ## everything that can be checked
	@PYTHON="$(PYTHON)" infra/local/test.sh

lint: needs ## formatting, lints, dependencies, the template and its room
	cargo fmt --all -- --check
	cargo clippy --workspace --all-targets -- -D warnings
	$(PYTHON) infra/local/circles.py self-test
	$(PYTHON) infra/local/circles.py
	$$($(TOOLS) deny) check licenses bans sources
	$$($(TOOLS) lint) --regions us-east-1 eu-central-1 --template infra/template.yaml
	$$($(TOOLS) lint) --regions us-east-1 --template infra/front.yaml
	$(LOCAL)/room.py
	$(LOCAL)/least_privilege.py template
	$(PYTHON) -c 'import ast, pathlib; [ast.parse(p.read_text(), p) for p in pathlib.Path("infra").rglob("*.py")]'
	$(PYTHON) infra/local/times.py self-test
	$(LOCAL)/redrive.py self-test
	bash -n infra/local/test.sh .ci/run

fmt: ## format the code
	cargo fmt --all

logs: ## what the functions wrote: make logs [function=invite] [follow=1]
	@$(STACK) logs $(function) $(if $(follow),--follow)

redrive: ## move what waits in dead-letter queues back: make redrive [stack=NAME] [queue=LOGICAL_ID]
	@$(LOCAL)/redrive.py $(if $(stack),--stack $(stack)) $(if $(queue),--queue $(queue))

bench: ## size, start and speed of the release binaries; fails where a limit is exceeded (the first build takes half an hour)
	cargo build --release --workspace --exclude tests --exclude bench --bins
	cargo run -q --release -p bank_files --example cost
	cargo run -q --release -p domain --example report_cost
	cargo run -q --bin bench -- --strict

mails: needs ## every letter, and every page behind a link, in every language, in one gallery: target/mails/index.html (make mails docs=1: the pictures in docs/ too)
	@CHROMIUM="$(CHROMIUM)" $(LOCAL)/mails.py $(if $(docs),docs)

package: ## release binaries for `sam deploy`: make package [ARCHITECTURE=x86_64]
	PATH="$$($(TOOLS) build):$$PATH" cargo lambda build --release --workspace \
		--exclude tests --exclude bench --exclude hello \
		--target $(if $(filter arm64,$(ARCHITECTURE)),aarch64,x86_64)-unknown-linux-gnu --lambda-dir target/lambda

openapi: ## write docs/openapi.json and the routes of the template anew
	UPDATE_GOLDEN=1 cargo test -q --workspace --test all -- openapi the_routes_of_the_template

clean: down ## stop the local stack and remove everything built
	cargo clean
	rm -rf .local
