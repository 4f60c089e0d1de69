# Two commands: `make demo` shows the product, `make test` proves it. Both set up all they need.
# PYTHON=python3.13 VENV=.venv313 runs either on another Python.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV ?= .venv
PORT ?= 8000
# Twice as many as there are processors: much of a test here is waiting for a server, a browser or a disk.
WORKERS ?= $(shell expr 2 \* $$(nproc 2>/dev/null || echo 1))
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help demo lint pytest test quick clean

help:  ## Say what there is
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 8

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.site: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet -r requirements.txt --group dev
	@$(BIN)/python -m pip install --quiet --group services \
		|| echo "mysqlclient could not be built (it needs libmariadb's headers): MariaDB is not tested here."
	@touch $@ $(VENV)/.site

demo: $(VENV)/.site  ## Load real weather data, draw its charts and serve them on http://127.0.0.1:8000
	$(BIN)/python manage.py demo --port $(PORT)

lint: $(VENV)/.dev  ## Ruff, mypy (strict) and the floors of the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

pytest: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

test: lint pytest  ## Lint, then run every test in random order with warnings as errors

quick: $(VENV)/.dev  ## Only the fast tests
	$(BIN)/python -m pytest -n $(WORKERS) -m "not slow and not services and not browser"

clean:  ## Remove what make and the demo made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist var
