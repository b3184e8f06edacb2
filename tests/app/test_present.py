"""`lrlab present`: the lesson that is meant, the same safe server as `lrlab lab`'s, and a page without code."""

import re
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser

from lrlab.app import lessons, present
from lrlab.app.main import main
from tests.app.test_lab import COMMAND, HOSTILE, Server, running, user
from tests.browser.jupyter import write_notebook

NAMES = ["01_what_alpha_does", "02_what_a_schedule_does", "10_real_keras", "notes"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / f"{name}.ipynb").touch()
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("1", NAMES[0]),
        ("01", NAMES[0]),
        ("10", NAMES[2]),
        ("what_alpha", NAMES[0]),
        ("What alpha does", NAMES[0]),
        ("01_what_alpha_does.ipynb", NAMES[0]),
        ("real", NAMES[2]),
        ("notes", NAMES[3]),
    ],
)
def test_a_lesson_is_found(folder: Path, wanted: str, name: str) -> None:
    assert lessons.find_lesson(wanted, folder) == folder / f"{name}.ipynb"


@pytest.mark.parametrize("wanted", ["3", "alpha", "", "/tmp/missing.ipynb"])
def test_an_unknown_lesson_lists_those_that_there_are(folder: Path, wanted: str) -> None:
    with pytest.raises(ValueError, match="there is no lesson") as told:
        lessons.find_lesson(wanted, folder)
    assert all(name in str(told.value) for name in NAMES)


def test_a_beginning_of_two_names_lists_both_and_no_other(folder: Path) -> None:
    with pytest.raises(ValueError, match="several lessons are called 'what'") as told:
        lessons.find_lesson("what", folder)
    assert re.findall(r"\n  (\w+)", str(told.value)) == NAMES[:2]


def test_a_notebook_anywhere_is_found_and_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    mine = write_notebook(tmp_path / "my own.ipynb", ["1"])
    assert present.find_notebook("my own.ipynb") == mine
    assert present.find_notebook(str(mine)) == mine
    mine.write_text("print('no notebook')")
    with pytest.raises(ValueError, match=r"my own\.ipynb cannot be read as a notebook"):
        present.find_notebook("my own.ipynb")


def test_an_unknown_lesson_ends_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["present", "no such lesson"]) == 2
    assert "01_what_alpha_does" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    ["--ip=0.0.0.0", "--token=", "--Voila.ip=0.0.0.0", "--VoilaConfiguration.strip_sources=False", "--no-b", "02"],
)
def test_other_options_are_refused(options: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["present", "01", *options.split()]) == 2
    said = capsys.readouterr()
    assert f"lrlab does not take '{options}' here" in said.err
    assert "lrlab present --help" in said.err


def test_a_theme_is_light_or_dark(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["present", "--theme=pink"])
    assert stop.value.code == 2
    assert "dark" in capsys.readouterr().err


CELLS = [
    "# %% [markdown]\n# My page\n\nA cut is $w \\leftarrow \\frac{1}{2}w$.",
    "secret_name = 6\nsecret_name * 7",
    "import ipywidgets\nipywidgets.Label('a widget of mine')",
    "import sys\nprint('a word on stderr', file=sys.stderr)",
]


@pytest.fixture(scope="module")
def presented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`lrlab present` on a notebook, for a user whose configuration files are hostile, also to Voilà."""
    home = tmp_path_factory.mktemp("home")
    (home / ".jupyter").mkdir()
    for name in ("jupyter", "jupyter_server"):
        (home / ".jupyter" / f"{name}_config.py").write_text(HOSTILE)
    for place in (home, home / ".jupyter"):
        (place / "voila.json").write_text('{"VoilaConfiguration": {"strip_sources": false, "template": "reveal"}}')
    write_notebook(home / "my own.ipynb", CELLS)
    command = [COMMAND, "present", "my own.ipynb", "--theme=dark"]
    with running(command, home, user(home), home / "log") as server:
        yield server


PAGE = "/voila/render/my%20own.ipynb"


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_no_page_without_the_token(presented: Server, token: str | None) -> None:
    assert presented.get("/api/kernels", token) == 403
    assert presented.get("/api/contents", token) == 403
    asked = urllib.request.Request(f"http://127.0.0.1:{presented.port}{PAGE}")
    asked.add_header("Authorization", f"token {token}")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert "/login" in answer.url
        assert "My page" not in answer.read().decode()


def test_it_is_as_safe_as_the_lab(presented: Server) -> None:
    listening = [each.laddr for each in presented.process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    assert presented.port in {address.port for address in listening}
    assert {address.ip for address in listening} <= {"127.0.0.1", "::1"}
    assert presented.get("/api", None, Origin="http://example.com") == 404
    assert not any(presented.token in word for word in presented.process.cmdline())
    assert presented.address.endswith(PAGE)
    for other in ("/lab", "/tree", "/api/terminals"):
        assert presented.get(other, presented.token) == 404


@pytest.mark.browser
def test_a_page_without_code_from_this_machine_only_whose_kernel_ends_with_it(
    presented: Server, browser: Browser
) -> None:
    asked: list[str] = []
    with closing(browser.new_page()) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{presented.address}?token={presented.token}")
        page.get_by_text("a widget of mine").wait_for()
        page.locator(".MathJax .mfrac").first.wait_for()
        text = page.locator("body").inner_text()
        assert "My page" in text
        assert "42" in text
        assert "secret_name" not in page.content()
        assert page.locator("body").get_attribute("data-jp-theme-light") == "false"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 17, 17)"
        (kernel,) = kernels(presented.process)
        page.goto("about:blank")
    here = (f"http://127.0.0.1:{presented.port}/", "blob:http://127.0.0.1", "data:", "about:")
    outside = [url for url in asked if not url.startswith(here)]
    assert outside == []
    assert len(asked) > 10
    kernel.wait(30)  # raises if it is still there


def kernels(server: psutil.Process) -> list[psutil.Process]:
    return [child for child in server.children(recursive=True) if "ipykernel_launcher" in " ".join(child.cmdline())]
