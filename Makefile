.DEFAULT_GOAL := help
.PHONY: help run test lint bench lock

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## everything at http://127.0.0.1:8000 (PORT=8001 make run: elsewhere); Ctrl-C ends it
	@./run

test: ## every check and every test
	@./test

lint: ## the checks without the tests
	@./lint

bench: ## the benchmarks, as tables
	@.venv/bin/python manage.py with_database .venv/bin/python -m bench

LOCK := uv pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock: ## pin the newest packages that requirements*.in allow (needs uv and a network)
	$(LOCK) --upgrade --output-file requirements.txt requirements.in
	$(LOCK) --upgrade --constraint requirements.txt --output-file requirements-dev.txt requirements-dev.in
