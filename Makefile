# Two commands matter: `make p0` and `make test`. Each sets up what it needs; a second run installs nothing.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help p0 gate merge report test check fix provide faults mutate healthy real bench docs lock clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.requirements-installed
# The first of these that is new enough and can make an environment.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

p0: ## Run the P0 gate in both languages, build the report; exit 0 only if every P0 line is proven
	@:

gate: ## Run everything; the exit code is the verdict: 0 Go, 1 No-Go, 2 Incomplete
	@:

# make turns every failure into 2, and says 1 only as its answer to a question (-q). So these two are run while make still
# reads its files, and a No-Go leaves it with that question.
OUTCOME := .cache/outcome.mk
RUN := $(firstword $(filter gate p0,$(MAKECMDGOALS)))
ifdef RUN
ifndef MAKE_RESTARTS
$(shell mkdir -p .cache; : > $(OUTCOME))
$(OUTCOME): provide
	@code=0; $(BIN)/python -m gate run $(if $(filter p0,$(RUN)),--scope p0) $(ARGS) || code=$$?; \
	case $$code in 0) : > $@;; 1) echo 'MAKEFLAGS += -q' > $@;; *) exit $$code;; esac
endif
include $(OUTCOME)
endif

merge: provide ## Make one verdict out of the shards of a run: ARGS="DIR DIR ..."
	@$(BIN)/python -m gate merge $(ARGS)

report: provide ## Build the report and the verdict again from the results of the last run
	@$(BIN)/python -m gate report $(ARGS)

test: provide ## Run the tests of the suite itself
	@$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## Lint, formatting, types, and whether the features are in order
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m gate check

fix: $(READY) ## Put the code in its house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

provide: $(READY) ## Provide a browser and the report tool, where they are missing
	@$(BIN)/python -m gate provide --quiet

faults: provide ## Break the local staging in every catalogued way and see what the gate says; FAULT=name for one
	@$(BIN)/python -m proof.kill_matrix $(FAULT) $(ARGS)

mutate: provide ## Leave out each check of the suite and see whether the faults notice (after make faults ARGS=--whole)
	@$(BIN)/python -m proof.mutation $(ARGS)

healthy: provide ## Run the gate on a healthy local staging again and again, under several conditions
	@$(BIN)/python -m proof.healthy $(ARGS)

real: provide ## Build the real oauth2-proxy, kube-apiserver and etcd (needs Go) and run the gate on them
	@$(BIN)/python -m proof.real $(ARGS)

bench: provide ## Measure what the gate itself costs, into docs/performance.md; ARGS=waits for one item
	@$(BIN)/python -m bench $(ARGS)

docs: $(READY) ## Make the generated pages of docs/ anew
	@$(BIN)/python -m proof.pages

lock: $(READY) ## Lock the requirements anew, with hashes, after a change of requirements.in or package.json
	@$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes requirements-npm.in -o requirements-npm.txt
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved

clean: ## Remove what runs and set-up left: reports, caches, the environment
	rm -rf reports .cache node_modules $(VENV) .mypy_cache .ruff_cache .pytest_cache

$(READY): requirements.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer with venv is needed (Debian/Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; fi
	@test -x $(BIN)/python || { echo "Making $(VENV) with $(PYTHON)"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing requirements.txt"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt || { \
		echo "The requirements could not be installed: see the message above; is the package index reachable?" >&2; exit 1; }
	@touch $@
