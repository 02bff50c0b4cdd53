# Each target works alone on a fresh clone that has Python 3.11 or later, pip, git and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || command -v python)
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
ARGS ?=

# Tests run in as many processes as there are processors; ARGS="-n 0" lets them run in one.
AT_ONCE := --numprocesses auto --dist worksteal
SLOW := abuse or browser or docs or faults or slow_install

# They start hundreds of short processes, which need not compile their modules anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-slow test-long test-ray test-torch test-extras install install-dev lint typecheck docs bench benchmark fuzz clean

run: install ## Evolve an algorithm with the preset quick; ARGS="--seed 1" adds options
	$(BIN)/synth run $(ARGS)

test: install ## Run the tests; ARGS="-k name" adds options
	$(BIN)/python -m pytest $(AT_ONCE) $(ARGS)

test-slow: install-dev ## Run the tests that `make test` leaves out, each by its marker; without Chromium, some
	$(BIN)/python -m pytest $(AT_ONCE) -m "$(SLOW)" $(ARGS)

test-long: install-dev ## Run what takes too long for each change: all examples of properties, a hundred kills, an hour
	$(BIN)/python -m pytest $(AT_ONCE) --hypothesis-profile thorough -m "hypothesis or long or (faults and long)" $(ARGS)

test-ray: install-dev ## Run the tests on Ray clusters, which start on loopback and end; installs Ray
	$(PIP_INSTALL) --editable '.[ray,scale]'
	$(BIN)/python -m pytest -m ray tests/search/executors tests/commands/test_cluster.py $(ARGS)

test-torch: install-dev ## Run the tests of exports on torch tensors; installs torch
	$(PIP_INSTALL) --editable '.[torch]'
	$(BIN)/python -m pytest -m torch tests/standalone $(ARGS)

test-extras: install-dev ## Run the tests of logging with other tools; installs TensorBoard, Weights & Biases and MLflow
	$(PIP_INSTALL) --editable '.[extras]'
	$(BIN)/python -m pytest -m extras tests/runs tests/test_docs.py $(ARGS)

install: $(VENV)/.installed

install-dev: $(VENV)/.installed-dev

lint: install-dev ## Style, and which way imports go
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

typecheck: install-dev ## Types, the tests' too; in synth also of what runs on other systems alone
	$(BIN)/mypy
	$(BIN)/mypy --platform darwin --no-warn-unreachable --cache-dir .mypy_cache/darwin --package synth
	$(BIN)/mypy --platform win32 --no-warn-unreachable --cache-dir .mypy_cache/win32 --package synth

docs: install-dev ## Build the documentation in build/docs; every link must lead somewhere
	$(BIN)/python docs/generate.py --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: install ## What this machine does: train steps, candidates a second, compile times
	$(BIN)/synth bench $(ARGS)

benchmark: install-dev ## The benchmark suite
	$(BIN)/python -m pytest benchmarks $(ARGS)

fuzz: install-dev ## Fuzz what reads input, a minute each; ARGS="config -max_total_time=600" chooses
	$(PIP_INSTALL) --editable '.[fuzz]'
	$(BIN)/python fuzz/run.py $(ARGS)

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "synth needs Python 3.11 or later; make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[test]'
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev,docs]'
	touch $@ $(VENV)/.installed
