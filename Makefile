# `make help` lists the commands. `make run` and `make test` need Python 3.11 or newer, git and make, no more.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))) python3)
PORT ?= 5000
LAN ?=
WORKERS ?= 2
BIN := .venv/bin
RESULTS := .results
PYTEST := $(BIN)/python -m pytest -n $(WORKERS)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --upgrade

.DEFAULT_GOAL := help
.PHONY: help install install-dev run test test-fast test-slow lint fix bench messages lock notices

help: ## Show these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

install: ## Install what Lectern needs, in this folder only
	@$(PYTHON) -m tools.bootstrap run

install-dev: ## Install what the tests and checks need, too
	@$(PYTHON) -m tools.bootstrap test

run: install ## Serve the demo: make run [PORT=5000] [LAN=1]
	@exec $(BIN)/python -m tools.serve --port "$(PORT)" $(if $(filter-out 0,$(LAN)),--lan)

test: install-dev ## Run all tests but the slow ones
	$(PYTEST) -m "not slow" --junitxml=$(RESULTS)/test.xml

test-fast: install-dev ## Run the tests that need neither a browser nor a server
	$(PYTEST) -m "not slow and not browser and not postgres and not valkey"

test-slow: install-dev ## Run the slow tests
	$(PYTEST) -m slow --junitxml=$(RESULTS)/test-slow.xml

lint: install-dev ## Check style, types, translations and files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m tools.check_translations
	$(BIN)/python -m tools.check_files

fix: install-dev ## Mend what the linter can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: install-dev ## Measure speed beside a floor
	$(BIN)/python -m bench
	$(BIN)/python -m bench.feeds
	$(BIN)/python -m bench.promotion
	$(BIN)/python -m bench.calendars

messages: install-dev ## Bring the translations' files up to date: make messages [FROM="a.po b.po"]
	$(BIN)/python -m tools.messages $(FROM)

lock: install-dev ## Renew the locked versions of all packages
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-node.in -o requirements-node.txt
	$(BIN)/python -m tools.node install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts

notices: install-dev ## List the licences of what Lectern is built from, in docs/third-party.md
	$(BIN)/python -m tools.notices
