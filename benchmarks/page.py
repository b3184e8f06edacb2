"""The report as a page: for each question the answer in a sentence, made from the figures, then the table and the plot.

It knows `figures.Table` and nothing of any benchmark.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from figures import PEER, Record, Row, Table, short
from plots import draw

LEVEL = 1.1  # medians whose ratio is nearer to 1 than this cannot be told apart

HEAD = """# Benchmarks

How fast is lrlab, beside what else one could use? Everything here was measured by `make bench`, on one machine, on
{began}: {system}, {cores} cores, Python {python}.
Figures depend on the machine far more than on the code, so compare those of one table only.
[What each benchmark does, and whom it favours](../benchmarks/README.md), is told beside the code.

In the tables are medians; in brackets beside those of others, how many times as fast lrlab is. **Where lrlab is not
ahead, that is bold**, and [all such places](#where-lrlab-is-not-ahead) are listed.
Whiskers and bands in the plots reach from the best round to the worst.
"""


def write(records: list[Record], wrong: dict[str, str], folder: Path) -> Path:
    """benchmarks.md, and its plots in benchmarks/. wrong: what failed, and with which words. Returns the page."""
    plots = folder / "benchmarks"
    plots.mkdir(exist_ok=True)
    for old in plots.glob("*.png"):
        old.unlink()
    first = records[0]
    facts = {"began": first.began, "system": first.system, "cores": first.cores, "python": first.versions["Python"]}
    parts = [HEAD.format(**facts), *_failures(wrong), *_in_short(records), *_not_ahead(records)]
    for record in records:
        parts.append(f"## {record.question}")
        parts += [part for table in record.tables for part in _section(table, plots)]
    parts += [*_promises(records), *_machine(records)]
    page = folder / "benchmarks.md"
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")
    return page


def answer(table: Table) -> str:
    """One sentence."""
    peers = [way for way, role in table.others.items() if role == PEER]
    said = [_beside(table, way) for way in peers if any(table.ratio(row, way) for row in table.rows)]
    if not _has(table, table.ours):
        return f"It could not be measured: {'; '.join(f'{way} is {why}' for way, why in table.missing.items())}."
    if table.answer:
        return table.answer
    if said:
        return f"{_name(table)} is {'; '.join(said)}."
    if len(table.rows) == 1:
        return f"{_value(table, table.rows[0])}."
    if table.total:
        whole = next(row for row in table.rows if row.name == table.total)
        parts = sorted((row for row in table.rows if row is not whole), key=lambda row: -_median(row, table.ours))
        largest = " and ".join(f"{row.name} ({_value(table, row)})" for row in parts[:2])
        return f"{_value(table, whole)} in all; most of it is {largest}."
    rows = sorted((row for row in table.rows if row.samples.get(table.ours)), key=lambda row: _median(row, table.ours))
    low, high = rows[0], rows[-1]
    return f"It takes from {_value(table, low)} ({low.name}) to {_value(table, high)} ({high.name})."


def _beside(table: Table, way: str) -> str:
    """How ours is beside another's: "3.1 to 40 times as fast as it"."""
    ratios = {row.name: ratio for row in table.rows if (ratio := table.ratio(row, way))}
    low, high = min(ratios, key=ratios.get), max(ratios, key=ratios.get)
    if ratios[low] >= LEVEL:
        return f"{_range(ratios[low], ratios[high])} times as fast as {way}"
    if ratios[high] <= 1 / LEVEL:
        return f"**behind {way}**, which is {_range(1 / ratios[high], 1 / ratios[low])} times as fast"
    if ratios[high] < LEVEL and ratios[low] > 1 / LEVEL:
        return f"**level with {way}**"
    ahead = [ratio for ratio in ratios.values() if ratio >= LEVEL]
    told = f"ahead of {way} in {len(ahead)} of {len(ratios)} rows" if ahead else f"nowhere ahead of {way}"
    told += f" (up to {short(ratios[high])} times as fast)" if ahead else ""
    if ratios[low] <= 1 / LEVEL:
        return f"{told}, **not in the others** ({low}: {way} is {short(1 / ratios[low])} times as fast)"
    return f"{told}, **level in the others**"


def _range(low: float, high: float) -> str:
    return short(low) if short(low) == short(high) else f"{short(low)} to {short(high)}"


def _section(table: Table, plots: Path) -> Iterator[str]:
    yield f"### {table.question}"
    yield f"**{answer(table).replace('**', '')}**" if _has(table, table.ours) else answer(table)
    if table.rows:
        yield _as_markdown(table)
    notes = [*table.notes]
    notes += [f"{way}: {why}." for way, why in table.missing.items()]
    notes += [f"Why {way} is ahead: {why}" for way, why in table.why.items() if _behind(table, way)]
    if notes:
        yield "\n".join(f"- {note}" for note in notes)
    if _has(table, table.ours) and (len(table.rows) > 1 or len(table.others) > 1):
        draw(table, plots / f"{table.name}.png")
        yield f"![{table.question} The table above as a plot.](benchmarks/{table.name}.png)"


def _as_markdown(table: Table) -> str:
    ways = [table.ours, *table.others]
    unit = table.unit
    lines = [f"| {unit} | {' | '.join(ways)} |", "|---|" + "---:|" * len(ways)]
    for row in table.rows:
        lines.append(f"| {row.name} | {' | '.join(_cell(table, row, way) for way in ways)} |")
    return "\n".join(lines)


def _cell(table: Table, row: Row, way: str) -> str:
    if not row.samples.get(way):
        return table.missing.get(way, "–")
    shown, ratio = short(_median(row, way)), table.ratio(row, way)
    if table.others.get(way) != PEER or ratio is None:
        return shown
    return f"{shown} ({short(ratio)}×)" if ratio >= LEVEL else f"{shown} (**{short(ratio)}×**)"


def _in_short(records: list[Record]) -> Iterator[str]:
    yield "## In short"
    tables = [table for record in records for table in record.tables]
    yield "\n".join(f"- [{table.question}](#{anchor(table.question)}) {answer(table)}" for table in tables)


def _not_ahead(records: list[Record]) -> Iterator[str]:
    """Every peer that is ahead or level, in which rows, and why."""
    yield "## Where lrlab is not ahead"
    lines = []
    for table in (table for record in records for table in record.tables):
        for way in (way for way, role in table.others.items() if role == PEER):
            rows = _behind(table, way)
            if rows:
                where = "; ".join(f"{name} ({short(ratio)}×)" for name, ratio in rows.items())
                link = f"[{table.question}](#{anchor(table.question)})"
                lines.append(f"| {link} | {way} | {where} | {table.why.get(way, '')} |")
    if not lines:
        yield "Nowhere in this run."
        return
    head = "| question | beside | where, and how many times as fast lrlab is | why |\n|---|---|---|---|"
    yield "\n".join([head, *lines])


def _behind(table: Table, way: str) -> dict[str, float]:
    """The rows in which ours is not clearly ahead of a way."""
    ratios = {row.name: table.ratio(row, way) for row in table.rows}
    return {name: ratio for name, ratio in ratios.items() if ratio is not None and ratio < LEVEL}


def _failures(wrong: dict[str, str]) -> Iterator[str]:
    for name, said in wrong.items():
        yield f"**{name}.py failed, and is not in this report**: `{said.replace('`', '')}`"


def _promises(records: list[Record]) -> Iterator[str]:
    promises = [(record, text, kept) for record in records for text, kept in record.promises.items()]
    if promises:
        yield "## What lrlab promises"
        kept = sum(kept for *_, kept in promises)
        yield f"**{kept} of {len(promises)} kept in this run.** They are meant for two cores that do nothing else."
        lines = [f"| {record.benchmark} | {text} | {'yes' if kept else '**no**'} |" for record, text, kept in promises]
        yield "\n".join(["| benchmark | promise | kept |", "|---|---|---|", *lines])


def _machine(records: list[Record]) -> Iterator[str]:
    """What the figures depend on."""
    yield "## The machine"
    versions = {name: found for record in records for name, found in record.versions.items()}
    yield f"{records[0].system}, {records[0].cores} cores. " + ", ".join(f"{n} {v}" for n, v in versions.items()) + "."
    yield (
        "The load is how many processes wanted a processor, on average over a minute. A benchmark by itself is about "
        "1, one with a browser or with Keras 2 or more; what was there before the first is others' work."
    )
    lines = [
        f"| {found.benchmark} | {found.began} | {found.seconds:,.0f} | {found.load[0]:.1f} | {found.load[-1]:.1f} |"
        for found in records
    ]
    yield "\n".join(["| benchmark | began | seconds | load before | load after |", "|---|---|---:|---:|---:|", *lines])


def anchor(heading: str) -> str:
    """As GitHub and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def _has(table: Table, way: str) -> bool:
    return any(row.samples.get(way) and not math.isnan(_median(row, way)) for row in table.rows)


def _median(row: Row, way: str) -> float:
    return median(row.samples[way])


def _name(table: Table) -> str:
    return "The lab" if table.ours == "lab" else table.ours if "lrlab" in table.ours else capital(table.ours)


def _value(table: Table, row: Row) -> str:
    value = _median(row, table.ours)
    return f"{short(value / 1000)} s" if table.unit == "ms" and value >= 1000 else f"{short(value)} {table.unit}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
