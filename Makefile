# One way to run things. `make help` lists them.
WORKERS ?= 2
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo replay-2010 test lint fix down clean lock

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: ## Set everything up and load a week through the scheduler (about 10 minutes on two cores; the first time also the download)
	@started=$$(date +%s); scripts/venv.sh requirements.lock; CIQ_DEMO_STARTED_AT=$$started .venv/bin/python -m ciq_demo up

replay-2010: ## Load the whole year 2010 from its files and review it (about an hour, 30 GB; goes on where it stopped)
	@scripts/venv.sh requirements.lock
	@.venv/bin/python -m ciq_demo replay

test: ## Run all tests (ARGS="-k name" for some of them)
	@scripts/venv.sh requirements.lock requirements-production.lock requirements-dev.lock
	@.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

lint: ## Check style, types, SQL, layers and YAML
	@scripts/venv.sh requirements.lock requirements-production.lock requirements-dev.lock
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/yamllint --strict .
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	.venv/bin/sqlfluff lint --processes 2 --disable-progress-bar dbt_project/models

fix: ## Repair what the linters can repair themselves
	@scripts/venv.sh requirements.lock requirements-production.lock requirements-dev.lock
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
	.venv/bin/sqlfluff fix --disable-progress-bar dbt_project/models

down: ## Stop the demo's services; their data stays
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m ciq_demo down; fi

clean: ## Stop the demo and delete its data, the environment and all caches
	@if [ -x .venv/bin/python ]; then .venv/bin/python -m ciq_demo down --delete-data; fi
	rm -rf .ciq .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	rm -rf dbt_project/target dbt_project/logs

lock: ## Resolve the dependencies anew into the lock files (needs uv)
	uv pip compile pyproject.toml --group build $(LOCK) -o requirements.lock
	uv pip compile --group production -c requirements.lock $(LOCK) -o requirements-production.lock
	uv pip compile --group dev -c requirements.lock $(LOCK) -o requirements-dev.lock

LOCK = --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
