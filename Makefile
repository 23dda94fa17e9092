# The door. Every target works on a fresh machine with Python 3.11, 3.12 or 3.13 and make, without root.
# Variables: VENV (where the packages go), PYTHON (which Python makes it), ARGS (passed on by test, shots, bench and faults).

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
VENV ?= .venv
BIN := $(VENV)/bin
# The lock is complete; were pip to resolve again, it would prefer a newer release of what is asked for with an extra.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps
USABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
TEMPLATES := $(wildcard templates)
# Settings as in production, whatever this machine's environment says.
DEPLOYED = env -i PATH="$$PATH" LANG=C.UTF-8 HMS_ENV_FILE=/dev/null HMS_DATA_DIR=$(VENV)/deployed \
  PUBLIC_URL=https://hospital.example.org EMAIL_URL=smtp://localhost:25 DATABASE_URL=sqlite://:memory: \
  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')
.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgres check fmt bench faults shots lock clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: $(VENV)/run.stamp  ## start everything in one command, with demo data on the first start
	@HMS_UNDER_MAKE=1 exec $(BIN)/python -m hms.run

test: $(VENV)/dev.stamp  ## the whole suite on SQLite, then on PostgreSQL
	@$(BIN)/python -m hms.testing $(ARGS)

test-sqlite: $(VENV)/dev.stamp  ## the suite on SQLite alone
	@$(BIN)/python -m hms.testing --only sqlite $(ARGS)

test-postgres: $(VENV)/dev.stamp  ## the suite on PostgreSQL alone
	@$(BIN)/python -m hms.testing --only postgresql $(ARGS)

check: $(VENV)/dev.stamp  ## linters, layering, missing migrations, deployment settings
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djlint $(TEMPLATES) --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet --severity-level medium --recursive --configfile pyproject.toml .
	$(DEPLOYED) $(BIN)/python manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: $(VENV)/dev.stamp  ## put the code into its form
	git ls-files '*.py' | xargs $(BIN)/django-upgrade --target-version 5.2
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/dev.stamp  ## measure the pages that people wait for
	@$(BIN)/python -m hms.bench $(ARGS)

faults: $(VENV)/dev.stamp  ## break one part after another and count what went in and came out
	@$(BIN)/python -m hms.faults $(ARGS)

shots: $(VENV)/dev.stamp  ## a picture of every page, for each role, width and colour scheme
	@$(BIN)/python -m hms.shots $(ARGS)

lock: $(VENV)/dev.stamp  ## renew the lock files from requirements.txt and requirements-dev.txt
	for name in requirements requirements-dev; do \
	  $(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-emit-find-links --no-header $$name.txt --output-file $$name.lock || exit 1; \
	done

clean:  ## remove what can be made again (never data)
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov shots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp tells which lock file it was filled from, so that a second start loses no time.
$(VENV)/run.stamp: requirements.lock | $(BIN)/python
	@echo "Installing what HMS runs on into $(VENV) ..."
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(BIN)/python
	@echo "Installing what working on HMS needs into $(VENV) ..."
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(BIN)/python:
	@for candidate in "$(PYTHON)" python3.13 python3.12 python3.11 python3 python; do \
	  if [ -n "$$candidate" ] && "$$candidate" -c '$(USABLE)' 2>/dev/null; then \
	    "$$candidate" -m venv "$(VENV)" && exit 0; \
	    echo "make: the virtual environment $(VENV) could not be made; VENV=/some/where else may help." >&2; exit 1; \
	  fi; \
	done; \
	echo "make: HMS needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian: apt install python3-venv)." >&2; exit 1
