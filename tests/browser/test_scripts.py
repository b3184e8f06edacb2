"""Scripts of the labs in a bare page, without Jupyter: what can be asked of them alone."""

from pathlib import Path

import pytest

import lrlab

pytestmark = pytest.mark.browser

FOLDER = Path(lrlab.__file__).parent


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.goto("about:blank")
    yield page
    page.close()


@pytest.mark.parametrize(
    ("color", "dark"),
    [
        ("rgb(255, 255, 255)", False), ("rgb(17, 17, 17)", True), ("rgba(0, 0, 0, 0.2)", False),
        ("color(srgb 1 1 1)", False), ("color(srgb 0.07 0.07 0.07)", True),
        ("oklch(0.98 0.01 250)", False), ("oklch(0.2 0.02 250)", True),
        ("color-mix(in oklab, white 90%, black)", False),
    ],
)  # fmt: skip
def test_a_page_is_dark_in_whatever_words_its_colour_is_written(page, color, dark):
    page.add_script_tag(content=(FOLDER / "live" / "theme.js").read_text())
    page.evaluate("color => document.body.style.backgroundColor = color", color)
    assert page.evaluate("isDark(document.body)") is dark


@pytest.mark.parametrize(("name", "listeners"), [("menu", 4), ("code", 1), ("job_table", 6)])
def test_what_is_no_longer_shown_leaves_no_listeners(page, name, listeners):
    scripts = (["copying"] if name == "code" else []) + [name]
    script = "\n".join((FOLDER / "widgets" / f"{one}.js").read_text() for one in scripts)
    left = page.evaluate(
        """async script => {
            const { default: { render } } = await import("data:text/javascript," + encodeURIComponent(script));
            const heard = [];
            const state = {
                groups: [["", [["words", "value"]]]], value: "value", description: "", tooltip: "",
                heads: [["head", "meaning"]], name: "", rows: [], empty: "", looked: -1, shown: -1,
            };
            const model = {
                get: name => state[name],
                on: (names, hear) => names.split(" ").forEach(name => heard.push([name, hear])),
                off: (names, hear) => names.split(" ").forEach(name =>
                    heard.splice(heard.findIndex(one => one[0] === name && one[1] === hear), 1)),
            };
            const close = render({ model, el: document.createElement("div") });
            const during = heard.length;
            close();
            return [during, heard.length];
        }""",
        script,
    )
    assert left == [listeners, 0]
