# The portal on one machine. All work is done by `python3 -m services`; see docs/operators.md.
PYTHON ?= python3
SERVICES = $(PYTHON) -m services

.DEFAULT_GOAL := help
.PHONY: run start stop status reset test test-soak test-unit lint bench lock help

run: ## start everything in the foreground; Ctrl-C stops it
	@$(SERVICES) run

start: ## start in the background; returns when healthy
	@$(SERVICES) start

stop: ## stop what `make start` started
	@$(SERVICES) stop

status: ## show the parts
	@$(SERVICES) status

reset: ## forget all data (keeps the virtual environment and the jars)
	@$(SERVICES) reset

test: ## run every tier of tests
	@$(SERVICES) test

test-soak: ## kill workers of the harvest at 200 random moments (a quarter of an hour)
	@PORTAL_KILL_SEEDS=200 $(SERVICES) test faults -- -k killed_anywhere

test-unit: ## run the tests that need no services (seconds)
	@$(SERVICES) test unit

lint: ## ruff, pyright, import-linter
	@$(SERVICES) lint

bench: ## benchmarks
	@$(SERVICES) bench

lock: ## write requirements.lock anew from requirements.in
	var/venv/bin/uv pip compile --python-version 3.11 --override config/lock-overrides.txt \
		--generate-hashes --no-header -o requirements.lock requirements.in

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
