# Two commands matter to a newcomer: `make demo` and `make test`. `make help` lists the rest.

VENV ?= .venv
PORT ?= 8000
WORKERS ?= 2
ARGS ?=
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check -qq

# The driver that DATABASE_URL needs: SQLite needs none.
DRIVER := $(if $(filter postgres%,$(DATABASE_URL)),postgres,$(if $(filter mysql% mariadb%,$(DATABASE_URL)),mysql))
DRIVER_STAMP := $(if $(DRIVER),$(VENV)/.$(DRIVER)-installed)

# The oldest set that we support: migrations are made with it.
OLDEST_VENV ?= .venv-oldest
OLDEST := 'Django==5.2.*' 'wagtail==7.4.*'

export PORT DATABASE_URL ONLY

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test bench docs pictures lint format types migrations messages build clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo-installed $(DRIVER_STAMP) ## run the example site on 127.0.0.1, port 8000 or PORT
	@exec $(PY) -m example_site.demo serve

demo-reset: $(VENV)/.demo-installed $(DRIVER_STAMP) ## throw the example's data away and load it anew
	@exec $(PY) -m example_site.demo reset

test: $(VENV)/.test-installed $(DRIVER_STAMP) ## run the tests on SQLite, or on DATABASE_URL; ARGS go to pytest
	$(PY) -m pytest -n $(WORKERS) $(ARGS)

bench: $(VENV)/.test-installed $(DRIVER_STAMP) ## measure against the yardsticks; ONLY=click runs one
	$(PY) -m tests.benchmarks

docs: $(VENV)/.test-installed ## run every command and snippet of README and docs
	$(PY) -m pytest tests/docs $(ARGS)

pictures: $(VENV)/.test-installed ## take the pictures of README and docs anew (needs Chromium)
	PYTHONPATH=. $(PY) docs/pictures/take.py

lint: $(VENV)/.dev-installed ## check style, format and types
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(VENV)/.dev-installed ## mend style and format
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

migrations: $(OLDEST_VENV)/.installed ## make migrations, on the oldest supported Wagtail
	DJANGO_SETTINGS_MODULE=tests.settings $(OLDEST_VENV)/bin/python -m django makemigrations $(ARGS)

messages: $(VENV)/.test-installed ## bring the translation catalogues up to date (needs gettext)
	cd wagtail_referrals && DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=.. $(abspath $(PY)) -m django makemessages --all --add-location file --no-wrap --no-obsolete
	cd wagtail_referrals && DJANGO_SETTINGS_MODULE=tests.settings PYTHONPATH=.. $(abspath $(PY)) -m django compilemessages

build: $(VENV)/.dev-installed ## build the wheel and the source archive into dist/
	$(PY) -m build

clean: ## remove what was built here; the demo's data stays
	rm -rf .venv .venv-oldest build dist *.egg-info .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14; do \
		if $$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			echo "Making an environment in $(VENV) with $$($$python --version)."; \
			exec $$python -m venv --clear $(VENV); \
		fi; \
	done; \
	echo "Python 3.11 or newer with its venv module was not found: install it (Debian: apt-get install python3 python3-venv) and run make again." >&2; \
	exit 1

$(VENV)/.%-installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing wagtail-referrals[$*] into $(VENV); the first time takes a minute or two."
	@$(PIP) install --editable '.[$*]'
	@touch $@

$(OLDEST_VENV)/.installed: pyproject.toml
	@$(MAKE) --no-print-directory VENV=$(OLDEST_VENV) $(OLDEST_VENV)/bin/python
	@$(OLDEST_VENV)/bin/python -m pip --disable-pip-version-check -qq install --editable '.[test]' $(OLDEST)
	@touch $@
