# Everything is installed into this checkout (.tools, .venv) and nothing outside it,
# save Debian's package of Chromium, which `make browser` asks apt for when run as root.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
INSTALL = $(UV) pip install --quiet --python $(BIN)/python --constraint constraints.txt --compile-bytecode

.PHONY: help install dev demo test check bench chaos week browser screenshots phrases clean

help:
	@echo "make demo    run the desk against a local X, nothing else needed"
	@echo "make test    linters, types, and every test on SQLite and PostgreSQL"
	@echo "make bench   measure intake and pages on this machine"
	@echo "make chaos   kill the worker 200 times while it sends: is any reply sent twice, or lost?"
	@echo "make week    simulate a week: 40,000 messages, agents in shifts, one incident; its report in docs/week.md"
	@echo "make install only leave .venv/bin/socialdesk"

install: .venv/installed

dev: .venv/installed-dev

$(UV): constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "socialdesk needs Python 3.11 or newer; say which with make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .tools --constraint constraints.txt uv
	@touch $(UV)

.venv/installed: pyproject.toml constraints.txt $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@$(INSTALL) --only-binary eldc --editable '.[detectors]' || { \
	  echo "No wheel of the fast language detectors fits this machine: langdetect reads alone, which is slower."; \
	  $(INSTALL) --editable .; }
	@touch $@

.venv/installed-dev: .venv/installed
	$(INSTALL) --editable '.[dev]'
	@touch $@

demo: install
	@$(BIN)/socialdesk demo

# Everything that can be checked without running the product.
check: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

# A Chromium: one that is here already, else Debian's package (as root), else Playwright's own.
browser: dev
	@$(BIN)/python -m tests.chromium

test: check browser
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

# The pictures in docs/, taken by the browser's journey.
screenshots: browser
	SOCIALDESK_SCREENSHOTS=1 $(BIN)/pytest tests/console/test_browser_journey.py tests/console/test_browser_screenshots.py

# The console's sentences, gathered for translation into socialdesk/phrases/*.po.
phrases: dev
	@$(BIN)/python -m socialdesk.phrases.gathering

bench: dev
	@$(BIN)/python -m benchmarks $(ARGS)

# Three quarters of an hour; ARGS="--seeds 0 --lags 2 --engines sqlite" for two minutes of it.
chaos: dev
	@$(BIN)/python -m benchmarks.chaos $(ARGS)

# An hour and more; ARGS="--conversations 3000 --hours 24" for some minutes of it.
week: dev
	@$(BIN)/python -m benchmarks.week --write docs/week.md $(ARGS)

clean:
	rm -rf .venv .tools var
