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
installed := $(VENV)/installed-$(call hash,requirements.lock requirements-cuda.lock)
installed_dev := $(VENV)/installed-dev-$(call hash,requirements.lock requirements-cuda.lock requirements-dev.lock)

.PHONY: help run install packages ready test tests form types check durations chaos chaos-postgresql chaos-sqlite attack upgrade-rehearsal screenshots mails lint lock lock-light lock-rest audit sbom images clean port-is-free system-packages mail-servers mail-programs zotero mail-linters

help:  ## Show this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 16

run: port-is-free $(installed)  ## Start Paper Round on http://127.0.0.1:8000 (another port: PORT=9000 make run)
	@SOURCE_TIMEOUT=$${SOURCE_TIMEOUT:-3} $(bin)/python manage.py prepare
	@PATH=$(bin):$$PATH GIVE_WAY=deploy/give-way exec setpriv --pdeathsig TERM $(bin)/python -m honcho --env /dev/null start

# Where the processes may not write beside their modules, each start would compile them anew.
install: $(installed)  ## Install what Paper Round needs into .venv, compiled
	@$(bin)/python -m compileall -qq -j 0 $(VENV)/lib || true  # some packages bring files that are no Python

packages: $(installed)

ready: system-packages mail-servers mail-programs zotero mail-linters $(installed_dev)  ## Install what the tests need

port-is-free:
	@test -n "$(PYTHON)" || { echo "Paper Round needs Python 3.11: install it (Debian: python3.11 and python3.11-venv) or name it, as in PYTHON=/path/to/python3.11 make run."; exit 1; }
	@$(PYTHON) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || { echo "Port $(PORT) is taken or cannot be used. Nothing was started. Choose another: PORT=8001 make run"; exit 1; }

# A virtual environment whose making was interrupted has no pip yet, and is made anew.
$(bin)/pip:
	@test -n "$(PYTHON)" || { echo "Paper Round needs Python 3.11: install it (Debian: python3.11 and python3.11-venv) or name it, as in PYTHON=/path/to/python3.11 make run."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make virtual environments: install python3.11-venv (Debian) or your system's package for ensurepip."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

torch := torch==2.13.0
# Nothing is installed whose hash the lock files do not name, and nothing that they do not list.
# Most modules are never imported: compiling all of them would take as long as everything else.
pip_install = $(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile
cpu_build = $(bin)/python -m pip install --quiet --disable-pip-version-check --dry-run --ignore-installed --no-deps --report - $(torch) | grep -q '"version": *"[0-9.]*+cpu"'

$(installed): | $(bin)/pip
	@echo "Installing what Paper Round needs into $(VENV), once …"
	@$(cpu_build) || { echo "No CPU build of torch is at hand: several gigabytes will be loaded with the one for graphics cards."; $(pip_install) -r requirements-cuda.lock; }
	@$(pip_install) -r requirements.lock
	@touch $@

$(installed_dev): | $(installed)
	@$(pip_install) -r requirements-dev.lock
	@touch $@

lint: form types  ## Check form, types and the order of the floors

form: $(installed_dev)
	$(bin)/ruff format --check .
	$(bin)/ruff check .
	find templates -name '*.html' -exec $(bin)/djade --check {} +
	$(bin)/lint-imports

types: $(installed_dev)
	$(bin)/mypy

PRODUCTION = DEBUG=false SECRET_KEY=$$(head -c 48 /dev/urandom | base64) ALLOWED_HOSTS=papers.example.org \
	SITE_URL=https://papers.example.org EMAIL_URL=submission://user:password@mail.example.org:587 DATABASE_URL=sqlite://:memory: \
	INSTANCE_ID=papers-main

# Types take minutes of one core where nothing is known of an earlier check: the tests begin meanwhile.
test: ready form  ## Run every check and every test
	@$(MAKE) --jobs=2 types tests

tests: $(installed_dev)
	$(bin)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(bin)/python manage.py check --deploy --fail-level WARNING
	env -u MAKEFLAGS -u MFLAGS $(bin)/python -m pytest $(side_by_side) $(ARGS)

check: lint  ## Check form and types, and run the quick tests: for every change, before `make test`
	$(bin)/python -m pytest $(side_by_side) -m "not slow" $(ARGS)

# Tests start hundreds of processes, which find their modules compiled whatever the shell says of it.
tests check durations: export PYTHONDONTWRITEBYTECODE :=

# Many tests wait for real processes: one more than there are cores.
side_by_side = -n $(or $(TEST_PROCESSES),$(shell expr 1 + $$(nproc))) --dist loadfile --no-loadscope-reorder

durations: scratch := $(shell mktemp)
durations: ready  ## Time all files of tests anew, which decides what is quick and what begins first
	-$(bin)/python -m pytest $(side_by_side) -q --junitxml=$(scratch)
	$(bin)/python -m tests.durations $(scratch)

chaos: chaos-postgresql chaos-sqlite  ## Break everything for minutes and see that each mail leaves once (CHAOS_SEED repeats a run)
chaos-postgresql chaos-sqlite: chaos-%: system-packages $(installed_dev)
	$(bin)/python -m tests.chaos $*

attack: system-packages $(installed_dev)  ## Attack the whole site for two minutes and see that its readers do not notice (ATTACK_SEED repeats a run)
	$(bin)/python -m tests.attack

upgrade-rehearsal: system-packages $(installed_dev)  ## Upgrade from an older commit while mail flows (FROM=COMMIT)
	@test -n "$(FROM)" || { echo "Name the commit to upgrade from: make upgrade-rehearsal FROM=HEAD~20"; exit 1; }
	$(bin)/python -m tests.upgrade $(FROM)

screenshots: ready  ## Take pictures of every page, in two themes and three widths (ARGS="--only NAME")
	$(bin)/python -m tests.screenshots $(VAR_DIR)/screenshots $(ARGS)

mails: ready  ## Take pictures of every mail, narrow and wide, light and dark, in a webmail and as text (ARGS="--only NAME")
	$(bin)/python -m tests.mail_gallery $(VAR_DIR)/mails $(ARGS)

packages = redis-server postgresql pgbouncer age faketime nginx-light fonts-dejavu-core util-linux
system-packages:
	@for name in redis-server pgbouncer age faketime nginx setpriv /usr/lib/postgresql/*/bin/initdb; do command -v $$name >/dev/null || missing=1; done; \
	command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || missing=1; \
	if test -z "$$missing"; then exit 0; fi; \
	if test "$$(id -u)" = 0 && command -v apt-get >/dev/null; then \
		apt-get update -qq && browser=chromium && { ! apt-cache show chromium-headless-shell >/dev/null 2>&1 || browser=chromium-headless-shell; } && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(packages) $$browser; \
	else echo "Some tests need system packages and are skipped without: sudo apt-get install $(packages) chromium"; fi

# Debian's mail servers shut each other out: each is unpacked into a folder of its own, with what it needs and this machine
# lacks. Nothing is installed, and nothing is started but by tests.
debian_servers = postfix exim4-daemon-light opensmtpd
haraka = Haraka@3.3.4
zotero:  ## Install Zotero's own translators for the tests into .zotero (where npm is)
	@command -v npm >/dev/null && $(MAKE) .zotero/installed || echo "Tests with Zotero's translators are skipped: install Node.js 20 or newer with npm."

mail-linters:  ## Install linters of HTML mail for the tests into .mail-linters (where npm is)
	@command -v npm >/dev/null && $(MAKE) .mail-linters/installed || echo "Tests with linters of mails are skipped: install Node.js 20.19 or newer with npm."

.zotero/installed: tests/papers/citations/zotero/package-lock.json
.mail-linters/installed: tests/subscriptions/mails/linters/package-lock.json
.zotero/installed .mail-linters/installed:
	@rm -rf $(@D) && mkdir -p $(@D) && cp $(<D)/package.json $< $(@D)
	@cd $(@D) && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

mail-servers: | system-packages  ## Unpack real mail servers for the tests into .mail-servers (Debian's apt; Haraka where npm is)
	@for name in $(debian_servers) haraka; do $(MAKE) -k .mail-servers/$$name/unpacked || echo "Tests with $$name are skipped."; done

.mail-servers/%/unpacked:
	@command -v apt-get >/dev/null || { echo "$* is unpacked from Debian's packages: there is no apt-get here."; exit 1; }
	@apt-cache show $* >/dev/null 2>&1 || apt-get update -qq || { echo "apt knows no $*: sudo apt-get update"; exit 1; }
	@$(MAKE) $(@D)/loaded || { apt-get update -qq && $(MAKE) $(@D)/loaded; }  # apt may know older ones than are there
	@cd $(@D)/loaded && for each in *.deb; do dpkg -x $$each ..; done
	@rm -r $(@D)/loaded && chmod -R u-s,g-s $(@D) && touch $@

.mail-servers/%/loaded:
	@rm -rf $(@D) && mkdir -p $(@D)/loading && cd $(@D)/loading && apt-get -qq -o APT::Sandbox::User=root download $* \
		$$(apt-get -qq -s --no-install-recommends install $* | sed -nE 's/^Inst (lib[^ ]+).*/\1/p')
	@mv $(@D)/loading $@

.mail-servers/haraka/unpacked:
	@command -v npm >/dev/null || { echo "Haraka comes by npm, which is not here: install Node.js 20 or newer."; exit 1; }
	@npm install --silent --no-audit --no-fund --ignore-scripts --omit=dev --omit=optional --prefix $(@D) $(haraka)
	@touch $@

# Mail programs come with all that they need and this machine lacks, and tests lay them over its own folders: so nothing
# of them is installed either. A package with "-" at its end stays away.
mail_programs = dovecot roundcube browsers spamassassin
packages_of_dovecot = dovecot-imapd
packages_of_roundcube = roundcube-core roundcube-sqlite3 php-cli php-cgi apache2-bin-
packages_of_sogo = sogo
packages_of_browsers = w3m lynx
packages_of_spamassassin = spamassassin
packages_of_rspamd = rspamd
packages_of_thunderbird = thunderbird xvfb

mail-programs: | system-packages  ## Unpack real mail programs and spam filters for the tests into .mail-programs (Debian's apt)
	@for name in $(mail_programs); do $(MAKE) -k .mail-programs/$$name/unpacked || echo "Tests with $$name are skipped."; done

# Debian's newer systems have one folder where packages may still name two.
.mail-programs/%/unpacked:
	@command -v apt-get >/dev/null || { echo "$* is unpacked from Debian's packages: there is no apt-get here."; exit 1; }
	@apt-cache show $(firstword $(packages_of_$*)) >/dev/null 2>&1 || apt-get update -qq || { echo "apt knows no $*: sudo apt-get update"; exit 1; }
	@$(MAKE) $(@D)/loaded || { apt-get update -qq && $(MAKE) $(@D)/loaded; }  # apt may know older ones than are there
	@cd $(@D)/loaded && for each in *.deb; do dpkg -x $$each ..; done
	@cd $(@D) && rm -r loaded && for each in bin sbin lib; do test ! -d $$each || { mkdir -p usr/$$each && cp -a $$each/. usr/$$each && rm -r $$each; }; done
	@chmod -R u-s,g-s $(@D) && touch $@

.mail-programs/%/loaded:
	@rm -rf $(@D) && mkdir -p $(@D)/loading && cd $(@D)/loading && apt-get -qq -o APT::Sandbox::User=root download $$( \
		{ printf '%s\n' $(filter-out %-,$(packages_of_$*)); apt-get -qq -s --no-install-recommends install $(packages_of_$*) | sed -nE 's/^Inst ([^ ]+).*/\1/p'; } | sort -u)
	@mv $(@D)/loading $@

# pip prefers a file whose hash is listed to one from a folder, so the lock file lists torch with the hashes of its CPU
# builds only, and requirements-cuda.lock holds what an index that has no such build serves in its place.
WHEELS ?= $(PIP_FIND_LINKS)
# What OpenVINO names and imports only where it converts models: a package that tells its makers who does.
compile = $(bin)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-package openvino-telemetry \
	--python-version 3.11 --python-platform x86_64-manylinux_2_28
but_what_stands_in = $(shell sed -nE 's/^([A-Za-z0-9_.-]+)==.*/--no-emit-package=\1/p' $(1))

lock: scratch := $(shell mktemp -d)
lock: $(installed_dev)  ## Write the lock files from pyproject.toml: pins stay, what is new is added (UP=--upgrade chooses all anew)
	@echo '$(torch)+cpu' > $(scratch)/cpu
	@cat requirements.lock requirements-dev.lock | sed 's/^-r .*//; s/^$(torch)\b/&+cpu/' > $(scratch)/pins
	@$(compile) $(UP) pyproject.toml --extra dev --constraint $(scratch)/cpu --find-links "$(WHEELS)" \
		-o $(scratch)/pins >/dev/null || { echo "The CPU build of torch was not found: name the folder that holds its wheel, as in WHEELS=/path make lock."; exit 1; }
	@cp $(scratch)/pins $(scratch)/runtime
	@$(compile) pyproject.toml --constraint $(scratch)/cpu --find-links "$(WHEELS)" -o $(scratch)/runtime >/dev/null
	@(echo "# Written by make lock from pyproject.toml: everything that Paper Round runs on."; \
		sed 's/^$(torch)+cpu /$(torch) /' $(scratch)/runtime) > requirements.lock
	@$(MAKE) lock-light lock-rest scratch=$(scratch)
	@rm -r $(scratch)

# Of the same pins: what an image without torch installs.
lock-light:
	@sed 's/^$(torch)\b/&+cpu/' requirements.lock > $(scratch)/light
	@$(compile) pyproject.toml --excludes deploy/left-out.txt -o $(scratch)/light >/dev/null
	@(echo "# Written by make lock from pyproject.toml and deploy/left-out.txt: what every process but embed runs on."; \
		cat $(scratch)/light) > requirements-light.lock

lock-rest:
	@$(compile) pyproject.toml --extra dev --constraint $(scratch)/cpu --find-links "$(WHEELS)" \
		$(call but_what_stands_in,requirements.lock) -o $(scratch)/pins >/dev/null
	@(echo "# Written by make lock from pyproject.toml: what the checks and tests need besides."; echo "-r requirements.lock"; \
		cat $(scratch)/pins) > requirements-dev.lock
	@(sed -n '/^torch==/,/[^\\]$$/!p' requirements.lock; cat requirements-cuda.lock) > $(scratch)/cuda
	@echo '$(torch)' | $(compile) - $(filter-out %=torch,$(call but_what_stands_in,requirements.lock)) -o $(scratch)/cuda >/dev/null
	@(echo "# Written by make lock: torch and its libraries where no CPU build of it is found, installed before the rest."; \
		cat $(scratch)/cuda) > requirements-cuda.lock

# A package that the service for known holes does not know fails too: what was not asked is not sound.
audit: $(installed_dev)  ## Ask for known holes in everything that is pinned (needs the package index; AUDIT= takes options of pip-audit)
	$(bin)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes $(AUDIT) -r requirements-dev.lock
	$(bin)/pip-audit --strict --progress-spinner off --disable-pip --require-hashes $(AUDIT) -r requirements-cuda.lock

sbom: $(installed_dev)  ## Write sbom.json: every package that the lock file names, for tools that read CycloneDX
	@$(bin)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible -o sbom.json requirements.lock

ENGINE ?= $(shell for name in docker podman buildah; do $$name info >/dev/null 2>&1 && echo $$name && break; done)
build_image = BUILDAH_LAYERS=true $(ENGINE) build $(IMAGES) --file deploy/Containerfile --tag localhost/$(2):latest --target $(1) .

images:  ## Build the two images for containers (deploy/README.md) with docker, podman or buildah (IMAGES= takes options of it)
	@test -n "$(ENGINE)" || { echo "No engine answers: start docker, or install podman or buildah, or name one, as in ENGINE=nerdctl make images."; exit 1; }
	$(call build_image,small,paper-round)
	$(call build_image,embed,paper-round-embed)

clean:  ## Remove the virtual environment and caches; var/ with your data stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -r {} +
