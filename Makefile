# lrlab with one command. Needs make and Python 3.11 or newer; everything else goes into .venv, beside this file.

VENV := .venv
PY := $(VENV)/bin/python
LAB := $(VENV)/.installed-lab
TEST := $(VENV)/.installed-test
BENCH := $(VENV)/.installed-bench

# A virtual environment knows its folder and its Python by path. If the folder was moved or the Python removed,
# forget the stamps, so that the environment is made again.
$(shell [ "$$(cat $(VENV)/.folder 2>/dev/null)" = "$(CURDIR)" ] && $(PY) -c "" 2>/dev/null || rm -f $(LAB) $(TEST) $(BENCH))

.PHONY: help lab present test soak pythons bench docs links pictures lock clean

help:
	@echo 'make lab    open the lessons in JupyterLab; the first time installs what it needs (about 2 GB)'
	@echo '            make lab ARGS="--no-browser --port 8901" passes options on (.venv/bin/lrlab lab --help)'
	@echo 'make present ARGS=01'
	@echo '            shows a lesson as a page without code'
	@echo 'make test   check style, types and behaviour; make test PYTEST_ARGS="-k plateau" passes options on,'
	@echo '            and PYTEST_ARGS="-n 0" runs one test after another'
	@echo 'make docs   build the site: docs/_build/html/index.html (some minutes: the lessons are run for their pictures)'
	@echo 'make links  ask each link of the site to another one whether it is there; needs the internet'
	@echo 'make soak   what takes too long for every day: the plateau rule against Keras on 100,000 traces, and'
	@echo '            an hour of a random user of all labs, in a browser'
	@echo 'make pythons'
	@echo '            the same results in each Python from 3.11 to 3.13 that is on this machine'
	@echo 'make bench  measure everything beside its peers and write docs/benchmarks.md (25 minutes on a quiet machine);'
	@echo '            make bench ARGS=--quick is a look at all of it, ARGS="--only engine" at one benchmark'
	@echo 'make pictures'
	@echo '            takes the pictures in docs/pictures/ again, from the labs and the first lesson in a browser'
	@echo 'make lock   write constraints.txt again from pyproject.toml; ARGS=--upgrade takes the newest versions'
	@echo 'make clean  remove .venv, caches and whatever else make and the tests have made'
	@echo
	@echo 'PYTHON=/path/to/python chooses the Python that .venv is made with.'

lab: $(LAB)
	@$(VENV)/bin/lrlab lab $(ARGS)

present: $(LAB)
	@$(VENV)/bin/lrlab present $(ARGS)

test: $(TEST)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy
	@# One process more than there are processors, since those with a browser often wait; each loads TensorFlow, 1.5 GB.
	@# As collected, the long files of tests/browser come early: with pytest's own order, those with few tests last, one
	@# process would be left alone with one of them.
	$(PY) -m pytest --numprocesses $$($(PY) -c "import os; print(min((os.cpu_count() or 1) + 1, 4))") \
	    --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

docs: $(TEST)
	@$(PY) docs/build.py $(ARGS)

links: $(TEST)
	@$(PY) docs/build.py --links --run --out docs/_build/links

soak: $(TEST)
	$(PY) -m pytest -m soak $(PYTEST_ARGS)

# Each Python gets an environment of its own with what the numbers need, outside of this one.
pythons: $(TEST)
	@$(PY) tests/numbers/pythons.py $(ARGS)

bench: $(BENCH)
	@$(PY) benchmarks/report.py $(ARGS)

pictures: $(TEST)
	@$(PY) docs/pictures/make_pictures.py

lock: $(TEST)
	@$(PY) -m pip install --quiet uv
	$(PY) -m uv pip compile --universal --python-version 3.11 --all-extras --no-annotate --no-header \
		pyproject.toml -o constraints.txt $(ARGS)

clean:
	rm -rf $(VENV) build dist .pytest_cache .hypothesis .mypy_cache .ruff_cache tests/output benchmarks/output docs/_build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is touched last, so an install that was interrupted leaves none.
$(LAB): EXTRAS := keras
$(TEST): EXTRAS := keras,test,docs
$(BENCH): EXTRAS := keras,test,bench
$(LAB) $(TEST) $(BENCH): pyproject.toml constraints.txt
	@$(make_venv)
	$(PY) -m pip install --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@printf %s "$(CURDIR)" > $(VENV)/.folder
	@touch $@

# The first Python that will do. 3.14 and newer come last: TensorFlow has no wheels for them, so no Keras labs there.
CANDIDATES := $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
define PROBE
import sys
from importlib.util import find_spec
version = sys.version_info[:2]
print("old" if version < (3, 11) else "bare" if not find_spec("ensurepip") else "new" if version > (3, 13) else "good")
endef
export PROBE
define make_venv
$(PY) -m pip --version >/dev/null 2>&1 && exit; \
for python in $(CANDIDATES); do \
	case "$$($$python -c "$$PROBE" 2>/dev/null)" in \
		good) good=$${good:-$$python};; \
		new) new=$${new:-$$python};; \
		bare) bare=$${bare:-$$python};; \
	esac; \
done; \
python=$${good:-$$new}; \
if [ "$$python" ]; then \
	echo "Making $(VENV) with $$python ($$($$python --version))"; \
	$$python -m venv --clear $(VENV); \
elif [ "$$bare" ]; then \
	echo "$$bare has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
else \
	echo "lrlab needs Python 3.11 or newer, and none of these is: $(CANDIDATES)." >&2; \
	echo "Install one, or say where it is: make lab PYTHON=/path/to/python3" >&2; exit 1; \
fi
endef
