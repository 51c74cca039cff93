# make help says what there is. Needs python3 >= 3.11 with venv, and nothing else; all it installs goes into .venv.
SHELL := /bin/sh
.DEFAULT_GOAL := help
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
export PYTHONNOUSERSITE := 1
unexport PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV

WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' 2>/dev/null)

.PHONY: help run test check check-server check-web bench torture lock clean install install-dev web web-types browser screenshots

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-16s %s\n", $$1, $$2}'

run: install ## set up what is missing, then serve the sample programme on http://127.0.0.1:$PORT (8000)
	@$(MAKE) --no-print-directory web || \
	  echo "dudao: 网页端未能构建,其余可用 / the web client could not be built; everything else works" >&2
	@DUDAO_LOG_LEVEL="$${DUDAO_LOG_LEVEL:-WARNING}" exec $(BIN)/python -m server.run

test: install-dev web browser ## every test, on SQLite and on PostgreSQL, and in a real browser
	@web/node.sh npm test
	@$(BIN)/python -m pytest

# Debian's Chromium, and a font for Chinese, without which pages have no words. Where there is one without windows, that:
# it draws a page with less work.
browser:
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
	  command -v google-chrome >/dev/null || { \
	  echo "dudao: 正在安装浏览器 / installing a browser for the tests" && \
	  get="apt-get install -y -qq --no-install-recommends fonts-noto-cjk" && \
	  { $$get chromium-headless-shell >/dev/null 2>&1 || $$get chromium >/dev/null 2>&1 || \
	    { apt-get update -qq && { $$get chromium-headless-shell >/dev/null 2>&1 || $$get chromium >/dev/null; }; } || \
	    { echo "dudao: needs Chromium for its browser tests (apt install chromium fonts-noto-cjk)" >&2; exit 1; }; }; }

check: install-dev web/node_modules/.made ## lint, types, who may import whom, unused code, spelling, models against migrations
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-web check-server

check-server: install-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture
	$(BIN)/codespell
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  export DUDAO_ENV=development DUDAO_DATA_DIR="$$folder" DUDAO_UPLOADS_DIR="$$folder/uploads" DUDAO_LOG_LEVEL=WARNING && \
	  $(BIN)/python -m flask --app server db upgrade && $(BIN)/python -m flask --app server db check

check-web: install-dev web/node_modules/.made
	web/node.sh npm run --silent check
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  export DUDAO_ENV=development DUDAO_DATA_DIR="$$folder" DUDAO_UPLOADS_DIR="$$folder/uploads" DUDAO_LOG_LEVEL=WARNING && \
	  $(BIN)/python -m flask --app server openapi > "$$folder/openapi.json" && \
	  DUDAO_SPEC="$$folder/openapi.json" DUDAO_TYPES="$$folder/wire.d.ts" web/node.sh npm run --silent types && \
	  diff -u web/src/kit/wire.d.ts "$$folder/wire.d.ts" || \
	  { echo "web/src/kit/wire.d.ts is not what the server says: make web-types" >&2; exit 1; }

web-types: install web/node_modules/.made ## make the web client's types anew from the interface
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  export DUDAO_ENV=development DUDAO_DATA_DIR="$$folder" DUDAO_UPLOADS_DIR="$$folder/uploads" DUDAO_LOG_LEVEL=WARNING && \
	  $(BIN)/python -m flask --app server openapi > "$$folder/openapi.json" && \
	  DUDAO_SPEC="$$folder/openapi.json" web/node.sh npm run --silent types

web: install web/dist/.made ## build the web client

screenshots: install-dev web browser ## every page at a phone's and a desk's size, in both languages, in var/screenshots
	@$(BIN)/python -m tests.browser.screenshots

bench: install-dev web browser ## load and scale programs; figures go to bench/README.md
	@for program in images ingest likeness seen_before lists phone_page slow_phones weekly weekly_workbook weekly_paper weekly_intake exports; do \
	  echo "== $$program"; $(BIN)/python -m "bench.$$program" || exit 1; done

torture: install-dev ## every cut, kill, race and odd request in full (long)
	@$(BIN)/python -m pytest -n 0 --torture tests/torture tests/contract

lock: ## make requirements.txt and requirements-dev.txt from the .in files (needs uv)
	UV_PYTHON_DOWNLOADS=never uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url requirements-dev.in -o requirements-dev.txt
	UV_PYTHON_DOWNLOADS=never uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-emit-index-url -c requirements-dev.txt requirements.in -o requirements.txt

clean: ## remove the virtual environment and caches; data in var/ and uploads/ stays
	rm -rf web/node_modules web/dist .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

install: .venv/made
	@cmp -s requirements.txt .venv/requirements.txt || { \
	  echo "dudao: 正在安装依赖 / installing what requirements.txt names" && \
	  $(PIP) install --quiet --quiet --no-user --require-hashes -r requirements.txt && \
	  cp requirements.txt .venv/requirements.txt; }

install-dev: install
	@cmp -s requirements-dev.txt .venv/requirements-dev.txt || { \
	  echo "dudao: 正在安装测试工具 / installing what requirements-dev.txt names" && \
	  $(PIP) install --quiet --quiet --no-user --require-hashes -r requirements-dev.txt && \
	  cp requirements-dev.txt .venv/requirements-dev.txt; }

web/node_modules/.made: web/package-lock.json web/node.sh | install
	@echo "dudao: 正在安装网页端所需 / installing what the web client needs"
	@said=$$(web/node.sh npm ci --no-audit --no-fund --loglevel=error 2>&1) || { echo "$$said" >&2; exit 1; }; touch $@

web/dist/.made: web/node_modules/.made $(WEB_SOURCES)
	@echo "dudao: 正在构建网页端 / building the web client"
	@said=$$(web/node.sh npm run --silent build 2>&1) || { echo "$$said" >&2; exit 1; }; touch $@

# The newest python3 that is here, from 3.11 on.
.venv/made:
	@python=; for name in python3 python3.13 python3.12 python3.11; do \
	  if command -v $$name >/dev/null && $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then python=$$name; break; fi; \
	done; \
	[ -n "$$python" ] || { echo "dudao: needs python3 >= 3.11" >&2; exit 1; }; \
	$$python -m venv .venv || { rm -rf .venv; echo "dudao: python3-venv is missing (apt install python3-venv)" >&2; exit 1; }; \
	touch .venv/made
