# Every target installs what it needs first; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
SOURCES := plugins dags demo tests benchmarks
# A worker that dies ends the run: pytest-xdist would give its test to the next one, and may then wait for ever.
WORKERS := --numprocesses 2 --dist loadfile --no-loadscope-reorder --max-worker-restart 0

.PHONY: help demo ui test lint format bench requirements schema rules pictures clean stack

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## Check the sample companies end to end and start one integration (no server needed)
	@scripts/bootstrap.sh
	@$(BIN)/python -m demo.run

ui: ## The same in a running Airflow with its web pages; Ctrl-C stops it
	@scripts/bootstrap.sh
	@exec $(BIN)/python -m demo.ui

test: ## Install what tests need, then lint, type-check and run every test
	@scripts/bootstrap.sh --tests
	@$(MAKE) --no-print-directory check-style
	$(BIN)/python -m pytest $(WORKERS) $(PYTEST_ARGS)

lint: ## Style and types only
	@scripts/bootstrap.sh --tests
	@$(MAKE) --no-print-directory check-style

.PHONY: check-style
check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/lint-imports >/dev/null || $(BIN)/lint-imports

format: ## Rewrite the sources in the house style
	@scripts/bootstrap.sh --tests
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: ## Measure against simpler programs and other tools (SIZES="10000 100000", ONLY=judging,peers for less)
	@scripts/bootstrap.sh --bench
	$(BIN)/python -m benchmarks $(if $(SIZES),--sizes $(SIZES)) $(if $(ONLY),--only $(ONLY)) $(BENCH_ARGS)

stack: ## Run the production stack's services without containers (needs Debian's redis-server)
	@scripts/bootstrap.sh --tests
	$(BIN)/python -m tests.support.production_stack

requirements: ## Pin every package again (requirements*.txt) from pyproject.toml
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header pyproject.toml -o requirements.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --group dev \
		-c requirements.txt -o requirements-dev.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --group bench \
		-c requirements.txt -o requirements-bench.txt
	uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --group peers -o requirements-peers.txt

schema: ## Write the JSON schemas of tenants/ again from the models
	$(BIN)/python -m presync.decisions.json_schemas tenants

rules: ## Write the suites again from expectations/source, and from them their baseline and the tables of docs/rules.md
	$(BIN)/python -m presync.rules.write_suites
	$(BIN)/python -m presync.rules.docs_page

pictures: ## Take a picture of each kind of page of the demo's report (LANGUAGE=fi), for those who read a translation
	@scripts/bootstrap.sh --tests
	@$(BIN)/python -m tests.support.pictures $(LANGUAGE)

clean: ## Remove the sample companies and their reports (data/demo, data/ui, data/fixes-demo), nothing else
	rm -rf data/demo data/ui data/fixes-demo
