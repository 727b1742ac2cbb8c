# `make demo` and `make test` need nothing but Python 3.11 or newer and make: everything else is set up on the first run.

VENV ?= .venv
ARGS ?=
SAMPLE ?= samples/spoof-reject

# xdist's processes; one file's tests stay in one process, so that a server is started once
WORKERS ?= 2

PY := $(VENV)/bin/python
READY := $(VENV)/.ready
PIP := $(PY) -m pip --quiet --disable-pip-version-check --no-input
UV := .venv-lock/bin/uv

.DEFAULT_GOAL := help
.PHONY: help demo dev test lint format golden docs bench bench-peers fuzz lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

# Set up anew when the dependencies change. The stamp is written last, so what broke half-way is begun again; and only
# an environment that was made here is ever cleared, never one of yours that VENV names or a link leads to.
$(READY): pyproject.toml requirements-build.lock requirements-dev.lock
	@python=$$(PYTHON="$(PYTHON)" sh tools/python.sh) || exit 1; \
	if [ -L $(VENV) ]; then \
	  echo "error: $(VENV) is a link, and what it leads to is somebody else's: name that with VENV=, or remove the link" >&2; exit 1; fi; \
	if [ -e $(VENV) ] && [ ! -e $(VENV)/.made-by-make ]; then \
	  echo "error: $(VENV) exists and was not made by make: remove it, or choose another with VENV=" >&2; exit 1; fi; \
	echo "Setting up $(VENV) with $$python (once; takes a minute)"; \
	{ $$python -m venv --clear $(VENV) && touch $(VENV)/.made-by-make; } \
	  || { echo "error: could not make the virtual environment $(VENV)" >&2; rm -rf $(VENV); exit 1; }
	@$(PIP) install --require-hashes -r requirements-build.lock \
	  || { echo "error: could not install what builds packages (requirements-build.lock)" >&2; exit 1; }
	@$(PIP) install --require-hashes --no-build-isolation --use-pep517 -r requirements-dev.lock \
	  || { echo "error: could not install the dependencies (requirements-dev.lock)" >&2; exit 1; }
	@$(PIP) install --no-deps --no-build-isolation -e . \
	  || { echo "error: could not install mailtrace itself" >&2; exit 1; }
	@touch $@

dev: $(READY) ## set up, and nothing else
	@echo "Ready: . $(VENV)/bin/activate"

demo: $(READY) ## analyse a forged message, with its recorded DNS
	@echo "\$$ mailtrace analyze $(SAMPLE).eml --dns $(SAMPLE).dns.json"
	@$(VENV)/bin/mailtrace analyze --fail-on none $(SAMPLE).eml --dns $(SAMPLE).dns.json
	@echo
	@echo "Other messages to try: samples/README.md"

test: $(READY) ## run the tests (ARGS="tests/path -k expression")
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile $(ARGS)

lint: $(READY) ## style, types, floors and spelling; all of them, whichever fails
	@failed=; \
	check() { "$$@" || failed="$$failed\n  $$*"; }; \
	check $(PY) -m ruff check .; \
	check $(PY) -m ruff format --check .; \
	check $(PY) -m mypy; \
	check $(PY) -m mypy tools bench; \
	check $(VENV)/bin/lint-imports --no-logo; \
	check $(PY) -m codespell_lib; \
	[ -z "$$failed" ] || { printf "error: these failed:$$failed\n" >&2; exit 1; }

format: $(READY) ## put the code into its form
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

golden: $(READY) ## accept the program's present output as the expected one; review it with git diff
	@$(PY) -m pytest -q -p no:randomly --accept $(ARGS)

docs: $(READY) ## write again what is made from the code
	@$(PY) tools/make_docs.py
	@$(PY) tools/rfc_index.py
	@$(PY) tools/readme.py

bench: $(READY) ## measure, beside peers (SIZE=smoke, ONLY=name, WRITE=1 for bench/RESULTS.md)
	@$(PY) -m bench $(ONLY) --size $(or $(SIZE),full) $(if $(WRITE),--write)

# Needs npm. Debian has the rest: apt-get install libmail-dkim-perl libmail-spf-perl libmail-dmarc-perl rspamd
# (the package rspamd starts its service; the one that is measured is started by the measurement, and ended)
bench-peers: $(READY) ## install what to measure against
	@npm install --prefix bench/.peers --no-audit --no-fund node@22 mailauth@7
	@test -x bench/.peers/python/bin/python || $(PY) -m venv bench/.peers/python
	@bench/.peers/python/bin/python -m pip --quiet install authheaders pyspf pynacl

fuzz: $(READY) ## feed the parsers hostile bytes for longer (EXAMPLES=100000)
	@MAILTRACE_FUZZ_EXAMPLES=$(or $(EXAMPLES),20000) $(PY) -m pytest -q -n $(WORKERS) tests/fuzz $(ARGS)

lock: ## choose the versions of all dependencies again, a week old at the least
	@python=$$(PYTHON="$(PYTHON)" sh tools/python.sh) || exit 1; \
	test -x $(UV) || { $$python -m venv .venv-lock && .venv-lock/bin/python -m pip --quiet install uv; }
	@sh tools/lock.sh $(UV)

clean: ## remove what was set up and what tools left behind
	rm -rf .venv .venv-* bench/.corpus bench/.peers build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
