# Every target makes .venv/ and installs what is missing by itself; see devtools/setup.sh.
# PYTHON=/path/to/python3 chooses the interpreter that .venv/ is made with.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHON

BIN := .venv/bin

.PHONY: help demo test long lint bench setup lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## a Redmine with the plugin, the connector and a first ticket; up until Ctrl-C
	@devtools/setup.sh base
	@exec $(BIN)/python -m devtools.demo

test: ## lint and every test, the live and browser tests too
	@devtools/setup.sh test
	@devtools/test.sh

long: ## the long forms of tests, which make test leaves out
	@devtools/setup.sh test
	$(BIN)/python -m pytest -m long

lint: ## ruff and mypy
	@devtools/setup.sh venv
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: ## the benchmarks
	@devtools/setup.sh test
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || $(BIN)/pip install --quiet 'weasyprint>=63' || \
		echo "bench: WeasyPrint cannot be installed here; documents are measured without their peer"
	@exec $(BIN)/python -m benchmarks

setup: ## only what the others do first
	@devtools/setup.sh test

# The lock names every artifact of a release by hash and no place to get it from. UPGRADE=1 takes newer versions.
lock: ## resolve pyproject.toml into the lock files
	@devtools/setup.sh venv
	@test -x var/lock-tool/bin/uv || { echo "lock: installing uv in var/lock-tool" && \
		$(BIN)/python -m venv var/lock-tool && var/lock-tool/bin/pip install -q 'uv>=0.5' 2>/dev/null; }
	@export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	compile="var/lock-tool/bin/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-emit-index-url --no-emit-find-links $(if $(UPGRADE),--upgrade)"; \
	$$compile pyproject.toml --output-file requirements.lock && \
	$$compile --group build --output-file requirements-build.lock && \
	$$compile pyproject.toml --extra dev --group build --constraint requirements.lock \
		--constraint requirements-build.lock --output-file requirements-dev.lock
	@! grep -nE '://|^-' requirements*.lock
	@devtools/setup.sh venv

clean: ## remove .venv/, var/ and every cache
	rm -rf .venv var dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
