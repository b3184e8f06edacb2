"""Nothing from a file, a chat or a page is run: scenes, progress files, stores of sweeps, names of exercises.

Python itself is asked: an audit hook hears of all that is compiled, executed, unpickled or started.
"""

import ast
import base64
import json
import pickle
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lrlab
from lrlab.course.catalogue import find
from lrlab.course.progress import Progress
from lrlab.keras_live.cells import Cell, Result
from lrlab.keras_live.store import Store

PACKAGE = Path(lrlab.__file__).parent
TELLING = {"exec", "pickle.find_class", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork",
           "subprocess.Popen", "import", "socket.connect", "urllib.Request", "ctypes.dlopen"}  # fmt: skip

_heard: list[str] = []
_listening = False


def _hear(event, arguments):
    if _listening and event in TELLING:
        _heard.append(f"{event} {arguments!r:.200}")


sys.addaudithook(_hear)  # it stays as long as Python does, and is deaf most of the time


@contextmanager
def nothing_is_run():
    global _listening
    _heard.clear()
    _listening = True
    try:
        yield
    finally:
        _listening = False
    assert _heard == []


class Bomb:
    def __reduce__(self):
        return exec, ("open('ran', 'w')",)


PICKLED = pickle.dumps(Bomb())
CODE = [
    "__import__('os').system('touch ran')",
    "lambda: open('ran', 'w')",
    "{{ config.__class__.__init__.__globals__['os'].popen('touch ran') }}",
    "!!python/object/apply:os.system ['touch ran']",
    "${touch ran}",
    "$(touch ran)",
    "x`touch ran`",
    '{"py/reduce": [{"py/type": "os.system"}, {"py/tuple": ["touch ran"]}]}',
    '{"__reduce__": ["os.system", ["touch ran"]]}',
    base64.b64encode(PICKLED).decode(),
    PICKLED.decode("latin-1"),
    "<script>fetch('/api/contents')</script>",
    "%run ran.py",
    "!touch ran",
]


@pytest.fixture(scope="module")
def lab():
    lab = lrlab.DescentLab("bowl", epochs=5)
    lab.scenes.paste("lrlab-1 DescentLab problem=ravine alpha=0.1 epochs=5")  # what is loaded late is loaded now
    assert not lab.scenes.wrong
    lrlab.from_scene("lrlab-1 DescentLab problem=bowl").close()
    lab.scenes.paste("lrlab-1 DescentLab problem=nothing rule=nothing")
    yield lab
    lab.close()


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / "ran").exists()


def test_the_hook_hears(here):
    """Or the other tests would say nothing."""
    with pytest.raises(AssertionError, match="exec"), nothing_is_run():
        eval("1 + 1")
    with pytest.raises(AssertionError, match="pickle"), nothing_is_run():
        pickle.loads(pickle.dumps(Path))


@pytest.mark.parametrize("code", CODE, ids=range(len(CODE)))
def test_a_scene_is_never_run(lab, code):
    word = code.replace(" ", "+")
    scenes = [
        code,
        f"lrlab-1 DescentLab problem={word}",
        f"lrlab-1 DescentLab alpha={word}",
        f"lrlab-1 {word} alpha=0.1",
        f"lrlab-1 DescentLab {word}=1",
        f'lrlab.from_scene("lrlab-1 DescentLab rule={word}")',
        json.dumps({"lrlab": 1, "lab": "DescentLab", "settings": {"problem": code, "alpha": 0.1}}),
        json.dumps({"lrlab": 1, "lab": code, "settings": {}}),
        json.dumps({"lrlab": 1, "lab": "DescentLab", "settings": {}, "frozen": {"A": {"problem": code}}}),
        json.dumps({"lrlab": 1, "lab": "DescentLab", "settings": {}, "shown": {code: code}}),
    ]
    for scene in scenes:
        with nothing_is_run():
            lab.scenes.paste(scene)
            assert lab.scenes.wrong
        with nothing_is_run(), pytest.raises((ValueError, TypeError)):
            lrlab.from_scene(scene)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["problem", "alpha", "factor", "rule", "start", "epochs", "seed", "shown.epoch", "A.alpha", "x"]
)
VALUES = st.one_of(
    st.sampled_from(CODE),
    st.sampled_from(["ravine", "0.1", "1e999", "-5", "1,2", "true", "null", "[]", "NaN", "cosine"]),
    st.text(max_size=20), st.floats().map(str), st.integers(-9, 400).map(str),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(NAMES, VALUES), max_size=5), st.sampled_from(["DescentLab", "DescentLab", "Lab", "os"]))
def test_whatever_is_pasted_is_opened_or_told(lab, pairs, name):
    line = " ".join([f"lrlab-1 {name}", *(f"{key}={value}" for key, value in pairs)])
    whole = {"lrlab": 1, "lab": name, "settings": dict(pairs)}
    with nothing_is_run():
        for scene in (line, json.dumps(whole)):
            lab.scenes.paste(scene)
    lab.scenes.paste("lrlab-1 DescentLab problem=ravine alpha=0.1 epochs=5")
    assert not lab.scenes.wrong


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_json_is_refused_in_words(data):
    for scene in (data, json.dumps(data), json.dumps({"lrlab": 1, "lab": "DescentLab", "settings": data})):
        with nothing_is_run(), suppress(ValueError, TypeError):
            lab = lrlab.from_scene(scene)
            lab.close()


@pytest.mark.parametrize("content", [PICKLED, *(code.encode() for code in CODE)], ids=range(len(CODE) + 1))
def test_a_progress_file_is_never_run(here, content):
    done = json.dumps({"lrlab": 1, "learner": 1, "exercises": {content.decode("latin-1"): {"tries": 1}}})
    for number, text in enumerate([content, done.encode()]):
        path = here / f"{number}.json"
        path.write_bytes(text)
        with nothing_is_run():
            Progress(path).record("edge", tries=1)


@pytest.mark.parametrize("content", [PICKLED, *(code.encode() for code in CODE)], ids=range(len(CODE) + 1))
def test_a_store_is_never_run(here, content):
    path = here / "sweep.jsonl"
    lists = {name: [1.0] for name in ("loss", "val_loss", "learning_rate")}
    Store(path, {"epochs": 1}).append(Result(Cell(0, 0.5, 1), 2.0, lists, 1.0, "m"))
    whole = path.read_bytes()
    for text in (
        content,
        whole + content + b"\n",
        whole.replace(b'"m"', json.dumps(content.decode("latin-1")).encode()),
    ):
        path.write_bytes(text)
        with nothing_is_run(), suppress(ValueError):
            Store(path, {"epochs": 1})


@pytest.mark.parametrize("name", ["os", "../catalogue", "edge.__class__", "", ".", "__init__", *CODE])
def test_only_exercises_are_loaded_by_name(name):
    with pytest.raises(ValueError, match="exercise"):
        find(name)


# What could run something ---------------------------------------------------------------------------------------------

ALLOWED = {
    ("keras_live/cells.py", "pickle.loads"): "what this very sweep has sent to its own processes, and never a file",
    ("course/apart.py", "cloudpickle.loads"): "a learner's own function, on its way to a process of its own",
    ("course/apart.py", "subprocess.Popen"): "that process: this Python, and no shell",
}
RUNS = {"eval", "exec", "compile", "__import__", "loads", "load", "Popen", "run", "call", "check_output", "check_call",
        "system", "popen", "spawn", "execv", "unsafe_load", "full_load", "literal_eval"}  # fmt: skip
MODULES = {"", "pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib", "np", "numpy", "yaml", "os",
           "subprocess", "builtins", "ast", "runpy", "code"}  # fmt: skip


def test_nothing_else_in_lrlab_could():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            base, name = "", getattr(function, "id", "")
            if isinstance(function, ast.Attribute):
                base, name = getattr(function.value, "id", "?"), function.attr
            if name in RUNS and base in MODULES:
                found.add((path.relative_to(PACKAGE).as_posix(), f"{base}.{name}".strip(".")))
            assert not any(word.arg in ("shell", "allow_pickle") for word in node.keywords), path
    assert found == set(ALLOWED)
