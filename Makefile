# make          builds bin/gollum
# make run      builds, fetches a small model if models/ holds none, serves on 127.0.0.1:8080
# make test     everything CI runs
CARGO  ?= cargo
PYTHON ?= python3
NPM    ?= npm
MODELS ?= $(or $(GOLLUM_TEST_MODELS),models)
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV   := .venv
# GPU support, some 100 s of one core to build: where there is a GPU, or by GPU=1 and GPU=0.
GPU    ?= $(shell scripts/has_gpu.sh && echo 1)

.PHONY: all page build run test lint test-page test-rust test-gpu test-http test-browser test-models test-arm check-mac clean

all: build

page:
	@NPM="$(NPM)" scripts/build_page.sh

build: page
	$(CARGO) build --release --package gollum $(if $(filter 1,$(GPU)),--features gpu)
	@mkdir -p bin
	@install -m 755 $(TARGET)/release/gollum bin/gollum.new && mv -f bin/gollum.new bin/gollum
	@echo "built bin/gollum"

run: build
	@$(PYTHON) scripts/fetch_models.py --if-empty --to models || \
	  echo "no model could be fetched: the toy model answers. Put a .gguf file into models/ for a real one."
	@exec bin/gollum serve $(ARGS)

# In the order in which a mistake shows soonest.
test: page lint test-models test-rust test-gpu test-http test-page test-browser check-mac test-arm
	@echo "make test: all of it passed"

lint:
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets --features gollum/gpu --quiet -- -D warnings

# Tests that need a real model say `skipped: ...` where it is not there.
test-models:
	@$(PYTHON) scripts/fetch_models.py --to $(MODELS) smollm2 gemma3 minilm || \
	  echo "skipped: tests on the models above, which could not be had"

test-rust:
	GOLLUM_TEST_MODELS=$(abspath $(MODELS)) $(CARGO) test --workspace --exclude gollum-backend-gpu --no-fail-fast

# On a GPU, or a software Vulkan driver; skipped without either.
test-gpu:
	@GOLLUM_TEST_MODELS=$(abspath $(MODELS)) scripts/test_gpu.sh

$(VENV)/done: tests/http/requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r tests/http/requirements.txt
	@touch $@

# What a GPU answers is tested by test-gpu.
test-http: build $(VENV)/done
	GOLLUM_DEVICE=cpu GOLLUM_TEST_MODELS=$(abspath $(MODELS)) $(VENV)/bin/python -m pytest -q -rs tests/http

# The page's types and its parts that need no browser.
test-page: page
	@if [ -d ui/node_modules ]; then cd ui && "$(NPM)" run --silent check && "$(NPM)" test --silent; \
	  else echo "skipped: tests of the page's parts: there is no Node.js"; fi

test-browser: build
	@GOLLUM_DEVICE=cpu GOLLUM_TEST_MODELS=$(abspath $(MODELS)) scripts/test_browser.sh

check-mac:
	@scripts/check_mac.sh

test-arm:
	@scripts/test_arm.sh

clean:
	$(CARGO) clean
	rm -rf bin $(VENV) node_modules tests/browser/node_modules tests/http/clients/npm/node_modules ui/node_modules crates/server/ui/dist
