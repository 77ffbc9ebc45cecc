# Everything a developer does, by name. `make demo` and `make test` set up what they need.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
SOURCES := luvcolor kernels plugins benchmarks tests
PHOTOGRAPHS := astronaut.png coffee.png chelsea.png rocket.jpg motorcycle_left.png

.PHONY: demo test lint format bench quality systems report gpu-check docs graphs wheel clean

demo: .venv/installed
	@mkdir -p demo
	@$(BIN)/luvcolor gray \
	    $$($(BIN)/python -c 'from pathlib import Path; import skimage; \
	        data = Path(skimage.__file__).parent / "data"; \
	        print(*(data / name for name in "$(PHOTOGRAPHS)".split() if (data / name).exists()))') \
	    ! colorize ! compare --columns gray,colorize,original -o demo/sheet.png --force
	@echo "The sheet (gray, colorized, true) is in $(CURDIR)/demo/sheet.png"

test: .venv/installed
	$(BIN)/pytest

lint: .venv/installed
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy

format: .venv/installed
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

bench: .venv/installed-bench
	@mkdir -p .benchmarks
	OMP_WAIT_POLICY=passive $(BIN)/pytest benchmarks -o python_files='bench_*.py' \
	    -o python_functions='bench_*' --ignore-glob='*/bench_gpu_*' \
	    --benchmark-json=.benchmarks/raw.json
	$(BIN)/python benchmarks/report.py .benchmarks/raw.json benchmarks/results/cpu.json

# Measures models on pictures that were not trained on; see benchmarks/quality.py.
PHOTOGRAPHS_WITH_TRUTH ?= bsds500-trainval.tar
PLATES ?= historical
MODELS ?= default
quality: .venv/installed
	PYTHONPATH=. $(BIN)/python benchmarks/quality.py --photographs $(PHOTOGRAPHS_WITH_TRUTH) \
	    --plates $(PLATES) $(addprefix -m ,$(MODELS))

# Measures every system on the same pictures; see benchmarks/systems.py.
systems: .venv/installed
	PYTHONPATH=. $(BIN)/python benchmarks/systems.py --photographs $(PHOTOGRAPHS_WITH_TRUTH) \
	    $(addprefix -m ,$(MODELS))

# Trains the report's four models on the horses of CIFAR-10; see benchmarks/experiment.py.
HORSES ?= cifar10-horse-32px.tar
report: .venv/installed
	PYTHONPATH=. $(BIN)/python benchmarks/experiment.py --horses $(HORSES)

# On a machine with a GPU: tests, compute-sanitizer and benchmarks there, in ten minutes at most.
# Needs no install, only what benchmarks/gpu_check.py names.
gpu-check:
	PYTHONPATH=.:kernels:plugins $(PYTHON) benchmarks/gpu_check.py

docs: .venv/installed
	$(BIN)/python docs/generate.py

# After a change to the weights that ship, or to their model: the graphs beside them anew.
graphs: .venv/installed
	for weights in luvcolor/weights/*.safetensors; do \
	    $(BIN)/luvcolor export $$weights --beside --force || exit 1; done

wheel: .venv/installed
	rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist

clean:
	rm -rf .venv dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(INSTALL) -e '.[test,lint,proof]'
	@touch $@

.venv/installed-bench: .venv/installed
	$(INSTALL) -e '.[bench]'
	@touch $@
