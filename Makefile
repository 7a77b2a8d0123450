# Every target makes what it needs; `make chat` and `make test` are all that a newcomer types.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
READY := $(VENV)/.ready

.PHONY: install lock chat browser test check eval faults bench cluster record screens clean

install: $(READY)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "mundap needs Python 3.11 or later: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) torch==2.13.0
	$(PIP) --require-hashes --no-deps --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(READY)

# Chooses every version anew, keeping those that are locked where it can; `UPGRADE=--upgrade` takes the newest.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'
	build/lock/bin/uv pip compile --quiet $(UPGRADE) pyproject.toml --output-file requirements.lock

chat: $(READY)
	$(BIN)/mundap chat

# The tests of the page need a browser; where none can be installed they are skipped, and say so.
browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	  { command -v apt-get >/dev/null && apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; } || \
	  echo "NO BROWSER: chromium could not be installed; the tests of the page will be skipped." >&2

test: $(READY) browser
	$(BIN)/python -m pytest

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/audit.py

eval: $(READY)
	$(BIN)/python -m eval.run --set samples --gate
	@if [ -d ../shared/articles ]; then $(BIN)/python -m eval.run --set articles --gate; fi

# Does the gate of `make eval` catch faults? Each is put into a copy of the code and should make it fail; about a minute each.
faults: $(READY)
	$(BIN)/python -m eval.mutations

bench: $(READY)
	$(BIN)/mundap bench retrieval
	$(BIN)/mundap bench encoder
	$(BIN)/mundap bench answers

# What needs the extra `cluster`: the tests over Milvus Lite and Ray, and the ranking beside the embedded one's. The extra
# goes into an environment of its own, which sees the packages of this one and leaves them as they are.
cluster: $(READY)
	test -x build/cluster/bin/python || $(PYTHON) -m venv build/cluster
	for name in build/cluster $(VENV); do $$name/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; done | \
	  { read own; read shared; echo "$$(cd "$$shared" && pwd)" > "$$own/mundap.pth"; }
	build/cluster/bin/python -m pip install --quiet --disable-pip-version-check $$($(BIN)/python -c \
	  'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["cluster"])' | tr -d "'")
	build/cluster/bin/python -m pytest -n 0 tests/test_cluster.py tests/test_spread.py
	@if [ -d ../shared/bench ]; then build/cluster/bin/python -m eval.alike; else \
	  echo 'NOT COMPARED: the benchmark is not beside this checkout; see python -m eval.alike.' >&2; fi
	build/cluster/bin/python -m eval.machines

# Writes eval/results, its floors and the README's tables anew: for a version whose figures are meant to change.
record: $(READY)
	$(BIN)/python -m eval.run --set samples --set articles --set blind --record
	for name in retrieval encoder answers; do $(BIN)/python -m eval.bench $$name --record || exit; done
	$(BIN)/python -m eval.readme

# Pictures of the page's main states, for the README and for whoever changes it.
screens: $(READY) browser
	PYTHONPATH=. $(BIN)/python tests/screens.py

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
