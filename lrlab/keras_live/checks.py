"""Which models can be trained live, and why not, where one cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

GetModel = Callable[[float], keras.Model]


def build(get_model: GetModel, alpha: float) -> keras.Model:
    """``get_model(alpha)``, checked.

    Raises TypeError or ValueError, with the remedy, for what is not a compiled model whose optimizer has ``alpha`` as
    its learning rate. What the function itself raises comes through.
    """
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ValueError(
            f"Live training needs Keras on TensorFlow, and Keras runs on {backend}. "
            "Set the environment variable KERAS_BACKEND to tensorflow and restart the kernel."
        )
    model = get_model(alpha)
    if not isinstance(model, keras.Model):
        raise TypeError(f"get_model must return a keras.Model, got {model!r}. Has it forgotten its return?")
    if not model.compiled or model.optimizer is None:
        raise ValueError("get_model must return a compiled model. Call model.compile(optimizer=..., loss=...) in it.")
    for what in ("inputs", "outputs"):
        if len(getattr(model, what, None) or [None]) > 1:
            raise ValueError(f"Live training needs a model with one input and one output; this one has several {what}.")
    _check_rate(model.optimizer, alpha)
    return model


def check_apart(models: Sequence[keras.Model]) -> None:
    """Raises ValueError, with the remedy, where two of the models that a get_model made are trained as one."""
    if _same([[model] for model in models]):
        raise ValueError(
            "get_model must make a new model each time it is called, and it returned the same one twice. "
            "Build the model inside of it."
        )
    for what, parts in (
        ("optimizer", [[model.optimizer] for model in models]),
        ("layers", [model.trainable_variables for model in models]),
    ):
        if _same(parts):
            raise ValueError(
                f"get_model must make a new model each time it is called, and two of its models have the same {what}. "
                f"Make the {what} inside of it."
            )


def _same(parts: Sequence[Sequence[Any]]) -> bool:
    """Whether what one model has is another's as well."""
    own = [{id(part) for part in of_one} for of_one in parts]
    return len(set().union(*own)) < sum(map(len, own))


def _check_rate(optimizer: Any, alpha: float) -> None:
    if isinstance(getattr(optimizer, "_learning_rate", None), keras.optimizers.schedules.LearningRateSchedule):
        raise ValueError(
            "The optimizer's learning rate is a schedule, which ReduceLROnPlateau cannot cut. "
            "Give the optimizer a number: keras.optimizers.SGD(learning_rate=alpha)."
        )
    rate = float(optimizer.learning_rate.numpy())
    if rate != np.float32(alpha):
        raise ValueError(
            f"get_model({alpha:g}) must give the optimizer this learning rate, and it has {rate:g}. "
            "Write keras.optimizers.SGD(learning_rate=alpha)."
        )
