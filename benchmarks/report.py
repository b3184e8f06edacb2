"""Runs all benchmarks and writes the report, docs/benchmarks.md: make bench

    python benchmarks/report.py [--quick] [--only engine ...] [--write]

Each benchmark is a process of its own and leaves its figures in benchmarks/output/; `page.py` makes the page of them,
`plots.py` the pictures. A quick look, or one at some of them only, writes its page into benchmarks/output/ as well, so
that the committed report is always of one whole run. --write runs nothing, and writes the report from the last run.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import figures
from page import write

ROOT = Path(__file__).resolve().parents[1]
OUTPUT = ROOT / "benchmarks" / "output"
# In the order of the report: what a user feels first, then what is inside.
BENCHMARKS = (
    "slider_to_pixels", "cold_start", "engine", "scaling", "sweep", "keras_epochs", "keras_scaling", "keras_sweep",
    "chain", "jobs", "ratefree", "playing", "rotating", "saving", "memory",
)  # fmt: skip
LIMIT = 1200  # seconds for one


def run(name: str, folder: Path, quick: bool) -> str:
    """Carry out a benchmark. Returns what went wrong, or nothing."""
    file, words = folder / f"{name}.json", ["--quick"] if quick else []
    file.unlink(missing_ok=True)
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--json", str(file), *words]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    surroundings = os.environ | {"PYTHONPATH": path, "LRLAB_PROGRESS": str(folder / "progress.json")}
    log = folder / f"{name}.log"  # what libraries and servers say, too
    with log.open("wb") as errors:
        process = subprocess.Popen(command, env=surroundings, stderr=errors, start_new_session=True)
        try:
            code = process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return f"it was not done after {LIMIT // 60} minutes"
        except KeyboardInterrupt:
            os.killpg(process.pid, signal.SIGTERM)
            raise
    if code or not file.exists():
        said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return said[-1] if said else f"exit code {code}"
    return ""


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    ask.add_argument("--quick", action="store_true", help="a look at everything in a few minutes")
    ask.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    ask.add_argument("--write", action="store_true", help="run nothing: write the report from the last whole run")
    asked = ask.parse_args()
    whole = not (asked.quick or asked.only)
    names = [name for name in BENCHMARKS if not asked.only or name in asked.only]
    folder = OUTPUT / ("quick" if asked.quick else "whole" if whole else "some")
    folder.mkdir(parents=True, exist_ok=True)
    wrong: dict[str, str] = {}
    began = time.monotonic()
    if not asked.write:
        if figures.load() > 0.5:
            print(f"The load is {figures.load():.1f}: other work on this machine will show in the figures.", flush=True)
        for count, name in enumerate(names, 1):
            print(f"\n== {name}, {count} of {len(names)}, after {(time.monotonic() - began) / 60:.0f} min", flush=True)
            if said := run(name, folder, asked.quick):
                wrong[name] = said
                print(f"{name} failed: {said}\n{folder / name}.log has more.", flush=True)
    found = [figures.read(folder / f"{name}.json") for name in names if (folder / f"{name}.json").exists()]
    if not found:
        print(f"There are no figures in {folder}: run `make bench` first.", file=sys.stderr)
        return 1
    page = write(found, wrong, ROOT / "docs" if whole else folder)
    print(f"\n{page}  ({(time.monotonic() - began) / 60:.0f} min)")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
