# Everything one does with the project. `make help` lists it.

PORT ?= 8189
HOST ?= 127.0.0.1
PYTHON ?= python3
WORKERS ?= 2

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# What failed runs once more by itself: a browser or a killed server on a busy machine may be late.
# A real mistake fails twice.
AGAIN := $(PYTEST) --last-failed --last-failed-no-failures none --timeout 600 --tb=native
# What the fast check runs: pure code and golden stories, no server and no browser.
FAST := $(wildcard tests/unit tests/golden tests/architecture)

.DEFAULT_GOAL := help
.PHONY: help run demo test check dev setup format format-check lint types imports flows locales \
	fast translations lock bench screenshots clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## ?(.*)/\1\t\2/' \
		| awk -F '\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

run: setup  ## The whole product with demonstration data, no keys: http://127.0.0.1:8189 (PORT=, HOST=)
	@HOTLINE_HOST='$(HOST)' HOTLINE_PORT='$(PORT)' exec $(BIN)/hotline demo

demo: run  ## The same as run

setup:
	@$(PYTHON) deploy/bootstrap.py

dev:  ## .venv with the packages for tests and checks
	@$(PYTHON) deploy/bootstrap.py --dev

test: dev  ## All tests: SQLite, a real PostgreSQL (PG_SOURCE=wheel forces the wheel's), a real Chromium
	@$(BIN)/python -m tests.support.prepare
	$(PYTEST) -n $(WORKERS) --dist worksteal --timeout 600 --tb=native --ignore=tests/browser $(ARGS) \
		|| $(AGAIN)
	$(PYTEST) --timeout 600 --tb=native tests/browser $(ARGS) || $(AGAIN)

check: dev  ## The fast subset, under a minute: format, lint, types, imports, flows, locales, pure tests
	@$(MAKE) --no-print-directory -j2 --output-sync=target \
		types fast format-check lint imports flows locales

format:  ## Lay out the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

format-check:
	$(BIN)/ruff format --check .

lint:  ## Lint the code
	$(BIN)/ruff check .

types:  ## Check the types
	$(BIN)/mypy

imports:  ## Check who imports whom
	$(BIN)/lint-imports

flows:  ## Check the conversation flows
	$(BIN)/hotline flows lint

locales:  ## Check that every text exists in every language
	$(BIN)/hotline locales check

fast:
	$(PYTEST) -q -n 1 -m 'not slow' $(FAST)

translations: dev  ## Bring the catalogues up to date with the texts
	$(BIN)/hotline locales update

lock: dev  ## Choose the newest versions that are a week old and write the lock files
	sh deploy/lock.sh

bench: dev  ## Measure durable turns a second beside other ways to do it
	$(BIN)/hotline bench turns

screenshots: dev  ## Take the pictures in docs/screenshots anew
	HOTLINE_SCREENSHOTS=docs/screenshots $(PYTEST) -n 0 -q tests/browser -k screenshot

clean:  ## Remove what tools have left behind; the environment and the data in var/ stay
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results build
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
