"""Links inside the project lead somewhere: in README and its like, in the site's pages, in lessons."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What docs/build.py makes: the lessons' pages, a picture, and pictures for dark pages.
MADE_OF_LESSONS, MADE_PICTURE = ROOT / "docs" / "lessons", ROOT / "docs" / "pictures" / "first_narrow.png"
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)\)|\{image\} (\S+)|\{literalinclude\} (\S+)")
CODE = re.compile(r"```(?!\{).*?```|(?<!`)`[^`\n]+`(?!`)", re.DOTALL)  # what looks like a link there is none
FILES = re.compile(r"`((?:benchmarks|docs|lessons|lrlab|tests)/[\w/.]*)`")  # a file named in the text


def pages():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md", "*.ipynb"],
        cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    return sorted(ROOT / name for name in listed.splitlines() if (ROOT / name).is_file())


def words(page):
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return text


def anchors(page):
    """Of the headings, as GitHub and the site make them."""
    headings = re.findall(r"^#+ (.+)$", words(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page):
    for groups in LINK.findall(CODE.sub("", words(page))):
        link = next(filter(None, groups))
        if re.match(r"[a-z]+:", link):
            continue  # another site's: `make links` asks for those
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if target.parent == MADE_OF_LESSONS:
            target = ROOT / "lessons" / target.name
        by_day = target.with_stem(target.stem.removesuffix("_dark"))
        if by_day != MADE_PICTURE and not by_day.exists():
            yield f"{link}: no such file"
        elif anchor and anchor not in anchors(target):
            yield f"{link}: no such heading"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    assert list(broken(page)) == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_are_named_are_there(page):
    assert [name for name in FILES.findall(words(page)) if not (ROOT / name).exists()] == []


def test_the_check_finds_what_is_broken(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A b, c\n[x](gone.md) [y](#a-b-c) [z](#gone) `[code](gone.md)` [there](page.md)", "utf-8")
    assert list(broken(page)) == ["gone.md: no such file", "#gone: no such heading"]
