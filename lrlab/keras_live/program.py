"""The plain Keras program for what a lab shows: a text to copy, which gives the same rates."""

from __future__ import annotations

import ast
import builtins
import inspect
import symtable
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from lrlab.keras_live.data import VALIDATION_ROWS, Data, steps_per_epoch

UNKNOWN = object()
TRAINING = """\
keras.utils.set_random_seed({seed})
{data}
model = {get_model}({alpha!r})

# {rows} rows in batches of {batch_size}, in another order in every epoch
batches = tf.data.Dataset.from_tensor_slices((x, y))
batches = batches.shuffle(len(x), seed={seed}).batch({batch_size}).repeat()
{callback}
history = model.fit(
    batches,
    steps_per_epoch={steps},
    epochs={epochs},
    validation_data=(x_val, y_val),
    validation_batch_size={validation},{callbacks}
)
{last}
"""
CALLBACK = """
callback = keras.callbacks.ReduceLROnPlateau(
    monitor="val_loss",
    factor={factor!r},
    patience={patience!r},
    min_delta={min_delta!r},
    cooldown={cooldown!r},
    min_lr={min_lr!r},
)
"""


def program(
    get_model: Callable[[float], Any], get_data: Callable[[], Any] | None, data: Data, values: dict[str, Any]
) -> str:
    """Keras as one writes it by hand, for the plateau run with these settings.

    get_data: returns ``((x, y), (x_val, y_val))``; None where the data are the user's own. data: the same
    values: alpha, factor, patience, min_delta, cooldown, min_lr, epochs, batch_size, seed
    """
    parts = _Parts()
    for function in filter(None, (get_data, get_model)):
        parts.add(_name(function), function)
    cuts = values["factor"] < 1
    training = TRAINING.format(
        **values,
        data=f"(x, y), (x_val, y_val) = {get_data.__name__}()" if get_data else "# x, y, x_val, y_val: your data",
        get_model=_name(get_model),
        rows=len(data.x),
        steps=steps_per_epoch(data, values["batch_size"]),
        validation=min(len(data.x_val), VALIDATION_ROWS),
        callback=CALLBACK.format(**values) if cuts else "",
        callbacks="\n    callbacks=[callback],  # without it, this is the constant run" if cuts else "",
        last='print(history.history["learning_rate"])' if cuts else "# factor 1 cuts nothing, so there is no callback",
    )
    imports = "\n".join(sorted(parts.imports, key=lambda line: (line.startswith("from"), line)))
    given = ["\n".join(parts.given)] if parts.given else []
    return "\n\n\n".join([imports, *given, *parts.functions, training])


class _Parts:
    """What has to stand above the training: imports, what is given, and functions, each after those that it calls."""

    def __init__(self) -> None:
        self.imports = {"import keras", "import tensorflow as tf"}
        self.given: list[str] = []
        self.functions: list[str] = []
        self._known: set[str] = set()

    def add(self, name: str, value: Any) -> None:
        """Something that the program names."""
        if name in self._known:
            return
        self._known.add(name)
        if isinstance(value, ModuleType):
            self.imports.add(f"import {name}" if value.__name__ == name else f"import {value.__name__} as {name}")
        elif isinstance(value, (bool, int, float, str)):
            self.given.append(f"{name} = {value!r}")
        elif isinstance(value, FunctionType) and (text := _text(value)):
            known = {**vars(builtins), **value.__globals__, **inspect.getclosurevars(value).nonlocals}
            for other in _names_in(text):
                what = known.get(other, UNKNOWN)
                if other not in vars(builtins) or what is not vars(builtins)[other]:
                    self.add(other, what)
            imports, text = _without_imports(text)
            self.imports |= imports
            self.functions.append(text)
        else:
            self.given.append(f"# {name}: yours, from your notebook")


def _text(function: FunctionType) -> str:
    """The function as it was written; nothing for a lambda, whose text does not stand on its own."""
    try:
        text = textwrap.dedent(inspect.getsource(function)).rstrip()
    except OSError:
        return ""
    return text if text.startswith("def ") else ""


def _names_in(text: str) -> list[str]:
    """What a function's text takes from outside of it, wherever in it: also in comprehensions, lambdas and defaults."""
    outside, *tables = [symtable.symtable(text, "program", "exec")]
    names = {symbol.get_name() for symbol in outside.get_symbols() if not symbol.is_assigned()}
    tables += outside.get_children()
    while tables:
        table = tables.pop()
        names |= {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global()}
        tables += table.get_children()
    return sorted(name for name in names if not name.startswith("__"))


def _without_imports(text: str) -> tuple[set[str], str]:
    """The imports of a function's body, which belong to a program's head, and the function without them."""
    lines, imports = text.split("\n"), set()
    *body, _ = ast.parse(text).body[0].body  # not the last statement: a body must not be empty
    for node in reversed(body):
        if isinstance(node, (ast.Import, ast.ImportFrom)) and _alone(node, lines):
            imports.add(ast.unparse(node))
            end = node.end_lineno + (not lines[node.end_lineno].strip())  # with the empty line after it
            del lines[node.lineno - 1 : end]
    return imports, "\n".join(lines)


def _alone(node: ast.stmt, lines: list[str]) -> bool:
    """Whether nothing but a comment stands on its lines besides."""
    before = lines[node.lineno - 1].encode()[: node.col_offset].strip()
    after = lines[node.end_lineno - 1].encode()[node.end_col_offset :].strip()
    return not before and (not after or after.startswith(b"#"))


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "get_model")
    return name if name.isidentifier() else "get_model"
