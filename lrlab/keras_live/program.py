"""The plain Keras program for what a lab shows: a text to copy, which gives the same rates."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any

from lrlab.keras_live.data import VALIDATION_ROWS, Data, steps_per_epoch

INNER_IMPORT = re.compile(r"^ +((?:import|from) .+)\n\n?", re.MULTILINE)  # in a function; belongs to a program's head
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
            used = inspect.getclosurevars(value)
            for other, what in {**used.globals, **used.nonlocals}.items():
                self.add(other, what)
            self.imports |= {match.group(1) for match in INNER_IMPORT.finditer(text)}
            self.functions.append(INNER_IMPORT.sub("", text))
        else:
            self.given.append(f"# {name}: yours, from your notebook")


def _text(function: FunctionType) -> str:
    """The function as it was written; nothing for a lambda, whose text does not stand on its own."""
    try:
        text = textwrap.dedent(inspect.getsource(function)).rstrip()
    except OSError:
        return ""
    return text if text.startswith("def ") else ""


def _name(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", "get_model")
    return name if name.isidentifier() else "get_model"
