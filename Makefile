# SPDX-License-Identifier: Apache-2.0
# make demo and make test do all their own set-up on a fresh Debian or Ubuntu. PYTHON and CXX choose the interpreter
# and the compiler; FUZZ_SECONDS is how long each fuzzer runs.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo stream test test-full bench format lint clean setup-demo setup-test package-demo package-test \
        package-stream package-spark \
        dev guards sanitize fuzz python stream-test faults release clang eigen5 dist
export PATH := $(CURDIR)/.venv/bin:$(PATH)

FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.cpp,%,$(wildcard tests/fuzz/fuzz_*.cpp))
CXX_FILES := find include tests examples benchmarks python -name '*.hpp' -o -name '*.cpp'
FORMATTERS := clang-format==21.1.8 ruff # one version of clang-format everywhere: each formats differently
PYTHON_FILES := $(wildcard python tests examples benchmarks)
LIBFUZZER := build/sanitize/CMakeCache.txt # says whether the fuzz targets are linked with libFuzzer

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: package-demo ## Set up, build the Python package and run the workshop demo
	@.venv/bin/python examples/workshop/demo.py

stream: package-$(if $(filter spark,$(ENGINE)),spark,stream) ## Set up, start Kafka, an engine and enforcement, play a scenario
	@ENGINE='$(ENGINE)' SCENARIO='$(SCENARIO)' OPENING='$(OPENING)' POLICY='$(POLICY)' KAFKA_BROKERS='$(KAFKA_BROKERS)' \
	    .venv/bin/python examples/workshop/stream.py

# The unit tests run once, under the sanitizers; the wheel, which the Python tests run on, is the other compiler's build.
test: setup-test guards sanitize fuzz python stream-test ## Set up and run every check that a change must pass
	@if grep -qs 'MARGINCORE_HAS_LIBFUZZER:INTERNAL=1' $(LIBFUZZER); \
	then fuzz="$(words $(FUZZERS)) fuzzers for $(FUZZ_SECONDS) s each"; \
	else fuzz="fuzz corpora replayed (no libFuzzer here)"; fi; \
	echo "make test: passed: guards, C++ tests under sanitizers, $$fuzz, Python tests, stubs, types, style, streams"

test-full: FUZZ_SECONDS = 300
test-full: export MARGINCORE_ALL_ROWS = 1
test-full: test faults dev release clang eigen5 dist bench ## As test, with every preset, Eigen 5, long fuzzing, wheel, benchmarks
	@echo "make test-full: passed"

bench: package-test ## Build and run the benchmarks
	@.venv/bin/python -m pip --disable-pip-version-check -q install "$$(echo build/wheel/*.whl)[bench]" || \
	    echo "-- what to compare with could not be installed: left out"
	@cmake --workflow --preset bench
	@for file in $(wildcard benchmarks/[a-z]*.py); do echo "-- $$file"; .venv/bin/python $$file; done

format: setup-test ## Format the C++ and the Python sources
	@.venv/bin/python -m pip --disable-pip-version-check -q install $(FORMATTERS)
	@$(CXX_FILES) | xargs .venv/bin/clang-format -i
	@.venv/bin/ruff check --quiet --fix $(PYTHON_FILES) || true
	@.venv/bin/ruff format $(PYTHON_FILES)

lint: setup-test ## clang-tidy on every header, formats, ruff and the layers
	@cmake --preset clang >/dev/null && cmake --build --preset clang --target all_verify_interface_header_sets
	@run-clang-tidy -quiet -p build/clang 'verify_interface_header_sets'
	@python3 tests/guards/layers.py .
	@.venv/bin/python -m pip --disable-pip-version-check -q install $(FORMATTERS)
	@$(CXX_FILES) | xargs .venv/bin/clang-format --dry-run -Werror
	@.venv/bin/ruff check $(PYTHON_FILES) && .venv/bin/ruff format --check $(PYTHON_FILES)

clean: ## Remove everything that was built or installed here
	@rm -rf build dist .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache

# --- steps of the above ----------------------------------------------------------------------------------------------

setup-demo setup-test: setup-%:
	@./setup.sh $*

package-demo package-test package-stream package-spark: package-%: # sets up what it needs itself
	@./setup.sh install $*

dev guards release: setup-test
	@echo "-- preset $@"
	@cmake --workflow --preset $@

clang: setup-test
	@command -v clang++ >/dev/null || { echo "-- preset clang: no clang++ here, left out"; exit 0; }; \
	echo "-- preset clang"; env -u CXX cmake --workflow --preset clang

# With clang where it brings libFuzzer, else with the compiler at hand. A build folder of the other compiler is removed.
sanitize: setup-test
	@cxx=$${CXX:-}; \
	if echo 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }' | \
	    clang++ -fsanitize=fuzzer,address,undefined -x c++ -o /dev/null - 2>/dev/null; then cxx=clang++; fi; \
	echo "-- preset sanitize, with $${cxx:-the default compiler}"; \
	if [ "$$cxx" = clang++ ] && [ -f $(LIBFUZZER) ] && ! grep -q 'CMAKE_CXX_COMPILER:.*clang' $(LIBFUZZER); then \
	    rm -rf build/sanitize; fi; \
	$${cxx:+env CXX=$$cxx} cmake --workflow --preset sanitize

fuzz: sanitize ## Fuzz each target for FUZZ_SECONDS
	@grep -qs 'MARGINCORE_HAS_LIBFUZZER:INTERNAL=1' $(LIBFUZZER) || exit 0; \
	pids=(); for name in $(FUZZERS); do \
	    echo "-- fuzzing $$name for $(FUZZ_SECONDS) s; log and finds in build/sanitize/finds/$$name"; \
	    mkdir -p build/sanitize/finds/$$name/corpus; \
	    build/sanitize/tests/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 \
	        -dict=tests/fuzz/$$name.dict -artifact_prefix=build/sanitize/finds/$$name/ \
	        build/sanitize/finds/$$name/corpus tests/fuzz/corpus/$$name >build/sanitize/finds/$$name/log 2>&1 & \
	    pids+=($$!); \
	done; \
	failed=0; i=0; for name in $(FUZZERS); do \
	    wait $${pids[$$i]} || { failed=1; tail -40 build/sanitize/finds/$$name/log; }; i=$$((i + 1)); \
	    grep -h '^Done' build/sanitize/finds/$$name/log || true; \
	done; exit $$failed

python: package-test
	@echo "-- Python: tests, stubs, types, style"
	@.venv/bin/python -m pytest -q tests/python
	@.venv/bin/python -m mypy.stubtest margincore._core margincore._pricing_baseline
	@.venv/bin/python -m mypy
	@.venv/bin/ruff check $(PYTHON_FILES)
	@.venv/bin/ruff format --check $(PYTHON_FILES)

stream-test: package-test package-spark ## Test the streams against a real broker, which Maven downloads, and Spark
	@echo "-- streams: tools, service, enforcement; Spark; faults in their short form"
	@.venv/bin/python -m pytest -q tests/stream
	@.venv/bin/python -m pytest -q tests/spark
	@.venv/bin/python -m pytest -q tests/faults

faults: package-test package-spark ## Kill, fill, cut off and mislead the streams for half an hour
	@.venv/bin/python -m pytest -q tests/faults --full

# Left out, with a word, where the download does not come; every other failure is one.
eigen5: setup-test
	@echo "-- preset eigen5"; mkdir -p build; \
	if ! cmake --preset eigen5 $(EIGEN5_OPTIONS) >build/eigen5.log 2>&1; then \
	    grep -qiE 'download' build/eigen5.log || { cat build/eigen5.log; exit 1; }; \
	    echo "-- preset eigen5: Eigen 5 could not be downloaded, left out"; exit 0; fi; \
	cmake --build --preset eigen5 && ctest --preset eigen5

# As a package index would get them: each in an environment of its own, with the build tools that it asks for.
dist: package-test
	@echo "-- source distribution and wheel"; rm -rf build/dist; mkdir -p build/dist; \
	.venv/bin/python -m pip --disable-pip-version-check -q install build; \
	.venv/bin/python -m build --outdir build/dist . >build/dist/log 2>&1 || { cat build/dist/log; exit 1; }; \
	MARGINCORE_WHEEL=$$(echo build/dist/*.whl) .venv/bin/python -m pytest -q tests/python/test_wheel.py; \
	ls build/dist/*.tar.gz build/dist/*.whl
