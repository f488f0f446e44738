# Voronka: one command to run it, one to try it. Nothing is installed outside this folder.
#   make run | test | lint | bench | screenshots | messages | clean

SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
export PYTHONUTF8 := 1

.PHONY: run test lint bench screenshots messages setup setup-dev clean
.DEFAULT_GOAL := run

run: setup
	@exec $(PY) run.py

test: setup-dev
	@$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

lint: setup-dev
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) app/catalogue.py --check

bench: setup-dev
	@$(PY) -m tests.bench $(ARGS)

screenshots: setup-dev
	@$(PY) -m tests.browser.screenshots $(ARGS)

messages: setup-dev
	@$(PY) app/catalogue.py

# --- set-up: each step leaves a stamp and is not repeated while its sources are the same ---

setup: $(VENV)/.front $(VENV)/.messages
setup-dev: setup $(VENV)/.dev

$(VENV)/bin/python:
	@python=""; for name in python3.12 python3.11 python3 python; do \
	  if $$name -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null; \
	  then python=$$name; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11 or 3.12 with its venv module is needed (on Debian: apt install python3 python3-venv)." >&2; exit 1; \
	fi; \
	echo "making $(VENV) with $$python"; $$python -m venv --clear $(VENV)

$(VENV)/.packages: requirements.txt | $(VENV)/bin/python
	@echo "installing the packages of requirements.txt"
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.packages
	@echo "installing the packages of requirements-dev.txt"
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps -r requirements-dev.txt
	@touch $@

$(VENV)/.front: package-lock.json app/static/icons.txt app/front.py $(VENV)/.packages
	@$(PY) app/front.py
	@touch $@

$(VENV)/.messages: $(wildcard app/translations/fragments/*.po) app/catalogue.py $(VENV)/.packages
	@$(PY) app/catalogue.py
	@touch $@

clean:
	rm -rf $(VENV) node_modules app/static/vendor app/translations/ru/LC_MESSAGES .pytest_cache .mypy_cache .ruff_cache
