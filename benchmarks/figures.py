"""What a benchmark finds, as tables of one shape: measured in turns, printed, and kept in a file for `report.py`.

A benchmark makes `Table`s and hands them to a `Record`, which prints each at once and writes all of them where --json
says. The file is the record's `dataclasses.asdict`; nothing that reads it has to know the benchmark.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

Work = Callable[[], Any]
# What a way is to lrlab: another one's, which it is compared with; a part of its work, or another form of it; or what
# nobody can be better than.
PEER, PART, FLOOR = "peer", "part", "floor"
NOT_INSTALLED = "not installed"
ENOUGH = 20.0  # ms: what is over sooner is done again


@dataclass
class Row:
    """A line of a table. samples: what each way took, round by round. x: where it stands on a plot's axis."""

    name: str
    samples: dict[str, list[float]]
    x: float | None = None


@dataclass
class Table:
    """What was measured of one question.

    name: of its plot. question: its heading, with a question mark. unit: of all samples
    ours: the way that is compared. others: PEER, PART or FLOOR, by way, in the order of the columns
    more_is_better: for rates; of times and megabytes less is better
    over: what x counts, where the rows are a sweep. total: the row that is the sum of the others
    missing: why a way has no figures. why: what a way does that ours does not do, told where ours is not ahead of it
    notes: what else has to be known. answer: a sentence made from the figures, where the usual one would not answer it
    """

    name: str
    question: str
    unit: str
    ours: str
    others: dict[str, str] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    more_is_better: bool = False
    over: str = ""
    total: str = ""
    missing: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    answer: str = ""

    def add(self, name: str, samples: dict[str, list[float]], x: float | None = None) -> None:
        """One more row."""
        self.rows.append(Row(name, samples, x))

    def take_turns(self, works: dict[str, dict[str, Work]], rounds: int, xs: dict[str, float] | None = None) -> None:
        """Time each row's ways in ms, round by round, so that a busy moment of the machine hits all of them.

        works: by row and way. The round before the first only warms up, and is dropped
        """
        taken: dict[str, dict[str, list[float]]] = {row: {way: [] for way in ways} for row, ways in works.items()}
        for turn in range(rounds + 1):
            told(f"{self.name}: " + (f"round {turn} of {rounds}" if turn else "warming up"))
            for row, ways in works.items():
                for way, work in ways.items():
                    ms = steady_milliseconds(work)
                    if turn:
                        taken[row][way].append(ms)
        for row, samples in taken.items():
            self.add(row, samples, None if xs is None else xs[row])

    def multiply(self, way: str, factors: dict[str, float]) -> None:
        """A way has done only a part of a row's work: its samples times the row's factor."""
        for row in self.rows:
            if way in row.samples:
                row.samples[way] = [factors[row.name] * sample for sample in row.samples[way]]

    def better(self, samples: Iterable[float]) -> float:
        return max(samples) if self.more_is_better else min(samples)

    def ratio(self, row: Row, way: str) -> float | None:
        """How many times better ours is, by the medians."""
        if not row.samples.get(way) or not row.samples.get(self.ours):
            return None
        ours, theirs = median(row.samples[self.ours]), median(row.samples[way])
        over, under = (ours, theirs) if self.more_is_better else (theirs, ours)
        return over / under if under else None

    def text(self) -> str:
        """For a terminal: medians, the best of all rounds, and how many times better ours is than each peer."""
        width = max([28, *(len(row.name) + 1 for row in self.rows)])
        ways = [way for way in (self.ours, *self.others) if any(row.samples.get(way) for row in self.rows)]
        peers = [way for way in ways if self.others.get(way) == PEER]
        head = "".join(f"{way:>{max(len(way), 18) + 2}}{'   ratio' if way in peers else ''}" for way in ways)
        lines = [f"\n{self.question} ({self.unit}; medians, in brackets the best)", " " * width + head]
        for row in self.rows:
            line = f"{row.name:<{width}}"
            for way in ways:
                samples, ratio = row.samples.get(way), self.ratio(row, way) if way in peers else None
                shown = f"{short(median(samples))} ({short(self.better(samples))})" if samples else "–"
                line += f"{shown:>{max(len(way), 18) + 2}}"
                line += f"{'' if ratio is None else short(ratio) + 'x':>8}" if way in peers else ""
            lines.append(line)
        return "\n".join([*lines, *self.notes, *(f"{way}: {reason}" for way, reason in self.missing.items())])


@dataclass
class Record:
    """One benchmark's run: its tables, and what its figures depend on. load: when it began, and when it ended."""

    benchmark: str
    question: str
    system: str
    cores: int
    versions: dict[str, str]
    began: str
    load: list[float]
    seconds: float = 0.0
    tables: list[Table] = field(default_factory=list)
    promises: dict[str, bool] = field(default_factory=dict)

    def add(self, table: Table) -> None:
        """Keep it, and print it."""
        self.tables.append(table)
        print(table.text(), flush=True)

    def promise(self, text: str, kept: bool) -> None:
        """What lrlab claims, and whether this run bears it out."""
        self.promises[text] = bool(kept)
        print(f"{'kept' if kept else 'MISSED':<8}{text}", flush=True)

    def within(self, table: Table, row: str, way: str, limit: float) -> None:
        """The promise that a row's way takes at most about so much: a quarter more, at most."""
        samples = next((found.samples[way] for found in table.rows if found.name == row), None)
        if samples:
            name = row if way == table.ours else f"{row}, {way}"
            self.promise(f"{name}: about {limit:g} {table.unit} (within a quarter)", median(samples) <= 1.25 * limit)


def parser(doc: str, rounds: int) -> argparse.ArgumentParser:
    """What all benchmarks take. rounds: how many usually; with --quick it is one."""
    made = argparse.ArgumentParser(description=doc.split("\n", 1)[0])
    made.add_argument("--rounds", type=int, help=f"default: {rounds}")
    made.add_argument("--quick", action="store_true", help="a quick look: one round, less of what takes long")
    made.set_defaults(usual=rounds)
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE as well")
    return made


def asked(made: argparse.ArgumentParser) -> argparse.Namespace:
    """The command line, with the rounds settled."""
    arguments = made.parse_args()
    if arguments.rounds is None:
        arguments.rounds = 1 if arguments.quick else arguments.usual
    if arguments.rounds < 1:
        made.error(f"--rounds must be 1 or more, got {arguments.rounds}")
    return arguments


def carry_out(
    file: str, doc: str, arguments: argparse.Namespace, packages: Iterable[str], measure: Callable[[Record], None]
) -> int:
    """Say what the figures depend on, measure, and write the file. Returns the exit code."""
    versions = {"Python": platform.python_version()} | {name: found for name in packages if (found := version_of(name))}
    record = Record(
        Path(file).stem, doc.split("\n", 1)[0], platform.platform(), os.cpu_count() or 1, versions,
        time.strftime("%Y-%m-%d %H:%M"), [load()],
    )  # fmt: skip
    print(f"{record.system}, {record.cores} cores, load {record.load[0]:.1f}")
    print(", ".join(f"{name} {found}" for name, found in versions.items()), flush=True)
    since = time.perf_counter()
    measure(record)
    record.seconds = time.perf_counter() - since
    record.load.append(load())
    print(f"load {record.load[-1]:.1f} at the end, after {record.seconds:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    return 0


def read(path: Path) -> Record:
    """A record as it was written."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    tables = [Table(**{**table, "rows": [Row(**row) for row in table["rows"]]}) for table in facts["tables"]]
    return Record(**{**facts, "tables": tables})


def installed(*modules: str) -> bool:
    """Whether all of them can be imported."""
    return all(find_spec(module) for module in modules)


def version_of(package: str) -> str:
    """Empty where it is not installed."""
    for name in (package, f"{package}-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            pass
    return ""


def load() -> float:
    """How many processes have waited for a processor or had one, on average over the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


def milliseconds(work: Work) -> float:
    since = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - since)


def steady_milliseconds(work: Work) -> float:
    """What is over at once is done for a while: alone, it would pay for what the way before left in the caches."""
    first = milliseconds(work)
    if first >= ENOUGH:
        return first
    times = int(ENOUGH / first) + 1
    return milliseconds(lambda: [work() for _ in range(times)]) / times


def told(text: str) -> None:
    """How far it is, to whoever watches."""
    print(text, file=sys.stderr, flush=True)


def short(value: float) -> str:
    """Three figures that count, without powers of ten."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.2g}"
