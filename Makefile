# Two commands: "make run" starts Paper Round, "make test" runs every check. "make help" lists the rest.

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV ?= .venv
VAR_DIR ?= var
PORT ?= 8000
PYTHON ?= $(shell for name in python3.11 python3; do $$name -c $(IS_3_11) 2>/dev/null && echo $$name && break; done)
SITE_URL ?= http://127.0.0.1:$(PORT)
export VAR_DIR PORT SITE_URL

IS_3_11 := 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'
bin := $(abspath $(VENV))/bin
hash = $(firstword $(shell cat $(1) | sha256sum))
# The name of a stamp holds the hash of what was installed, so that a changed lock file has no stamp yet.
installed := $(VENV)/installed-$(call hash,requirements.lock)
installed_dev := $(VENV)/installed-dev-$(call hash,requirements.lock requirements-dev.lock)

.PHONY: help run install test chaos lint lock clean port-is-free system-packages

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 16

run: port-is-free $(installed)  ## Start Paper Round on http://127.0.0.1:8000 (another port: PORT=9000 make run)
	@SOURCE_TIMEOUT=$${SOURCE_TIMEOUT:-3} $(bin)/python manage.py prepare
	@PATH=$(bin):$$PATH exec setpriv --pdeathsig TERM $(bin)/python -m honcho --env /dev/null start

install: $(installed)  ## Install what Paper Round needs into .venv

port-is-free:
	@test -n "$(PYTHON)" || { echo "Paper Round needs Python 3.11: install it (Debian: python3.11 and python3.11-venv) or name it, as in PYTHON=/path/to/python3.11 make run."; exit 1; }
	@$(PYTHON) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { echo "Port $(PORT) is taken or cannot be used. Nothing was started. Choose another: PORT=8001 make run"; exit 1; }

# A virtual environment whose making was interrupted has no pip yet, and is made anew.
$(bin)/pip:
	@test -n "$(PYTHON)" || { echo "Paper Round needs Python 3.11: install it (Debian: python3.11 and python3.11-venv) or name it, as in PYTHON=/path/to/python3.11 make run."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments: install python3.11-venv (Debian) or your system's package for ensurepip."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(installed): | $(bin)/pip
	@echo "Installing what Paper Round needs into $(VENV), once …"
	@$(bin)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@touch $@

$(installed_dev): | $(installed)
	@$(bin)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@

lint: $(installed_dev)  ## Check form, types and the order of the floors
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	find templates -name '*.html' -exec $(bin)/djade --check {} +
	$(bin)/mypy
	$(bin)/lint-imports

PRODUCTION = DEBUG=false SECRET_KEY=$$(head -c 48 /dev/urandom | base64) ALLOWED_HOSTS=papers.example.org \
	SITE_URL=https://papers.example.org EMAIL_URL=submission://user:password@mail.example.org:587 DATABASE_URL=sqlite://:memory: \
	INSTANCE_ID=papers-main

test: system-packages lint  ## Run every check and every test
	$(bin)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(bin)/python manage.py check --deploy --fail-level WARNING
	$(bin)/python -m pytest -n 2 --dist loadfile $(ARGS)

chaos: system-packages $(installed_dev)  ## Break everything for minutes and see that each mail leaves once (CHAOS_SEED repeats a run)
	$(bin)/python -m tests.chaos postgresql
	$(bin)/python -m tests.chaos sqlite

packages = redis-server postgresql chromium faketime fonts-dejavu-core util-linux
system-packages:
	@for name in redis-server chromium faketime setpriv /usr/lib/postgresql/*/bin/initdb; do command -v $$name >/dev/null || missing=1; done; \
	if test -z "$$missing"; then exit 0; fi; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(packages); \
	else echo "Some tests need system packages and are skipped without: sudo apt-get install $(packages)"; fi

# A list of what pip chose for pyproject.toml in an empty environment; a build's own suffix (torch's +cpu) is not pinned.
define freeze
$(PYTHON) -m venv --clear $(scratch)
$(PYTHON) -c 'import tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; print(*$(1), sep="\n")' > $(scratch)/wanted
$(scratch)/bin/pip install --quiet --disable-pip-version-check -r $(scratch)/wanted
$(scratch)/bin/pip freeze | sed -E 's/\+cpu$$//' | LC_ALL=C sort -f > $(scratch)/frozen
endef

lock: scratch := $(shell mktemp -d)
lock:  ## Choose versions anew: write requirements.lock and requirements-dev.lock from pyproject.toml
	$(call freeze,p["dependencies"])
	(echo "# Written by make lock from pyproject.toml: everything that Paper Round runs on."; cat $(scratch)/frozen) > requirements.lock
	cp requirements.lock $(scratch).runtime
	$(call freeze,p["dependencies"] + p["optional-dependencies"]["dev"])
	(echo "# Written by make lock from pyproject.toml: what the checks and tests need besides."; echo "-r requirements.lock"; \
		LC_ALL=C grep -vxFf requirements.lock $(scratch)/frozen) > requirements-dev.lock
	rm -r $(scratch) $(scratch).runtime

clean:  ## Remove the virtual environment and caches; var/ with your data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -r {} +
