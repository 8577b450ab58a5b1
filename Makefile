# Every target does its own set-up: the first one on a fresh machine makes .venv and installs what is pinned.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test soak floor oracle lint docs fuzz fuzz-messages model chaos bench bench-memory bench-redrive bench-backfill bench-audit screenshots up clean constraints

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

$(STAMP): requirements.txt requirements-dev.txt worker/requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "This Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

demo: $(STAMP) ## Run the whole pipeline on this computer with sample pictures; results in build/demo
	$(BIN)/python -m local demo

# By file: what a module shares, such as a stack, is made once. What runs in Lambda is tested in processes as small as there: a picture's
# memory is what they leave. The other tests wait a good part of their time, for queues and browsers: three share two cores, the longest first.
# Compiled modules are kept, or each of hundreds of processes would compile its own.
unexport PYTHONDONTWRITEBYTECODE
BY_FILE := --dist loadfile --no-loadscope-reorder
IN_LAMBDA := tests/worker tests/uploader tests/pager
test: $(STAMP) ## Run the tests; under five minutes on two cores
	$(BIN)/python -m pytest -m "not soak" -n 2 $(BY_FILE) $(IN_LAMBDA)
	$(BIN)/python -m pytest -m "not soak" -n 3 $(BY_FILE) $(IN_LAMBDA:%=--ignore=%)

soak: $(STAMP) ## Run the tests that take long: chaos, floods, kills, memory, each permission taken away; five minutes
	$(BIN)/python -m pytest -m soak -n 3 $(BY_FILE) $(IN_LAMBDA:%=--ignore=%)

FLOOR := build/floor
floor: $(FLOOR)/.installed ## Run the tests of what runs in Lambda with the least that it takes, the oldest SDK and Pillow to resample, and count what they reach
	$(FLOOR)/bin/python -m pytest -q -n 2 --cov --cov-report=term-missing:skip-covered $(IN_LAMBDA)

$(FLOOR)/.installed: $(STAMP)
	$(PYTHON) -m venv $(FLOOR)
	$(FLOOR)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	$(FLOOR)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  $$($(BIN)/python -c 'from worker.process.aws import FLOOR; v = ".".join(map(str, FLOOR)); print(f"botocore=={v} boto3=={v}")') s3transfer==0.10.4
	$(FLOOR)/bin/python -m pip uninstall --quiet --yes cykooz-resizer
	@touch $@

oracle: $(STAMP) ## Compare the renditions of 3,000 drawn files with what Chromium shows of them; minutes; COUNT=300 SEED=7
	$(BIN)/python -m tests.worker.images.pictures.oracle --count $(or $(COUNT),3000) --seed $(or $(SEED),1)

fuzz: $(STAMP) ## Render 6,000 damaged pictures; a few minutes
	$(BIN)/python -m tests.worker.images.pictures.fuzz --count 6000

bench: $(STAMP) $(VENV)/.bench ## Race the worker against sharp, pyvips and the plain way; half an hour; QUICK=1 for a few minutes
	$(BIN)/python -m bench $(if $(QUICK),--quick)

$(VENV)/.bench: requirements-bench.txt constraints.txt $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

bench-memory: $(STAMP) ## Measure the worker's memory, picture by picture; a quarter of an hour
	$(BIN)/python -m bench.memory

model: $(STAMP) ## Walk through 20,000 interleavings of faults of each kind; WALKS=100000 for more
	$(BIN)/python -m tests.worker.reconcile.faults.walk --walks $(or $(WALKS),20000)

chaos: $(STAMP) ## Kill workers, fail requests and change recipes while 2,000 pictures go through; a quarter of an hour; PICTURES=200 KEYS=50 SEED=7 WORKER=plain or EVENTS=eventbridge
	$(BIN)/python -m chaos $(if $(SEED),--seed $(SEED)) $(if $(WORKER),--worker $(WORKER)) $(if $(EVENTS),--events $(EVENTS)) --pictures $(or $(PICTURES),2000) --keys $(or $(KEYS),500)

bench-redrive: $(STAMP) ## Race the redrive of 10,000 dead letters against a plain loop; minutes; LETTERS=1000 for less
	$(BIN)/python -m bench.redrive --letters $(or $(LETTERS),10000)

bench-backfill: $(STAMP) ## Measure the memory of a backfill of 1,000,000 pictures; a minute
	$(BIN)/python -m bench.backfill --pictures $(or $(PICTURES),1000000)

bench-audit: $(STAMP) ## Audit 1,000,000 pictures with 1,000 wounds of five kinds; ten minutes
	$(BIN)/python -m bench.scale.audit --pictures $(or $(PICTURES),1000000)

screenshots: $(STAMP) ## Draw pages for the documentation, with Chromium
	$(BIN)/python -m tests.web.screenshots

fuzz-messages: $(STAMP) ## Draw 5,000 foreign messages, over 6,000 dead letters and 200 configurations; twenty minutes
	$(BIN)/python -m pytest -q --timeout 0 --hypothesis-profile long tests/worker/contracts/foreign \
	  tests/ops/commands/test_foreign_letters.py tests/local/provision/test_request_checks.py

docs: $(STAMP) ## Write the page that is made from the program: docs/configuration.md
	$(BIN)/python -m tests.docs.configuration_page

lint: $(STAMP) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

up: $(STAMP) ## Serve the pipeline and its upload page on this computer until Ctrl-C
	$(BIN)/python -m local up --web

clean: ## Remove everything that the targets made
	rm -rf $(VENV) build .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

constraints: $(STAMP) ## Pin every installed package in constraints.txt
	{ head -1 constraints.txt; $(BIN)/python -m pip freeze --exclude-editable; } > constraints.new && mv constraints.new constraints.txt
