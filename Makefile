# Works from a fresh clone with make and Python >= 3.11. PYTHON=... picks another interpreter, VENV=... another folder.
VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := $(VENV)/bin
FUZZ_SECONDS ?= 600
SOURCES := datacheck tests sample_data

.PHONY: help demo test lint format bench fuzz clean
.DEFAULT_GOAL := help

help:
	@echo "make demo    make $(VENV), install datacheck, scan sample_data/"
	@echo "make test    everything that must pass: ruff, mypy, the rules' own tests, pytest"
	@echo "make lint    ruff and mypy only"
	@echo "make format  let ruff write the format"
	@echo "make bench   time and memory against pycocotools (needs 3 GB of disk and about half an hour)"
	@echo "make fuzz    coverage-guided fuzzing of the RLE and JSON readers (FUZZ_SECONDS=600)"
	@echo "make clean   remove $(VENV), .bench and caches"

# The stamps say which pyproject.toml the environment was made for.
$(VENV)/.made:
	@test -n "$(PYTHON)" || { echo "datacheck needs Python 3.11 or later; none was found. Name one: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.demo

# sample_data/ is full of planted faults, so the scan exits 1 by design; only an exit of 2 or more is a failure.
demo: $(VENV)/.demo
	@echo '$$ datacheck scan sample_data --verbose --max-per-rule 2 --output-format full'
	@$(BIN)/datacheck scan sample_data --verbose --max-per-rule 2 --output-format full; status=$$?; \
	if [ $$status -le 1 ]; then echo; echo "(datacheck exited $$status: the faults in sample_data are planted, see sample_data/README.md)"; \
	else exit $$status; fi

lint: $(VENV)/.dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

test: lint
	$(BIN)/datacheck rules test
	$(BIN)/python -m pytest

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench.bench_scan $(BENCH)
	$(BIN)/python -m tests.bench.bench_rle
	$(BIN)/python -m tests.bench.bench_masks

fuzz: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS)

clean:
	rm -rf $(VENV) .bench .fuzz .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
