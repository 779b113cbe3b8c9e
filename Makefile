# Everything that is done to hutong at a desk. Python 3.11 or newer and make are all that must be there beforehand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
CLIENT := src/hutong/web/index.html

# Node comes from a wheel in the environment, so npm and what it starts find that one first.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.NOTPARALLEL:
.PHONY: help install web demo test check bench pictures pages lock clean

help: ## This list.
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 12

install: $(INSTALLED) ## Makes .venv with hutong and everything to work on it, from the lock file.

$(INSTALLED): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "hutong needs Python 3.11 or newer; $(PYTHON) is older. Name another one: make install PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is not complete here; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

web: $(CLIENT) ## Builds the web client into the package.

$(CLIENT): $(INSTALLED) hatch_build.py $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)
	$(BIN)/python hatch_build.py
	@test ! -e $@ || touch $@

demo: install web ## Starts a hutong full of people, and prints its address and whom to sign in as.
	$(BIN)/hutong demo $(ARGS)

test: install web ## All tests; the browser journeys too where a Chromium can be had. ARGS are handed to pytest.
	@set -e; \
	chromium=$$($(BIN)/python -m tests.chromium); \
	if [ -f web/package.json ]; then $(BIN)/python hatch_build.py run test --if-present; fi; \
	if [ -n "$$chromium" ]; then HUTONG_CHROMIUM="$$chromium" $(BIN)/python -m pytest $(ARGS); \
	else $(BIN)/python -m pytest --ignore=tests/journeys $(ARGS); fi

check: install ## Format, lint, types and import contracts; what a change must pass beside the tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@if [ -f web/package.json ]; then \
	  { [ web/node_modules/.package-lock.json -nt web/package-lock.json ] || $(BIN)/python hatch_build.py ci; } && \
	  $(BIN)/python hatch_build.py run lint && $(BIN)/python hatch_build.py run check; fi

bench: install web ## Measures the hot path against a C loop on this machine; takes a while, and wants a quiet machine.
	$(BIN)/python -m benchmarks $(ARGS)

pictures: install web ## Drives the demo in a browser and writes the README's screenshots.
	@chromium=$$($(BIN)/python -m tests.chromium) && test -n "$$chromium" && \
	HUTONG_CHROMIUM="$$chromium" $(BIN)/python -m tests.pictures $(ARGS)

pages: install ## Writes the documents that follow from the code: every error, every setting.
	$(BIN)/python -m tests.pages

lock: ## Resolves all Python packages anew into the two lock files. `make lock ARGS=--upgrade` takes newer ones.
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header pyproject.toml -o requirements.lock $(ARGS)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	  --no-header --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock $(ARGS)

clean: ## Removes what the targets above made.
	rm -rf $(VENV) src/hutong/web web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .clients dist build
