# Every target makes what it needs from a plain python3: a virtual environment in .venv, then the extras it asks for.
PYTHON ?= python3
BIN := .venv/bin
DEMO := build/demo
E2E := build/e2e
COMPARE := build/compare
COMPARED := $(BIN)/python -m tests.eval.compare
PAPERS ?= $(TEST_DATA)/recordings/abstracts.jsonl
N ?= 24
LAYOUT ?= bullets

.PHONY: help demo test coverage unit lint docs e2e eval compare faults simulation ray scale bench clean

help: ## this list
	@grep -E '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/local: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local]'
	touch $@

.venv/dev: .venv/local
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local,dev]'
	touch $@

.venv/ray: .venv/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[local,dev,ray]'
	touch $@

demo: .venv/local ## a bundled day, written by the embedded model into build/demo: no key, no network
	rm -rf $(DEMO)
	PIPELINE_OUTPUT_DIR=$(DEMO) PIPELINE_STATE_DIR=$(DEMO)/.pipeline \
	  $(BIN)/pipeline run --sample --limit 5 --layout sections --layout easy || test $$? -eq 3 # 3: some are held back
	$(BIN)/pipeline check --strict $(DEMO)
	@for file in $(DEMO)/*/2024/08/22.md; do echo; echo "== $$file"; $(BIN)/python -m rich.syntax --wrap --background-color default $$file; done
	@echo; echo "== Where each sentence comes from: pipeline show 2408.11318"
	@PIPELINE_OUTPUT_DIR=$(DEMO) $(BIN)/pipeline show 2408.11318
	@echo; echo "The files, each with its provenance beside it:"; ls $(DEMO)/*/2024/08/*
	@echo; echo "== The site"
	@PIPELINE_OUTPUT_DIR=$(DEMO) $(BIN)/pipeline site build
	@echo "Open $(DEMO)/site/index.html, or run: PIPELINE_OUTPUT_DIR=$(DEMO) $(BIN)/pipeline site serve"

test: .venv/dev ## all tests; those on recorded data need TEST_DATA
	$(BIN)/python -m pytest -n 3 --dist worksteal

coverage: .venv/dev ## all tests, and which lines of pipeline/ they run
	$(BIN)/python -m pytest -n 3 --dist worksteal --cov --cov-report=term

unit: .venv/dev ## the tests that need no process and no socket: the inner loop
	$(BIN)/python -m pytest -q -n 2 tests/unit

lint: .venv/dev ## ruff, mypy --strict, the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: .venv/dev ## the generated parts of the pages: settings, rules, figures of a cluster
	$(BIN)/python -m tests.support.pages

e2e: .venv/dev ## two whole recorded days with the embedded writer (needs TEST_DATA)
	$(BIN)/python -m tests.eval.e2e $(E2E)

eval: .venv/dev ## quality: what the embedded writer can print, what verification finds, what a night costs (needs TEST_DATA)
	$(BIN)/python -m tests.eval.embedded
	$(BIN)/python -m tests.eval.verification
	$(BIN)/python -m tests.eval.honest
	nice -n 19 $(BIN)/python -m tests.eval.hostile
	$(BIN)/python -m tests.eval.second_reader
	$(BIN)/python -m tests.eval.unreliable
	$(BIN)/python -m tests.eval.cost

compare: .venv/dev ## ours and a plain prompt, judged blind; needs an endpoint; PAPERS=FILE N=24 LAYOUT=bullets TEXTS=FOLDER
	rm -rf $(COMPARE)
	$(COMPARED) choose $(PAPERS) $(COMPARE)/papers.jsonl -n $(N) $(TEXTS:%=--texts %)
	$(COMPARED) ours $(COMPARE)/papers.jsonl $(COMPARE)/ours --layout $(LAYOUT) $(TEXTS:%=--texts %)
	$(COMPARED) plain $(COMPARE)/papers.jsonl $(COMPARE)/plain
	$(COMPARED) packets $(COMPARE)/papers.jsonl $(COMPARE)/ours/digest.md $(COMPARE)/plain $(COMPARE)/judged
	$(COMPARED) judge $(COMPARE)/judged
	$(COMPARED) score $(COMPARE)/judged

faults: .venv/dev ## nights among servers that misbehave, signals, other processes: nothing lost, corrupted or paid twice
	$(BIN)/python -m tests.faults

simulation: .venv/dev ## thirty nights with random faults, three times over: every paper printed or named at the end (minutes)
	$(BIN)/python -m tests.faults.simulation

ray: .venv/ray ## backfills over a local Ray cluster whose drivers, workers and nodes are killed (minutes)
	$(BIN)/python -m pytest tests/system/test_cluster.py tests/system/ray

scale: .venv/dev ## what 50,000 to 2.5 million papers come to, from what was measured
	$(BIN)/python -m tests.bench.scale

bench: .venv/dev ## speed, memory, size and tokens, as measured here, into build/bench.json; BENCH=night: only that part
	$(BIN)/python -m tests.bench $(BENCH)

clean: ## remove what the other targets made
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
